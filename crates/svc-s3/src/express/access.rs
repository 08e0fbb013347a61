//! Who may do what with directory buckets: a session was asked about when it was given; everybody else is asked whether
//! they might have one.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-security-iam.html>

use std::sync::Arc;

use virga_iam::Principal;
use virga_kit::{Access, Condition, Ctx};
use virga_model::{ApiError, Operation, Record};

use super::session;
use crate::access::condition;
use crate::access_point::{self, NamedAccessPoint};
use crate::bucket;
use crate::records::Bucket;
use virga_object::copy_source::CopySource;
use virga_object::directory_bucket::{self, Scope};
use virga_object::{Error, members};

/// What somebody outside the account hears when refused.
const REFUSAL: &str = "Access Denied";
/// What the root user of the owner may whatever the policy denies.
const OF_ROOT: [&str; 3] =
    ["s3express:GetBucketPolicy", "s3express:PutBucketPolicy", "s3express:DeleteBucketPolicy"];
/// What sessions are got by.
const CREATE_SESSION: &str = "s3express:CreateSession";

/// Refuses what directory buckets can not, and what a session is not for.
pub(crate) fn admit(ctx: &Ctx, operation: Operation, input: &Record) -> Result<(), Error> {
    let session = session(ctx);
    check_source(ctx, input)?;
    let Some(name) = directory_bucket::of_request(input) else {
        return if session.is_none() { Ok(()) } else { Err(Error::AccessDenied) };
    };
    let scope = directory_bucket::scope(operation.name())
        .ok_or_else(|| directory_bucket::unsupported(operation.name(), operation.method()))?;
    directory_bucket::check(operation.name(), scope, input)?;
    if directory_bucket::is_access_point(name) {
        if !directory_bucket::is_of_access_points(operation.name()) {
            return Err(directory_bucket::unsupported(operation.name(), operation.method()));
        }
        let scope = access_point::scope(&ctx.world().store().read()?, name)?;
        if scope.is_some_and(|scope| !scope.admits(operation.name(), input)) {
            return Err(Error::AccessDenied);
        }
    }
    let Some(session) = session else { return Ok(()) };
    let is_kept_out = match scope {
        Scope::Session => true,
        Scope::Write => session.read_only,
        Scope::Read | Scope::Regional(_) => false,
    };
    match session.bucket == name && !is_kept_out {
        true => Ok(()),
        false => Err(Error::AccessDenied),
    }
}

/// Refuses to copy what the scope of the access point that it is read through does not let be read.
fn check_source(ctx: &Ctx, input: &Record) -> Result<(), Error> {
    let Some(source) = members::text(input, "CopySource").and_then(|source| CopySource::parse(source).ok())
    else {
        return Ok(());
    };
    let scope = access_point::scope(&ctx.world().store().read()?, &source.bucket)?;
    match scope.is_none_or(|scope| scope.covers("GetObject", &source.key)) {
        true => Ok(()),
        false => Err(Error::AccessDenied),
    }
}

/// Refuses what no session of a directory bucket is for.
pub(crate) fn refuse_sessions(ctx: &Ctx, _: Operation, _: &Record) -> Result<(), ApiError> {
    match session(ctx) {
        None => Ok(()),
        Some(_) => Err(Error::AccessDenied.into_api().unwrap_or_else(|_| ApiError::internal())),
    }
}

/// The accesses of a call on a directory bucket.
pub(crate) fn accesses(ctx: &Ctx, operation: Operation, input: &Record, name: &str) -> Vec<Access> {
    match directory_bucket::scope(operation.name()) {
        // The handler asks, once it knows for what.
        Some(Scope::Session) => Vec::new(),
        Some(Scope::Regional(action)) => of_bucket(ctx, action, input, name),
        Some(Scope::Read) => reading(ctx, name),
        // Whatever is not known has been refused.
        Some(Scope::Write) | None => writing(ctx, name),
    }
}

fn of_bucket(ctx: &Ctx, action: &'static str, input: &Record, name: &str) -> Vec<Access> {
    let found = found(ctx, name);
    let is_new = action == "s3express:CreateBucket";
    let mut access = to(ctx, action, name, found.as_deref().filter(|_| !is_new));
    if is_new {
        access.grants = None;
    }
    let has_tags = virga_object::action::of_new_bucket(input).contains(&"TagResource");
    let tagging = has_tags.then(|| Access { action: "s3express:TagResource".into(), ..access.clone() });
    std::iter::once(access).chain(tagging).collect()
}

