//! What a call needs permission for: its actions, the keys and aliases it is about, and condition keys.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html>

use virga_api::kms as api;
use virga_iam::evaluation::ResourceRule;
use virga_kit::{Access, Ctx};
use virga_model::view::{Entries, List, Read as _, Structure};
use virga_model::{Operation, Record};
use virga_store::{Fault, Read, Reader as _};

use crate::error::Error;
use crate::rules::ciphertext::CiphertextHead;
use crate::rules::key_address::alias_arn;
use crate::rules::managed_keys::ManagedKey;
use crate::rules::terms::GrantOperation;
use crate::rules::{EncryptionContext, KeyAddress, KeyReference};
use crate::{condition, grant, keys, lookup};

/// The accesses of a call.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let name = operation.name();
    let Ok(read) = ctx.world().store().read() else { return vec![Access::without_resource(name)] };
    match name {
        "CreateKey" => {
            let tags = api::CreateKeyRequest::view(input).tags();
            let mut accesses = vec![Access::without_resource(name).looking_up(condition::of_request)];
            if tags.is_some_and(|tags| !tags.is_empty()) {
                accesses.push(Access::without_resource("TagResource").looking_up(condition::of_request));
            }
            accesses
        }
        "CreateAlias" | "UpdateAlias" | "DeleteAlias" => of_alias(ctx, &read, name, input),
        "ReEncrypt" => vec![
            Access {
                lookup: Some(condition::of_source),
                ..of_key(&read, "ReEncryptFrom", source_address(ctx, &read, input))
            },
            Access {
                lookup: Some(condition::of_destination),
                ..of_coming(
                    ctx,
                    &read,
                    input,
                    "DestinationKeyId",
                    of_key(&read, "ReEncryptTo", named(ctx, &read, input, "DestinationKeyId")),
                )
            },
        ],
        "Decrypt" => vec![of_key(&read, name, source_address(ctx, &read, input))],
        "RetireGrant" => vec![of_key(&read, name, grant_address(ctx, &read, input))],
        "UpdatePrimaryRegion" => of_primary(&read, input, named(ctx, &read, input, "KeyId")),
        "ReplicateKey" => of_replica(&read, input, named(ctx, &read, input, "KeyId")),
        // Listings of the account have no resource, and neither has what is not about keys.
        "ListAliases" => vec![Access::without_resource(name)],
        _ if input.by_name("KeyId").is_some() => {
            vec![of_coming(
                ctx,
                &read,
                input,
                "KeyId",
                of_key(&read, name, named(ctx, &read, input, "KeyId")),
            )]
        }
        _ => vec![Access::without_resource(name).looking_up(condition::of_request)],
    }
}

/// An action on a key. Where there is no such key there is no key policy: the handler will say so.
fn of_key(read: &Read, action: &'static str, at: Option<KeyAddress>) -> Access {
    let Some(at) = at else { return Access::without_resource(action) };
    let access = Access::to(action, at.arn()).looking_up(condition::of_key);
    if !read.contains(&keys::key(&at)).unwrap_or(false) {
        return access;
    }
    Access { rule: ResourceRule::KeyPolicy, grants: Some(granted), ..access }
}

/// The access to a key that a member names. An AWS managed key comes into being when somebody who may use it names it: until
/// then it is known which policy it will have, but not its id.
fn of_coming(ctx: &Ctx, read: &Read, input: &Record, member: &str, access: Access) -> Access {
    let Some((account, region, managed)) = unmade(ctx, read, input, member) else { return access };
    let at = KeyAddress { account, region, id: "*".to_owned() };
    Access {
        rule: ResourceRule::KeyPolicy,
        coming_policy: Some(managed.policy(&at.account, &at.region)),
        ..Access::to(access.action, at.arn()).looking_up(condition::of_request)
    }
}

/// The AWS managed key that a member names, when it was never used.
fn unmade(
    ctx: &Ctx,
    read: &Read,
    input: &Record,
    member: &str,
) -> Option<(String, String, &'static ManagedKey)> {
    let text = text(input, member)?;
    if lookup::address(ctx, read, text).is_ok() {
        return None;
    }
    match KeyReference::parse(text, ctx.account(), ctx.region()).ok()? {
        KeyReference::Alias { account, region, name } if account == ctx.account() => {
            ManagedKey::of_alias(&name).map(|managed| (account, region, managed))
        }
        _ => None,
    }
}

/// Aliases need the permission on the alias and on each key that it stands for, before and after.
fn of_alias(ctx: &Ctx, read: &Read, action: &'static str, input: &Record) -> Vec<Access> {
    let name = text(input, "AliasName").unwrap_or_default();
    let alias = Access::to(action, alias_arn(ctx.account(), ctx.region(), name));
    let before = match action {
        "CreateAlias" => None,
        _ => lookup::address(ctx, read, name).ok(),
    };
    let after = named(ctx, read, input, "TargetKeyId");
    let on_keys = before.into_iter().chain(after).map(|at| of_key(read, action, Some(at)));
    [alias].into_iter().chain(on_keys).collect()
}

