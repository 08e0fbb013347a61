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
/// The most letters of a key, and of a value.
const MOST_OF_KEY: usize = 128;
const MOST_OF_VALUE: usize = 256;
/// Tags in a page of a listing.
const PAGE: usize = 10;

/// Refuses tags that no table takes, and more than there may be beside those that it has.
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Tagging.html>
pub(crate) fn added(present: Tags, given: List<'_, &api::Tag>) -> Result<Tags, Error> {
    let mut tags = present;
    let mut keys: Vec<&str> = Vec::new();
    for tag in given.iter() {
        let (key, value) = (tag.key(), tag.value());
        if !is_allowed(key) || key.is_empty() || key.chars().count() > MOST_OF_KEY {
            return Err(Error::validation(format!("The Tag Key provided is invalid, Key: {key}")));
        }
        if !is_allowed(value) || value.chars().count() > MOST_OF_VALUE {
            return Err(Error::validation(format!("The Tag Value provided is invalid, Value: {value}")));
        }
        if key.starts_with("aws:") {
            return Err(Error::validation(format!("Tag Key cannot be prefixed with aws:, Key: {key}")));
        }
        if keys.contains(&key) {
            return Err(Error::validation(format!(
                "Duplicate Tag Keys provided as input: Duplicate Tag Key found {key}"
            )));
        }
        keys.push(key);
        tags.0.insert(key.to_owned(), value.to_owned());
    }
    if tags.0.len() > MOST { Err(too_many()) } else { Ok(tags) }
}

fn too_many() -> Error {
    Error::validation("Number of Tags exceed the current limit for the provided ResourceArn")
}

/// Letters, spaces, numbers and some signs.
fn is_allowed(text: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_alphanumeric() || letter.is_whitespace() || "+-=._:/@".contains(letter))
}

/// The table that an ARN names. What is no ARN of this account is one that may not be touched.
fn table_of(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Table, Error> {
    let address = ResourceAddress::of_table_or_stream(arn)?;
    if !address.rest.is_empty() || address.table.region != ctx.region() {
        return Err(Error::validation(format!(
            "Invalid TableArn: Invalid ResourceArn provided as input {arn}"
        )));
    }
    let missing = || Error::ResourceNotFound {
        reason: format!("Requested resource not found: ResourceArn: {arn} not found"),
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
    if input.tags().is_empty() {
        return Err(Error::validation("Atleast one Tag needs to be provided as Input."));
    }
    let tags = added(txn.get(&keys::tags(&table))?.unwrap_or_default(), input.tags())?;
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
    if input.tag_keys().is_empty() {
        return Err(Error::validation("Atleast one Tag Key needs to be provided as Input."));
    }
    if input.tag_keys().len() > MOST {
        return Err(too_many());
    }
    if let Some(key) = input.tag_keys().iter().find(|key| !is_allowed(key)) {
        return Err(Error::validation(format!("The Tag Key provided is invalid, Key: {key}")));
    }
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
