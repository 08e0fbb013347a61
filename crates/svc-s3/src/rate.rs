//! Rates of requests that AWS allows for a prefix, for those who want to test that their programs bear being slowed
//! down. Off by default.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html>

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::view::Structure as _;
use virga_model::{ApiError, Operation, Record};

use virga_object::Error;
use virga_object::members;

/// PUT, COPY, POST and DELETE requests per second for each prefix.
const WRITES_PER_SECOND: u32 = 3_500;
/// GET and HEAD requests per second for each prefix.
const READS_PER_SECOND: u32 = 5_500;
/// The reads that are of a prefix and of no key.
const LISTINGS: [&str; 4] = ["ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads"];

/// Refuses a request for objects, or for a list of some, where their prefix has had too many. Of those that are deleted
/// together, each is a write of its prefix, and the request is refused as a whole.
/// <https://issues.apache.org/jira/browse/HADOOP-16823>
pub(crate) fn admit(ctx: &Ctx, operation: Operation, input: &Record) -> Result<(), ApiError> {
    if !ctx.world().settings().enforce_quotas {
        return Ok(());
    }
    let Some(bucket) = members::text(input, "Bucket") else { return Ok(()) };
    let is_read = ["Get", "Head", "List", "Select"].iter().any(|verb| operation.name().starts_with(verb));
    let rate = if is_read { READS_PER_SECOND } else { WRITES_PER_SECOND };
    let is_admitted = |key: &str| {
        let prefix = key.rsplit_once('/').map_or("", |(prefix, _)| prefix);
        ctx.is_within_rate(("s3", bucket, prefix, is_read), rate)
    };
    let deleted =
        (operation.name() == "DeleteObjects").then(|| api::DeleteObjectsInput::view(input).delete());
    let mut deleted = deleted.into_iter().flat_map(|delete| delete.objects().iter());
    if key(operation, input).is_none_or(is_admitted) && deleted.all(|object| is_admitted(object.key())) {
        return Ok(());
    }
    Err(Error::SlowDown.into_api().unwrap_or_else(|_| ApiError::internal()))
}

/// The key that a request is for, or how the keys begin that it lists. None for requests about a bucket.
fn key(operation: Operation, input: &Record) -> Option<&str> {
    let is_listing = LISTINGS.contains(&operation.name());
    members::text(input, "Key")
        .or_else(|| is_listing.then(|| members::text(input, "Prefix").unwrap_or_default()))
}
