//! RenameObject: an object gets another key, as it is, in one transaction.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RenameObject.html>

use virga_api::s3 as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::view::Structure as _;
use virga_store::{Reader as _, Write};

use crate::body::remove_later;
use crate::object::check_key;
use crate::records::RenameToken;
use crate::versions::ObjectAt;
use crate::{bucket, keys, workers};
use virga_object::{Error, condition, directory_bucket, rename};

/// How long a client's token stands for its request, in microseconds. AWS does not say; clients retry for less.
const TOKEN_LIFETIME: i64 = 15 * 60 * 1_000_000;

/// Renames an object. Whatever has the new name is replaced.
pub(crate) fn rename_object(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::RenameObjectInput,
) -> Result<api::RenameObjectOutput, Error> {
    let (request, name, key) = (input.as_record(), input.bucket(), input.key());
    if !directory_bucket::is_name(name) {
        return Err(Error::HeaderNotImplementedAtAll { header: "x-amz-rename-source".to_owned() });
    }
    let source_key = rename::source(name, input.rename_source(), key)?;
    check_key(&source_key)?;
    let bucket = bucket::find(txn, name, None)?;
    let token = rename::token(request)?;
    if let Some((token, asked)) = &token
        && let Some(known) = txn.get(&keys::rename_token(bucket.id, token))?
    {
        return match known.request == *asked {
            true => Ok(api::RenameObjectOutput::new()),
            false => Err(Error::IdempotencyParameterMismatch),
        };
    }
    let (source, destination) =
        (ObjectAt::new(name, &bucket, &source_key), ObjectAt::new(name, &bucket, key));
    let version = source.current(txn)?.ok_or(Error::NoSuchKey { key: source_key.clone() })?;
    let replaced = destination.current(txn)?;
    let validators = replaced.as_ref().map(|replaced| replaced.summary.validators());
    condition::check_rename(request, version.summary.validators(), validators)?;
    if source_key != key {
        if let Some(replaced) = replaced {
            remove_later(ctx, txn, bucket.id, &replaced.content.body)?;
        }
        txn.delete(&keys::current(bucket.id, &source_key))?;
        txn.put(&keys::current(bucket.id, key), &version)?;
    }
    if let Some((token, request)) = token {
        txn.put(&keys::rename_token(bucket.id, &token), &RenameToken { request })?;
        let due = ctx.now().micros() + TOKEN_LIFETIME;
        let id = format!("{}/{token}", bucket.id);
        workers::set(ctx, txn, workers::RENAME_TOKEN_END, id, due, &(bucket.id, token))?;
    }
    Ok(api::RenameObjectOutput::new())
}

/// Forgets the token of a request.
pub(crate) fn forget_token(_: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let (bucket, token): (u64, String) = timer.read()?;
    Ok(txn.delete(&keys::rename_token(bucket, &token))?)
}
