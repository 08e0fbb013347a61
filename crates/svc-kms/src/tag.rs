//! Tags of keys.

use virga_api::Nothing;
use virga_api::kms as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader as _, Write};

use crate::error::Error;
use crate::key::pair;
use crate::page::Page;
use crate::rules::key_state::UNCHANGEABLE;
use crate::rules::tags;
use crate::{keys, lookup};

/// Sets tags.
pub(crate) fn tag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::TagResourceRequest,
) -> Result<Nothing, Error> {
    let found = lookup::manageable(ctx, txn, "TagResource", input.key_id())?;
    found.refuse_in(ctx, UNCHANGEABLE)?;
    let key = keys::tags(&found.at);
    let mut tags = txn.get(&key)?.unwrap_or_default();
    tags.0.extend(tags::read(input.tags().iter().map(pair))?);
    tags::check_count(&tags.0)?;
    txn.put(&key, &tags)?;
    Ok(Nothing::new())
}

/// Removes tags; those that are not there are no error.
pub(crate) fn untag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UntagResourceRequest,
) -> Result<Nothing, Error> {
    let found = lookup::manageable(ctx, txn, "UntagResource", input.key_id())?;
    found.refuse_in(ctx, UNCHANGEABLE)?;
    let key = keys::tags(&found.at);
    if let Some(mut tags) = txn.get(&key)? {
        for name in input.tag_keys().iter() {
            tags.0.remove(name);
        }
        txn.put(&key, &tags)?;
    }
    Ok(Nothing::new())
}

/// Lists tags.
pub(crate) fn list_resource_tags(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListResourceTagsRequest,
) -> Result<api::ListResourceTagsResponse, Error> {
    let found = lookup::own(ctx, txn, "ListResourceTags", input.key_id())?;
    let page = Page::new(input.limit(), input.marker(), 50, 50)?;
    let tags = txn.get(&keys::tags(&found.at))?.unwrap_or_default();
    let rows: Vec<(String, String)> = tags.0.into_iter().collect();
    let (shown, marker) = page.of(&rows, |(key, _)| key.clone());
    let entries: Vec<_> = shown
        .into_iter()
        .map(|(key, value)| api::Tag::new().with_tag_key(key).with_tag_value(value))
        .collect();
    Ok(api::ListResourceTagsResponse::new()
        .with_tags(entries)
        .with_truncated(marker.is_some())
        .with_next_marker(marker))
}
