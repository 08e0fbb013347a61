//! Verification of a presented signature: what it claims against the endpoint and the clock, then the signature itself
//! against a secret.

use std::sync::Arc;

use ring::hmac;

use crate::authorization::{Algorithm, Location, PresentedSignature};
use crate::canonical::{
    CanonicalParameters, PathRule, canonical_request, hash_hex, hex_str, is_s3, sha256, string_to_sign,
};
use crate::chunked::{ChunkKey, ChunkSignatures};
use crate::payload::{PayloadDeclaration, declared};
use crate::proven::{HASH_DIGITS, Like};
use crate::refusal::{Malformed, Mismatch, MissingParts, Refusal, SignatureMismatch, Skew, WrongScope};
use crate::{AmzDate, RequestView, SignaturePattern, SigningKeys, hex_digits};

/// How far the client's clock may be off.
pub(crate) const MAX_SKEW_SECONDS: u32 = 15 * 60;

/// What the endpoint stands for: the scope a signature must have.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The signing name of the service (`sqs`, `execute-api`).
    pub service: &'a str,
    /// The region, when the endpoint has only one. An endpoint for all regions takes the signature's.
    pub region: Option<&'a str>,
}

/// The body, as far as it is known when the signature is checked.
#[derive(Debug, Clone, Copy)]
pub enum Payload<'a> {
    /// The whole body; its hash is computed only when a signature needs it.
    Bytes(&'a [u8]),
    /// The SHA-256 of the whole body.
    Sha256([u8; 32]),
    /// The body comes later: what remains to be checked is in the [`BodyCheck`].
    Streamed,
}

/// What remains to be checked of a body that streams past.
#[derive(Debug)]
pub enum BodyCheck {
    /// Nothing.
    None,
    /// The whole body must have this SHA-256.
    Sha256([u8; 32]),
    /// Each chunk must have its signature.
    Chunks(ChunkSignatures),
}

/// Checks all that can be checked without a secret, in AWS's order: the clock, the signed headers, the scope.
///
/// # Errors
/// [`Refusal`] for the first thing that is wrong. `now` is in Unix seconds.
pub fn check_claims(
    signature: &PresentedSignature<'_>,
    request: &RequestView<'_>,
    expected: &Expected<'_>,
    now: i64,
) -> Result<(), Refusal> {
    check_clock(signature, expected, now)?;
    let signed =
        |name: &str| signature.signed_headers.split(';').any(|other| other.eq_ignore_ascii_case(name));
    if !signed("host") {
        return Err(Refusal::HostNotSigned);
    }
    check_scope(signature, expected)?;
    if !is_s3(expected.service) {
        return Ok(());
    }
    // S3 names the headers it wants signed; other services notice only a missing host.
    let unsigned = |name: &&str| name.starts_with("x-amz-") && !signed(name);
    let headers: Vec<String> =
        request.headers.keys().map(http::HeaderName::as_str).filter(unsigned).map(str::to_owned).collect();
    if headers.is_empty() { Ok(()) } else { Err(Refusal::HeadersNotSigned(headers)) }
}

/// Checks the signature, and of the body what is known of it.
///
/// # Errors
/// [`Refusal::SignatureDoesNotMatch`] with AWS's explanation, or the refusals about the payload.
pub fn check_signature(
    signature: &PresentedSignature<'_>,
    request: &RequestView<'_>,
    secret: &str,
    payload: Payload<'_>,
    keys: &SigningKeys,
) -> Result<BodyCheck, Refusal> {
    let service = signature.credential.service();
    let (payload_line, check) = payload_line(signature, request, payload)?;
    let chunked = matches!(check, Pending::Chunks(_));
    let proven = signature.pattern.and_then(SignaturePattern::proven).filter(|_| !chunked);
    let like = Like { path: request.path, signed_at: signature.signed_at, secret };
    if proven.is_some_and(|proven| proven.proves(&like, payload_line.as_str(), &signature.signature)) {
        return body_check(check, signature, None);
    }
    let canonical_request = canonical_request(
        request,
        &CanonicalParameters {
            path_rule: PathRule::of_service(service),
            location: signature.location,
            signed_headers: &signature.signed_headers,
            known_headers: signature.pattern.map(SignaturePattern::canonical_headers),
            payload: payload_line.as_str(),
        },
    );
    let timestamp = signature.signed_at.as_str();
    let scope = signature.credential.scope();
    let string_to_sign = string_to_sign(signature.algorithm, timestamp, scope, &canonical_request);
    let Some(key) = verified_key(signature, secret, &string_to_sign, keys) else {
        return Err(Refusal::SignatureDoesNotMatch(Box::new(SignatureMismatch {
            access_key_id: signature.credential.access_key_id().to_owned(),
            canonical_request: String::from_utf8_lossy(&canonical_request).into_owned(),
            string_to_sign,
            signature_provided: signature.signature.to_string(),
        })));
    };
    if let (Some(proven), ChunkKey::V4(key)) = (proven, &key) {
        let text = canonical_request.strip_suffix(payload_line.as_str().as_bytes());
        let end = string_to_sign.len() - HASH_DIGITS;
        if let (Some(text), Some(string)) = (text, string_to_sign.get(..end)) {
            proven.keep(&like, text, string.as_bytes(), key);
        }
    }
    body_check(check, signature, chunked.then_some(key))
}

