//! Buckets: creation, location, listing, deletion. What is configured on them is in the files of the configurations.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use virga_api::s3 as api;
use virga_iam::{AccountId, canonical_user};
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_model::view::Structure as _;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::access_point;
use crate::configuration::{self, Configured, Kind, acl};
use crate::records::{Bucket, MfaDelete, ObjectOwnership, PublicAccessBlock, Versioning};
use crate::{analytics, express, keys, metadata_table, multipart, warehouse};
use virga_object::Error;
use virga_object::{bucket_name, bucket_tags, directory_bucket, region};

/// Buckets that an account may have. <https://docs.aws.amazon.com/general/latest/gr/s3.html>
const MOST_BUCKETS: i64 = 10_000;
/// Buckets on a page of a listing.
const MOST_LISTED: i32 = 10_000;

/// The bucket of this name, whose owner is the one that the caller expects, if any. It may be changed.
pub(crate) fn find(txn: &impl Reader, name: &str, expected_owner: Option<&str>) -> Result<Bucket, Error> {
    shared(txn, name, expected_owner).map(Arc::unwrap_or_clone)
}

/// The same for whoever only looks at it.
pub(crate) fn shared(
    txn: &impl Reader,
    name: &str,
    expected_owner: Option<&str>,
) -> Result<Arc<Bucket>, Error> {
    check_owner_form(expected_owner)?;
    let name = &*access_point::bucket_name(txn, name)?;
    let found = txn.recall(&keys::bucket(name))?;
    let bucket = found.ok_or_else(|| Error::NoSuchBucket { bucket: name.to_owned() })?;
    check_owner(&bucket, expected_owner)?;
    Ok(bucket)
}

/// The same for a read of what is in the bucket: as it was when permissions were asked, if they were.
pub(crate) fn known(
    ctx: &Ctx,
    txn: &impl Reader,
    name: &str,
    expected_owner: Option<&str>,
) -> Result<Arc<Bucket>, Error> {
    match kept(ctx, name) {
        Some(bucket) => owned(bucket, expected_owner).map(|()| Arc::clone(bucket)),
        None => shared(txn, name, expected_owner),
    }
}

/// Checks that a bucket's owner is the one that the caller expects, if any.
pub(crate) fn owned(bucket: &Bucket, expected: Option<&str>) -> Result<(), Error> {
    check_owner_form(expected)?;
    check_owner(bucket, expected)
}

/// A bucket as permissions were asked for it.
struct Kept {
    name: String,
    bucket: Arc<Bucket>,
    /// Whether an access control list allowed what no policy did.
    needed_list: AtomicBool,
}

/// Keeps the bucket that a call names, for the rest of its way.
pub(crate) fn keep(ctx: &Ctx, name: String, bucket: Arc<Bucket>) {
    ctx.keep(Kept { name, bucket, needed_list: AtomicBool::new(false) });
}

/// Notes that a list allowed the call what no policy did.
pub(crate) fn note_list(ctx: &Ctx) {
    if let Some(kept) = ctx.kept::<Kept>() {
        kept.needed_list.store(true, Ordering::Relaxed);
    }
}

/// Whether a list allowed the call what no policy did.
pub(crate) fn needed_list(ctx: &Ctx) -> bool {
    ctx.kept::<Kept>().is_some_and(|kept| kept.needed_list.load(Ordering::Relaxed))
}

/// The bucket that a call names, as it was when permissions were asked.
pub(crate) fn kept<'c>(ctx: &'c Ctx, name: &str) -> Option<&'c Arc<Bucket>> {
    ctx.kept::<Kept>().filter(|kept| kept.name == name).map(|kept| &kept.bucket)
}

