//! Encryption at rest: with the key that AWS owns, or with a key of KMS, which has to be usable.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html>

use virga_api::dynamodb as api;
use virga_api::kms;
use virga_kit::Ctx;
use virga_store::Write;

use crate::error::Error;
use crate::table_key;

/// The key that AWS manages for DynamoDB in the account.
const MANAGED_KEY: &str = "alias/aws/dynamodb";

/// The ARN of the KMS key that a specification asks for; none for the key that AWS owns.
pub(crate) fn key_of(
    ctx: &Ctx,
    txn: &mut Write,
    region: &str,
    specification: Option<&api::SSESpecification>,
    present: Option<&str>,
) -> Result<Option<String>, Error> {
    let Some(specification) = specification else { return Ok(present.map(str::to_owned)) };
    let key_id = specification.kms_master_key_id();
    if !specification.enabled().unwrap_or(key_id.is_some()) {
        return match key_id {
            Some(_) => Err(Error::invalid_values(
                "KMSMasterKeyId can only be specified when Enabled is true in SSESpecification",
            )),
            None => Ok(None),
        };
    }
    if specification.sse_type() == Some(api::sse_type::AES256) {
        return Err(Error::invalid_values("SSEType AES256 is not supported"));
    }
    let input = kms::DescribeKeyInput::new().with_key_id(key_id.unwrap_or(MANAGED_KEY));
    let output = ctx.call_within_in::<kms::op::DescribeKey>(txn, region, input);
    let output = output.map_err(|error| table_key::unusable(&error))?;
    let metadata = output.key_metadata();
    let arn = metadata.and_then(kms::KeyMetadata::arn).unwrap_or_default().to_owned();
    if !metadata.and_then(kms::KeyMetadata::enabled).unwrap_or(false) {
        let reason = format!("KMS validation error: {arn} is disabled.");
        return Err(Error::Validation { reason });
    }
    Ok(Some(arn))
}

/// The key of a replica in another region: the one that is named there, else the one that AWS manages there, if the
/// other replicas have keys.
pub(crate) fn key_of_replica(
    ctx: &Ctx,
    txn: &mut Write,
    region: &str,
    named: Option<&str>,
    others: Option<&str>,
) -> Result<Option<String>, Error> {
    if named.or(others).is_none() {
        return Ok(None);
    }
    let specification = api::SSESpecification::new().with_enabled(true).with_kms_master_key_id(named);
    key_of(ctx, txn, region, Some(&specification), None)
}

/// `SSEDescription`; none for the key that AWS owns.
pub(crate) fn describe(key: Option<&str>, status: &str) -> Option<api::SSEDescription> {
    let key = key?;
    Some(
        api::SSEDescription::new()
            .with_status(status)
            .with_sse_type(api::sse_type::KMS)
            .with_kms_master_key_arn(key),
    )
}
