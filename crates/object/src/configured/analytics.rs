//! Storage class analyses and where their exports go.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AnalyticsConfiguration.html>

use virga_api::s3 as api;

use super::ObjectFilter;

/// A storage class analysis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalyticsConfiguration {
    /// Name of the configuration.
    pub id: String,
    /// What it is about.
    pub filter: ObjectFilter,
    /// Where its exports go; none where it has none.
    pub export: Option<AnalyticsDestination>,
}

/// Where the exports of an analysis go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalyticsDestination {
    /// ARN of the bucket.
    pub bucket: String,
    /// Whose bucket it is.
    pub account: Option<String>,
    /// What keys begin with.
    pub prefix: Option<String>,
}

impl AnalyticsConfiguration {
    /// Reads what the caller gave.
    pub fn read(given: &api::AnalyticsConfiguration) -> Self {
        let filter = given.filter();
        let and = filter.and_then(api::AnalyticsFilter::and);
        let prefix = filter.and_then(api::AnalyticsFilter::prefix);
        let export = given.storage_class_analysis().data_export();
        AnalyticsConfiguration {
            id: given.id().to_owned(),
            filter: ObjectFilter::read(
                prefix.or(and.and_then(api::AnalyticsAndOperator::prefix)),
                filter.and_then(api::AnalyticsFilter::tag),
                and.and_then(api::AnalyticsAndOperator::tags),
            ),
            export: export.map(|export| {
                let destination = export.destination().s3_bucket_destination();
                AnalyticsDestination {
                    bucket: destination.bucket().to_owned(),
                    account: destination.bucket_account_id().map(str::to_owned),
                    prefix: destination.prefix().map(str::to_owned),
                }
            }),
        }
    }
}
