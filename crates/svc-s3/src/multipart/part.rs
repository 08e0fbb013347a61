//! UploadPart: a part in one piece. A later part of the same number takes the place of the earlier one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::s3 as api;
use virga_kit::{Ctx, Incoming, Outgoing};
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_store::Reader as _;

use super::find;
use crate::body::{DataKeys, Pieces, Place, Received, receive, remove_later};
use crate::encryption::{self, CustomerKey, GIVEN};
use crate::object::{Expected, MOST_AT_ONCE, check_length, etag_of_received};
use crate::records::{ChecksumAlgorithm, Encryption, Etag, OpaqueId, Part, Upload};
use crate::{bucket, keys};
use virga_object::Error;
use virga_object::members;
use virga_object::{checksum, etag, range};

/// The upload to which a part goes.
pub(crate) struct Target<'a> {
    name: &'a str,
    owner: Option<&'a str>,
    key: &'a str,
    upload_id: &'a str,
    number: u16,
    /// The upload.
    pub(crate) upload: Upload,
    /// What seals its parts.
    pub(crate) keys: DataKeys,
}

impl<'a> Target<'a> {
    /// Finds the upload and opens its keys. `part` is the number of the part.
    pub(crate) async fn find(
        ctx: &Ctx,
        request: &Record,
        (name, owner): (&'a str, Option<&'a str>),
        (key, upload_id): (&'a str, &'a str),
        part: i32,
    ) -> Result<Self, Error> {
        let number = u16::try_from(part).ok().filter(|number| (1..=10_000).contains(number));
        let number = number.ok_or_else(|| range::part_number(part))?;
        let found = ctx.read(|txn| {
            let bucket = bucket::shared(txn, name, owner)?;
            find(txn, &bucket, key, upload_id)
        });
        let (_, upload) = found.await?;
        let customer_key = CustomerKey::of_request(ctx, request, &GIVEN)?;
        check_encryption(&upload.encryption, customer_key.as_ref())?;
        let keys = encryption::data_keys(ctx, &upload.encryption, (name, key), customer_key).await?;
        Ok(Target { name, owner, key, upload_id, number, upload, keys })
    }

    /// The checksums that a part must have: that which the request gives, and that from which the object's is made.
    pub(crate) fn checksum(&self) -> ChecksumAlgorithm {
        self.upload.checksum.map_or(checksum::DEFAULT, |(algorithm, _)| algorithm)
    }

    /// Makes what was received the part.
    pub(crate) async fn put(&self, ctx: &Ctx, received: Received) -> Result<Etag, Error> {
        let algorithm = self.checksum();
        let part = Part {
            modified: ctx.now().micros(),
            size: received.size,
            etag: etag_of_received(ctx, (self.upload.class, &self.upload.encryption), &received)?,
            checksum: received.checksum(algorithm).map(|value| (algorithm, STANDARD.encode(value))),
            body: received.body.in_files(),
        };
        let put = ctx.transact(|txn| {
            let bucket = bucket::shared(txn, self.name, self.owner)?;
            let (id, _): (OpaqueId, Upload) = find(txn, &bucket, self.key, self.upload_id)?;
            let key = keys::part(bucket.id, id, self.number);
            if let Some(before) = txn.get(&key)? {
                remove_later(ctx, txn, bucket.id, &before.body)?;
            }
            Ok::<_, Error>(txn.put(&key, &part)?)
        });
        put.await?;
        received.body.claim();
        Ok(part.etag)
    }
}

/// A customer's key comes with every part, or with none.
fn check_encryption(encryption: &Encryption, key: Option<&CustomerKey>) -> Result<(), Error> {
    match (encryption, key) {
        (Encryption::Customer { .. }, None) => Err(Error::request(
            "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters.",
        )),
        (Encryption::S3 | Encryption::Kms(_), Some(_)) => Err(Error::request(
            "The multipart upload initiate did not request encryption. Please resend the request without sending encryption parameters.",
        )),
        (_, Some(key)) if encryption::check_customer_key(encryption, Some(key)).is_err() => {
            Err(Error::request("The provided encryption parameters did not match the ones used originally."))
        }
        _ => Ok(()),
    }
}

/// Takes a part.
pub(crate) async fn upload_part(
    ctx: &Ctx,
    input: &api::UploadPartInput,
    body: &mut Incoming,
) -> Result<(api::UploadPartOutput, Outgoing), Error> {
    let request = input.as_record();
    let bucket = (input.bucket(), input.expected_bucket_owner());
    let upload = (input.key(), input.upload_id());
    let target = Target::find(ctx, request, bucket, upload, input.part_number()).await?;
    check_length(body)?;
    let expected = Expected::of_request(request, target.checksum())?;
    if let Some((algorithm, _)) =
        target.upload.checksum.filter(|(algorithm, _)| *algorithm != expected.algorithm)
    {
        let name = |algorithm: ChecksumAlgorithm| algorithm.as_str().to_ascii_lowercase();
        return Err(Error::request(format!(
            "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
            name(algorithm),
            name(expected.algorithm)
        )));
    }
    let mut algorithms = vec![expected.algorithm, target.checksum()];
    algorithms.dedup();
    let place = Place::Files;
    let received =
        receive(ctx, Pieces::Request(body), &target.keys, &algorithms, (MOST_AT_ONCE, place)).await?;
    let value = expected.check(body, &received)?;
    let etag = target.put(ctx, received).await?;
    let mut output = api::UploadPartOutput::new().with_e_tag(etag::quoted(etag)).into_record();
    target.upload.encryption.show(&mut output);
    members::set_text(&mut output, expected.algorithm.member(), value.as_deref());
    Ok((api::UploadPartOutput::from_record(output), Outgoing::Nothing))
}
