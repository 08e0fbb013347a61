//! Tags of buckets and access points, by their ARN.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html>

use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Read, Reader, Write};

use super::own_account;
use crate::access_point::{self, NamedAccessPoint};
use crate::configuration::{self, Kind};
use crate::keys;
use crate::records::{Bucket, Tags};
use virga_object::bucket_tags::{SYSTEM_TAG, is_allowed};
use virga_object::{Error, directory_bucket};

/// The most tags of a resource.
const MOST: usize = 50;

/// Something that has tags.
enum Resource {
    Bucket(String, Box<Bucket>),
    AccessPoint(Box<NamedAccessPoint>),
}

/// Sets tags; others stay.
pub(crate) fn tag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::TagResourceRequest,
) -> Result<api::TagResourceResult, Error> {
    own_account(ctx, input.account_id())?;
    let resource = Resource::find(ctx, txn, input.resource_arn())?;
    let mut tags = resource.tags(txn)?;
    for (key, value) in given(Some(input.tags()))? {
        match tags.iter_mut().find(|(known, _)| *known == key) {
            Some(tag) => tag.1 = value,
            None => tags.push((key, value)),
        }
    }
    if tags.len() > MOST {
        return Err(Error::TooManyBucketTags);
    }
    resource.set_tags(txn, tags)?;
    Ok(api::TagResourceResult::new())
}

/// Removes tags; those that are not there are no error.
pub(crate) fn untag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UntagResourceRequest,
) -> Result<api::UntagResourceResult, Error> {
    own_account(ctx, input.account_id())?;
    let resource = Resource::find(ctx, txn, input.resource_arn())?;
    let mut tags = resource.tags(txn)?;
    tags.retain(|(key, _)| !input.tag_keys().iter().any(|removed| removed == key));
    resource.set_tags(txn, tags)?;
    Ok(api::UntagResourceResult::new())
}

/// The tags.
pub(crate) fn list_tags_for_resource(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResult, Error> {
    own_account(ctx, input.account_id())?;
    let tags = Resource::find(ctx, txn, input.resource_arn())?.tags(txn)?;
    let shown: Vec<api::Tag> =
        tags.iter().map(|(key, value)| api::Tag::new().with_key(key).with_value(value)).collect();
    Ok(api::ListTagsForResourceResult::new().with_tags(shown))
}

/// Checks the tags of a request.
pub(super) fn given(tags: Option<List<'_, &api::Tag>>) -> Result<Vec<(String, String)>, Error> {
    let refuse = |reason: &str| Err(Error::InvalidResourceTag { reason: reason.to_owned() });
    let mut checked: Vec<(String, String)> = Vec::new();
    for tag in tags.into_iter().flat_map(List::iter) {
        let (key, value) = (tag.key(), tag.value());
        if key.starts_with("aws:") {
            return refuse(SYSTEM_TAG);
        }
        let fits = (1..=128).contains(&key.chars().count()) && value.chars().count() <= 256;
        if !fits || !key.chars().chain(value.chars()).all(is_allowed) {
            return refuse(
                "This request contains a tag key or value that isn't valid. Valid characters include the following: \
                 [a-zA-Z+-=._:/]. Tag keys can contain up to 128 characters. Tag values can contain up to 256 \
                 characters.",
            );
        }
        if checked.iter().any(|(known, _)| known == key) {
            return refuse(
                "There are duplicate tag keys in your request. Remove the duplicate tag keys and try again.",
            );
        }
        checked.push((key.to_owned(), value.to_owned()));
    }
    Ok(checked)
}

impl Resource {
    fn find(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Self, Error> {
        let own = directory_bucket::arn(ctx.region(), ctx.account(), "");
        if let Some(name) = arn.strip_prefix("arn:aws:s3:::").or_else(|| arn.strip_prefix(&own)) {
            // Directory buckets have ARNs of another form.
            let is_of_form = arn.starts_with(&own) == directory_bucket::is_name(name);
            let bucket = txn.get(&keys::bucket(name))?;
            let bucket = bucket.filter(|bucket| bucket.account == ctx.account() && is_of_form);
            let bucket = bucket.ok_or(Error::NoSuchResource)?;
            return Ok(Resource::Bucket(name.to_owned(), Box::new(bucket)));
        }
        let point = access_point::named(txn, arn)?
            .filter(|point| point.account == ctx.account() && !point.region.is_empty());
        point.map(|point| Resource::AccessPoint(Box::new(point))).ok_or(Error::NoSuchResource)
    }

    fn tags(&self, txn: &impl Reader) -> Result<Vec<(String, String)>, Error> {
        match self {
            Resource::Bucket(_, bucket) => {
                let tags: Option<Tags> = configuration::get(txn, bucket, Kind::Tagging)?;
                Ok(tags.unwrap_or_default().0)
            }
            Resource::AccessPoint(point) => Ok(point.access_point.tags.clone()),
        }
    }

    fn set_tags(self, txn: &mut Write, tags: Vec<(String, String)>) -> Result<(), Error> {
        match self {
            Resource::Bucket(name, mut bucket) if tags.is_empty() => {
                configuration::delete(txn, &name, &mut bucket, (Kind::Tagging, ""))?;
            }
            Resource::Bucket(name, mut bucket) => {
                configuration::put(txn, &name, &mut bucket, (Kind::Tagging, ""), &Tags(tags))?;
            }
            Resource::AccessPoint(mut point) => {
                point.access_point.tags = tags;
                let key = keys::access_point(&point.account, &point.region, &point.name);
                txn.put(&key, &point.access_point)?;
            }
        }
        Ok(())
    }
}
