//! Default encryption: how objects are encrypted that do not say how.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-encryption.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_store::{Fault, Read, Reader, Write};

use super::{Kind, document};
use crate::records::{Bucket, CustomerManagedKey};
use crate::{bucket, encryption};
use virga_object::{Error, directory_bucket};

use api::server_side_encryption::{AES256, AWS_KMS, AWS_KMS_DSSE};

/// How objects of a bucket are encrypted that do not say how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Default {
    /// `AES256`, `aws:kms` or `aws:kms:dsse`.
    pub(crate) algorithm: String,
    /// The key of KMS: id, ARN or alias; none is the account's own for S3.
    pub(crate) kms_key: Option<String>,
    /// Whether data keys are made of one of the bucket.
    pub(crate) bucket_key: bool,
    /// Whether customers may bring their own keys (SSE-C).
    pub(crate) blocks_customer_keys: bool,
}

/// The default encryption of a bucket.
pub(crate) fn of(txn: &impl Reader, bucket: &Bucket) -> Result<Default, Fault> {
    let found: Option<api::ServerSideEncryptionConfiguration> =
        document::find(txn, bucket, Kind::Encryption)?;
    let rule = found.as_ref().and_then(|configuration| configuration.rules().iter().next());
    let by_default = rule.and_then(api::ServerSideEncryptionRule::apply_server_side_encryption_by_default);
    let blocked = rule.and_then(api::ServerSideEncryptionRule::blocked_encryption_types);
    let blocked = blocked.and_then(api::BlockedEncryptionTypes::encryption_type);
    Ok(Default {
        algorithm: by_default.map_or(AES256, api::ServerSideEncryptionByDefault::sse_algorithm).to_owned(),
        kms_key: by_default
            .and_then(api::ServerSideEncryptionByDefault::kms_master_key_id)
            .map(str::to_owned),
        bucket_key: rule.and_then(api::ServerSideEncryptionRule::bucket_key_enabled) == Some(true),
        blocks_customer_keys: blocked.is_some_and(|types| types.iter().any(|blocked| blocked == "SSE-C")),
    })
}

/// Sets the default.
pub(crate) fn put_bucket_encryption(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketEncryptionRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let configuration = input.server_side_encryption_configuration();
    let mut rule = checked(configuration)?;
    if directory_bucket::is_name(input.bucket()) {
        let known: Option<CustomerManagedKey> = super::get(txn, &bucket, Kind::CustomerManagedKey)?;
        let by_default = rule.apply_server_side_encryption_by_default();
        let (algorithm, key) =
            by_default.map_or((AES256, None), |found| (found.sse_algorithm(), found.kms_master_key_id()));
        let known = known.as_ref().map(|known| &*known.0);
        if let Some(key) = directory_bucket::check_default(algorithm, key, known)? {
            let arn = directory_bucket::arn(&bucket.region, &bucket.account, input.bucket());
            encryption::try_key(ctx, txn, key, &arn)?;
            let key = CustomerManagedKey(key.to_owned());
            super::put(txn, input.bucket(), &mut bucket, (Kind::CustomerManagedKey, ""), &key)?;
        }
        let is_kms = algorithm != AES256;
        rule = rule.with_bucket_key_enabled(is_kms);
    }
    let configuration = configuration.clone().with_rules(vec![rule]);
    document::set(txn, input.bucket(), &mut bucket, Kind::Encryption, &configuration)?;
    Ok(Nothing::new())
}

/// The default: `AES256` where nothing else was said.
pub(crate) fn get_bucket_encryption(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketEncryptionRequest,
) -> Result<api::GetBucketEncryptionOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let found: Option<api::ServerSideEncryptionConfiguration> =
        document::find(txn, &bucket, Kind::Encryption)?;
    let by_s3 = || {
        let by_default = api::ServerSideEncryptionByDefault::new().with_sse_algorithm(AES256);
        let rule = api::ServerSideEncryptionRule::new()
            .with_apply_server_side_encryption_by_default(by_default)
            .with_bucket_key_enabled(false);
        api::ServerSideEncryptionConfiguration::new().with_rules(vec![rule])
    };
    Ok(api::GetBucketEncryptionOutput::new()
        .with_server_side_encryption_configuration(found.unwrap_or_else(by_s3)))
}

/// Goes back to `AES256`.
pub(crate) fn delete_bucket_encryption(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketEncryptionRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    super::delete(txn, input.bucket(), &mut bucket, (Kind::Encryption, ""))?;
    Ok(Nothing::new())
}

/// The one rule that there has to be, with what AWS adds to it.
fn checked(
    configuration: &api::ServerSideEncryptionConfiguration,
) -> Result<api::ServerSideEncryptionRule, Error> {
    document::check(configuration)?;
    let rules = configuration.rules();
    let rule = rules.iter().next().filter(|_| rules.len() == 1).ok_or(Error::MalformedXml)?;
    let rule = rule.clone().with_bucket_key_enabled(rule.bucket_key_enabled().unwrap_or(false));
    let Some(by_default) = rule.apply_server_side_encryption_by_default() else {
        if rule.blocked_encryption_types().is_none() {
            return Err(Error::MalformedXml);
        }
        let by_s3 = api::ServerSideEncryptionByDefault::new().with_sse_algorithm(AES256);
        return Ok(rule.with_apply_server_side_encryption_by_default(by_s3));
    };
    match by_default.sse_algorithm() {
        AWS_KMS | AWS_KMS_DSSE => Ok(rule),
        AES256 if by_default.kms_master_key_id().is_some() => Err(Error::InvalidArgumentName {
            reason: "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse"
                .to_owned(),
            argument: "ApplyServerSideEncryptionByDefault".to_owned(),
        }),
        AES256 => Ok(rule),
        _ => Err(Error::MalformedXml),
    }
}
