//! Directory buckets themselves: how they are created, shown and listed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader as _, Write};

use crate::configuration::{self, Kind};
use crate::records::Bucket;
use crate::{bucket, keys};
use virga_object::{Error, bucket_tags, directory_bucket};

/// Directory buckets that an account may have in a region.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html>
const MOST_BUCKETS: usize = 100;
/// Buckets on a page of a listing.
const MOST_LISTED: usize = 1000;

/// Creates a directory bucket, in the zone that its name has.
pub(crate) fn create(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateBucketInput,
    zone: &str,
) -> Result<api::CreateBucketOutput, Error> {
    let (name, account, region) = (input.bucket(), ctx.account(), ctx.region());
    if let Some(bucket) = txn.get(&keys::bucket(name))? {
        return Err(match bucket.account == account {
            true => Error::BucketAlreadyOwnedByYou { bucket: name.to_owned() },
            false => Error::BucketAlreadyExists { bucket: name.to_owned() },
        });
    }
    let own = keys::directory_buckets_of(account, region);
    if txn.scan_keys(&own, Direction::Forward, MOST_BUCKETS)?.len() == MOST_BUCKETS {
        return Err(Error::TooManyBuckets);
    }
    let mut bucket = bucket::new_bucket(ctx, input, region.to_owned())?;
    txn.put(&keys::bucket(name), &bucket)?;
    txn.put_new(&keys::directory_bucket_of(account, region, name), &())?;
    let asked = input.create_bucket_configuration();
    if let Some(tags) = asked.and_then(api::CreateBucketConfiguration::tags).filter(|tags| !tags.is_empty()) {
        let tags = bucket_tags::of_new(tags)?;
        configuration::put(txn, name, &mut bucket, (Kind::Tagging, ""), &tags)?;
    }
    Ok(api::CreateBucketOutput::new()
        .with_location(format!("https://{name}.s3express-{zone}.{region}.amazonaws.com/"))
        .with_bucket_arn(directory_bucket::arn(region, account, name)))
}

/// What `HeadBucket` says of a directory bucket beside its region.
pub(crate) fn show(output: api::HeadBucketOutput, name: &str, bucket: &Bucket) -> api::HeadBucketOutput {
    output
        .with_bucket_arn(directory_bucket::arn(&bucket.region, &bucket.account, name))
        .with_bucket_location_type("AvailabilityZone")
        .with_bucket_location_name(directory_bucket::zone(name).map(str::to_owned))
}

/// The directory buckets of the caller's account in the region.
pub(crate) fn list_directory_buckets(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListDirectoryBucketsInput,
) -> Result<api::ListDirectoryBucketsOutput, Error> {
    let asked = input.max_directory_buckets().unwrap_or(i32::MAX);
    let limit = usize::try_from(asked).map_err(|_| {
        let reason = "Argument max-directory-buckets must be an integer between 0 and 1000";
        Error::argument(reason, "max-directory-buckets", asked.to_string())
    })?;
    let limit = limit.min(MOST_LISTED);
    let mut range = keys::directory_buckets_of(ctx.account(), ctx.region());
    if let Some(token) = input.continuation_token() {
        range = range.after(read_token(token)?.as_str());
    }
    let mut rows = txn.scan_keys(&range, Direction::Forward, limit + 1)?;
    let is_truncated = rows.len() > limit && limit > 0;
    rows.truncate(limit);
    let mut shown = Vec::with_capacity(rows.len());
    let mut last = None;
    for row in rows {
        let (_, _, name): (String, String, String) = row.parts()?;
        if let Some(bucket) = txn.get(&keys::bucket(&name))? {
            shown.push(entry(&name, &bucket));
        }
        last = Some(name);
    }
    let token = last.filter(|_| is_truncated).map(|name| STANDARD.encode(name));
    Ok(api::ListDirectoryBucketsOutput::new().with_buckets(shown).with_continuation_token(token))
}

fn entry(name: &str, bucket: &Bucket) -> api::Bucket {
    let created = Timestamp::from_secs(Timestamp::from_micros(bucket.created).secs());
    let arn = directory_bucket::arn(&bucket.region, &bucket.account, name);
    api::Bucket::new().with_name(name).with_creation_date(created).with_bucket_arn(arn)
}

fn read_token(token: &str) -> Result<String, Error> {
    let bytes = STANDARD.decode(token).ok();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(|| Error::InvalidArgumentName {
        reason: "The continuation token provided is incorrect".to_owned(),
        argument: "continuation-token".to_owned(),
    })
}
