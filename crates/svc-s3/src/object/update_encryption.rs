//! UpdateObjectEncryption: another key for an object that is there. AWS wraps the object's data key anew; here its bytes
//! are sealed anew, which nobody can tell apart: nothing else about the object changes, nor when it was modified.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UpdateObjectEncryption.html>

use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::view::Structure as _;
use virga_store::{Fault, Write};

use super::whole::{MOST_LOOKS, open_whole};
use crate::body::{Pieces, Place, Received, receive, remove_later};
use crate::events::Subject;
use crate::records::{Bucket, Encryption, Version};
use crate::versions::ObjectAt;
use crate::{bucket, encryption, events};
use virga_object::Error;

/// Changes with which key an object is encrypted.
pub(crate) async fn update_object_encryption(
    ctx: &Ctx,
    input: &api::UpdateObjectEncryptionInput,
) -> Result<api::UpdateObjectEncryptionOutput, Error> {
    let wanted = input.object_encryption().ssekms().ok_or_else(|| {
        Error::request(
            "Requests that modify an object encryption configuration require a valid new encryption type. Valid values are SSEKMS. Modify the request to specify SSE-KMS for the updated encryption type, and then try again.",
        )
    })?;
    let owner = owner_of_key(wanted.kms_key_arn())?;
    let (name, key) = (input.bucket(), input.key());
    let (expected, version_id) = (input.expected_bucket_owner(), input.version_id());
    let check = |bucket: &Bucket, version: &Version| check(ctx, (bucket, owner), version);
    let request = api::PutObjectInput::new()
        .with_server_side_encryption("aws:kms")
        .with_ssekms_key_id(wanted.kms_key_arn())
        .with_bucket_key_enabled(wanted.bucket_key_enabled() == Some(true));
    for _ in 0..MOST_LOOKS {
        let mut old = open_whole(ctx, (name, expected), (key, version_id), check).await?;
        let sealing = encryption::of_new_object(ctx, request.as_record(), (name, key), None).await?;
        let most = (old.version.summary.size, Place::Anywhere);
        let received = receive(ctx, Pieces::Object(&mut old.body), &sealing.keys, &[], most).await?;
        let replaced = ctx.transact(|txn| {
            let bucket = bucket::shared(txn, name, expected)?;
            let at = ObjectAt::new(name, &bucket, key);
            replace(ctx, txn, &at, (&old.version, &check), (&received, &sealing.encryption))
        });
        if replaced.await? {
            received.body.claim();
            return Ok(api::UpdateObjectEncryptionOutput::new());
        }
    }
    Err(Fault::new("an object is replaced so often that its key can't be changed").into())
}

/// Puts the newly sealed body in the place of the old one; not when that is no longer there.
fn replace(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    (old, check): (&Version, &impl Fn(&Bucket, &Version) -> Result<(), Error>),
    (received, encryption): (&Received, &Encryption),
) -> Result<bool, Error> {
    let found = at.version(txn, &old.summary.version.text())?;
    let Some(mut found) = found.filter(|found| {
        found.version.content.body == old.content.body
            && found.version.content.encryption == old.content.encryption
    }) else {
        return Ok(false);
    };
    check(at.bucket, &found.version)?;
    remove_later(ctx, txn, at.bucket.id, &found.version.content.body)?;
    found.version.content.body = received.body.store(ctx, txn, at.bucket.id)?;
    found.version.content.encryption = Some(encryption.clone());
    at.save(txn, &found)?;
    let ObjectAt { bucket_name, bucket, key } = *at;
    let subject = Subject { bucket_name, bucket, key, version: &found.version };
    events::note_change(ctx, txn, &subject)?;
    Ok(true)
}

/// The account of a key, which must be named by its full ARN.
fn owner_of_key(arn: &str) -> Result<&str, Error> {
    if arn.is_empty() {
        return Err(Error::request(
            "Requests that modify an object's encryption type to SSE-KMS require an AWS KMS key Amazon Resource Name (ARN). Modify the request to specify a KMS key ARN, and then try again.",
        ));
    }
    let parts: Vec<&str> = arn.split(':').collect();
    let owner = match parts[..] {
        ["arn", partition, "kms", region, owner, resource]
            if partition.starts_with("aws")
                && !region.is_empty()
                && owner.len() == 12
                && owner.bytes().all(|byte| byte.is_ascii_digit())
                && resource.strip_prefix("key/").is_some_and(|id| !id.is_empty()) =>
        {
            Some(owner)
        }
        _ => None,
    };
    owner.ok_or_else(|| {
        Error::request(
            "Requests that modify an object's encryption type to SSE-KMS require a valid AWS KMS key Amazon Resource Name (ARN). Confirm that you have a correctly formatted KMS key ARN in your request, and then try again.",
        )
    })
}

/// Whether the key of a version may be changed to one of this account.
fn check(ctx: &Ctx, (bucket, owner): (&Bucket, &str), version: &Version) -> Result<(), Error> {
    if owner != bucket.account {
        let reason = "The AWS KMS key in the request must be owned by the same account as the bucket. Modify the request to specify a KMS key from the same account, and then try again.";
        return Err(Error::AccessDeniedBecause { reason: reason.to_owned() });
    }
    let is_supported = match &version.content.encryption {
        Some(Encryption::S3) => true,
        Some(Encryption::Kms(key)) => key.layers.len() == 1,
        Some(Encryption::Customer { .. }) | None => false,
    };
    if !is_supported {
        return Err(Error::request(
            "The UpdateObjectEncryption operation doesn't support source objects with the encryption type DSSE-KMS or SSE-C. Only source objects encrypted with SSE-S3 or SSE-KMS are supported.",
        ));
    }
    if !version.content.lock.allows_deletion(ctx.now().micros(), false) {
        let reason = "The encryption type for the specified object can\u{2019}t be updated because that object is protected by S3 Object Lock. If the object has a governance-mode retention period or a legal hold, you must first remove the Object Lock status on the object before you issue your UpdateObjectEncryption request. You can't use the UpdateObjectEncryption operation with objects that have an Object Lock compliance mode retention period applied to them.";
        return Err(Error::AccessDeniedBecause { reason: reason.to_owned() });
    }
    Ok(())
}