/// Reading objects: nothing for a session that was given for this bucket; else as much of a session as the caller could
/// have.
pub(crate) fn reading(ctx: &Ctx, name: &str) -> Vec<Access> {
    let found = found(ctx, name);
    if is_covered(ctx, name, found.as_deref()) {
        return Vec::new();
    }
    match may_have_session(ctx, name, found.as_deref(), false) {
        Ok(()) => Vec::new(),
        Err(_) => to_session(ctx, name, found.as_deref(), true),
    }
}

/// The same of writing.
fn writing(ctx: &Ctx, name: &str) -> Vec<Access> {
    let found = found(ctx, name);
    match is_covered(ctx, name, found.as_deref()) {
        true => Vec::new(),
        false => to_session(ctx, name, found.as_deref(), false),
    }
}

/// The bucket, if it is there.
fn found(ctx: &Ctx, name: &str) -> Option<Arc<Bucket>> {
    bucket::of_call(ctx, name).ok().flatten().map(|(_, bucket)| bucket)
}

/// Whether the caller's session was given for this very bucket.
fn is_covered(ctx: &Ctx, name: &str, bucket: Option<&Bucket>) -> bool {
    let (Some(session), Some(bucket)) = (session(ctx), bucket) else { return false };
    session.bucket == name && session.bucket_id == Some(bucket.id)
}

/// Whether the caller may do something with an object, where only the handler knows with which.
pub(crate) fn may(ctx: &Ctx, action: &str, name: &str, key: Option<&str>) -> Result<(), Error> {
    if let (Some(key), true) = (key, directory_bucket::is_access_point(name)) {
        let scope = access_point::scope(&ctx.world().store().read()?, name)?;
        if scope.is_some_and(|scope| !scope.covers(action, key)) {
            return Err(Error::AccessDenied);
        }
    }
    let is_reading = action.starts_with("Get") || action.starts_with("List");
    let accesses = if is_reading { reading(ctx, name) } else { writing(ctx, name) };
    ask(ctx, accesses).map_err(Error::from)
}

fn ask(ctx: &Ctx, accesses: Vec<Access>) -> Result<(), ApiError> {
    let caller = Arc::new(ctx.caller().clone());
    accesses.into_iter().try_for_each(|access| ctx.authorize(&caller, access))
}

/// Whether the caller may have a session.
pub(super) fn may_have_session(
    ctx: &Ctx,
    name: &str,
    bucket: Option<&Bucket>,
    read_only: bool,
) -> Result<(), ApiError> {
    ask(ctx, to_session(ctx, name, bucket, read_only))
}

/// Having a session: of the bucket, or of the access point and of the bucket behind it.
fn to_session(ctx: &Ctx, name: &str, bucket: Option<&Bucket>, read_only: bool) -> Vec<Access> {
    let mode = if read_only { "ReadOnly" } else { "ReadWrite" };
    let mode = Condition::new("s3express:SessionMode", mode);
    let point = match directory_bucket::is_access_point(name) {
        // What the store can't tell lets nobody in.
        true => ctx.world().store().read().and_then(|read| access_point::named(&read, name)).ok().flatten(),
        false => None,
    };
    let name = point.as_ref().map_or(name, |point| &point.access_point.bucket);
    let access = to(ctx, CREATE_SESSION, name, bucket).with(mode.clone());
    match (point, bucket) {
        (Some(point), Some(bucket)) => through(ctx, &point, access, mode, bucket),
        _ => vec![access],
    }
}

