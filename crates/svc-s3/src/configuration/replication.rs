//! Replication configurations: what is copied to which other buckets. The copying is not here.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader as _, Write};

use super::{Kind, document, rule_id};
use crate::records::Versioning;
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::replication_configuration::{self, bucket_of_arn};

/// Sets the rules.
pub(crate) fn put_bucket_replication(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketReplicationRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    if bucket.versioning != Versioning::Enabled {
        return Err(Error::request(
            "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
        ));
    }
    let configuration = input.replication_configuration();
    replication_configuration::check(configuration)?;
    for rule in configuration.rules().iter() {
        let destination = rule.destination().bucket();
        let name = bucket_of_arn(destination)
            .ok_or_else(|| Error::argument("Invalid bucket ARN", "Bucket", destination))?;
        let found = txn.get(&keys::bucket(name))?;
        if found.is_none_or(|bucket| bucket.versioning != Versioning::Enabled) {
            return Err(Error::request("Destination bucket must have versioning enabled."));
        }
    }
    let named = configuration.rules().iter().map(|rule| {
        let is_named = rule.id().is_some_and(|id| !id.is_empty());
        if is_named { rule.clone() } else { rule.clone().with_id(rule_id::draw(ctx)) }
    });
    let configuration = configuration.clone().with_rules(named.collect::<Vec<api::ReplicationRule>>());
    document::set(txn, input.bucket(), &mut bucket, Kind::Replication, &configuration)?;
    Ok(Nothing::new())
}

/// The rules.
pub(crate) fn get_bucket_replication(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketReplicationRequest,
) -> Result<api::GetBucketReplicationOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let found: Option<api::ReplicationConfiguration> = document::find(txn, &bucket, Kind::Replication)?;
    let missing = || Error::NoSuchReplicationConfiguration { bucket: input.bucket().to_owned() };
    Ok(api::GetBucketReplicationOutput::new().with_replication_configuration(found.ok_or_else(missing)?))
}

/// Removes the rules.
pub(crate) fn delete_bucket_replication(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketReplicationRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    super::delete(txn, input.bucket(), &mut bucket, (Kind::Replication, ""))?;
    Ok(Nothing::new())
}