/// The bucket that a call names, by its own name or through an access point, with its own name; none when it is not there.
/// It is kept for the rest of the call's way.
pub(crate) fn of_call(ctx: &Ctx, given: &str) -> Result<Option<(String, Arc<Bucket>)>, Error> {
    if let Some(bucket) = kept(ctx, given) {
        return Ok(Some((given.to_owned(), Arc::clone(bucket))));
    }
    let store = ctx.world().store();
    if access_point::may_name(given) {
        let txn = store.read()?;
        let name = access_point::bucket_name(&txn, given)?.into_owned();
        return Ok(txn.recall(&keys::bucket(&name))?.map(|bucket| (name, bucket)));
    }
    let Some(bucket) = store.recall(&keys::bucket(given))? else { return Ok(None) };
    keep(ctx, given.to_owned(), Arc::clone(&bucket));
    Ok(Some((given.to_owned(), bucket)))
}

fn check_owner_form(expected: Option<&str>) -> Result<(), Error> {
    match expected.filter(|owner| owner.parse::<AccountId>().is_err()) {
        Some(owner) => Err(Error::InvalidExpectedOwner { owner: owner.to_owned() }),
        None => Ok(()),
    }
}

fn check_owner(bucket: &Bucket, expected: Option<&str>) -> Result<(), Error> {
    match expected.is_some_and(|owner| owner != bucket.account) {
        true => Err(Error::AccessDenied),
        false => Ok(()),
    }
}

/// The ARN of a bucket.
pub(crate) fn arn(name: &str) -> String {
    ["arn:aws:s3:::", name].concat()
}

/// How a listing names an account.
pub(crate) fn owner(account: &str) -> api::Owner {
    let id = account.parse().map(canonical_user::of_account).ok();
    api::Owner::new().with_id(id)
}

/// Creates a bucket. In us-east-1 its owner may do so again.
pub(crate) fn create_bucket(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateBucketInput,
) -> Result<api::CreateBucketOutput, Error> {
    let name = input.bucket();
    if warehouse::is_name(name) {
        return warehouse::create(ctx, txn, input);
    }
    let asked = input.create_bucket_configuration();
    let said = asked.map(api::CreateBucketConfiguration::as_record);
    if let Some(zone) = directory_bucket::check_new(name, said, ctx.region())? {
        return express::create(ctx, txn, input, zone);
    }
    let constraint = asked.and_then(api::CreateBucketConfiguration::location_constraint);
    let region = region::of_new_bucket(ctx.region(), constraint)?;
    check_name(ctx, input, &region)?;
    let location =
        if region == ctx.region() { format!("/{name}") } else { format!("http://{name}.s3.amazonaws.com/") };
    let output = api::CreateBucketOutput::new().with_location(location).with_bucket_arn(arn(name));
    if let Some(bucket) = txn.get(&keys::bucket(name))? {
        return match bucket.account == ctx.account() {
            true if bucket.region == "us-east-1" && ctx.region() == "us-east-1" => Ok(output),
            true => Err(Error::BucketAlreadyOwnedByYou { bucket: name.to_owned() }),
            false => Err(Error::BucketAlreadyExists { bucket: name.to_owned() }),
        };
    }
    if txn.snapshot_counter(&keys::bucket_count(ctx.account()))? >= MOST_BUCKETS {
        return Err(Error::TooManyBuckets);
    }
    let mut bucket = new_bucket(ctx, input, region)?;
    txn.put(&keys::bucket(name), &bucket)?;
    txn.put_new(&keys::bucket_of(ctx.account(), name), &())?;
    txn.add(&keys::bucket_count(ctx.account()), 1)?;
    if let Some(tags) = asked.and_then(api::CreateBucketConfiguration::tags).filter(|tags| !tags.is_empty()) {
        let tags = bucket_tags::of_new(tags)?;
        configuration::put(txn, name, &mut bucket, (Kind::Tagging, ""), &tags)?;
    }
    Ok(output)
}

