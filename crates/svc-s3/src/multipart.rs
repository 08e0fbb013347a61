//! Objects in parts: uploads, their parts, their completion, which copies nothing.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html>

mod abort;
mod complete;
mod completed;
mod copy_part;
mod create;
mod list_parts;
mod part;

pub(crate) use abort::{abort_multipart_upload, drop_uploads, remove};
pub(crate) use complete::complete_multipart_upload;
pub(crate) use copy_part::upload_part_copy;
pub(crate) use create::create_multipart_upload;
pub(crate) use list_parts::list_parts;
pub(crate) use part::{Target, upload_part};

use virga_api::s3 as api;
use virga_store::Reader;

use crate::keys;
use crate::records::{Bucket, OpaqueId, Upload};
use virga_object::Error;
use virga_object::opaque_id;

/// The upload that a request names.
pub(crate) fn find(
    txn: &impl Reader,
    bucket: &Bucket,
    key: &str,
    upload_id: &str,
) -> Result<(OpaqueId, Upload), Error> {
    let missing = || Error::NoSuchUpload { upload_id: upload_id.to_owned() };
    let id = opaque_id::parse(upload_id).ok_or_else(missing)?;
    let upload = txn.get(&keys::upload(bucket.id, key, id))?;
    Ok((id, upload.ok_or_else(missing)?))
}

/// Who began an upload.
pub(crate) fn initiator(upload: &Upload) -> api::Initiator {
    if upload.initiator_arn.is_empty() {
        let owner = crate::bucket::owner(&upload.initiator);
        return api::Initiator::new().with_id(owner.id().map(str::to_owned));
    }
    api::Initiator::new().with_id(upload.initiator_arn.as_str())
}
