//! Encrypting, decrypting, and re-encrypting under another key.

use bytes::Bytes;
use virga_api::kms as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Reader, Write};

use crate::crypto::{self, CryptoError, Secret};
use crate::error::Error;
use crate::lookup::{self, KeyAt};
use crate::records::MaterialId;
use crate::rules::ciphertext::CiphertextHead;
use crate::rules::terms::{EncryptionAlgorithm, KeyUsage};
use crate::rules::{EncryptionContext, KeyAddress};
use crate::{grant, last_use, material};

/// Encrypts.
pub(crate) fn encrypt(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::EncryptRequest,
) -> Result<api::EncryptResponse, Error> {
    let found = lookup::open(ctx, txn, input.key_id())?;
    grant::check_tokens(txn, input.grant_tokens())?;
    found.usable_for(ctx, "Encrypt", KeyUsage::EncryptDecrypt)?;
    let algorithm = algorithm(&found, input.encryption_algorithm())?;
    let context = EncryptionContext::new(input.encryption_context());
    let plaintext = input.plaintext();
    check_length(&found, algorithm, plaintext)?;
    check_context(algorithm, &context)?;
    refuse_dry_run(input.dry_run())?;
    let (blob, _) = seal(txn, &found, algorithm, plaintext, &context)?;
    last_use::note(ctx, txn, &found, "Encrypt")?;
    Ok(api::EncryptResponse::new()
        .with_ciphertext_blob(blob)
        .with_key_id(found.arn())
        .with_encryption_algorithm(algorithm.as_str()))
}

/// Decrypts. A ciphertext of a symmetric key names its key.
pub(crate) fn decrypt(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DecryptRequest,
) -> Result<api::DecryptResponse, Error> {
    refuse_recipient(input.recipient())?;
    grant::check_tokens(txn, input.grant_tokens())?;
    let source = Source {
        operation: "Decrypt",
        key_id: input.key_id(),
        blob: input.ciphertext_blob(),
        algorithm: input.encryption_algorithm(),
        context: EncryptionContext::new(input.encryption_context()),
        dry_run: input.dry_run(),
        modifiers: input.dry_run_modifiers(),
    };
    let opened = open(ctx, txn, &source)?;
    refuse_dry_run(input.dry_run())?;
    last_use::note(ctx, txn, &opened.found, "Decrypt")?;
    Ok(api::DecryptResponse::new()
        .with_key_id(opened.found.arn())
        .with_plaintext(opened.plaintext.to_vec())
        .with_encryption_algorithm(opened.algorithm.as_str())
        .with_key_material_id(opened.material.map(hex::encode)))
}

/// Decrypts, and encrypts under another key; the plaintext is not shown.
pub(crate) fn re_encrypt(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ReEncryptRequest,
) -> Result<api::ReEncryptResponse, Error> {
    grant::check_tokens(txn, input.grant_tokens())?;
    let source = Source {
        operation: "ReEncrypt",
        key_id: input.source_key_id(),
        blob: input.ciphertext_blob(),
        algorithm: input.source_encryption_algorithm(),
        context: EncryptionContext::new(input.source_encryption_context()),
        dry_run: input.dry_run(),
        modifiers: input.dry_run_modifiers(),
    };
    let opened = open(ctx, txn, &source)?;
    let found = lookup::open(ctx, txn, input.destination_key_id())?;
    found.usable_for(ctx, "ReEncrypt", KeyUsage::EncryptDecrypt)?;
    let algorithm = algorithm(&found, input.destination_encryption_algorithm())?;
    let context = EncryptionContext::new(input.destination_encryption_context());
    check_context(algorithm, &context)?;
    check_length(&found, algorithm, &opened.plaintext)?;
    refuse_dry_run(input.dry_run())?;
    let (blob, destination_material) = seal(txn, &found, algorithm, &opened.plaintext, &context)?;
    last_use::note(ctx, txn, &opened.found, "ReEncrypt")?;
    last_use::note(ctx, txn, &found, "ReEncrypt")?;
    Ok(api::ReEncryptResponse::new()
        .with_ciphertext_blob(blob)
        .with_source_key_id(opened.found.arn())
        .with_key_id(found.arn())
        .with_source_encryption_algorithm(opened.algorithm.as_str())
        .with_destination_encryption_algorithm(algorithm.as_str())
        .with_source_key_material_id(opened.material.map(hex::encode))
        .with_destination_key_material_id(destination_material.map(hex::encode)))
}

