//! Whether a bucket keeps old versions.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/Versioning.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use super::{Kind, document};
use crate::records::{MfaDelete, Versioning};
use crate::{bucket, keys, mfa};
use virga_object::Error;

/// Switches versioning on, or suspends it.
pub(crate) fn put_bucket_versioning(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketVersioningRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let configuration = input.versioning_configuration();
    document::check(configuration)?;
    let status = configuration.status().ok_or(Error::IllegalVersioningConfiguration)?;
    let versioning = Versioning::parse(status).ok_or(Error::MalformedXml)?;
    if bucket.mfa_delete == MfaDelete::Enabled || configuration.mfa_delete().is_some() {
        mfa::check(ctx, txn, &bucket, input.mfa())?;
    }
    if configuration.mfa_delete() == Some(api::mfa_delete::ENABLED) && bucket.configured.has(Kind::Lifecycle)
    {
        return Err(Error::InvalidBucketState {
            reason: "Mfa Authentication is not supported on a bucket with lifecycle configuration. Delete lifecycle \
                     configuration before enabling Mfa Authentication."
                .to_owned(),
        });
    }
    if versioning == Versioning::Suspended {
        if bucket.object_lock {
            return Err(Error::InvalidBucketState {
                reason: "An Object Lock configuration is present on this bucket, so the versioning state cannot be \
                         changed."
                    .to_owned(),
            });
        }
        if bucket.configured.has(Kind::Replication) {
            return Err(Error::InvalidBucketState {
                reason: "A replication configuration is present on this bucket, so the versioning state cannot be \
                         changed."
                    .to_owned(),
            });
        }
    }
    bucket.versioning = versioning;
    if let Some(mfa_delete) = configuration.mfa_delete() {
        let is_enabled = mfa_delete == api::mfa_delete::ENABLED;
        bucket.mfa_delete = if is_enabled { MfaDelete::Enabled } else { MfaDelete::Disabled };
    }
    txn.put(&keys::bucket(input.bucket()), &bucket)?;
    Ok(Nothing::new())
}

/// Whether the bucket keeps old versions; says nothing when it was never asked to.
pub(crate) fn get_bucket_versioning(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketVersioningRequest,
) -> Result<api::GetBucketVersioningOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let status = (bucket.versioning != Versioning::Never).then(|| bucket.versioning.as_str());
    let mfa_delete = match bucket.mfa_delete {
        MfaDelete::Never => None,
        MfaDelete::Enabled => Some(api::mfa_delete_status::ENABLED),
        MfaDelete::Disabled => Some(api::mfa_delete_status::DISABLED),
    };
    Ok(api::GetBucketVersioningOutput::new().with_status(status).with_mfa_delete(mfa_delete))
}
