//! What makes the configurations wrong of which a bucket may have many: metrics, analytics, inventories, tiering.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/analytics-storage-class.html>

use virga_api::s3 as api;

use crate::Error;
use crate::replication_configuration::bucket_of_arn;

/// A filter has one criterion, or several that all hold.
fn at_most_one(members: &[bool]) -> Result<(), Error> {
    if members.iter().filter(|member| **member).count() > 1 { Err(Error::MalformedXml) } else { Ok(()) }
}

/// Checks a configuration of this kind.
pub fn check_metrics(configuration: &api::MetricsConfiguration) -> Result<(), Error> {
    let Some(filter) = configuration.filter() else { return Ok(()) };
    let members = [
        filter.prefix().is_some(),
        filter.tag().is_some(),
        filter.access_point_arn().is_some(),
        filter.and().is_some(),
    ];
    at_most_one(&members)
}

/// Checks a configuration of this kind.
pub fn check_analytics(configuration: &api::AnalyticsConfiguration) -> Result<(), Error> {
    if let Some(filter) = configuration.filter() {
        at_most_one(&[filter.prefix().is_some(), filter.tag().is_some(), filter.and().is_some()])?;
    }
    let export = configuration.storage_class_analysis().data_export();
    export.map_or(Ok(()), |export| check_destination(export.destination().s3_bucket_destination().bucket()))
}

/// Checks a configuration of this kind.
pub fn check_inventory(configuration: &api::InventoryConfiguration) -> Result<(), Error> {
    check_destination(configuration.destination().s3_bucket_destination().bucket())
}

fn check_destination(arn: &str) -> Result<(), Error> {
    bucket_of_arn(arn).map(|_| ()).ok_or(Error::InvalidS3DestinationBucket)
}

/// Objects are archived after 90 days at the earliest, deeply after 180, either after 730 at the latest.
pub fn check_tiering(configuration: &api::IntelligentTieringConfiguration) -> Result<(), Error> {
    use api::intelligent_tiering_access_tier::DEEP_ARCHIVE_ACCESS;
    let tierings = configuration.tierings();
    if tierings.is_empty() || tierings.len() > 2 {
        return Err(Error::MalformedXml);
    }
    for tiering in tierings.iter() {
        let least = if tiering.access_tier() == DEEP_ARCHIVE_ACCESS { 180 } else { 90 };
        if !(least..=730).contains(&tiering.days()) {
            let reason = format!("'Days' for {} must be between {least} and 730", tiering.access_tier());
            return Err(Error::argument(reason, "Days", tiering.days().to_string()));
        }
    }
    let tiers: Vec<&str> = tierings.iter().map(api::Tiering::access_tier).collect();
    if tiers.len() == 2 && tiers[0] == tiers[1] {
        return Err(Error::MalformedXml);
    }
    let Some(filter) = configuration.filter() else { return Ok(()) };
    at_most_one(&[filter.prefix().is_some(), filter.tag().is_some(), filter.and().is_some()])
}
