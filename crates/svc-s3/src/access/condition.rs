//! The condition keys that S3 knows: what a request says, and what is known of the bucket and the object.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys>

use virga_kit::{Condition, Ctx};
use virga_model::Record;
use virga_store::{Read, Reader as _};

use super::text;
use crate::configuration::{self, Kind, abac};
use crate::records::{Bucket, Tags};
use crate::versions::ObjectAt;
use crate::{access_point, keys, multi_region};
pub(crate) use virga_object::request_condition::{of_input, of_request_tags, of_signature};

/// The keys of a call on a bucket, an object, or either through an access point.
pub(super) fn look_up(ctx: &Ctx, input: &Record, resource: &str) -> Vec<Condition> {
    let mut conditions = of_input(input, ctx.origin(), ctx.now(), |secs| ctx.iso_time(secs).to_string());
    // A store failure leaves out what is known of the resource: then the call itself fails for the same reason.
    if let Ok(read) = ctx.world().store().read() {
        conditions.extend(of_resource(ctx, &read, input, resource));
    }
    conditions
}

/// What is known of the resource: the tags of the object, of the access point, and of the bucket where these count.
fn of_resource(ctx: &Ctx, read: &Read, input: &Record, resource: &str) -> Vec<Condition> {
    let mut conditions = Vec::new();
    let (name, key) = match resource.strip_prefix("arn:aws:s3:::") {
        Some(path) => {
            let (name, key) = path.split_once('/').map_or((path, None), |(name, key)| (name, Some(key)));
            (name.to_owned(), key)
        }
        None => {
            let (arn, key) =
                resource.split_once("/object/").map_or((resource, None), |(arn, key)| (arn, Some(key)));
            let Ok(Some(point)) = access_point::named(read, &multi_region::as_called(ctx, arn)) else {
                return conditions;
            };
            for (key, value) in &point.access_point.tags {
                conditions.push(Condition::new(format!("s3:AccessPointTag/{key}"), value));
                conditions.push(Condition::new(format!("aws:ResourceTag/{key}"), value));
            }
            (point.access_point.bucket, key)
        }
    };
    let Ok(Some(bucket)) = read.get(&keys::bucket(&name)) else { return conditions };
    conditions.push(Condition::new("s3:ResourceAccount", bucket.account.as_str()));
    if let Some(key) = key {
        conditions.extend(of_object(read, &bucket, (&name, key), text(input, "VersionId")));
    }
    if abac::is_enabled(read, &bucket).unwrap_or(false) {
        let tags: Option<Tags> = configuration::get(read, &bucket, Kind::Tagging).ok().flatten();
        for (key, value) in tags.into_iter().flat_map(|tags| tags.0) {
            conditions.push(Condition::new(format!("s3:BucketTag/{key}"), value.as_str()));
            conditions.push(Condition::new(format!("aws:ResourceTag/{key}"), value));
        }
    }
    conditions
}

fn of_object(
    read: &Read,
    bucket: &Bucket,
    (name, key): (&str, &str),
    version_id: Option<&str>,
) -> Vec<Condition> {
    let Ok(found) = ObjectAt::new(name, bucket, key).find(read, version_id) else { return Vec::new() };
    let tags = found.version.content.tags.iter();
    tags.map(|(key, value)| Condition::new(format!("s3:ExistingObjectTag/{key}"), value)).collect()
}
