//! Server-side encryption: bodies are sealed with data keys. With KMS keys, KMS makes and opens them for the caller, who
//! needs the permission for it, and one is used for as long as the queue says before KMS is asked again. Otherwise SQS
//! has a key of its own.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html>

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bytes::Bytes;
use parking_lot::Mutex;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use virga_api::kms;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::ApiError;
use virga_store::{Fault, Reader as _, Write};

use crate::delivery::{QueueAt, now, seconds, time};
use crate::error::Error;
use crate::records::{CurrentDataKey, DataKey, Message, OwnedKey};
use crate::rules::QueueAddress;
use crate::rules::queue_attributes::data_key_reuse_seconds;
use crate::{keys, queue, workers};

/// How long a data key is kept: messages live fourteen days at most, and again as long in a dead-letter queue.
const KEPT: Duration = Duration::from_secs(35 * 24 * 3600);
/// Opened data keys that are remembered; past that, all are forgotten.
const REMEMBERED: usize = 1024;

/// Data keys that KMS has opened, by their id and by who asked, with the time until which they may be used.
#[derive(Default)]
pub(crate) struct OpenedKeys(Mutex<HashMap<(u64, String), (Bytes, i64)>>);

/// Seals the body of a message, if the queue is encrypted: with a KMS key, or with the key that SQS owns.
pub(crate) fn seal(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>, message: &mut Message) -> Result<(), Error> {
    let details = queue::details(txn, &at.queue)?;
    let reuse = data_key_reuse_seconds(&details);
    let Some(key_id) = details.kms_master_key_id else {
        if details.sqs_managed_sse {
            let OwnedKey { id, key } = owned_key(ctx, txn)?;
            seal_with(ctx, id, &key, message)?;
        }
        return Ok(());
    };
    let current = txn.get(&keys::current_data_key(&at.queue))?;
    let usable = current.filter(|current| current.key_id == key_id && now(ctx) < current.until);
    let id = match usable {
        Some(current) => current.id,
        None => generate(ctx, txn, at, &key_id, reuse)?,
    };
    let key = opened(ctx, txn, at.at, id, reuse)?;
    Ok(seal_with(ctx, id, &key, message)?)
}

/// The key that SQS owns; it is made when there is none. Nobody needs a permission for it.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-sqs-sse-queue.html>
fn owned_key(ctx: &Ctx, txn: &mut Write) -> Result<OwnedKey, Fault> {
    if let Some(owned) = txn.get(&keys::owned_key())? {
        return Ok(owned);
    }
    let owned = OwnedKey { id: ctx.random(), key: ctx.secret_bytes(AES_256_GCM.key_len())? };
    txn.put(&keys::owned_key(), &owned)?;
    Ok(owned)
}

fn seal_with(ctx: &Ctx, id: u64, key: &[u8], message: &mut Message) -> Result<(), Fault> {
    let mut sealed = message.body.as_bytes().to_vec();
    let nonce: [u8; NONCE_LEN] = first_bytes(&ctx.secret_bytes(NONCE_LEN)?)?;
    let aad = Aad::from(message.md5);
    let done = cipher(key)?.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), aad, &mut sealed);
    done.map_err(|_| Fault::new("a message can't be sealed"))?;
    message.body = STANDARD_NO_PAD.encode([&nonce[..], &sealed].concat());
    message.data_key = Some(id);
    Ok(())
}

/// Opens the body of a message that was sealed.
pub(crate) fn open(ctx: &Ctx, txn: &mut Write, at: &QueueAt<'_>, message: &mut Message) -> Result<(), Error> {
    let Some(id) = message.data_key else { return Ok(()) };
    let key = match txn.get(&keys::owned_key())?.filter(|owned| owned.id == id) {
        Some(owned) => Bytes::from(owned.key),
        None => {
            let reuse = data_key_reuse_seconds(&queue::details(txn, &at.queue)?);
            opened(ctx, txn, at.at, id, reuse)?
        }
    };
    let damaged = || Fault::new("a sealed message is damaged");
    let sealed = STANDARD_NO_PAD.decode(&message.body).map_err(|_| damaged())?;
    let cipher = cipher(&key)?;
    // What is bound to a sealed body stays with the message when a task moves it. Earlier it was the id, which does not.
    let bound = [&message.md5[..], message.id.as_bytes()];
    let body = bound.into_iter().find_map(|bound| open_with(&cipher, &sealed, bound)).ok_or_else(damaged)?;
    message.body = String::from_utf8(body).map_err(|_| damaged())?;
    Ok(())
}

