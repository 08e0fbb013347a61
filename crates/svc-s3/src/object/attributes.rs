//! GetObjectAttributes: what the caller asks to know of a version.

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_model::view::Structure as _;
use virga_store::Read;

use super::show_checksum;
use crate::encryption::{self, CustomerKey, GIVEN};
use crate::records::{Content, PartSize, Version};
use crate::versions::ObjectAt;
use crate::{access, bucket};
use virga_object::Error;
use virga_object::etag;
use virga_object::members;

/// Parts on a page.
const LONGEST: i32 = 1000;

/// The attributes of a version that are asked for.
pub(crate) fn get_object_attributes(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetObjectAttributesInput,
) -> Result<api::GetObjectAttributesOutput, Error> {
    let bucket = bucket::shared(txn, input.bucket(), input.expected_bucket_owner())?;
    let at = ObjectAt::new(input.bucket(), &bucket, input.key());
    let found = at.find_object(txn, input.version_id(), "GET");
    let found = found.map_err(|error| access::missing(ctx, input.bucket(), error))?;
    let Version { summary, content } = found.version;
    let customer_key = CustomerKey::of_request(ctx, input.as_record(), &GIVEN)?;
    if let Some(encryption) = &content.encryption {
        encryption::check_customer_key(encryption, customer_key.as_ref())?;
    }
    let modified = Timestamp::from_secs(Timestamp::from_micros(summary.modified).secs());
    let mut output = api::GetObjectAttributesOutput::new()
        .with_last_modified(modified)
        .with_version_id(bucket.shown(summary.version));
    for attribute in input.object_attributes().iter() {
        output = match attribute {
            "ETag" => output.with_e_tag(etag::plain(summary.etag)),
            "Checksum" => output.with_checksum(checksum(&content)),
            "ObjectParts" => output.with_object_parts(parts(input, &content)),
            "StorageClass" => output.with_storage_class(summary.class.as_str()),
            "ObjectSize" => output.with_object_size(i64::try_from(summary.size).unwrap_or(i64::MAX)),
            _ => {
                return Err(Error::argument(
                    "Invalid attribute name specified.",
                    "x-amz-object-attributes",
                    attribute,
                ));
            }
        };
    }
    Ok(output)
}

fn checksum(content: &Content) -> Option<api::Checksum> {
    let stored = content.checksum.as_ref()?;
    let mut shown = api::Checksum::new().into_record();
    show_checksum(&mut shown, Some(stored));
    Some(api::Checksum::from_record(shown))
}

/// The parts of a multipart object; one by one where they have checksums that the caller asked for.
fn parts(input: &api::GetObjectAttributesInput, content: &Content) -> Option<api::GetObjectAttributesParts> {
    let all = &content.parts;
    if all.is_empty() {
        return None;
    }
    let shown = api::GetObjectAttributesParts::new()
        .with_total_parts_count(i32::try_from(all.len()).unwrap_or(i32::MAX));
    let algorithm = content.checksum.as_ref().map(|checksum| checksum.algorithm);
    let Some(algorithm) = algorithm.filter(|_| all.iter().all(|part| part.checksum.is_some())) else {
        return Some(shown);
    };
    let limit = input.max_parts().unwrap_or(LONGEST).clamp(0, LONGEST);
    let marker = input.part_number_marker().unwrap_or(0);
    let entry = |part: &PartSize| {
        let entry = api::ObjectPart::new()
            .with_part_number(i32::from(part.number))
            .with_size(i64::try_from(part.size).unwrap_or(i64::MAX));
        let mut entry = entry.into_record();
        members::set_text(&mut entry, algorithm.member(), part.checksum.as_deref());
        api::ObjectPart::from_record(entry)
    };
    let mut rest = all.iter().filter(|part| i32::from(part.number) > marker);
    let page: Vec<&PartSize> = rest.by_ref().take(usize::try_from(limit).unwrap_or(0)).collect();
    let next = page.last().map_or(0, |part| i32::from(part.number));
    Some(
        shown
            .with_part_number_marker(marker)
            .with_next_part_number_marker(next)
            .with_max_parts(limit)
            .with_is_truncated(rest.next().is_some())
            .with_parts(page.into_iter().map(entry).collect::<Vec<_>>()),
    )
}
