//! What a call needs permission for: actions, resources and condition keys.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

pub(crate) mod condition;
mod control;
mod grant;
mod target;

use std::sync::Arc;

use virga_iam::Principal;
use virga_kit::{Access, Condition, Ctx};
use virga_model::{ApiError, Operation, Record, Value};

pub(crate) use control::of_control_call;
use target::Target;

use crate::{express, metadata_table, warehouse};
use virga_object::copy_source::CopySource;
use virga_object::{Error, action, directory_bucket};

/// The accesses of a call of S3. `DeleteObjects` asks for each object by itself ([`may_delete`]).
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let name = operation.name();
    let Some(given) = text(input, "Bucket") else {
        return vec![Access::without_resource(action::of_simple(name))];
    };
    if directory_bucket::is_name(given) {
        let mut accesses = express::accesses(ctx, operation, input, given);
        if matches!(name, "CopyObject" | "UploadPartCopy") {
            accesses.extend(of_source(ctx, input));
        }
        return accesses;
    }
    if warehouse::is_name(given) {
        return warehouse::accesses(ctx, name, given);
    }
    match name {
        "CreateBucket" => {
            let to = |action| of_new_bucket(ctx, action, given);
            return action::of_new_bucket(input).into_iter().map(to).collect();
        }
        "DeleteObjects" => return Vec::new(),
        _ => {}
    }
    let Some(target) = Target::find(ctx, given) else {
        return vec![Access::without_resource(action::of_simple(name))];
    };
    let key = text(input, "Key");
    let mut actions = action::of(name, input);
    // Services that deliver reports name the owner of the bucket, for which the policies that AWS shows need no more.
    if name == "PutObject" && matches!(ctx.caller().principal, Principal::Service { .. }) {
        actions.retain(|action| *action != "PutObjectAcl");
    }
    let mut accesses: Vec<Access> =
        actions.into_iter().flat_map(|action| target.accesses(ctx, action, input, key)).collect();
    match name {
        "CopyObject" | "UploadPartCopy" => accesses.extend(of_source(ctx, input)),
        "PutBucketReplication" => accesses.extend(passed_role(input)),
        name if name.contains("Metadata") => accesses.extend(metadata_table::accesses(ctx, name, input)),
        _ => {}
    }
    target.keep(ctx);
    accesses
}

/// A bucket that is to be made is the caller's.
fn of_new_bucket(ctx: &Ctx, action: &'static str, name: &str) -> Access {
    let mut access = Access::to(action, format!("arn:aws:s3:::{name}")).looking_up(condition::look_up);
    access.owner = Some(ctx.caller().account);
    access.policy_holder = Some(String::new());
    access
}

/// Reading what is copied.
fn of_source(ctx: &Ctx, input: &Record) -> Vec<Access> {
    let Some(source) = text(input, "CopySource").and_then(|source| CopySource::parse(source).ok()) else {
        return Vec::new();
    };
    if directory_bucket::is_name(&source.bucket) {
        return express::reading(ctx, &source.bucket);
    }
    let Some(target) = Target::find(ctx, &source.bucket) else { return Vec::new() };
    let action = if source.version_id.is_some() { "GetObjectVersion" } else { "GetObject" };
    target.accesses(ctx, action, input, Some(&source.key))
}

/// Who sets replication hands over the role that does it.
fn passed_role(input: &Record) -> Option<Access> {
    let Some(Value::Structure(configuration)) = input.by_name("ReplicationConfiguration") else {
        return None;
    };
    let role = text(configuration, "Role").filter(|role| role.starts_with("arn:"))?;
    Some(Access::to("iam:PassRole", role).with(Condition::new("iam:PassedToService", "s3.amazonaws.com")))
}

/// Whether the caller may delete an object, or a version of it.
pub(crate) fn may_delete(ctx: &Ctx, bucket: &str, key: &str, version_id: Option<&str>) -> Result<(), Error> {
    let action = if version_id.is_some() { "DeleteObjectVersion" } else { "DeleteObject" };
    may(ctx, action, bucket, Some(key))
}

/// The error of a key or version that is not there: who may not list the bucket does not hear so.
pub(crate) fn missing(ctx: &Ctx, bucket: &str, error: impl Into<Error>) -> Error {
    let error = error.into();
    let is_missing = match &error {
        Error::NoSuchKey { .. } | Error::NoSuchVersion { .. } => true,
        Error::Other(error) => matches!(&*error.code, "NoSuchKey" | "NoSuchVersion"),
        _ => false,
    };
    let denied = if is_missing { may(ctx, "ListBucket", bucket, None).err() } else { None };
    denied.unwrap_or(error)
}

/// Whether the caller may do something with a bucket or object. For what is known in the handler only.
pub(crate) fn may(ctx: &Ctx, action: &'static str, bucket: &str, key: Option<&str>) -> Result<(), Error> {
    if directory_bucket::is_name(bucket) {
        return express::may(ctx, action, bucket, key);
    }
    // Who reads a table may know what is not there.
    if warehouse::is_name(bucket) {
        return Ok(());
    }
    let Some(target) = Target::find(ctx, bucket) else { return Ok(()) };
    let caller = Arc::new(ctx.caller().clone());
    let accesses = target.accesses(ctx, action, &Record::empty(), key);
    let asked: Result<(), ApiError> =
        accesses.into_iter().try_for_each(|access| ctx.authorize(&caller, access));
    asked.map_err(Error::from)
}

fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
