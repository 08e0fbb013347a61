//! Keys: creating, describing, listing. What becomes of them later is in `key_life`.

use virga_api::kms as api;
use virga_kit::{Ctx, Failure};
use virga_model::Timestamp;
use virga_model::view::List;
use virga_store::{Direction, Read, Reader, Write};

use crate::error::Error;
use crate::lookup::{self, KeyAt, now};
use crate::page::Page;
use crate::records::{Key, Status, Tags};
use crate::rules::key_policy::default_policy;
use crate::rules::terms::{KeySpec, KeyUsage, Origin, names};
use crate::rules::{KeyAddress, KeyState, key_address, tags};
use crate::{keys, material, multi_region, policy};

/// The most keys of an account in a region.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html#kms-keys-limit>
const MOST_KEYS: i64 = 100_000;

/// A key to be made.
pub(crate) struct NewKey {
    /// `Description`.
    pub(crate) description: String,
    /// `KeySpec`.
    pub(crate) spec: KeySpec,
    /// `KeyUsage`.
    pub(crate) usage: KeyUsage,
    /// `Origin`.
    pub(crate) origin: Origin,
    /// `MultiRegion`.
    pub(crate) multi_region: bool,
    /// The service whose AWS managed key it becomes.
    pub(crate) managed_for: Option<String>,
    /// Its key policy.
    pub(crate) policy: String,
}

/// Creates a key.
pub(crate) async fn create_key(
    ctx: &Ctx,
    input: &api::CreateKeyRequest,
) -> Result<api::CreateKeyResponse, Failure> {
    let (spec, usage) = kind(input)?;
    let origin = origin(input)?;
    let tags = tags::read(input.tags().into_iter().flat_map(List::iter).map(pair))?;
    let new = NewKey {
        description: input.description().unwrap_or_default().to_owned(),
        spec,
        usage,
        origin,
        multi_region: input.multi_region().unwrap_or(false),
        managed_for: None,
        policy: input.policy().map_or_else(|| default_policy(ctx.account()), str::to_owned),
    };
    if let Some(text) = input.policy() {
        policy::check(ctx, None, text, input.bypass_policy_lockout_safety_check().unwrap_or(false))?;
    }
    let secret = match origin {
        Origin::AwsKms => Some(material::apart(move || material::generate(spec)).await?),
        _ => None,
    };
    ctx.transact(|txn| -> Result<_, Error> {
        let found = insert(ctx, txn, &new, secret.as_deref().map(Vec::as_slice))?;
        if !tags.is_empty() {
            txn.put(&keys::tags(&found.at), &Tags(tags.clone()))?;
        }
        Ok(api::CreateKeyResponse::new().with_key_metadata(metadata(ctx, txn, &found)?))
    })
    .await
}

/// A tag of a request.
pub(crate) fn pair(tag: &api::Tag) -> (&str, &str) {
    (tag.tag_key(), tag.tag_value())
}

/// Spec and usage of a new key.
fn kind(input: &api::CreateKeyRequest) -> Result<(KeySpec, KeyUsage), Error> {
    let spec = match (input.key_spec(), input.customer_master_key_spec()) {
        (Some(_), Some(_)) => {
            return Err(Error::validation(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. \
                 CustomerMasterKeySpec is deprecated.",
            ));
        }
        (spec, deprecated) => {
            spec.or(deprecated).and_then(KeySpec::parse).unwrap_or(KeySpec::SymmetricDefault)
        }
    };
    let usage = match input.key_usage().and_then(KeyUsage::parse) {
        Some(usage) => usage,
        None if spec.is_symmetric_encryption() => KeyUsage::EncryptDecrypt,
        None => {
            return Err(Error::validation(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.",
            ));
        }
    };
    if !spec.usages().contains(&usage) {
        return Err(Error::validation(format!("KeyUsage {usage} is not compatible with KeySpec {spec}")));
    }
    Ok((spec, usage))
}

/// Where a new key's material comes from. There is no custom key store for it to come from.
fn origin(input: &api::CreateKeyRequest) -> Result<Origin, Error> {
    if let Some(id) = input.custom_key_store_id() {
        return Err(Error::CustomKeyStoreNotFound {
            reason: format!("Custom key store {id} does not exist."),
        });
    }
    if input.xks_key_id().is_some() {
        return Err(Error::validation("XksKeyId is valid only with the origin EXTERNAL_KEY_STORE."));
    }
    match input.origin().and_then(Origin::parse) {
        None | Some(Origin::AwsKms) => Ok(Origin::AwsKms),
        Some(Origin::External) => Ok(Origin::External),
        Some(origin) => {
            Err(Error::validation(format!("A custom key store is required for the origin {origin}.")))
        }
    }
}

/// Makes a key of the caller's account and region, with material unless that is to be imported.
pub(crate) fn insert(
    ctx: &Ctx,
    txn: &mut Write,
    new: &NewKey,
    secret: Option<&[u8]>,
) -> Result<KeyAt, Error> {
    let uuid = ctx.uuid();
    let id = key_address::key_id_bytes(&uuid)
        .map_or(uuid, |(_, bytes)| key_address::key_id(new.multi_region, bytes));
    let at = KeyAddress { account: ctx.account().to_owned(), region: ctx.region().to_owned(), id };
    let mut key = Key {
        created: now(ctx),
        description: new.description.clone(),
        spec: new.spec,
        usage: new.usage,
        origin: new.origin,
        managed_for: new.managed_for.clone(),
        status: Status::PendingImport,
        transition: None,
        multi_region: new.multi_region,
        rotation: None,
        on_demand_rotations: 0,
        materials: Vec::new(),
    };
    if let Some(secret) = secret {
        let id = material::id(&at.id, secret);
        material::store(txn, &at, &id, secret)?;
        key.materials.push(material::current(id));
        key.status = Status::Enabled;
    }
    if new.multi_region {
        multi_region::insert(txn, &at)?;
    }
    count(txn, &at, &key)?;
    ctx.put_resource_policy(txn, &at.arn(), &new.policy)?;
    let found = KeyAt { at, key };
    found.save(txn)?;
    Ok(found)
}

