//! Encryption at rest: with the key that AWS owns, or with a key of KMS, which has to be usable.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/EncryptionAtRest.html>

use virga_api::dynamodb as api;
use virga_api::kms;
use virga_kit::{Arn, Ctx};
use virga_model::ApiError;
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
    let (key_id, kind) = (specification.kms_master_key_id(), specification.sse_type());
    let is_enabled = specification.enabled();
    let refused = [
        (is_enabled == Some(false) && kind.is_some(), "SSEType can not be specified if Enabled is false"),
        (
            is_enabled == Some(false) && key_id.is_some(),
            "KMSMasterKeyId can not be specified if Enabled is false",
        ),
        (kind == Some(api::sse_type::AES256), "SSEType AES256 is not supported"),
        (key_id.is_some() && kind.is_none(), "SSEType KMS is required if KMSMasterKeyId is specified"),
    ];
    if let Some((_, reason)) = refused.into_iter().find(|(is_refused, _)| *is_refused) {
        return Err(Error::invalid_values(reason));
    }
    if !is_enabled.unwrap_or(kind.is_some()) {
        return Ok(None);
    }
    let key = find_key(ctx, txn, region, key_id.unwrap_or(MANAGED_KEY));
    let KmsKey { arn, is_enabled, .. } = key.map_err(|error| table_key::unusable(ctx, &error))?;
    if !is_enabled {
        let text = format!("{arn} is disabled.");
        let told = table_key::told(ctx, "DisabledException", &text);
        return Err(Error::validation(format!("KMS key disabled error: {told}")));
    }
    Ok(Some(arn))
}

/// Refuses to encrypt a table as it is encrypted already, when that is what a caller has plainly written.
pub(crate) fn check_changed(
    specification: &api::SSESpecification,
    key: Option<&str>,
    present: Option<&str>,
) -> Result<(), Error> {
    match (key, present) {
        (None, None) => Err(Error::invalid_values("Table is already encrypted by default")),
        (Some(key), Some(present)) if key == present && specification.kms_master_key_id() == Some(key) => {
            Err(Error::invalid_values(
                "Table is already encrypted with given KMSMasterKeyId. Use KMSMasterKeyId parameter if you want to \
                 change Master Key",
            ))
        }
        _ => Ok(()),
    }
}

/// A key of KMS.
struct KmsKey {
    arn: String,
    is_enabled: bool,
    /// Whether AWS manages it for DynamoDB.
    is_managed: bool,
}

fn find_key(ctx: &Ctx, txn: &mut Write, region: &str, id: &str) -> Result<KmsKey, ApiError> {
    let input = kms::DescribeKeyInput::new().with_key_id(id);
    let output = ctx.call_within_in::<kms::op::DescribeKey>(txn, region, input)?;
    let metadata = output.key_metadata();
    let manager = metadata.and_then(kms::KeyMetadata::key_manager);
    Ok(KmsKey {
        arn: metadata.and_then(kms::KeyMetadata::arn).unwrap_or_default().to_owned(),
        is_enabled: metadata.and_then(kms::KeyMetadata::enabled).unwrap_or(false),
        is_managed: manager == Some(kms::key_manager_type::AWS),
    })
}

/// The key of a replica in another region. The replicas of a table have no keys, or keys of customers, which are all
/// named, or the keys that AWS manages.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables-security.html>
pub(crate) fn key_of_replica(
    ctx: &Ctx,
    txn: &mut Write,
    region: &str,
    named: Option<&str>,
    other: Option<&str>,
) -> Result<Option<String>, Error> {
    let Some(other) = other else { return if named.is_some() { Err(key_for_each()) } else { Ok(None) } };
    let there = Arn::parse(other).map_or(region, |arn| arn.region);
    let other = find_key(ctx, txn, there, other).map_err(|error| table_key::unusable(ctx, &error))?;
    let Some(named) = named.or(other.is_managed.then_some(MANAGED_KEY)) else { return Err(key_for_each()) };
    let key = find_key(ctx, txn, region, named).map_err(|error| {
        Error::validation(format!("KMS validation error for region {region}: {}", error.message))
    })?;
    if key.is_managed != other.is_managed {
        return Err(Error::invalid_values(
            "All replica keys must either be Customer Managed CMK or AWS Managed CMK.",
        ));
    }
    if !key.is_enabled {
        return Err(Error::validation(
            "Operation cannot be performed while replica server-side encryption status is in UPDATING state. Please retry \
             the request after the status is updated to ENABLED.",
        ));
    }
    Ok(Some(key.arn))
}

/// The refusal of a key for some replicas only.
pub(crate) fn key_for_each() -> Error {
    Error::invalid_values("KMSMasterKeyId must be specified for each replica.")
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
