//! Lifecycle configurations: what happens to objects as they grow old. What is done at those times is not here.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use super::{Kind, document, rule_id};
use crate::records::MfaDelete;
use crate::{bucket, lifecycle};
use virga_object::Error;
use virga_object::{directory_bucket, lifecycle_configuration};

/// The kept form: rules and the least size of what changes its storage class.
pub(crate) type Stored = api::GetBucketLifecycleConfigurationOutput;

use api::transition_default_minimum_object_size as minimum_size;

/// Sets the rules.
pub(crate) fn put_bucket_lifecycle_configuration(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketLifecycleConfigurationRequest,
) -> Result<api::PutBucketLifecycleConfigurationOutput, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    // The other way round AWS's words are known, here they are not.
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiFactorAuthenticationDelete.html>
    if bucket.mfa_delete == MfaDelete::Enabled {
        return Err(Error::InvalidBucketState {
            reason: "Lifecycle configuration is not supported on a bucket with Mfa Authentication."
                .to_owned(),
        });
    }
    let configuration = input.lifecycle_configuration().ok_or(Error::MalformedXml)?;
    let minimum =
        input.transition_default_minimum_object_size().unwrap_or(minimum_size::ALL_STORAGE_CLASSES_128_K);
    if !minimum_size::ALL.contains(&minimum) {
        return Err(Error::request(format!("Invalid TransitionDefaultMinimumObjectSize found: {minimum}")));
    }
    lifecycle_configuration::check(configuration)?;
    if directory_bucket::is_name(input.bucket()) {
        directory_bucket::check_lifecycle(configuration)?;
    }
    let mut stored: Stored = document::spread(configuration.clone());
    lifecycle_configuration::name_rules(&mut stored, || rule_id::draw(ctx));
    let stored = stored.with_transition_default_minimum_object_size(minimum);
    document::set(txn, input.bucket(), &mut bucket, Kind::Lifecycle, &stored)?;
    lifecycle::arm(ctx, txn, input.bucket(), &bucket)?;
    Ok(api::PutBucketLifecycleConfigurationOutput::new().with_transition_default_minimum_object_size(minimum))
}

/// The rules.
pub(crate) fn get_bucket_lifecycle_configuration(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketLifecycleConfigurationRequest,
) -> Result<Stored, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let missing = || Error::NoSuchLifecycleConfiguration { bucket: input.bucket().to_owned() };
    document::find(txn, &bucket, Kind::Lifecycle)?.ok_or_else(missing)
}

/// Removes the rules.
pub(crate) fn delete_bucket_lifecycle(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketLifecycleRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    super::delete(txn, input.bucket(), &mut bucket, (Kind::Lifecycle, ""))?;
    Ok(Nothing::new())
}