/// Counts a new key towards the quota. Two calls at once may pass it by one: counting exactly would have all of them
/// wait for each other.
pub(crate) fn count(txn: &mut Write, at: &KeyAddress, key: &Key) -> Result<(), Error> {
    if key.is_aws_managed() {
        return Ok(());
    }
    let counter = keys::key_count(&at.account, &at.region);
    if txn.snapshot_counter(&counter)? >= MOST_KEYS {
        return Err(Error::LimitExceeded { reason: "The quota of KMS keys is used up.".to_owned() });
    }
    Ok(txn.add(&counter, 1)?)
}

/// Describes a key. Naming an AWS managed key creates it.
pub(crate) fn describe_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DescribeKeyRequest,
) -> Result<api::DescribeKeyResponse, Error> {
    let found = lookup::open(ctx, txn, input.key_id())?;
    crate::grant::check_tokens(txn, input.grant_tokens())?;
    Ok(api::DescribeKeyResponse::new().with_key_metadata(metadata(ctx, txn, &found)?))
}

/// Lists the keys of the account and region.
pub(crate) fn list_keys(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListKeysRequest,
) -> Result<api::ListKeysResponse, Error> {
    let page = Page::new(input.limit(), input.marker(), 100, 1000)?;
    let mut range = keys::all_keys(ctx.account(), ctx.region());
    if let Some(after) = page.after() {
        range = range.after(after);
    }
    let mut ids = Vec::new();
    for key in txn.scan_keys(&range, Direction::Forward, page.limit() + 1)? {
        let (account, region, id): (String, String, String) = key.parts()?;
        ids.push(KeyAddress { account, region, id });
    }
    let (shown, marker) = page.cut(&ids, |at| at.id.clone());
    let entry = |at: &KeyAddress| api::KeyListEntry::new().with_key_id(&at.id).with_key_arn(at.arn());
    Ok(api::ListKeysResponse::new()
        .with_keys(shown.iter().map(entry).collect::<Vec<_>>())
        .with_truncated(marker.is_some())
        .with_next_marker(marker))
}

/// `KeyMetadata`.
pub(crate) fn metadata(ctx: &Ctx, txn: &impl Reader, found: &KeyAt) -> Result<api::KeyMetadata, Error> {
    let (at, key) = (&found.at, &found.key);
    let state = found.state(ctx);
    let mut metadata = api::KeyMetadata::new()
        .with_aws_account_id(&at.account)
        .with_key_id(&at.id)
        .with_arn(at.arn())
        .with_creation_date(shown_time(key.created))
        .with_enabled(state.is_enabled())
        .with_description(&key.description)
        .with_key_usage(key.usage.as_str())
        .with_key_state(state.as_str())
        .with_origin(key.origin.as_str())
        .with_key_manager(if key.is_aws_managed() { "AWS" } else { "CUSTOMER" })
        .with_customer_master_key_spec(key.spec.as_str())
        .with_key_spec(key.spec.as_str())
        .with_multi_region(key.multi_region);
    metadata = match key.usage {
        KeyUsage::EncryptDecrypt => {
            metadata.with_encryption_algorithms(names(key.spec.encryption_algorithms()))
        }
        KeyUsage::SignVerify => metadata.with_signing_algorithms(names(key.spec.signing_algorithms())),
        KeyUsage::GenerateVerifyMac => {
            metadata.with_mac_algorithms(names(key.spec.mac_algorithm().as_slice()))
        }
        KeyUsage::KeyAgreement => metadata.with_key_agreement_algorithms(vec!["ECDH"]),
    };
    match key.status {
        Status::PendingDeletion { at } => metadata = metadata.with_deletion_date(shown_time(at)),
        Status::PendingReplicaDeletion { days } => {
            metadata = metadata.with_pending_deletion_window_in_days(i32::try_from(days).unwrap_or(i32::MAX));
        }
        _ => {}
    }
    if let Some(material) = key.current() {
        // A replica shows its key material once it is there.
        if key.spec.is_symmetric_encryption() && state != KeyState::Creating {
            metadata = metadata.with_current_key_material_id(hex::encode(material.id));
        }
        if key.origin == Origin::External && material.present {
            metadata = metadata
                .with_expiration_model(expiration_model(material.valid_to))
                .with_valid_to(material.valid_to.map(shown_time));
        }
    }
    Ok(metadata.with_multi_region_configuration(multi_region::configuration(txn, found)?))
}

/// `ExpirationModel`.
pub(crate) fn expiration_model(valid_to: Option<i64>) -> &'static str {
    if valid_to.is_some() { "KEY_MATERIAL_EXPIRES" } else { "KEY_MATERIAL_DOES_NOT_EXPIRE" }
}

/// A time as KMS shows it: to the millisecond.
pub(crate) fn shown_time(micros: i64) -> Timestamp {
    Timestamp::from_millis(micros.div_euclid(1000))
}