fn check_clock(signature: &PresentedSignature<'_>, expected: &Expected<'_>, now: i64) -> Result<(), Refusal> {
    let signed_at = signature.signed_at;
    let skew = || Skew { signed_at, now: AmzDate::from_unix_seconds(now) };
    if signed_at.unix_seconds() > now.saturating_add(i64::from(MAX_SKEW_SECONDS)) {
        return Err(Refusal::SignatureNotYetCurrent(skew()));
    }
    let (Location::Query, expires) = (signature.location, signature.expires_seconds) else {
        let late = now.saturating_sub(signed_at.unix_seconds()) > i64::from(MAX_SKEW_SECONDS);
        return if late { Err(Refusal::SignatureExpired(skew())) } else { Ok(()) };
    };
    if expires.is_none() && is_s3(expected.service) {
        let missing = MissingParts { expires: true, ..MissingParts::default() };
        return Err(Refusal::Malformed(Malformed::QueryParts(missing)));
    }
    // Services other than S3 give every presigned request the usual 15 minutes at least, whatever X-Amz-Expires says:
    // https://github.com/aws/aws-sdk-go/issues/2167. The tokens of EKS (60 seconds) live by it.
    let expires_seconds = match expires {
        Some(seconds) if is_s3(expected.service) => seconds,
        other => other.unwrap_or_default().max(MAX_SKEW_SECONDS),
    };
    if now > signed_at.unix_seconds().saturating_add(i64::from(expires_seconds)) {
        return Err(Refusal::PresignedExpired { signed_at, expires_seconds, now: skew().now });
    }
    Ok(())
}

pub(crate) fn check_scope(
    signature: &PresentedSignature<'_>,
    expected: &Expected<'_>,
) -> Result<(), Refusal> {
    let credential = &signature.credential;
    let mut wrong = WrongScope { presigned: signature.location == Location::Query, ..WrongScope::default() };
    let mut any = false;
    if let Some(region) = expected.region.filter(|region| !covers(signature, region)) {
        let given = signature.region_set.as_deref().unwrap_or(credential.region()).to_owned();
        wrong.region = Some(Mismatch { given, expected: region.to_owned() });
        any = true;
    }
    if credential.service() != expected.service {
        let given = credential.service().to_owned();
        wrong.service = Some(Mismatch { given, expected: expected.service.to_owned() });
        any = true;
    }
    if credential.terminator() != "aws4_request" {
        wrong.terminator = Some(credential.terminator().to_owned());
        any = true;
    }
    if credential.date() != signature.signed_at.date() {
        wrong.date = Some((credential.date().to_owned(), signature.signed_at));
        any = true;
    }
    if any { Err(Refusal::WrongScope(Box::new(wrong))) } else { Ok(()) }
}

/// True when the signature is meant for the region; a SigV4A set holds names and `*` as the end of a name.
fn covers(signature: &PresentedSignature<'_>, region: &str) -> bool {
    match signature.algorithm {
        Algorithm::V4 => signature.credential.region() == region,
        Algorithm::V4A => {
            let set = signature.region_set.as_deref().unwrap_or_default();
            set.split(',').map(str::trim).any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => region.starts_with(start),
                None => region == pattern,
            })
        }
    }
}

/// The last line of the canonical request.
enum PayloadLine<'a> {
    Declared(&'a str),
    Hash([u8; 64]),
}

impl PayloadLine<'_> {
    fn as_str(&self) -> &str {
        match self {
            Self::Declared(text) => text,
            Self::Hash(hash) => hex_str(hash),
        }
    }
}

/// What the body must still prove once the signature is known to be right.
#[derive(Clone, Copy)]
enum Pending {
    Nothing,
    Stream([u8; 32]),
    Mismatch { declared: [u8; 32], computed: [u8; 32] },
    Chunks(Algorithm),
}

