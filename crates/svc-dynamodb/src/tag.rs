//! Tags of tables.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html>

use virga_api::Nothing;
use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Read, Reader, Write};

use crate::error::Error;
use crate::keys;
use crate::records::{Table, Tags};
use crate::rules::ResourceAddress;

/// The most tags of a table.
const MOST: usize = 50;
/// Tags in a page of a listing.
const PAGE: usize = 10;

/// A tag as it is stored.
pub(crate) fn owned(tag: &api::Tag) -> (String, String) {
    (tag.key().to_owned(), tag.value().to_owned())
}

/// Refuses too many tags.
pub(crate) fn check(tags: &Tags) -> Result<(), Error> {
    if tags.0.len() > MOST {
        return Err(Error::validation(format!(
            "One or more parameter values were invalid: Too many tags: the limit is {MOST} for each resource"
        )));
    }
    Ok(())
}

/// The table that an ARN names. What is no ARN of this account is one that may not be touched.
fn table_of(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Table, Error> {
    let address = ResourceAddress::parse(arn);
    let Some(address) =
        address.filter(|address| address.rest.is_empty() && address.table.region == ctx.region())
    else {
        return Err(Error::validation(format!(
            "Invalid TableArn: Invalid ResourceArn provided as input {arn}"
        )));
    };
    let missing = || Error::ResourceNotFound {
        reason: format!("Requested resource not found: ResourcArn: {arn} not found"),
    };
    txn.get(&keys::table(address.table))?.ok_or_else(missing)
}

/// Sets tags.
pub(crate) fn tag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::TagResourceInput,
) -> Result<Nothing, Error> {
    let table = table_of(ctx, txn, input.resource_arn())?;
    let mut tags = txn.get(&keys::tags(&table))?.unwrap_or_default();
    tags.0.extend(input.tags().iter().map(owned));
    check(&tags)?;
    txn.put(&keys::tags(&table), &tags)?;
    Ok(Nothing::new())
}

/// Removes tags; those that are not there are no error.
pub(crate) fn untag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UntagResourceInput,
) -> Result<Nothing, Error> {
    let table = table_of(ctx, txn, input.resource_arn())?;
    let mut tags = txn.get(&keys::tags(&table))?.unwrap_or_default();
    for key in input.tag_keys().iter() {
        tags.0.remove(key);
    }
    txn.put(&keys::tags(&table), &tags)?;
    Ok(Nothing::new())
}

/// Lists tags, ten at a time. The token is the last key of the page before.
pub(crate) fn list_tags_of_resource(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListTagsOfResourceInput,
) -> Result<api::ListTagsOfResourceOutput, Error> {
    let table = table_of(ctx, txn, input.resource_arn())?;
    let tags = txn.get(&keys::tags(&table))?.unwrap_or_default();
    let after = input.next_token();
    let mut rest = tags.0.iter().filter(|(key, _)| after.is_none_or(|after| key.as_str() > after));
    let page: Vec<_> = rest.by_ref().take(PAGE).collect();
    let next = page.last().map(|(key, _)| (*key).clone()).filter(|_| rest.next().is_some());
    let shown = page.into_iter().map(|(key, value)| api::Tag::new().with_key(key).with_value(value));
    Ok(api::ListTagsOfResourceOutput::new().with_tags(shown.collect::<Vec<_>>()).with_next_token(next))
}

/// The tags of a list, for conditions.
pub(crate) fn request_tags<'a>(tags: Option<List<'a, &'a api::Tag>>) -> Vec<(&'a str, &'a str)> {
    tags.into_iter().flat_map(List::iter).map(|tag| (tag.key(), tag.value())).collect()
}
