//! CreateMultipartUpload: what the object will be is said here.

use virga_api::s3 as api;
use virga_iam::Principal;
use virga_kit::Ctx;
use virga_model::Record;
use virga_model::view::Structure as _;

use crate::encryption;
use crate::object::{Draft, ownership_of_new};
use crate::records::{ChecksumAlgorithm, ChecksumType, OpaqueId, Upload};
use crate::{bucket, keys, lifecycle, lock};
use virga_object::Error;
use virga_object::members;
use virga_object::{checksum, opaque_id};

/// Begins an upload.
pub(crate) async fn create_multipart_upload(
    ctx: &Ctx,
    input: &api::CreateMultipartUploadInput,
) -> Result<api::CreateMultipartUploadOutput, Error> {
    let request = input.as_record();
    let (name, key, owner) = (input.bucket(), input.key(), input.expected_bucket_owner());
    let draft = Draft::of_request(request)?;
    let checksum = checksum_of(request)?;
    let default = ctx.read(|txn| encryption::default_of(txn, &*bucket::shared(txn, name, owner)?)).await?;
    let sealing = encryption::of_new_object(ctx, request, (name, key), default.as_ref()).await?;
    let id = ctx.transact(|txn| {
        let bucket = bucket::shared(txn, name, owner)?;
        let (account, list) =
            ownership_of_new(ctx, txn, &bucket, request, || format!("{}/{key}", bucket::arn(name)))?;
        let upload = Upload {
            initiated: ctx.now().micros(),
            initiator: ctx.account().to_owned(),
            initiator_arn: initiator_arn(ctx),
            owner: account,
            class: draft.class,
            checksum,
            headers: draft.headers.clone(),
            metadata: draft.metadata.clone(),
            tags: draft.tags.clone(),
            encryption: sealing.encryption.clone(),
            acl: list,
            lock: lock::of_new_version(ctx, txn, &bucket, request)?,
        };
        let id = OpaqueId { sequence: ctx.sequence(), salt: ctx.random() };
        txn.put_new(&keys::upload(bucket.id, key, id), &upload)?;
        Ok::<_, Error>((id, lifecycle::abort(txn, &bucket, key, upload.initiated)?))
    });
    let (id, abort) = id.await?;
    let (date, rule) = abort.unzip();
    let id = opaque_id::letters(id);
    let output = api::CreateMultipartUploadOutput::new()
        .with_bucket(name)
        .with_key(key)
        .with_upload_id(id)
        .with_abort_date(date)
        .with_abort_rule_id(rule)
        .with_checksum_algorithm(checksum.map(|(algorithm, _)| algorithm.as_str()))
        .with_checksum_type(checksum.map(|(_, kind)| kind.as_str()));
    let mut output = output.into_record();
    sealing.encryption.show(&mut output);
    Ok(api::CreateMultipartUploadOutput::from_record(output))
}

/// The ARN of whoever begins an upload; none for a root user, who is known by the account.
fn initiator_arn(ctx: &Ctx) -> String {
    match ctx.caller().principal {
        Principal::Root | Principal::Anonymous => String::new(),
        _ => ctx.caller().arn().unwrap_or_default(),
    }
}

/// The checksum that the object will have; none when the request does not say.
fn checksum_of(request: &Record) -> Result<Option<(ChecksumAlgorithm, ChecksumType)>, Error> {
    let asked = members::text(request, "ChecksumType");
    let Some(algorithm) = checksum::named(request)? else {
        return match asked {
            None => Ok(None),
            Some(_) => Err(Error::request(
                "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.",
            )),
        };
    };
    let kind = asked.map(|asked| {
        let reason = "Value for x-amz-checksum-type header is invalid.";
        ChecksumType::parse(asked).ok_or_else(|| Error::request(reason))
    });
    let kind = kind.transpose()?;
    let chosen = algorithm.kind(kind).ok_or_else(|| {
        let (kind, name) = (asked.unwrap_or_default(), algorithm.as_str().to_ascii_lowercase());
        Error::request(format!("The {kind} checksum type cannot be used with the {name} checksum algorithm."))
    })?;
    Ok(Some((algorithm, chosen)))
}
