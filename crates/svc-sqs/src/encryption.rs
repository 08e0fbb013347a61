//! Server-side encryption: bodies are sealed with data keys. With KMS keys, KMS makes and opens them for the caller, who
//! needs the permission for it, and one is used for as long as the queue says before KMS is asked again. Otherwise SQS
//! has a key of its own.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html>

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use parking_lot::Mutex;
use virga_api::kms;
use virga_kit::secrets::DataCipher;
use virga_kit::{Ctx, Failure, Timer};
use virga_model::ApiError;
use virga_store::{Fault, Reader as _, Write};

use crate::delivery::{QueueAt, now, seconds, time};
use crate::error::Error;
use crate::records::{Body, CurrentDataKey, DataKey, Details, Message, OwnedKey, Sealing};
use crate::rules::QueueAddress;
use crate::rules::queue_attributes::data_key_reuse_seconds;
use crate::{keys, queue, workers};

/// How long a data key is kept after the last message that it seals was sent, or counts as new: messages live fourteen days
/// at most, and again as long in a dead-letter queue.
const KEPT: Duration = Duration::from_secs(35 * 24 * 3600);
/// Opened data keys that are remembered; past that, all are forgotten.
const REMEMBERED: usize = 1024;

/// Data keys that KMS has opened, by their id and by who asked, with the time until which they may be used.
type Opened = HashMap<(u64, String), (Arc<Cipher>, i64)>;

/// The data keys that are remembered.
#[derive(Default)]
pub(crate) struct OpenedKeys(Mutex<Opened>);

/// The key that SQS owns, ready for use, once a commit has kept it.
#[derive(Default)]
pub(crate) struct OwnedCipher(OnceLock<Cipher>);

/// A data key, ready for use.
struct Cipher {
    id: u64,
    cipher: DataCipher,
}

impl Cipher {
    fn new(id: u64, key: &[u8]) -> Result<Self, Fault> {
        Ok(Cipher { id, cipher: DataCipher::new(key)? })
    }

    /// Seals a text, bound to its digest.
    fn seal(&self, text: &str, md5: [u8; 16]) -> Result<Body, Fault> {
        let mut sealed = Vec::new();
        self.cipher.seal(text.as_bytes(), &md5, &mut sealed)?;
        Ok(Body::Sealed { data_key: self.id, bytes: sealed.into() })
    }

    /// Opens the sealed text of a message.
    fn open(&self, sealed: &[u8], message: &Message) -> Result<String, Fault> {
        // What is bound to a sealed body stays with the message when a task moves it. Earlier it was the id, which does not.
        let bound = [&message.md5[..], message.id.as_bytes()];
        let text = bound.into_iter().find_map(|bound| self.cipher.open(sealed, bound));
        let damaged = || Fault::new("a sealed message is damaged");
        String::from_utf8(text.ok_or_else(damaged)?).map_err(|_| damaged())
    }
}

/// A text as it is stored: sealed, if the queue is encrypted, with a KMS key or with the key that SQS owns.
pub(crate) fn sealed(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    text: &str,
    md5: [u8; 16],
) -> Result<Body, Error> {
    let plain = || Body::Plain(text.to_owned());
    match at.queue.sealing {
        Sealing::Nothing => Ok(plain()),
        Sealing::OwnedKey => with_owned_key(ctx, txn, |cipher| cipher.seal(text, md5)),
        Sealing::AsDetailsSay => match queue::details(txn, &at.queue)? {
            Details { kms_master_key_id: Some(key_id), kms_data_key_reuse_seconds, .. } => {
                let reuse = data_key_reuse_seconds(kms_data_key_reuse_seconds);
                Ok(current_kms_cipher(ctx, txn, at, &key_id, reuse)?.seal(text, md5)?)
            }
            Details { sqs_managed_sse: true, .. } => {
                with_owned_key(ctx, txn, |cipher| cipher.seal(text, md5))
            }
            Details { .. } => Ok(plain()),
        },
    }
}

/// The data key that a queue with a KMS key uses at present.
fn current_kms_cipher(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    key_id: &str,
    reuse_seconds: u32,
) -> Result<Arc<Cipher>, Error> {
    let current = txn.get(&keys::current_data_key(&at.queue))?;
    let usable = current.filter(|current| current.key_id == key_id && now(ctx) < current.until);
    let id = match usable {
        Some(current) => current.id,
        None => generate(ctx, txn, at, key_id, reuse_seconds)?,
    };
    opened(ctx, txn, at.at, id, reuse_seconds)
}

/// Uses the key that SQS owns; it is made when there is none. Nobody needs a permission for it.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-sqs-sse-queue.html>
fn with_owned_key<T>(
    ctx: &Ctx,
    txn: &mut Write,
    using: impl Fn(&Cipher) -> Result<T, Fault>,
) -> Result<T, Error> {
    if let Some(cipher) = ctx.world().memory::<OwnedCipher>().0.get() {
        return Ok(using(cipher)?);
    }
    let owned = match txn.get(&keys::owned_key())? {
        Some(owned) => owned,
        None => {
            let owned = OwnedKey { id: ctx.random(), key: ctx.secret_bytes(DataCipher::KEY_LEN)? };
            txn.put(&keys::owned_key(), &owned)?;
            owned
        }
    };
    remember_owned_key(ctx, txn, &owned, using)
}

