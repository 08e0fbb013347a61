//! Tags of table buckets and of tables.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/table-bucket-tagging.html>

use std::collections::BTreeMap;

use virga_api::s3tables as api;
use virga_kit::Ctx;
use virga_model::view::Entries;
use virga_store::{Read, Reader, Write};

use crate::address::{BucketAddress, TableAddress};
use crate::error::Error;
use crate::records::{Table, TableBucket};
use crate::{keys, table, table_bucket};

/// The most tags of a table bucket or a table.
const MOST: usize = 50;

/// The tags of an input, checked; the model bounds their lengths.
pub(crate) fn given(tags: Option<Entries<'_, &str>>) -> Result<BTreeMap<String, String>, Error> {
    let pairs = tags.into_iter().flat_map(Entries::iter);
    let tags = pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    check(&tags)?;
    Ok(tags)
}

fn check(tags: &BTreeMap<String, String>) -> Result<(), Error> {
    if tags.len() > MOST {
        let reason = format!("The resource can have at most {MOST} tags.");
        return Err(Error::InvalidTags { reason });
    }
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        Some(key) => Err(Error::InvalidTags { reason: format!("The tag key {key} is reserved.") }),
        None => Ok(()),
    }
}

/// What has tags: a table bucket, or a table in one.
struct Tagged {
    bucket: TableBucket,
    table: Option<Table>,
}

impl Tagged {
    fn find(ctx: &Ctx, txn: &impl Reader, arn: &str) -> Result<Self, Error> {
        if TableAddress::of_arn(arn).is_some() {
            let (bucket, table) = table::find_by_arn(ctx, txn, arn)?;
            return Ok(Tagged { bucket, table: Some(table) });
        }
        BucketAddress::of_arn(arn).ok_or(Error::InvalidArn)?;
        Ok(Tagged { bucket: table_bucket::find(ctx, txn, arn)?, table: None })
    }

    fn tags(&mut self) -> &mut BTreeMap<String, String> {
        self.table.as_mut().map_or(&mut self.bucket.tags, |table| &mut table.tags)
    }

    fn save(&self, txn: &mut Write) -> Result<(), Error> {
        match &self.table {
            Some(table) => table::save(txn, &self.bucket, table),
            None => Ok(txn.put(&keys::table_bucket(self.bucket.at()), &self.bucket)?),
        }
    }
}

/// Sets tags.
pub(crate) fn tag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::TagResourceRequest,
) -> Result<api::TagResourceResponse, Error> {
    let mut tagged = Tagged::find(ctx, txn, input.resource_arn())?;
    tagged.tags().extend(given(Some(input.tags()))?);
    check(tagged.tags())?;
    tagged.save(txn)?;
    Ok(api::TagResourceResponse::new())
}

/// Removes tags; those that are not there are no error.
pub(crate) fn untag_resource(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UntagResourceRequest,
) -> Result<api::UntagResourceResponse, Error> {
    let mut tagged = Tagged::find(ctx, txn, input.resource_arn())?;
    for key in input.tag_keys().iter() {
        tagged.tags().remove(key);
    }
    tagged.save(txn)?;
    Ok(api::UntagResourceResponse::new())
}

/// Lists the tags.
pub(crate) fn list_tags_for_resource(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListTagsForResourceRequest,
) -> Result<api::ListTagsForResourceResponse, Error> {
    let mut tagged = Tagged::find(ctx, txn, input.resource_arn())?;
    Ok(api::ListTagsForResourceResponse::new().with_tags(std::mem::take(tagged.tags())))
}
