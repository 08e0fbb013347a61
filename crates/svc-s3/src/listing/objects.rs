//! ListObjects and ListObjectsV2: the newest versions that are no delete markers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::s3 as api;
use virga_iam::canonical_user;
use virga_kit::Ctx;
use virga_listing::{Last, Listed, Page, Scan, Start, walk};
use virga_model::{Text, Timestamp};
use virga_store::{Fault, Key, Read};

use crate::records::{Bucket, Summary};
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::etag;
use virga_object::listing_encoding::{self as encoding, Encoding};

/// The key of a row.
fn key_of(key: &Key<Summary>) -> Result<String, Fault> {
    Ok(key.parts::<(u64, String)>()?.1)
}

/// How the entries of a listing are written.
pub(super) struct Style {
    pub(super) encoding: Encoding,
    /// The canonical id of the bucket's owner, who has most of what is in it; none where owners are not shown.
    pub(super) owner_id: Option<Text>,
    pub(super) with_restore: bool,
}

type Found = Listed<(Key<Summary>, Summary)>;

fn listed(txn: &Read, bucket: &Bucket, page: &Page<'_>, start: &Start<'_>) -> Result<Found, Error> {
    let scan = Scan::new(txn, bucket.id, keys::current_summaries, key_of, page, start);
    Ok(walk(scan, page, |(_, summary)| !summary.is_delete_marker)?)
}

fn contents(found: &Found, style: &Style) -> Option<Vec<api::Object>> {
    let entry = |(key, (_, summary)): &(String, (Key<Summary>, Summary))| style.object(key, summary);
    let contents: Vec<_> = found.entries.iter().map(entry).collect();
    (!contents.is_empty()).then_some(contents)
}

impl Style {
    fn object(&self, key: &str, summary: &Summary) -> api::Object {
        let mut object = api::Object::new()
            .with_key(self.encoding.write(key))
            .with_last_modified(modified(summary.modified))
            .with_e_tag(etag::quoted(summary.etag))
            .with_size(i64::try_from(summary.size).unwrap_or(i64::MAX))
            .with_storage_class(Text::from_static(summary.class.as_str()));
        if let Some((algorithm, kind)) = summary.checksum {
            object = object
                .with_checksum_algorithm(vec![Text::from_static(algorithm.as_str())])
                .with_checksum_type(Text::from_static(kind.as_str()));
        }
        if self.owner_id.is_some() {
            object = object.with_owner(self.owner(summary));
        }
        if self.with_restore {
            object = object.with_restore_status(restore_status(summary));
        }
        object
    }

    /// Whose a version is.
    pub(super) fn owner(&self, summary: &Summary) -> api::Owner {
        match &summary.owner {
            Some(account) => bucket::owner(account),
            None => api::Owner::new().with_id(self.owner_id.clone()),
        }
    }
}

/// The canonical id of the owner of a bucket.
pub(super) fn owner_id(bucket: &Bucket) -> Option<Text> {
    bucket.account.parse().ok().map(|account| Text::from(canonical_user::of_account(account)))
}

/// A time in a listing, which has no fractions of seconds.
pub(super) fn modified(micros: i64) -> Timestamp {
    Timestamp::from_secs(Timestamp::from_micros(micros).secs())
}

/// How far the restoring of a version is.
pub(super) fn restore_status(summary: &Summary) -> Option<api::RestoreStatus> {
    let restore = summary.restore?;
    Some(
        api::RestoreStatus::new()
            .with_is_restore_in_progress(restore.until.is_none())
            .with_restore_expiry_date(restore.until.map(modified)),
    )
}

/// Common prefixes, as all listings show them.
pub(super) fn common_prefixes(prefixes: &[String], encoding: Encoding) -> Option<Vec<api::CommonPrefix>> {
    let shown = prefixes.iter().map(|prefix| api::CommonPrefix::new().with_prefix(encoding.write(prefix)));
    (!prefixes.is_empty()).then(|| shown.collect())
}

/// Whether the optional attribute is asked for.
pub(super) fn asks_restore<'a>(attributes: Option<impl Iterator<Item = &'a str>>) -> bool {
    attributes.into_iter().flatten().any(|attribute| attribute == "RestoreStatus")
}