/// The payload line of a request, and what the body must prove.
fn payload_line<'a>(
    signature: &PresentedSignature<'_>,
    request: &RequestView<'a>,
    payload: Payload<'_>,
) -> Result<(PayloadLine<'a>, Pending), Refusal> {
    let declared = declared(request);
    let text = declared.unwrap_or_default();
    match PayloadDeclaration::of(declared) {
        PayloadDeclaration::Unsigned | PayloadDeclaration::ChunkedUnsigned | PayloadDeclaration::Events => {
            Ok((PayloadLine::Declared(text), Pending::Nothing))
        }
        PayloadDeclaration::ChunkedV4 { .. } => {
            Ok((PayloadLine::Declared(text), Pending::Chunks(Algorithm::V4)))
        }
        PayloadDeclaration::ChunkedV4A { .. } => {
            Ok((PayloadLine::Declared(text), Pending::Chunks(Algorithm::V4A)))
        }
        PayloadDeclaration::Sha256(declared) => {
            let pending = match hash_of(payload) {
                None => Pending::Stream(declared),
                Some(computed) if computed == declared => Pending::Nothing,
                Some(computed) => Pending::Mismatch { declared, computed },
            };
            Ok((PayloadLine::Declared(text), pending))
        }
        PayloadDeclaration::Invalid => Err(Refusal::PayloadDeclarationInvalid { value: text.to_owned() }),
        PayloadDeclaration::Absent if is_s3(signature.credential.service()) => match signature.location {
            Location::Header => Err(Refusal::PayloadHashMissing),
            Location::Query => Ok((PayloadLine::Declared("UNSIGNED-PAYLOAD"), Pending::Nothing)),
        },
        PayloadDeclaration::Absent => match hash_of(payload) {
            Some(computed) => Ok((PayloadLine::Hash(hash_hex(&computed)), Pending::Nothing)),
            // Without a declaration the signature covers a hash nobody knows yet.
            None => Err(Refusal::PayloadHashMissing),
        },
    }
}

fn hash_of(payload: Payload<'_>) -> Option<[u8; 32]> {
    match payload {
        Payload::Bytes(bytes) => Some(sha256(bytes)),
        Payload::Sha256(hash) => Some(hash),
        Payload::Streamed => None,
    }
}

/// The key that made the signature; `None` when the signature is wrong.
fn verified_key(
    signature: &PresentedSignature<'_>,
    secret: &str,
    string_to_sign: &str,
    keys: &SigningKeys,
) -> Option<ChunkKey> {
    match signature.algorithm {
        Algorithm::V4 => keys.symmetric(&signature.credential, secret, |key| {
            let right = hmac_matches(key, string_to_sign, &signature.signature);
            right.then(|| ChunkKey::V4(Arc::clone(key)))
        }),
        Algorithm::V4A => keys.asymmetric(signature.credential.access_key_id(), secret, |key| {
            let right = crate::sigv4a::verify(key, string_to_sign.as_bytes(), &signature.signature);
            right.then(|| ChunkKey::V4A(Arc::clone(key)))
        }),
    }
}

/// Compares a hex signature with the right one in constant time.
pub(crate) fn hmac_matches(key: &Arc<hmac::Key>, string_to_sign: &str, signature: &str) -> bool {
    hex_digits::decode(signature)
        .is_some_and(|tag| hmac::verify(key, string_to_sign.as_bytes(), &tag).is_ok())
}

fn body_check(
    pending: Pending,
    signature: &PresentedSignature<'_>,
    key: Option<ChunkKey>,
) -> Result<BodyCheck, Refusal> {
    match (pending, key) {
        (Pending::Nothing, _) => Ok(BodyCheck::None),
        (Pending::Stream(declared), _) => Ok(BodyCheck::Sha256(declared)),
        (Pending::Mismatch { declared, computed }, _) => Err(payload_mismatch(&declared, &computed)),
        (Pending::Chunks(algorithm), Some(key)) if algorithm == signature.algorithm => {
            Ok(BodyCheck::Chunks(ChunkSignatures::new(key, signature)))
        }
        (Pending::Chunks(algorithm), _) => {
            let value = format!("STREAMING-{}-PAYLOAD", algorithm.name());
            Err(Refusal::PayloadDeclarationInvalid { value })
        }
    }
}

/// The refusal of a body whose hash is not the declared one.
pub fn payload_mismatch(declared: &[u8; 32], computed: &[u8; 32]) -> Refusal {
    Refusal::PayloadHashMismatch { declared: hex::encode(declared), computed: hex::encode(computed) }
}
