//! The condition keys of KMS. They are looked up only when a policy asks for one that is not global.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html>

use virga_api::kms as api;
use virga_kit::{Condition, Ctx};
use virga_model::view::{Entries, List, Read as _};
use virga_model::{Record, Value};
use virga_store::Reader as _;

use crate::access::{source_address, text};
use crate::error::Error;
use crate::lookup;
use crate::rules::KeyReference;
use crate::{alias, keys, multi_region};

/// Members of inputs that are condition keys under the same or another name.
static MEMBERS: [(&str, &str); 21] = [
    ("SigningAlgorithm", "kms:SigningAlgorithm"),
    ("MessageType", "kms:MessageType"),
    ("MacAlgorithm", "kms:MacAlgorithm"),
    ("KeyAgreementAlgorithm", "kms:KeyAgreementAlgorithm"),
    ("WrappingAlgorithm", "kms:WrappingAlgorithm"),
    ("WrappingKeySpec", "kms:WrappingKeySpec"),
    ("ExpirationModel", "kms:ExpirationModel"),
    ("ValidTo", "kms:ValidTo"),
    ("PendingWindowInDays", "kms:ScheduleKeyDeletionPendingWindowInDays"),
    ("RotationPeriodInDays", "kms:RotationPeriodInDays"),
    ("BypassPolicyLockoutSafetyCheck", "kms:BypassPolicyLockoutSafetyCheck"),
    ("KeyPairSpec", "kms:DataKeyPairSpec"),
    ("GranteePrincipal", "kms:GranteePrincipal"),
    ("RetiringPrincipal", "kms:RetiringPrincipal"),
    ("PrimaryRegion", "kms:PrimaryRegion"),
    ("ReplicaRegion", "kms:ReplicaRegion"),
    ("KeySpec", "kms:KeySpec"),
    ("KeyUsage", "kms:KeyUsage"),
    ("Origin", "kms:KeyOrigin"),
    ("MultiRegion", "kms:MultiRegion"),
    ("CustomerMasterKeySpec", "kms:KeySpec"),
];

/// Which of a call's keys an access is about, and so which members of the input tell of it: `ReEncrypt` has two.
#[derive(Debug, Clone, Copy)]
struct Side {
    key: &'static str,
    context: &'static str,
    algorithm: &'static str,
}

const ONLY: Side = Side { key: "KeyId", context: "EncryptionContext", algorithm: "EncryptionAlgorithm" };
const SOURCE: Side =
    Side { key: "SourceKeyId", context: "SourceEncryptionContext", algorithm: "SourceEncryptionAlgorithm" };
const DESTINATION: Side = Side {
    key: "DestinationKeyId",
    context: "DestinationEncryptionContext",
    algorithm: "DestinationEncryptionAlgorithm",
};

/// The condition keys of a call that is about no key that exists.
pub(crate) fn of_request(ctx: &Ctx, input: &Record, _: &str) -> Vec<Condition> {
    let mut conditions = common(ctx, input, ONLY);
    let missing = |conditions: &[Condition], key: &str| !conditions.iter().any(|known| known.key == key);
    let usual = [
        ("kms:KeySpec", "SYMMETRIC_DEFAULT"),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT"),
        ("kms:KeyOrigin", "AWS_KMS"),
        ("kms:MultiRegion", "false"),
        ("kms:BypassPolicyLockoutSafetyCheck", "false"),
    ];
    for (key, value) in usual {
        if missing(&conditions, key) {
            conditions.push(Condition::new(key, value));
        }
    }
    conditions
}

/// The condition keys of a call that is about this key.
pub(crate) fn of_key(ctx: &Ctx, input: &Record, arn: &str) -> Vec<Condition> {
    of_side(ctx, input, arn, ONLY)
}

/// Those of a re-encryption about the key that decrypts.
pub(crate) fn of_source(ctx: &Ctx, input: &Record, arn: &str) -> Vec<Condition> {
    of_side(ctx, input, arn, SOURCE)
}

/// Those of a re-encryption about the key that encrypts.
pub(crate) fn of_destination(ctx: &Ctx, input: &Record, arn: &str) -> Vec<Condition> {
    of_side(ctx, input, arn, DESTINATION)
}

fn of_side(ctx: &Ctx, input: &Record, arn: &str, side: Side) -> Vec<Condition> {
    // What the key says of itself comes first: an input can have members of the same names that mean other things.
    let mut conditions = known_of(ctx, input, arn, side).unwrap_or_default();
    conditions.extend(common(ctx, input, side));
    conditions
}