/// What is to be decrypted.
struct Source<'a> {
    operation: &'static str,
    key_id: Option<&'a str>,
    blob: Option<&'a Bytes>,
    algorithm: Option<&'a str>,
    context: EncryptionContext<'a>,
    dry_run: Option<bool>,
    modifiers: Option<List<'a, &'a str>>,
}

/// What was decrypted.
struct Opened {
    found: KeyAt,
    algorithm: EncryptionAlgorithm,
    plaintext: Secret,
    material: Option<MaterialId>,
}

fn open(ctx: &Ctx, txn: &mut Write, source: &Source<'_>) -> Result<Opened, Error> {
    let named = source.key_id.map(|id| lookup::open(ctx, txn, id)).transpose()?;
    let Some(blob) = source.blob else { return open_nothing(ctx, source, named) };
    let asked = source.algorithm.and_then(EncryptionAlgorithm::parse);
    if asked.is_some_and(|asked| asked != EncryptionAlgorithm::SymmetricDefault) {
        let found = named.ok_or_else(|| {
            Error::validation("A KeyId is required to decrypt with an asymmetric encryption algorithm.")
        })?;
        return open_asymmetric(ctx, txn, source, found, blob);
    }
    let (head, bound, body) = CiphertextHead::decode(blob).ok_or(Error::InvalidCiphertext)?;
    let found = match named {
        Some(found) if (&found.at.account, &found.at.id) == (&head.account, &head.key_id) => found,
        Some(_) => return Err(Error::IncorrectKey),
        None => key_of(ctx, txn, &head)?,
    };
    found.usable_for(ctx, source.operation, KeyUsage::EncryptDecrypt)?;
    if !found.key.spec.is_symmetric_encryption() {
        return Err(Error::IncorrectKey);
    }
    let material = found.key.materials.iter().find(|material| material.id == head.material);
    let material = material.ok_or(Error::InvalidCiphertext)?;
    if !material.present {
        return Err(Error::InvalidState { reason: format!("{} is pending import.", found.arn()) });
    }
    let secret = material::open(txn, &found.at, &head.material)?;
    let mut context = bound.to_vec();
    source.context.append(&mut context);
    let plaintext = crypto::open_derived(&secret, &context, body).map_err(|_| Error::InvalidCiphertext)?;
    let algorithm = EncryptionAlgorithm::SymmetricDefault;
    Ok(Opened { found, algorithm, plaintext, material: Some(head.material) })
}

/// The key that a ciphertext names, in the caller's region: the one that made it, or a related multi-Region key.
fn key_of(ctx: &Ctx, txn: &impl Reader, head: &CiphertextHead) -> Result<KeyAt, Error> {
    let (account, region, id) = (head.account.clone(), ctx.region().to_owned(), head.key_id.clone());
    lookup::at(txn, KeyAddress { account, region, id }).map_err(|error| match error {
        Error::NotFound { .. } => Error::AccessDenied {
            reason:
                "The ciphertext refers to a customer master key that does not exist, does not exist in this \
                     region, or you are not allowed to access."
                    .to_owned(),
        },
        other => other,
    })
}

/// A dry run may leave the ciphertext out, and then asks about the key alone.
fn open_nothing(ctx: &Ctx, source: &Source<'_>, named: Option<KeyAt>) -> Result<Opened, Error> {
    let ignored = source.modifiers.is_some_and(|list| list.iter().any(|name| name == "IGNORE_CIPHERTEXT"));
    let (Some(found), true, Some(true)) = (named, ignored, source.dry_run) else {
        return Err(Error::validation(
            "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: Member must not \
             be null",
        ));
    };
    found.usable_for(ctx, source.operation, KeyUsage::EncryptDecrypt)?;
    let algorithm = algorithm(&found, source.algorithm)?;
    Ok(Opened { found, algorithm, plaintext: Secret::default(), material: None })
}

