//! UploadPartCopy: a part from an object, or a range of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_model::view::Structure as _;

use super::Target;
use crate::body::{Pieces, Place, receive};
use crate::object::{MOST_AT_ONCE, open_source};
use crate::records::Version;
use virga_object::Error;
use virga_object::copy_source::CopySource;
use virga_object::members;
use virga_object::{etag, range};

/// Copies a part.
pub(crate) async fn upload_part_copy(
    ctx: &Ctx,
    input: &api::UploadPartCopyInput,
) -> Result<api::UploadPartCopyOutput, Error> {
    let request = input.as_record();
    let bucket = (input.bucket(), input.expected_bucket_owner());
    let upload = (input.key(), input.upload_id());
    let target = Target::find(ctx, request, bucket, upload, input.part_number()).await?;
    let source = CopySource::parse(input.copy_source())?;
    let choose = |version: &Version| match input.copy_source_range() {
        Some(header) => range::of_copy_source(header, version.summary.size),
        None => Ok(0..version.summary.size),
    };
    let mut opened = open_source(ctx, request, &source, choose).await?;
    let algorithm = target.checksum();
    let pieces = Pieces::Object(&mut opened.body);
    let received = receive(ctx, pieces, &target.keys, &[algorithm], (MOST_AT_ONCE, Place::Files)).await?;
    let checksum = received.checksum(algorithm).map(|value| STANDARD.encode(value));
    let etag = target.put(ctx, received).await?;
    let result = api::CopyPartResult::new()
        .with_e_tag(etag::quoted(etag))
        .with_last_modified(Timestamp::from_secs(ctx.now().secs()));
    let mut result = result.into_record();
    // Callers see the checksum that they asked for.
    let shown = checksum.as_deref().filter(|_| target.upload.checksum.is_some());
    members::set_text(&mut result, algorithm.member(), shown);
    let output = api::UploadPartCopyOutput::new()
        .with_copy_part_result(api::CopyPartResult::from_record(result))
        .with_copy_source_version_id(opened.bucket.shown(opened.version.summary.version));
    let mut output = output.into_record();
    target.upload.encryption.show(&mut output);
    Ok(api::UploadPartCopyOutput::from_record(output))
}
