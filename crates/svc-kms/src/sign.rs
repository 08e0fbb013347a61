//! Asymmetric keys: signatures, public keys, shared secrets.

use virga_api::kms as api;
use virga_kit::Ctx;
use virga_store::Write;

use crate::crypto::{CryptoError, Message};
use crate::encrypt::{refuse_dry_run, refuse_recipient};
use crate::error::Error;
use crate::lookup::{self, KeyAt};
use crate::rules::key_state::UNUSABLE;
use crate::rules::terms::{KeyUsage, MessageType, SigningAlgorithm, names};
use crate::{grant, last_use, material};

/// Signs.
pub(crate) fn sign(ctx: &Ctx, txn: &mut Write, input: &api::SignRequest) -> Result<api::SignResponse, Error> {
    let found = lookup::open(ctx, txn, input.key_id())?;
    grant::check_tokens(txn, input.grant_tokens())?;
    found.usable_for(ctx, "Sign", KeyUsage::SignVerify)?;
    let algorithm = algorithm(&found, input.signing_algorithm())?;
    let message = message(algorithm, input.message_type(), input.message())?;
    let pair = material::key_pair(txn, &found)?;
    let signature = pair.sign(algorithm, &message).map_err(|error| refused(error, algorithm))?;
    refuse_dry_run(input.dry_run())?;
    last_use::note(ctx, txn, &found, "Sign")?;
    Ok(api::SignResponse::new()
        .with_key_id(found.arn())
        .with_signature(signature)
        .with_signing_algorithm(algorithm.as_str()))
}

/// Checks a signature.
pub(crate) fn verify(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::VerifyRequest,
) -> Result<api::VerifyResponse, Error> {
    let found = lookup::open(ctx, txn, input.key_id())?;
    grant::check_tokens(txn, input.grant_tokens())?;
    found.usable_for(ctx, "Verify", KeyUsage::SignVerify)?;
    let algorithm = algorithm(&found, input.signing_algorithm())?;
    let message = message(algorithm, input.message_type(), input.message())?;
    let pair = material::key_pair(txn, &found)?;
    pair.verify(algorithm, &message, input.signature()).map_err(|error| refused(error, algorithm))?;
    refuse_dry_run(input.dry_run())?;
    last_use::note(ctx, txn, &found, "Verify")?;
    Ok(api::VerifyResponse::new()
        .with_key_id(found.arn())
        .with_signature_valid(true)
        .with_signing_algorithm(algorithm.as_str()))
}

/// The algorithm of a call, which the key must have.
fn algorithm(found: &KeyAt, name: &str) -> Result<SigningAlgorithm, Error> {
    match SigningAlgorithm::parse(name) {
        Some(algorithm) if found.key.spec.signing_algorithms().contains(&algorithm) => Ok(algorithm),
        _ => Err(found.incompatible(name)),
    }
}

/// The message of a call, of a type that the algorithm takes.
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html>
fn message<'a>(
    algorithm: SigningAlgorithm,
    message_type: Option<&str>,
    bytes: &'a [u8],
) -> Result<Message<'a>, Error> {
    let message_type = message_type.and_then(MessageType::parse).unwrap_or(MessageType::Raw);
    let fits = match algorithm {
        SigningAlgorithm::MlDsaShake256 => message_type != MessageType::Digest,
        SigningAlgorithm::Ed25519Sha512 => message_type == MessageType::Raw,
        SigningAlgorithm::Ed25519PhSha512 => message_type == MessageType::Digest,
        _ => message_type != MessageType::ExternalMu,
    };
    if fits { Ok(Message::new(message_type, bytes)) } else { Err(wrong_type(algorithm)) }
}

fn wrong_type(algorithm: SigningAlgorithm) -> Error {
    Error::validation(format!("The message type is not valid for algorithm {algorithm}."))
}

/// What a caller can get wrong, in AWS's words.
fn refused(error: CryptoError, algorithm: SigningAlgorithm) -> Error {
    match error {
        CryptoError::DigestLength => {
            Error::validation(format!("Digest is invalid length for algorithm {algorithm}."))
        }
        CryptoError::Authenticity => Error::InvalidSignature,
        CryptoError::MessageType => wrong_type(algorithm),
        CryptoError::Key | CryptoError::Algorithm => error.into(),
    }
}

/// The public half of a key.
pub(crate) fn get_public_key(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GetPublicKeyRequest,
) -> Result<api::GetPublicKeyResponse, Error> {
    let found = lookup::open(ctx, txn, input.key_id())?;
    grant::check_tokens(txn, input.grant_tokens())?;
    let spec = found.key.spec;
    if !spec.is_asymmetric() {
        let (arn, usage) = (found.arn(), found.key.usage);
        return Err(Error::unsupported(format!(
            "{arn} key usage is {usage} and key spec is {spec}, which is not valid for GetPublicKey."
        )));
    }
    found.refuse_in(ctx, UNUSABLE)?;
    let answer = api::GetPublicKeyResponse::new()
        .with_key_id(found.arn())
        .with_public_key(material::key_pair(txn, &found)?.public_der()?)
        .with_customer_master_key_spec(spec.as_str())
        .with_key_spec(spec.as_str())
        .with_key_usage(found.key.usage.as_str());
    Ok(match found.key.usage {
        KeyUsage::EncryptDecrypt => answer.with_encryption_algorithms(names(spec.encryption_algorithms())),
        KeyUsage::SignVerify => answer.with_signing_algorithms(names(spec.signing_algorithms())),
        KeyUsage::KeyAgreement => answer.with_key_agreement_algorithms(vec!["ECDH"]),
        KeyUsage::GenerateVerifyMac => answer,
    })
}

/// The shared secret of a key and somebody's public key.
pub(crate) fn derive_shared_secret(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeriveSharedSecretRequest,
) -> Result<api::DeriveSharedSecretResponse, Error> {
    refuse_recipient(input.recipient())?;
    let found = lookup::open(ctx, txn, input.key_id())?;
    grant::check_tokens(txn, input.grant_tokens())?;
    found.usable_for(ctx, "DeriveSharedSecret", KeyUsage::KeyAgreement)?;
    let pair = material::key_pair(txn, &found)?;
    // AWS says no more about a public key that is none, or of another curve.
    let secret = pair.agree(input.public_key()).map_err(|_| Error::validation(""))?;
    refuse_dry_run(input.dry_run())?;
    last_use::note(ctx, txn, &found, "DeriveSharedSecret")?;
    Ok(api::DeriveSharedSecretResponse::new()
        .with_key_id(found.arn())
        .with_shared_secret(secret.to_vec())
        .with_key_agreement_algorithm(input.key_agreement_algorithm())
        .with_key_origin(found.key.origin.as_str()))
}
