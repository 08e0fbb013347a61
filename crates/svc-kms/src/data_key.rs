//! Data keys, data key pairs and random bytes.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/data-keys.html>

use virga_api::kms as api;
use virga_kit::{Ctx, Failure};
use virga_model::view::{Entries, List};
use virga_store::{Read, Write};

use crate::crypto::{self, KeyPair, Secret};
use crate::encrypt::{refuse_dry_run, refuse_recipient, seal, symmetric};
use crate::error::Error;
use crate::lookup::{self, KeyAt};
use crate::records::MaterialId;
use crate::rules::EncryptionContext;
use crate::rules::terms::{EncryptionAlgorithm, KeySpec};
use crate::{grant, last_use, material};

/// What the four operations have in common.
struct Request<'a> {
    operation: &'static str,
    key_id: &'a str,
    context: Option<Entries<'a, &'a str>>,
    grant_tokens: Option<List<'a, &'a str>>,
    dry_run: Option<bool>,
}

/// A secret, encrypted under a key.
struct Sealed {
    found: KeyAt,
    blob: Vec<u8>,
    material: Option<MaterialId>,
}

impl Request<'_> {
    /// The key of the call, if it may be used.
    fn open(&self, ctx: &Ctx, txn: &mut Write) -> Result<KeyAt, Error> {
        let found = lookup::open(ctx, txn, self.key_id)?;
        grant::check_tokens(txn, self.grant_tokens)?;
        symmetric(ctx, &found, self.operation)?;
        refuse_dry_run(self.dry_run)?;
        Ok(found)
    }

    /// Encrypts a secret under the key of the call.
    fn seal(&self, ctx: &Ctx, txn: &mut Write, secret: &[u8]) -> Result<Sealed, Error> {
        let found = self.open(ctx, txn)?;
        let context = EncryptionContext::new(self.context);
        let (blob, material) = seal(txn, &found, EncryptionAlgorithm::SymmetricDefault, secret, &context)?;
        last_use::note(ctx, txn, &found, self.operation)?;
        Ok(Sealed { found, blob, material })
    }

    /// Makes a key pair when the call may have one, and encrypts its private half.
    async fn seal_pair(&self, ctx: &Ctx, spec: &str) -> Result<(Sealed, Secret, Vec<u8>), Failure> {
        let unknown = || Error::unsupported(format!("There is no key pair spec {spec}."));
        let kind = KeySpec::parse(spec).ok_or_else(unknown)?;
        ctx.transact(|txn| self.open(ctx, txn)).await?;
        let (private, public) = material::apart(move || {
            let pair = KeyPair::generate(kind)?;
            Ok((pair.to_pkcs8()?, pair.public_der()?))
        })
        .await?;
        let sealed = ctx.transact(|txn| self.seal(ctx, txn, &private)).await?;
        Ok((sealed, private, public))
    }
}

/// A data key, in the clear and encrypted.
pub(crate) fn generate_data_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GenerateDataKeyRequest,
) -> Result<api::GenerateDataKeyResponse, Error> {
    refuse_recipient(input.recipient())?;
    let length = length(input.number_of_bytes(), input.key_spec())?;
    let request = Request {
        operation: "GenerateDataKey",
        key_id: input.key_id(),
        context: input.encryption_context(),
        grant_tokens: input.grant_tokens(),
        dry_run: input.dry_run(),
    };
    let secret = crypto::secret(length);
    let sealed = request.seal(ctx, txn, &secret)?;
    Ok(api::GenerateDataKeyResponse::new()
        .with_ciphertext_blob(sealed.blob)
        .with_plaintext(secret.to_vec())
        .with_key_id(sealed.found.arn())
        .with_key_material_id(sealed.material.map(hex::encode)))
}