fn open_with(cipher: &LessSafeKey, sealed: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
    let (nonce, text) = sealed.split_first_chunk::<NONCE_LEN>()?;
    let mut text = text.to_vec();
    let opened =
        cipher.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(bound), &mut text).ok()?;
    Some(opened.to_vec())
}

fn first_bytes<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes.first_chunk().copied().ok_or_else(|| Fault::new("too few bytes"))
}

fn cipher(key: &[u8]) -> Result<LessSafeKey, Fault> {
    let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| Fault::new("a data key has no 256 bits"))?;
    Ok(LessSafeKey::new(key))
}

/// A new data key of the queue's key, used from now on.
fn generate(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    key_id: &str,
    reuse_seconds: u32,
) -> Result<u64, Error> {
    let input = kms::GenerateDataKeyInput::new()
        .with_key_id(key_id)
        .with_key_spec(kms::data_key_spec::AES_256)
        .with_encryption_context(context(at.at.arn()));
    let output = ctx.call_within::<kms::op::GenerateDataKey>(txn, input).map_err(|error| refused(&error))?;
    let missing = || Fault::new("KMS gave no data key");
    let wrapped = output.ciphertext_blob().ok_or_else(missing)?.to_vec();
    let plaintext = output.plaintext().cloned().ok_or_else(missing)?;
    let id = ctx.random();
    let until = now(ctx) + seconds(reuse_seconds);
    txn.put_new(&keys::data_key(id), &DataKey { wrapped, context: at.at.arn() })?;
    txn.put(&keys::current_data_key(&at.queue), &CurrentDataKey { id, key_id: key_id.to_owned(), until })?;
    workers::drop_data_key_at(ctx, txn, id, time(now(ctx)).plus(KEPT))?;
    remember(ctx, id, plaintext, until);
    Ok(id)
}

/// The plaintext of a data key: remembered, or opened by KMS for the caller.
fn opened(
    ctx: &Ctx,
    txn: &mut Write,
    at: QueueAddress<'_>,
    id: u64,
    reuse_seconds: u32,
) -> Result<Bytes, Error> {
    let memory = ctx.world().memory::<OpenedKeys>();
    let known = memory.0.lock().get(&(id, ctx.caller().user_id())).cloned();
    if let Some((key, _)) = known.filter(|(_, until)| now(ctx) < *until) {
        return Ok(key);
    }
    let stored = txn.get(&keys::data_key(id))?;
    let stored = stored.ok_or_else(|| Fault::new(format!("a data key of {} is gone", at.arn())))?;
    let input = kms::DecryptInput::new()
        .with_ciphertext_blob(stored.wrapped)
        .with_encryption_context(context(stored.context));
    let output = ctx.call_within::<kms::op::Decrypt>(txn, input).map_err(|error| refused(&error))?;
    let key = output.plaintext().cloned().ok_or_else(|| Fault::new("KMS opened no data key"))?;
    remember(ctx, id, key.clone(), now(ctx) + seconds(reuse_seconds));
    Ok(key)
}

/// What is remembered is no state: a restart, or another process, asks KMS again.
fn remember(ctx: &Ctx, id: u64, key: Bytes, until: i64) {
    let memory = ctx.world().memory::<OpenedKeys>();
    let mut opened = memory.0.lock();
    if opened.len() >= REMEMBERED {
        opened.clear();
    }
    opened.insert((id, ctx.caller().user_id()), (key, until));
}

/// The encryption context that binds a data key to its queue.
fn context(queue_arn: String) -> Vec<(String, String)> {
    vec![("aws:sqs:arn".to_owned(), queue_arn)]
}

/// An error of KMS in SQS's terms.
fn refused(error: &ApiError) -> Error {
    let reason = error.message.to_string();
    match &*error.code {
        "AccessDenied" | "AccessDeniedException" => Error::KmsAccessDenied { reason },
        "NotFoundException" => Error::KmsNotFound { reason },
        "DisabledException" => Error::KmsDisabled { reason },
        "KMSInvalidStateException" => Error::KmsInvalidState { reason },
        "InvalidKeyUsageException" => Error::KmsInvalidKeyUsage { reason },
        "ThrottlingException" | "LimitExceededException" => Error::KmsThrottled { reason },
        _ => Fault::new(format!("KMS: {}: {reason}", error.code)).into(),
    }
}

/// Removes a data key that no message needs any more.
pub(crate) fn drop_data_key(_: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let id: u64 = workers::payload(timer)?;
    Ok(txn.delete(&keys::data_key(id))?)
}