/// Checks the name of a new bucket, and that the caller may take one of its namespace.
fn check_name(ctx: &Ctx, input: &api::CreateBucketInput, region: &str) -> Result<(), Error> {
    let name = input.bucket();
    let is_theirs = bucket_name::is_of_namespace(name, ctx.account(), region);
    let allowed = match input.bucket_namespace() {
        Some("account-regional") => is_theirs,
        None | Some("global") => !bucket_name::is_of_any_namespace(name),
        Some(other) => {
            return Err(Error::argument(
                "Invalid bucket namespace specified.",
                "x-amz-bucket-namespace",
                other,
            ));
        }
    };
    if bucket_name::is_valid(name) && allowed {
        return Ok(());
    }
    Err(Error::InvalidBucketName { bucket: name.to_owned() })
}

/// A bucket as the request wants it. Access control lists are set by whoever knows them.
pub(crate) fn new_bucket(ctx: &Ctx, input: &api::CreateBucketInput, region: String) -> Result<Bucket, Error> {
    let ownership = match input.object_ownership() {
        None => ObjectOwnership::BucketOwnerEnforced,
        Some(text) => ObjectOwnership::parse(text).ok_or_else(|| Error::InvalidArgumentName {
            reason: format!("Invalid x-amz-object-ownership header: {text}"),
            argument: "x-amz-object-ownership".to_owned(),
        })?,
    };
    let object_lock = input.object_lock_enabled_for_bucket() == Some(true);
    Ok(Bucket {
        id: ctx.random(),
        account: ctx.account().to_owned(),
        region,
        created: ctx.now().micros(),
        versioning: if object_lock { Versioning::Enabled } else { Versioning::Never },
        mfa_delete: MfaDelete::Never,
        object_lock,
        requester_pays: false,
        accelerate: None,
        ownership: Some(ownership),
        public_access_block: Some(PublicAccessBlock::ALL),
        acl: acl::of_new_bucket(ctx.account(), ownership, input)?,
        configured: Configured::default(),
    })
}

/// Whether a bucket is there, and where.
pub(crate) fn head_bucket(
    _: &Ctx,
    txn: &Read,
    input: &api::HeadBucketInput,
) -> Result<api::HeadBucketOutput, Error> {
    let bucket = find(txn, input.bucket(), input.expected_bucket_owner())?;
    let output = api::HeadBucketOutput::new()
        .with_bucket_region(&*bucket.region)
        .with_access_point_alias(access_point::is_alias(input.bucket()));
    Ok(match directory_bucket::is_name(input.bucket()) {
        true => express::show(output, input.bucket(), &bucket),
        false => output.with_bucket_arn(arn(&access_point::bucket_name(txn, input.bucket())?)),
    })
}

/// The region of a bucket.
pub(crate) fn get_bucket_location(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketLocationInput,
) -> Result<api::GetBucketLocationOutput, Error> {
    let bucket = find(txn, input.bucket(), input.expected_bucket_owner())?;
    Ok(api::GetBucketLocationOutput::new().with_location_constraint(region::constraint_of(&bucket.region)))
}

/// Deletes a bucket that has no objects and no versions. Its uploads go with it.
pub(crate) fn delete_bucket(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketInput,
) -> Result<virga_api::Nothing, Error> {
    let name = input.bucket();
    let bucket = find(txn, name, input.expected_bucket_owner())?;
    if let Some((_, version)) = txn.first(&keys::current_summaries(bucket.id))? {
        let bucket_name = name.to_owned();
        return Err(match bucket.versioning {
            Versioning::Never => Error::BucketNotEmpty { bucket: bucket_name },
            _ if !version.is_delete_marker && version.version.is_null => {
                Error::BucketNotEmpty { bucket: bucket_name }
            }
            _ => Error::BucketHasVersions { bucket: bucket_name },
        });
    }
    if access_point::lead_to(txn, name, &bucket.account)? {
        return Err(Error::BucketHasAccessPoints { bucket: name.to_owned() });
    }
    if directory_bucket::is_name(name) && txn.first(&keys::uploads(bucket.id))?.is_some() {
        return Err(Error::BucketNotEmpty { bucket: name.to_owned() });
    }
    multipart::drop_uploads(ctx, txn, bucket.id)?;
    remove(txn, name, &bucket)?;
    ctx.delete_resource_policy(txn, &arn(name))?;
    Ok(virga_api::Nothing::new())
}