/// A data key, encrypted.
pub(crate) fn generate_data_key_without_plaintext(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GenerateDataKeyWithoutPlaintextRequest,
) -> Result<api::GenerateDataKeyWithoutPlaintextResponse, Error> {
    let length = length(input.number_of_bytes(), input.key_spec())?;
    let request = Request {
        operation: "GenerateDataKeyWithoutPlaintext",
        key_id: input.key_id(),
        context: input.encryption_context(),
        grant_tokens: input.grant_tokens(),
        dry_run: input.dry_run(),
    };
    let sealed = request.seal(ctx, txn, &crypto::secret(length))?;
    Ok(api::GenerateDataKeyWithoutPlaintextResponse::new()
        .with_ciphertext_blob(sealed.blob)
        .with_key_id(sealed.found.arn())
        .with_key_material_id(sealed.material.map(hex::encode)))
}

/// A key pair, its private half in the clear and encrypted.
pub(crate) async fn generate_data_key_pair(
    ctx: &Ctx,
    input: &api::GenerateDataKeyPairRequest,
) -> Result<api::GenerateDataKeyPairResponse, Failure> {
    refuse_recipient(input.recipient())?;
    let request = Request {
        operation: "GenerateDataKeyPair",
        key_id: input.key_id(),
        context: input.encryption_context(),
        grant_tokens: input.grant_tokens(),
        dry_run: input.dry_run(),
    };
    let spec = input.key_pair_spec();
    let (sealed, private, public) = request.seal_pair(ctx, spec).await?;
    Ok(api::GenerateDataKeyPairResponse::new()
        .with_private_key_ciphertext_blob(sealed.blob)
        .with_private_key_plaintext(private.to_vec())
        .with_public_key(public)
        .with_key_id(sealed.found.arn())
        .with_key_pair_spec(spec)
        .with_key_material_id(sealed.material.map(hex::encode)))
}

/// A key pair, its private half encrypted.
pub(crate) async fn generate_data_key_pair_without_plaintext(
    ctx: &Ctx,
    input: &api::GenerateDataKeyPairWithoutPlaintextRequest,
) -> Result<api::GenerateDataKeyPairWithoutPlaintextResponse, Failure> {
    let request = Request {
        operation: "GenerateDataKeyPairWithoutPlaintext",
        key_id: input.key_id(),
        context: input.encryption_context(),
        grant_tokens: input.grant_tokens(),
        dry_run: input.dry_run(),
    };
    let spec = input.key_pair_spec();
    let (sealed, _, public) = request.seal_pair(ctx, spec).await?;
    Ok(api::GenerateDataKeyPairWithoutPlaintextResponse::new()
        .with_private_key_ciphertext_blob(sealed.blob)
        .with_public_key(public)
        .with_key_id(sealed.found.arn())
        .with_key_pair_spec(spec)
        .with_key_material_id(sealed.material.map(hex::encode)))
}

/// Length of a data key: one of two parameters says.
fn length(number_of_bytes: Option<i32>, spec: Option<&str>) -> Result<usize, Error> {
    match (number_of_bytes, spec) {
        (Some(length), None) => Ok(usize::try_from(length).unwrap_or_default()),
        (None, Some("AES_128")) => Ok(16),
        (None, Some(_)) => Ok(32),
        _ => Err(Error::validation("Please specify either number of bytes or key spec.")),
    }
}

/// Random bytes.
pub(crate) fn generate_random(
    _: &Ctx,
    _: &Read,
    input: &api::GenerateRandomRequest,
) -> Result<api::GenerateRandomResponse, Error> {
    if let Some(id) = input.custom_key_store_id() {
        return Err(Error::CustomKeyStoreNotFound {
            reason: format!("Custom key store {id} does not exist."),
        });
    }
    refuse_recipient(input.recipient())?;
    let length = input.number_of_bytes().and_then(|length| usize::try_from(length).ok());
    let length = length.ok_or_else(|| Error::validation("NumberOfBytes is required."))?;
    Ok(api::GenerateRandomResponse::new().with_plaintext(crypto::secret(length).to_vec()))
}