fn open_asymmetric(
    ctx: &Ctx,
    txn: &impl Reader,
    source: &Source<'_>,
    found: KeyAt,
    blob: &[u8],
) -> Result<Opened, Error> {
    found.usable_for(ctx, source.operation, KeyUsage::EncryptDecrypt)?;
    let algorithm = algorithm(&found, source.algorithm)?;
    check_context(algorithm, &source.context)?;
    let pair = material::key_pair(txn, &found)?;
    let plaintext = pair.decrypt(algorithm, blob).map_err(|_| Error::InvalidCiphertext)?;
    Ok(Opened { found, algorithm, plaintext, material: None })
}

/// Encrypts; for a symmetric key also says with which key material.
pub(crate) fn seal(
    txn: &impl Reader,
    found: &KeyAt,
    algorithm: EncryptionAlgorithm,
    plaintext: &[u8],
    context: &EncryptionContext<'_>,
) -> Result<(Vec<u8>, Option<MaterialId>), Error> {
    if algorithm != EncryptionAlgorithm::SymmetricDefault {
        let pair = material::key_pair(txn, found)?;
        return Ok((pair.encrypt(algorithm, plaintext)?, None));
    }
    let (id, secret) = material::of_current(txn, found)?;
    let head =
        CiphertextHead { account: found.at.account.clone(), key_id: found.at.id.clone(), material: id };
    let mut blob = head.encode().ok_or(CryptoError::Key)?;
    let mut bound = blob.clone();
    context.append(&mut bound);
    crypto::seal_derived(&secret, &bound, plaintext, &mut blob)?;
    Ok((blob, Some(id)))
}

/// The algorithm of a call, which the key must have.
fn algorithm(found: &KeyAt, name: Option<&str>) -> Result<EncryptionAlgorithm, Error> {
    let algorithm =
        name.and_then(EncryptionAlgorithm::parse).unwrap_or(EncryptionAlgorithm::SymmetricDefault);
    if found.key.spec.encryption_algorithms().contains(&algorithm) {
        Ok(algorithm)
    } else {
        Err(found.incompatible(algorithm))
    }
}

fn check_length(found: &KeyAt, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Result<(), Error> {
    let (spec, limit) = (found.key.spec, found.key.spec.longest_plaintext(algorithm));
    if plaintext.len() <= limit {
        return Ok(());
    }
    let reason =
        format!("Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {limit} bytes.");
    Err(Error::validation(reason))
}

fn check_context(algorithm: EncryptionAlgorithm, context: &EncryptionContext<'_>) -> Result<(), Error> {
    if algorithm == EncryptionAlgorithm::SymmetricDefault || context.is_empty() {
        return Ok(());
    }
    Err(Error::validation(
        "You cannot specify an encryption context with an asymmetric encryption algorithm.",
    ))
}

/// A dry run ends here, where everything was checked.
pub(crate) fn refuse_dry_run(dry_run: Option<bool>) -> Result<(), Error> {
    if dry_run == Some(true) { Err(Error::DryRun) } else { Ok(()) }
}

/// Answers for Nitro enclaves: there are none whose attestation could be checked.
pub(crate) fn refuse_recipient(recipient: Option<&api::RecipientInfo>) -> Result<(), Error> {
    match recipient {
        None => Ok(()),
        Some(_) => Err(Error::unsupported(
            "The Recipient parameter is not supported: there is no Nitro enclave whose attestation document could be \
             verified.",
        )),
    }
}

/// Refuses a key that is not for symmetric encryption, in a state to be used.
pub(crate) fn symmetric(ctx: &Ctx, found: &KeyAt, operation: &str) -> Result<(), Error> {
    found.usable_for(ctx, operation, KeyUsage::EncryptDecrypt)?;
    if found.key.spec.is_symmetric_encryption() {
        return Ok(());
    }
    let (arn, spec) = (found.arn(), found.key.spec);
    Err(Error::InvalidKeyUsage {
        reason: format!("{arn} key spec is {spec} which is not valid for {operation}."),
    })
}