/// Both keys change: the one that is primary, and the one that becomes it.
/// <https://docs.aws.amazon.com/kms/latest/developerguide/multi-region-update.html>
fn of_primary(read: &Read, input: &Record, at: Option<KeyAddress>) -> Vec<Access> {
    let after = at.as_ref().zip(text(input, "PrimaryRegion")).map(|(at, region)| at.in_region(region));
    let after = after.filter(|after| at.as_ref() != Some(after));
    let mut accesses = vec![of_key(read, "UpdatePrimaryRegion", at)];
    accesses.extend(after.map(|after| of_key(read, "UpdatePrimaryRegion", Some(after))));
    accesses
}

/// Replicating also creates a key, and maybe tags it.
fn of_replica(read: &Read, input: &Record, at: Option<KeyAddress>) -> Vec<Access> {
    let mut accesses = vec![of_key(read, "ReplicateKey", at)];
    accesses.push(Access::without_resource("CreateKey").looking_up(condition::of_request));
    if api::ReplicateKeyRequest::view(input).tags().is_some_and(|tags| !tags.is_empty()) {
        accesses.push(Access::without_resource("TagResource").looking_up(condition::of_request));
    }
    accesses
}

/// Where the key is that a member names.
fn named(ctx: &Ctx, read: &Read, input: &Record, member: &str) -> Option<KeyAddress> {
    lookup::address(ctx, read, text(input, member)?).ok()
}

/// Where the key is that decrypts: the one named, else the one that the ciphertext names.
pub(crate) fn source_address(ctx: &Ctx, read: &Read, input: &Record) -> Option<KeyAddress> {
    for member in ["KeyId", "SourceKeyId"] {
        if text(input, member).is_some() {
            return named(ctx, read, input, member);
        }
    }
    let blob: &bytes::Bytes = input.by_name("CiphertextBlob").and_then(<&bytes::Bytes>::read)?;
    let (head, _, _) = CiphertextHead::decode(blob)?;
    Some(KeyAddress { account: head.account, region: ctx.region().to_owned(), id: head.key_id })
}

/// Where the key of a grant is that is retired.
fn grant_address(ctx: &Ctx, read: &Read, input: &Record) -> Option<KeyAddress> {
    match text(input, "GrantToken") {
        Some(token) => grant::of_token(read, token).ok().map(|(at, _, _)| at),
        None => named(ctx, read, input, "KeyId"),
    }
}

/// Whether a grant allows what no policy does.
fn granted(ctx: &Ctx, access: &Access, input: &Record, arn: &str) -> Result<bool, Fault> {
    let Ok(KeyReference::Key(at)) = KeyReference::parse(arn, ctx.account(), ctx.region()) else {
        return Ok(false);
    };
    let Some(operation) = GrantOperation::parse(&access.action) else { return Ok(false) };
    let read = ctx.world().store().read()?;
    if operation == GrantOperation::RetireGrant && is_retiring(ctx, &read, input, &at.account)? {
        return Ok(true);
    }
    let context = encryption_context(input, operation);
    let wanted = grant_operations(input);
    let constraint = input.by_name("Constraints").and_then(<&api::GrantConstraints>::read);
    // What is no constraint is refused by the handler.
    let constraint = grant::constraint(constraint).ok().flatten();
    let question = grant::Question { operation, context: &context, granting: &wanted, constraint };
    fault(grant::allows(&read, &at, ctx.caller(), &question))
}

/// Whether the caller is the one who may retire the grant.
fn is_retiring(ctx: &Ctx, read: &Read, input: &Record, owner: &str) -> Result<bool, Fault> {
    let grant = match (text(input, "GrantToken"), text(input, "GrantId")) {
        (Some(token), _) => grant::of_token(read, token).ok().map(|(_, _, grant)| grant),
        (None, Some(id)) => match named(ctx, read, input, "KeyId") {
            Some(at) => read.get(&keys::grant(&at, id))?,
            None => None,
        },
        (None, None) => None,
    };
    let names = grant::names_of(ctx.caller(), owner);
    Ok(grant.and_then(|grant| grant.retiring).is_some_and(|retiring| names.contains(&retiring)))
}

/// The encryption context that a grant's constraint is about.
fn encryption_context(input: &Record, operation: GrantOperation) -> EncryptionContext<'_> {
    let member = match operation {
        GrantOperation::ReEncryptFrom => "SourceEncryptionContext",
        GrantOperation::ReEncryptTo => "DestinationEncryptionContext",
        _ => "EncryptionContext",
    };
    EncryptionContext::new(input.by_name(member).and_then(<Entries<'_, &str>>::read))
}

/// The operations that a new grant is to allow.
fn grant_operations(input: &Record) -> Vec<GrantOperation> {
    let list = input.by_name("Operations").and_then(<List<'_, &str>>::read);
    list.into_iter().flat_map(List::iter).filter_map(GrantOperation::parse).collect()
}

/// A text of the input.
pub(crate) fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    input.by_name(member).and_then(<&str>::read)
}

fn fault<T>(result: Result<T, Error>) -> Result<T, Fault> {
    result.map_err(|error| match error {
        Error::Fault(fault) => fault,
        other => Fault::new(format!("a grant of KMS can't be read: {other:?}")),
    })
}