/// Uses the key that SQS owns for the first time in this process.
fn remember_owned_key<T>(
    ctx: &Ctx,
    txn: &mut Write,
    owned: &OwnedKey,
    using: impl Fn(&Cipher) -> Result<T, Fault>,
) -> Result<T, Error> {
    let cipher = Cipher::new(owned.id, &owned.key)?;
    let result = using(&cipher)?;
    let memory = ctx.world().memory::<OwnedCipher>();
    // Whether the key is the one that stays is known with the commit.
    txn.on_commit(move || {
        memory.0.get_or_init(|| cipher);
    });
    Ok(result)
}

/// Takes the text out of a message, opened if it was sealed.
pub(crate) fn text(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    message: &mut Message,
) -> Result<String, Error> {
    let (data_key, bytes) = match &mut message.body {
        Body::Plain(text) => return Ok(std::mem::take(text)),
        Body::Sealed { data_key, bytes } => (*data_key, std::mem::take(bytes)),
    };
    let open = |cipher: &Cipher| cipher.open(&bytes, message);
    // There is one such key, and it is never deleted.
    match ctx.world().memory::<OwnedCipher>().0.get() {
        Some(cipher) if cipher.id == data_key => return Ok(open(cipher)?),
        Some(_) => {}
        None => {
            if let Some(owned) = txn.get(&keys::owned_key())?.filter(|owned| owned.id == data_key) {
                return remember_owned_key(ctx, txn, &owned, open);
            }
        }
    }
    let reuse = data_key_reuse_seconds(queue::details(txn, &at.queue)?.kms_data_key_reuse_seconds);
    Ok(opened(ctx, txn, at.at, data_key, reuse)?.open(&bytes, message)?)
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
    let id = ctx.random();
    let missing = || Fault::new("KMS gave no data key");
    let wrapped = output.ciphertext_blob().ok_or_else(missing)?.to_vec();
    let cipher = Cipher::new(id, output.plaintext().ok_or_else(missing)?)?;
    let until = now(ctx) + seconds(reuse_seconds);
    txn.put_new(&keys::data_key(id), &DataKey { wrapped, context: at.at.arn() })?;
    txn.put(&keys::current_data_key(&at.queue), &CurrentDataKey { id, key_id: key_id.to_owned(), until })?;
    workers::drop_data_key_at(ctx, txn, id, time(now(ctx)).plus(KEPT))?;
    remember(ctx, Arc::new(cipher), until);
    Ok(id)
}

/// The plaintext of a data key: remembered, or opened by KMS for the caller.
fn opened(
    ctx: &Ctx,
    txn: &mut Write,
    at: QueueAddress<'_>,
    id: u64,
    reuse_seconds: u32,
) -> Result<Arc<Cipher>, Error> {
    let memory = ctx.world().memory::<OpenedKeys>();
    let known = memory.0.lock().get(&(id, ctx.caller().user_id())).cloned();
    if let Some((cipher, _)) = known.filter(|(_, until)| now(ctx) < *until) {
        return Ok(cipher);
    }
    let stored = txn.get(&keys::data_key(id))?;
    let stored = stored.ok_or_else(|| Fault::new(format!("a data key of {} is gone", at.arn())))?;
    let input = kms::DecryptInput::new()
        .with_ciphertext_blob(stored.wrapped)
        .with_encryption_context(context(stored.context));
    let output = ctx.call_within::<kms::op::Decrypt>(txn, input).map_err(|error| refused(&error))?;
    let plaintext = output.plaintext().ok_or_else(|| Fault::new("KMS opened no data key"))?;
    let cipher = Arc::new(Cipher::new(id, plaintext)?);
    remember(ctx, Arc::clone(&cipher), now(ctx) + seconds(reuse_seconds));
    Ok(cipher)
}

/// What is remembered is no state: a restart, or another process, asks KMS again.
fn remember(ctx: &Ctx, cipher: Arc<Cipher>, until: i64) {
    let memory = ctx.world().memory::<OpenedKeys>();
    let mut opened = memory.0.lock();
    if opened.len() >= REMEMBERED {
        opened.clear();
    }
    opened.insert((cipher.id, ctx.caller().user_id()), (cipher, until));
}

/// Keeps the data key of a message that is sealed with it and counts as new from now on.
pub(crate) fn keep(ctx: &Ctx, txn: &mut Write, message: &Message) -> Result<(), Error> {
    match message.body {
        Body::Sealed { data_key, .. } if txn.contains(&keys::data_key(data_key))? => {
            workers::drop_data_key_at(ctx, txn, data_key, time(now(ctx)).plus(KEPT))
        }
        Body::Sealed { .. } | Body::Plain(_) => Ok(()),
    }
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
    let id: u64 = timer.read()?;
    Ok(txn.delete(&keys::data_key(id))?)
}