/// Objects by key, after a marker.
pub(crate) fn list_objects(
    _: &Ctx,
    txn: &Read,
    input: &api::ListObjectsInput,
) -> Result<api::ListObjectsOutput, Error> {
    let encoding = Encoding::of(input.encoding_type())?;
    let limit = encoding::limit(input.max_keys(), "maxKeys")?;
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let page = Page::new(input.prefix(), input.delimiter(), limit);
    let found = listed(txn, &bucket, &page, &page.after_marker(input.marker()))?;
    let with_restore = asks_restore(input.optional_object_attributes().map(virga_model::view::List::iter));
    let style = Style { encoding, owner_id: owner_id(&bucket), with_restore };
    let next = match &found.last {
        Some(Last::Key(last) | Last::CommonPrefix(last))
            if found.is_truncated && page.delimiter.is_some() =>
        {
            Some(encoding.write(last))
        }
        _ => None,
    };
    Ok(api::ListObjectsOutput::new()
        .with_name(input.bucket())
        .with_prefix(encoding.write(page.prefix))
        .with_marker(encoding.write(input.marker().unwrap_or_default()))
        .with_delimiter(page.delimiter.map(|delimiter| encoding.write(delimiter)))
        .with_encoding_type(input.encoding_type())
        .with_max_keys(encoding::shown(limit))
        .with_is_truncated(found.is_truncated)
        .with_next_marker(next)
        .with_contents(contents(&found, &style))
        .with_common_prefixes(common_prefixes(&found.common_prefixes, encoding)))
}

/// Objects by key, in pages that follow each other by tokens.
pub(crate) fn list_objects_v2(
    _: &Ctx,
    txn: &Read,
    input: &api::ListObjectsV2Input,
) -> Result<api::ListObjectsV2Output, Error> {
    let encoding = Encoding::of(input.encoding_type())?;
    let limit = encoding::limit(input.max_keys(), "maxKeys")?;
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let page = Page::new(input.prefix(), input.delimiter(), limit);
    let last = input.continuation_token().map(read_token).transpose()?;
    let start = match &last {
        Some(Last::Key(key)) => Start::After(key),
        Some(Last::CommonPrefix(prefix)) => Start::Past(prefix),
        None => page.after_marker(input.start_after()),
    };
    let found = listed(txn, &bucket, &page, &start)?;
    let with_restore = asks_restore(input.optional_object_attributes().map(virga_model::view::List::iter));
    let owner_id = input.fetch_owner().filter(|fetch| *fetch).and_then(|_| owner_id(&bucket));
    let style = Style { encoding, owner_id, with_restore };
    let next = found.last.as_ref().filter(|_| found.is_truncated).map(token);
    let count = found.entries.len() + found.common_prefixes.len();
    Ok(api::ListObjectsV2Output::new()
        .with_name(input.bucket())
        .with_prefix(encoding.write(page.prefix))
        .with_delimiter(page.delimiter.map(|delimiter| encoding.write(delimiter)))
        .with_encoding_type(input.encoding_type())
        .with_max_keys(encoding::shown(limit))
        .with_key_count(encoding::shown(count))
        .with_is_truncated(found.is_truncated)
        .with_continuation_token(input.continuation_token())
        .with_next_continuation_token(next)
        // With a token the start means nothing, and is not shown.
        .with_start_after(input.start_after().filter(|_| last.is_none()).map(|start| encoding.write(start)))
        .with_contents(contents(&found, &style))
        .with_common_prefixes(common_prefixes(&found.common_prefixes, encoding)))
}

/// The token of the page after what was shown last.
fn token(last: &Last) -> String {
    match last {
        Last::Key(key) => STANDARD.encode(format!("1k{key}")),
        Last::CommonPrefix(prefix) => STANDARD.encode(format!("1p{prefix}")),
    }
}

fn read_token(token: &str) -> Result<Last, Error> {
    let bytes = STANDARD.decode(token).ok();
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let last = text.as_deref().and_then(|text| match text.split_at_checked(2) {
        Some(("1k", key)) => Some(Last::Key(key.to_owned())),
        Some(("1p", prefix)) => Some(Last::CommonPrefix(prefix.to_owned())),
        _ => None,
    });
    last.ok_or_else(|| Error::InvalidArgumentName {
        reason: "The continuation token provided is incorrect".to_owned(),
        argument: "continuation-token".to_owned(),
    })
}
