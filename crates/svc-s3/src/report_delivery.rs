//! How S3 delivers its reports: as itself and for the bucket they are about, so that the policy of the destination
//! decides.

use std::sync::Arc;

use bytes::Bytes;
use virga_api::s3 as api;
use virga_iam::{AccountId, Caller};
use virga_kit::{Ctx, Incoming};
use virga_model::ApiError;

use crate::bucket;
use crate::records::Bucket;
use virga_object::configured::InventoryEncryption;

/// Where a report goes.
pub(crate) struct Target<'a> {
    /// ARN of the bucket.
    pub(crate) bucket: &'a str,
    /// Whose bucket it must be; none where the configuration does not say.
    pub(crate) account: Option<&'a str>,
    /// How it is encrypted there; none leaves that to the bucket.
    pub(crate) encryption: Option<&'a InventoryEncryption>,
}

/// Writes a file of a report about a bucket.
pub(crate) async fn put(
    ctx: &Ctx,
    (name, bucket): (&str, &Bucket),
    target: &Target<'_>,
    key: &str,
    bytes: Bytes,
) -> Result<(), ApiError> {
    let account: AccountId = bucket.account.parse().unwrap_or(AccountId::DEFAULT);
    let caller = Caller::service("s3.amazonaws.com", account, Some(bucket::arn(name)));
    let input = api::PutObjectInput::new()
        .with_bucket(target.bucket.rsplit(':').next().unwrap_or(target.bucket))
        .with_key(key)
        .with_expected_bucket_owner(target.account)
        .with_acl(api::object_canned_acl::BUCKET_OWNER_FULL_CONTROL);
    let input = match target.encryption {
        Some(InventoryEncryption::Kms(key)) => {
            input.with_server_side_encryption("aws:kms").with_ssekms_key_id(key.as_str())
        }
        Some(InventoryEncryption::S3) => input.with_server_side_encryption("AES256"),
        None => input,
    };
    let body = &mut Incoming::from(bytes);
    ctx.call_streaming::<api::op::PutObject>(Arc::new(caller), &bucket.region, input, body).await?;
    Ok(())
}
