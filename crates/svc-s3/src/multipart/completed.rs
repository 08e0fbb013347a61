//! Completing an upload again: a client that did not hear the answer asks once more, and hears it then.

use std::time::Duration;

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Reader as _, Write};

use crate::keys;
use crate::records::{Bucket, Completion, OpaqueId, Version, VersionId};
use crate::versions::ObjectAt;
use virga_object::Error;
use virga_object::{etag, opaque_id};

/// How long it is known what became of an upload. AWS does not say how long it knows.
const KNOWN_FOR: Duration = Duration::from_secs(24 * 3600);
/// How many uploads are forgotten when another one is completed.
const FORGOTTEN_AT_ONCE: usize = 4;

/// Notes what became of an upload.
pub(super) fn note(
    ctx: &Ctx,
    txn: &mut Write,
    bucket: u64,
    id: OpaqueId,
    (key, version): (&str, VersionId),
) -> Result<(), Fault> {
    for (place, old) in
        txn.snapshot_scan(&keys::completions(bucket), Direction::Forward, FORGOTTEN_AT_ONCE)?
    {
        if !is_known(ctx, &old) {
            txn.delete(&place)?;
        }
    }
    let completion = Completion { completed: ctx.now().micros(), key: key.to_owned(), version };
    txn.put(&keys::completion(bucket, id), &completion)
}

/// The version that the request has made before, if it is still there.
pub(super) fn version(
    ctx: &Ctx,
    txn: &Write,
    bucket: &Bucket,
    input: &api::CompleteMultipartUploadInput,
) -> Result<Option<Version>, Error> {
    let Some(id) = opaque_id::parse(input.upload_id()) else { return Ok(None) };
    let completion = txn.get(&keys::completion(bucket.id, id))?;
    let Some(completion) = completion.filter(|found| found.key == input.key() && is_known(ctx, found)) else {
        return Ok(None);
    };
    let at = ObjectAt::new(input.bucket(), bucket, input.key());
    let found = at.version(txn, &completion.version.text())?.map(|found| found.version);
    let is_it = |version: &Version| {
        version.summary.version.id == completion.version.id && lists_parts_of(input, version)
    };
    Ok(found.filter(is_it))
}

fn is_known(ctx: &Ctx, completion: &Completion) -> bool {
    Timestamp::from_micros(completion.completed).plus(KNOWN_FOR) > ctx.now()
}

/// Whether the request lists the parts of which the object was made.
fn lists_parts_of(input: &api::CompleteMultipartUploadInput, version: &Version) -> bool {
    let listed = input.multipart_upload().and_then(api::CompletedMultipartUpload::parts);
    let tags = listed.into_iter().flat_map(virga_model::view::List::iter);
    let digests: Option<Vec<[u8; 16]>> = tags.map(|part| etag::digest(part.e_tag()?)).collect();
    digests.is_some_and(|digests| etag::of_parts(digests) == version.summary.etag)
}