fn remove(txn: &mut Write, name: &str, bucket: &Bucket) -> Result<(), Fault> {
    txn.delete(&keys::bucket(name))?;
    if directory_bucket::is_name(name) {
        txn.delete(&keys::directory_bucket_of(&bucket.account, &bucket.region, name))?;
    } else if !warehouse::is_name(name) {
        txn.delete(&keys::bucket_of(&bucket.account, name))?;
        txn.add(&keys::bucket_count(&bucket.account), -1)?;
    }
    if bucket.configured.has(Kind::Metadata) {
        metadata_table::end(txn, bucket)?;
    }
    for configuration in analytics::configurations(txn, bucket)? {
        analytics::forget(txn, bucket.id, &configuration.id)?;
    }
    for key in txn.scan_keys(&keys::all_configurations(bucket.id), Direction::Forward, usize::MAX)? {
        txn.delete(&key)?;
    }
    Ok(())
}

/// The buckets of the caller's account.
pub(crate) fn list_buckets(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListBucketsInput,
) -> Result<api::ListBucketsOutput, Error> {
    let limit = input.max_buckets().unwrap_or(MOST_LISTED);
    let limit = usize::try_from(limit).ok().filter(|limit| (1..=10_000).contains(limit));
    let limit = limit.ok_or_else(|| Error::InvalidArgumentName {
        reason: "Argument max-buckets must be an integer between 1 and 10000".to_owned(),
        argument: "max-buckets".to_owned(),
    })?;
    let wanted = input.bucket_region();
    if let Some(wanted) = wanted.filter(|wanted| !region::exists(wanted)) {
        return Err(Error::InvalidArgumentName {
            reason: format!("Argument value {wanted} is not a valid AWS Region"),
            argument: "bucket-region".to_owned(),
        });
    }
    // Regions are told to who asks for pages or for some of the buckets.
    let asks_more = [input.continuation_token(), input.prefix(), wanted].iter().any(Option::is_some)
        || input.max_buckets().is_some();
    let prefix = input.prefix().unwrap_or_default();
    let mut range = keys::buckets_of(ctx.account()).from(prefix);
    if let Some(token) = input.continuation_token().filter(|token| !token.is_empty()) {
        range = range.after(decode_token(token)?.as_str());
    }
    let mut shown = Vec::new();
    let mut last = None;
    for key in txn.scan_keys(&range, Direction::Forward, usize::MAX)? {
        let (_, name): (String, String) = key.parts()?;
        if !name.starts_with(prefix) {
            break;
        }
        let Some(bucket) = txn.get(&keys::bucket(&name))? else { continue };
        if wanted.is_some_and(|wanted| wanted != bucket.region) {
            continue;
        }
        if shown.len() == limit {
            let token = last.map(|name: String| encode_token(&name));
            return Ok(listed(ctx, input, shown).with_continuation_token(token));
        }
        shown.push(entry(&name, &bucket).with_bucket_region(asks_more.then(|| bucket.region.clone())));
        last = Some(name);
    }
    Ok(listed(ctx, input, shown))
}

fn entry(name: &str, bucket: &Bucket) -> api::Bucket {
    api::Bucket::new()
        .with_name(name)
        .with_creation_date(Timestamp::from_secs(Timestamp::from_micros(bucket.created).secs()))
        .with_bucket_arn(arn(name))
}

fn listed(ctx: &Ctx, input: &api::ListBucketsInput, buckets: Vec<api::Bucket>) -> api::ListBucketsOutput {
    api::ListBucketsOutput::new()
        .with_buckets(buckets)
        .with_owner(owner(ctx.account()))
        .with_prefix(input.prefix())
}

/// The token of the page after this name.
fn encode_token(name: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(name)
}

fn decode_token(token: &str) -> Result<String, Error> {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| Error::InvalidArgumentName {
        reason: "The continuation token provided is incorrect".to_owned(),
        argument: "continuation-token".to_owned(),
    })
}
