//! ListParts: the parts of an upload by number.

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_model::view::Structure as _;
use virga_store::{Direction, Read, Reader as _};

use super::{find, initiator};
use crate::records::{Part, Upload};
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::etag;
use virga_object::members;

/// Parts on a page.
const LONGEST: i32 = 1000;

/// The parts of an upload.
pub(crate) fn list_parts(
    _: &Ctx,
    txn: &Read,
    input: &api::ListPartsInput,
) -> Result<api::ListPartsOutput, Error> {
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let (id, upload) = find(txn, &bucket, input.key(), input.upload_id())?;
    let asked = input.max_parts().unwrap_or(LONGEST);
    let limit = usize::try_from(asked.min(LONGEST)).map_err(|_| {
        let reason = "Argument max-parts must be an integer between 0 and 2147483647";
        Error::argument(reason, "max-parts", asked.to_string())
    })?;
    let marker = input.part_number_marker().unwrap_or(0);
    let after = u16::try_from(marker.clamp(0, 10_000)).unwrap_or(0);
    let range = keys::parts(bucket.id, id).from(after + 1);
    let mut rows = txn.scan(&range, Direction::Forward, limit + 1)?;
    let is_truncated = rows.len() > limit;
    rows.truncate(limit);
    let mut parts = Vec::with_capacity(rows.len());
    let mut last = 0;
    for (key, part) in &rows {
        let (_, _, _, number): (u64, u64, u64, u16) = key.parts()?;
        last = number;
        parts.push(entry(number, part, &upload));
    }
    Ok(api::ListPartsOutput::new()
        .with_bucket(input.bucket())
        .with_key(input.key())
        .with_upload_id(input.upload_id())
        .with_part_number_marker(marker)
        .with_next_part_number_marker(i32::from(last))
        .with_max_parts(asked.min(LONGEST))
        .with_is_truncated(is_truncated)
        .with_parts((!parts.is_empty()).then_some(parts))
        .with_initiator(initiator(&upload))
        .with_owner(bucket::owner(&upload.owner))
        .with_storage_class(upload.class.as_str())
        .with_checksum_algorithm(upload.checksum.map(|(algorithm, _)| algorithm.as_str()))
        .with_checksum_type(upload.checksum.map(|(_, kind)| kind.as_str())))
}

fn entry(number: u16, part: &Part, upload: &Upload) -> api::Part {
    let entry = api::Part::new()
        .with_part_number(i32::from(number))
        .with_last_modified(Timestamp::from_secs(Timestamp::from_micros(part.modified).secs()))
        .with_e_tag(etag::quoted(part.etag))
        .with_size(i64::try_from(part.size).unwrap_or(i64::MAX));
    // Callers see the checksums that they asked for.
    let Some((algorithm, value)) = part.checksum.as_ref().filter(|_| upload.checksum.is_some()) else {
        return entry;
    };
    let mut entry = entry.into_record();
    members::set_text(&mut entry, algorithm.member(), Some(value));
    api::Part::from_record(entry)
}
