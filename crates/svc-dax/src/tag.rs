//! Tags of clusters.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.cluster-management.html#DAX.management.tagging>

use virga_api::dax as api;
use virga_kit::{Arn, Ctx};
use virga_model::view::List;
use virga_store::{Read, Reader, Write};

use crate::error::Error;
use crate::keys;
use crate::records::{Cluster, Status, Tags};

/// The most tags of a cluster.
const MOST: usize = 50;
/// The longest key and value, in characters.
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// The tags of an input, checked.
pub(crate) fn given(tags: Option<List<'_, &api::Tag>>) -> Result<Tags, Error> {
    let pairs = tags.into_iter().flat_map(List::iter);
    let pairs = pairs.map(|tag| (tag.key().unwrap_or_default(), tag.value().unwrap_or_default()));
    let tags = Tags(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect());
    check(&tags)?;
    Ok(tags)
}

fn check(tags: &Tags) -> Result<(), Error> {
    if tags.0.len() > MOST {
        return Err(Error::TagQuota { limit: MOST });
    }
    for (key, value) in &tags.0 {
        if !(1..=LONGEST_KEY).contains(&key.chars().count()) || key.starts_with("aws:") {
            return Err(Error::value(format!("Invalid tag key: {key}.")));
        }
        if value.chars().count() > LONGEST_VALUE {
            return Err(Error::value(format!("Invalid value of tag {key}.")));
        }
    }
    Ok(())
}

/// The cluster that an ARN names; to be changed, it must be available.
fn cluster(ctx: &Ctx, txn: &impl Reader, arn: &str, changes: bool) -> Result<Cluster, Error> {
    let own = Arn::parse(arn).filter(|parts| {
        parts.service == "dax" && parts.region == ctx.region() && parts.account == ctx.account()
    });
    let name = own.and_then(|parts| parts.resource.strip_prefix("cache/"));
    let Some(name) = name else { return Err(Error::InvalidArn { arn: arn.to_owned() }) };
    let name = name.to_ascii_lowercase();
    let cluster = txn.get(&keys::cluster(ctx, &name))?.ok_or(Error::ClusterNotFound)?;
    if changes && cluster.status == Status::Deleting {
        return Err(Error::InvalidClusterState { name, status: cluster.status.name() });
    }
    Ok(cluster)
}

/// Sets tags.
pub(crate) fn tag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::TagResourceRequest,
) -> Result<api::TagResourceResponse, Error> {
    let cluster = cluster(ctx, txn, input.resource_name(), true)?;
    let mut tags = txn.get(&keys::tags(&cluster))?.unwrap_or_default();
    tags.0.extend(given(Some(input.tags()))?.0);
    check(&tags)?;
    txn.put(&keys::tags(&cluster), &tags)?;
    Ok(api::TagResourceResponse::new().with_tags(shown(&tags)))
}

/// Removes tags, all of which must be there.
pub(crate) fn untag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UntagResourceRequest,
) -> Result<api::UntagResourceResponse, Error> {
    let cluster = cluster(ctx, txn, input.resource_name(), true)?;
    let mut tags = txn.get(&keys::tags(&cluster))?.unwrap_or_default();
    for key in input.tag_keys().iter() {
        tags.0.remove(key).ok_or_else(|| Error::TagNotFound { key: key.to_owned() })?;
    }
    txn.put(&keys::tags(&cluster), &tags)?;
    Ok(api::UntagResourceResponse::new().with_tags(shown(&tags)))
}

/// Lists the tags; all of them fit a page.
pub(crate) fn list_tags(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListTagsRequest,
) -> Result<api::ListTagsResponse, Error> {
    let cluster = cluster(ctx, txn, input.resource_name(), false)?;
    let tags = txn.get(&keys::tags(&cluster))?.unwrap_or_default();
    Ok(api::ListTagsResponse::new().with_tags(shown(&tags)))
}

fn shown(tags: &Tags) -> Vec<api::Tag> {
    tags.0.iter().map(|(key, value)| api::Tag::new().with_key(key).with_value(value)).collect()
}
