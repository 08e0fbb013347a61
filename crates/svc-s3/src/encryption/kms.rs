//! Data keys of KMS: made and opened as the caller, who needs the permission for it, and bound to the object, or to the
//! bucket where the bucket has one for all its objects.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html>

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use virga_api::kms;
use virga_kit::Ctx;
use virga_model::ApiError;
use virga_store::Write;

use super::Sealing;
use super::bucket_key::{BucketKey, Question, Wish};
use crate::body::DataKeys;
use crate::records::{Encryption, KmsKey, Layer};
use virga_object::Error;
use virga_object::encryption_context::{self, BOUND_TO};

/// The key that KMS keeps for S3 in every account.
const MANAGED_KEY: &str = "alias/aws/s3";

/// Why KMS does not make or open a data key, as S3 passes it on.
const REFUSALS: [&str; 8] = [
    "KMS.DisabledException",
    "KMS.InvalidGrantTokenException",
    "KMS.InvalidKeyUsageException",
    "KMS.KeyUnavailableException",
    "KMS.KMSInvalidStateException",
    "KMS.NotFoundException",
    "KMS.InvalidCiphertextException",
    "KMS.IncorrectKeyException",
];

/// What encryption with a key of KMS a request wants.
pub(super) struct Wanted {
    /// The key; none for the one that KMS keeps for S3.
    pub(super) key_id: Option<String>,
    /// Whether the data key is one of the bucket.
    pub(super) bucket_key: bool,
    /// The further encryption context: JSON in base64.
    pub(super) context: Option<String>,
    /// Whether the body is sealed twice.
    pub(super) dual_layer: bool,
}

/// Has KMS make the data keys of a new object.
pub(super) async fn generate(
    ctx: &Ctx,
    wanted: &Wanted,
    bucket_arn: &str,
    arn: &str,
) -> Result<Sealing, Error> {
    // Two layers have no keys of the bucket.
    let bucket_key = wanted.bucket_key && !wanted.dual_layer;
    let bound_to = if bucket_key { bucket_arn } else { arn };
    let context = context_of(wanted.context.as_deref(), bound_to)?;
    let key_id = wanted.key_id.as_deref().unwrap_or(MANAGED_KEY);
    let made = if bucket_key {
        let question = Question::new(ctx, &context, Wish::New(key_id.to_owned()));
        match question.known(ctx) {
            Some(known) => vec![known],
            None => {
                let made = make(ctx, key_id, &context).await?;
                question.keep(ctx, &made);
                vec![made]
            }
        }
    } else {
        let mut made = vec![make(ctx, key_id, &context).await?];
        if wanted.dual_layer {
            made.push(make(ctx, key_id, &context).await?);
        }
        made
    };
    let keys = DataKeys::new(made.iter().map(|key| &key.plain[..]));
    let key_arn = made.first().map(|key| key.key_arn.clone()).unwrap_or_default();
    let layers = made.into_iter().map(|key| key.wrapped).collect();
    let encryption = Encryption::Kms(KmsKey { key_arn, bucket_key, context: wanted.context.clone(), layers });
    Ok(Sealing { encryption, keys })
}

/// Has KMS make a data key.
async fn make(ctx: &Ctx, key_id: &str, context: &[(String, String)]) -> Result<BucketKey, Error> {
    let input = kms::GenerateDataKeyInput::new()
        .with_key_id(key_id)
        .with_key_spec("AES_256")
        .with_encryption_context(context.to_vec());
    let made = ctx.call::<kms::op::GenerateDataKey>(Arc::new(ctx.caller().clone()), input).await;
    let made = made.map_err(refused)?;
    Ok(BucketKey {
        key_arn: made.key_id().unwrap_or_default().to_owned(),
        wrapped: Layer(STANDARD.encode(made.ciphertext_blob().map_or(&[][..], |blob| blob))),
        plain: made.plaintext().cloned().unwrap_or_default(),
    })
}

/// Has KMS make a data key for a bucket and open it again, as who encrypts the objects of a directory bucket by default has to be
/// able to.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html>
pub(crate) fn try_key(ctx: &Ctx, txn: &mut Write, key_id: &str, bucket_arn: &str) -> Result<(), Error> {
    let context = context_of(None, bucket_arn)?;
    let input = kms::GenerateDataKeyInput::new()
        .with_key_id(key_id)
        .with_key_spec("AES_256")
        .with_encryption_context(context.clone());
    let made = ctx.call_within::<kms::op::GenerateDataKey>(txn, input).map_err(refused)?;
    let input = kms::DecryptInput::new()
        .with_ciphertext_blob(made.ciphertext_blob().cloned().unwrap_or_default())
        .with_encryption_context(context);
    ctx.call_within::<kms::op::Decrypt>(txn, input).map(|_| ()).map_err(refused)
}

/// Has KMS open the data keys of an object.
pub(super) async fn open(ctx: &Ctx, key: &KmsKey, bucket_arn: &str, arn: &str) -> Result<DataKeys, Error> {
    let bound_to = if key.bucket_key { bucket_arn } else { arn };
    let context = context_of(key.context.as_deref(), bound_to)?;
    let mut plain = Vec::new();
    for layer in &key.layers {
        let opened = match key.bucket_key {
            true => {
                let question = Question::new(ctx, &context, Wish::Opened(layer.clone()));
                match question.known(ctx) {
                    Some(known) => known.plain,
                    None => {
                        let plain = unwrap(ctx, key, layer, &context).await?;
                        let opened =
                            BucketKey { key_arn: key.key_arn.clone(), wrapped: layer.clone(), plain };
                        question.keep(ctx, &opened);
                        opened.plain
                    }
                }
            }
            false => unwrap(ctx, key, layer, &context).await?,
        };
        plain.push(opened);
    }
    Ok(DataKeys::new(plain.iter().map(|key| &key[..])))
}

/// Has KMS open a data key.
async fn unwrap(
    ctx: &Ctx,
    key: &KmsKey,
    Layer(wrapped): &Layer,
    context: &[(String, String)],
) -> Result<Bytes, Error> {
    let input = kms::DecryptInput::new()
        .with_ciphertext_blob(Bytes::from(STANDARD.decode(wrapped).unwrap_or_default()))
        .with_key_id(key.key_arn.as_str())
        .with_encryption_context(context.to_vec());
    let opened = ctx.call::<kms::op::Decrypt>(Arc::new(ctx.caller().clone()), input).await;
    Ok(opened.map_err(refused)?.plaintext().cloned().unwrap_or_default())
}

/// The encryption context of a data key: what it is bound to, and what the caller adds.
fn context_of(given: Option<&str>, bound_to: &str) -> Result<Vec<(String, String)>, Error> {
    let mut context = vec![(BOUND_TO.to_owned(), bound_to.to_owned())];
    if let Some(given) = given {
        // A caller may name the ARN itself; nothing else may stand there.
        context.extend(encryption_context::parse(given)?.into_iter().filter(|(name, _)| name != BOUND_TO));
    }
    Ok(context)
}

/// An error of KMS in S3's terms: under the prefix `KMS.`.
fn refused(error: ApiError) -> Error {
    match &*error.code {
        "AccessDenied" | "AccessDeniedException" => {
            Error::AccessDeniedBecause { reason: error.message.to_string() }
        }
        _ if error.is_fault() => Error::Other(Box::new(error)),
        code => {
            let code = REFUSALS.iter().find(|refusal| refusal.strip_prefix("KMS.") == Some(code));
            let code = code.copied().unwrap_or("KMS.KMSInvalidStateException");
            Error::Other(Box::new(ApiError::common(code, 400, error.message).with_query_code(code)))
        }
    }
}
