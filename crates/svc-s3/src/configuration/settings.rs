//! Settings of one word that a bucket has: who pays for requests, transfer acceleration.

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use super::document;
use crate::{bucket, keys};
use virga_object::Error;

use api::bucket_accelerate_status as acceleration;

/// Sets who pays.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RequesterPaysBuckets.html>
pub(crate) fn put_bucket_request_payment(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketRequestPaymentRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let configuration = input.request_payment_configuration();
    document::check(configuration)?;
    bucket.requester_pays = configuration.payer() == api::payer::REQUESTER;
    txn.put(&keys::bucket(input.bucket()), &bucket)?;
    Ok(Nothing::new())
}

/// Who pays.
pub(crate) fn get_bucket_request_payment(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketRequestPaymentRequest,
) -> Result<api::GetBucketRequestPaymentOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let payer = if bucket.requester_pays { api::payer::REQUESTER } else { api::payer::BUCKET_OWNER };
    Ok(api::GetBucketRequestPaymentOutput::new().with_payer(payer))
}

/// Switches transfer acceleration.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html>
pub(crate) fn put_bucket_accelerate_configuration(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketAccelerateConfigurationRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    if input.bucket().contains('.') {
        return Err(Error::request(
            "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
        ));
    }
    document::check(input.accelerate_configuration())?;
    let status = input.accelerate_configuration().status().ok_or(Error::MalformedXml)?;
    bucket.accelerate = Some(status == acceleration::ENABLED);
    txn.put(&keys::bucket(input.bucket()), &bucket)?;
    Ok(Nothing::new())
}

/// Whether transfer is accelerated; says nothing when it never was.
pub(crate) fn get_bucket_accelerate_configuration(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketAccelerateConfigurationRequest,
) -> Result<api::GetBucketAccelerateConfigurationOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let status = bucket
        .accelerate
        .map(|enabled| if enabled { acceleration::ENABLED } else { acceleration::SUSPENDED });
    Ok(api::GetBucketAccelerateConfigurationOutput::new().with_status(status))
}