/// What is known of the key itself. A store failure leaves it out: then the call fails for the same reason.
fn known_of(ctx: &Ctx, input: &Record, arn: &str, side: Side) -> Result<Vec<Condition>, Error> {
    let KeyReference::Key(at) = KeyReference::parse(arn, ctx.account(), ctx.region())? else {
        return Ok(Vec::new());
    };
    let read = ctx.world().store().read()?;
    let found = lookup::at(&read, at)?;
    let (spec, usage, origin) = (found.key.spec, found.key.usage, found.key.origin);
    let mut conditions = vec![
        Condition::new("kms:KeySpec", spec.as_str()),
        Condition::new("kms:CustomerMasterKeySpec", spec.as_str()),
        Condition::new("kms:KeyUsage", usage.as_str()),
        Condition::new("kms:CustomerMasterKeyUsage", usage.as_str()),
        Condition::new("kms:KeyOrigin", origin.as_str()),
        Condition::new("kms:MultiRegion", found.key.multi_region.to_string()),
    ];
    if found.key.multi_region {
        let is_replica = multi_region::primary_of(&read, &found)?.is_some();
        let kind = if is_replica { "REPLICA" } else { "PRIMARY" };
        conditions.push(Condition::new("kms:MultiRegionKeyType", kind));
    }
    if spec.is_symmetric_encryption() && text(input, side.algorithm).is_none() {
        conditions.push(Condition::new("kms:EncryptionAlgorithm", "SYMMETRIC_DEFAULT"));
    }
    conditions.push(Condition::multivalued("kms:ResourceAliases", alias::names_of(&read, &found.at)?));
    let tags = read.get(&keys::tags(&found.at))?.unwrap_or_default();
    conditions.extend(
        tags.0.into_iter().map(|(key, value)| Condition::new(format!("aws:ResourceTag/{key}"), value)),
    );
    conditions.extend(re_encryption(ctx, &read, input));
    Ok(conditions)
}

/// Whether source and destination of a re-encryption are the same key.
fn re_encryption(ctx: &Ctx, read: &virga_store::Read, input: &Record) -> Option<Condition> {
    let destination = lookup::address(ctx, read, text(input, "DestinationKeyId")?).ok()?;
    let same = source_address(ctx, read, input).is_some_and(|source| source == destination);
    Some(Condition::new("kms:ReEncryptOnSameKey", same.to_string()))
}

/// What the call itself tells.
fn common(ctx: &Ctx, input: &Record, side: Side) -> Vec<Condition> {
    let mut conditions = vec![Condition::new("kms:CallerAccount", ctx.account())];
    if let Some(service) = ctx.called_via().last() {
        let via = format!("{service}.{}.amazonaws.com", ctx.region());
        conditions.push(Condition::new("kms:ViaService", via));
        conditions.push(Condition::new("kms:GrantIsForAWSResource", "true"));
    } else {
        conditions.push(Condition::new("kms:GrantIsForAWSResource", "false"));
    }
    if let Some(id) = text(input, side.key)
        && let Some(name) = id.find("alias/").map(|start| &id[start..])
    {
        conditions.push(Condition::new("kms:RequestAlias", name));
    }
    for (member, key) in MEMBERS {
        let value = input.by_name(member).and_then(shown);
        conditions.extend(value.map(|value| Condition::new(key, value)));
    }
    let algorithm = input.by_name(side.algorithm).and_then(shown);
    conditions.extend(algorithm.map(|value| Condition::new("kms:EncryptionAlgorithm", value)));
    let pairs = input.by_name(side.context).and_then(<Entries<'_, &str>>::read);
    conditions.extend(pairs.into_iter().flat_map(encryption_context));
    conditions.extend(of_grant(input));
    conditions.extend(request_tags(input));
    conditions
}

/// A value as conditions compare it.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        Value::Timestamp(time) => Some(time.secs().to_string()),
        _ => None,
    }
}

fn encryption_context<'a>(pairs: Entries<'a, &'a str>) -> impl Iterator<Item = Condition> + 'a {
    let names = pairs.iter().map(|(key, _)| key.to_owned()).collect();
    let each = pairs.iter().map(|(key, value)| Condition::new(format!("kms:EncryptionContext:{key}"), value));
    each.chain([Condition::multivalued("kms:EncryptionContextKeys", names)])
}

/// What a new grant is to be.
fn of_grant(input: &Record) -> Vec<Condition> {
    let operations = input.by_name("Operations").and_then(<List<'_, &str>>::read);
    let operations = operations
        .map(|list| Condition::multivalued("kms:GrantOperations", list.iter().map(str::to_owned).collect()));
    let constraints = input.by_name("Constraints").and_then(<&api::GrantConstraints>::read);
    let kind = constraints.and_then(|constraints| {
        if constraints.encryption_context_equals().is_some() {
            Some("EncryptionContextEquals")
        } else {
            constraints.encryption_context_subset().map(|_| "EncryptionContextSubset")
        }
    });
    operations.into_iter().chain(kind.map(|kind| Condition::new("kms:GrantConstraintType", kind))).collect()
}

/// Tags that are set or removed.
fn request_tags(input: &Record) -> Vec<Condition> {
    let tags = input.by_name("Tags").and_then(<List<'_, &api::Tag>>::read);
    let pairs: Vec<(&str, &str)> =
        tags.into_iter().flat_map(List::iter).map(|tag| (tag.tag_key(), tag.tag_value())).collect();
    let removed = input.by_name("TagKeys").and_then(<List<'_, &str>>::read);
    let names: Vec<String> = pairs
        .iter()
        .map(|(key, _)| *key)
        .chain(removed.into_iter().flat_map(List::iter))
        .map(str::to_owned)
        .collect();
    if names.is_empty() {
        return Vec::new();
    }
    let each = pairs.iter().map(|(key, value)| Condition::new(format!("aws:RequestTag/{key}"), *value));
    each.chain([Condition::multivalued("aws:TagKeys", names)]).collect()
}