/// The same through an access point: its policy and that of the bucket both have to allow. Within one account, what the
/// access point allows needs no word of the bucket's policy, unless that denies.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-directory-buckets-policies.html>
fn through(
    ctx: &Ctx,
    point: &NamedAccessPoint,
    of_bucket: Access,
    mode: Condition,
    bucket: &Bucket,
) -> Vec<Access> {
    let arn = point.arn();
    let mut access = Access::to(CREATE_SESSION, arn.clone()).looking_up(look_up).with(mode);
    access.refusal_to_others = Some(REFUSAL);
    access.owner = point.account.parse().ok();
    access.policy_holder = Some(arn);
    let scope = ctx.world().store().read().and_then(|read| access_point::scope(&read, &point.name));
    if let Some(scope) = scope.ok().flatten().filter(|scope| !scope.permissions.is_empty()) {
        access.conditions.push(Condition::multivalued("s3express:Permissions", scope.permissions));
    }
    let mut of_bucket = of_bucket;
    for condition in conditions_of(&point.account, &point.arn(), point.access_point.vpc_id.is_some()) {
        access.conditions.push(condition.clone());
        of_bucket.conditions.push(condition);
    }
    if bucket.account == point.account && ctx.account() == point.account {
        of_bucket.grants = Some(|_, _, _, _| Ok(true));
    }
    vec![access, of_bucket]
}

/// What policies can say of an access point.
fn conditions_of(account: &str, arn: &str, has_vpc: bool) -> [Condition; 3] {
    [
        Condition::new("s3express:DataAccessPointArn", arn),
        Condition::new("s3express:DataAccessPointAccount", account),
        Condition::new("s3express:AccessPointNetworkOrigin", if has_vpc { "VPC" } else { "Internet" }),
    ]
}

/// The access of a call of the control plane to an access point; a new one says itself whether it has a virtual network.
pub(crate) fn to_access_point(ctx: &Ctx, action: &str, name: &str, has_vpc: Option<bool>) -> Access {
    let arn = access_point::arn(ctx.account(), ctx.region(), name);
    let mut access = Access::to(format!("s3express:{action}"), arn.clone()).looking_up(look_up);
    access.owner = Some(ctx.caller().account);
    let found = ctx.world().store().read().and_then(|read| access_point::named(&read, &arn)).ok().flatten();
    let has_vpc = has_vpc.unwrap_or_else(|| found.is_some_and(|found| found.access_point.vpc_id.is_some()));
    access.conditions.extend(conditions_of(ctx.account(), &arn, has_vpc));
    access
}

/// An action on a directory bucket. One that is not there is everybody's, who then hears that it is not there.
fn to(ctx: &Ctx, action: &'static str, name: &str, bucket: Option<&Bucket>) -> Access {
    let caller = ctx.caller();
    let account = bucket.map_or(ctx.account(), |bucket| &bucket.account);
    let region = bucket.map_or(ctx.region(), |bucket| &bucket.region);
    let mut access = Access::to(action, directory_bucket::arn(region, account, name)).looking_up(look_up);
    access.refusal_to_others = Some(REFUSAL);
    access.owner = account.parse().ok();
    let overrules = caller.principal == Principal::Root
        && caller.account.as_str() == account
        && OF_ROOT.contains(&action);
    access.policy_holder = Some(match bucket.is_none() || overrules {
        true => String::new(),
        false => bucket::arn(name),
    });
    if bucket.is_none() && caller.principal != Principal::Anonymous {
        access.grants = Some(|_, _, _, _| Ok(true));
    }
    access
}

/// The condition keys of a call on a directory bucket.
/// <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3express.html>
fn look_up(ctx: &Ctx, input: &Record, resource: &str) -> Vec<Condition> {
    let signed =
        ctx.origin().signed.iter().flat_map(|signed| condition::of_signature(signed, ctx.now().millis()));
    let mut conditions: Vec<Condition> = signed
        .filter_map(|condition| {
            let key = condition.key.strip_prefix("s3:").map(|key| format!("s3express:{key}"))?;
            Some(Condition { key, ..condition })
        })
        .collect();
    let said = [
        ("ServerSideEncryption", "s3express:x-amz-server-side-encryption"),
        ("SSEKMSKeyId", "s3express:x-amz-server-side-encryption-aws-kms-key-id"),
    ];
    let said =
        said.into_iter().filter_map(|(member, key)| Some(Condition::new(key, members::text(input, member)?)));
    conditions.extend(said);
    let name = resource.rsplit_once('/').map_or(resource, |(_, name)| name);
    let zone = directory_bucket::zone(name).or_else(|| directory_bucket::zone_of_access_point(name));
    conditions.extend(zone.map(|zone| Condition::new("s3express:LocationName", zone)));
    let account = resource.split(':').nth(4).unwrap_or_default();
    conditions.push(Condition::new("s3express:ResourceAccount", account));
    conditions.extend(condition::of_request_tags(input));
    conditions
}
