//! Who sends an HTML form to S3: the fields of the form carry a signature of its policy document.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>

use std::borrow::Cow;
use std::sync::Arc;

use crate::authenticate::{AuthMode, Authenticated, Context, check_active, check_token};
use crate::authorization::{Algorithm, Location, PresentedSignature};
use crate::caller::IssuedKey;
use crate::refusal::{Malformed, Refusal};
use crate::verify::{check_scope, hmac_matches};
use crate::{AmzDate, BodyCheck, Caller, CredentialScope, signature_v2};

/// The fields of a signed form.
#[derive(Debug, Clone, Copy)]
pub struct SignedForm<'a> {
    /// `x-amz-algorithm`.
    pub algorithm: &'a str,
    /// `x-amz-credential`.
    pub credential: &'a str,
    /// `x-amz-date`.
    pub date: &'a str,
    /// `x-amz-signature`.
    pub signature: &'a str,
    /// `x-amz-security-token`.
    pub token: Option<&'a str>,
    /// `policy` as sent, in Base64: what is signed.
    pub policy: &'a str,
}

/// The fields of a form that is signed by version 2, as boto3 does by default.
#[derive(Debug, Clone, Copy)]
pub struct FormOfVersion2<'a> {
    /// `AWSAccessKeyId`.
    pub access_key_id: &'a str,
    /// `signature`.
    pub signature: &'a str,
    /// `x-amz-security-token`.
    pub token: Option<&'a str>,
    /// `policy` as sent, in Base64: what is signed.
    pub policy: &'a str,
}

/// Finds out who signed a form. When it was signed does not matter: its policy says until when it may be sent.
///
/// # Errors
/// A [`Refusal`], worded like those of presigned requests.
pub fn authenticate_form(context: &Context<'_>, form: &SignedForm<'_>) -> Result<Authenticated, Refusal> {
    let access_key_id = form.credential.split('/').next().unwrap_or_default();
    identify(context, access_key_id, |key| {
        let signature = presented(form)?;
        check_scope(&signature, &context.expected)?;
        check_active(key, access_key_id)?;
        check_signature(context, key, &signature, form.policy)?;
        check_token(context.now, key, access_key_id, form.token)
    })
}

/// The same for a form that is signed by version 2.
///
/// # Errors
/// As [`authenticate_form`].
pub fn authenticate_form_of_version_2(
    context: &Context<'_>,
    form: &FormOfVersion2<'_>,
) -> Result<Authenticated, Refusal> {
    identify(context, form.access_key_id, |key| {
        check_active(key, form.access_key_id)?;
        let secret = &key.secret_access_key;
        signature_v2::check_text(form.policy, form.access_key_id, secret, form.signature)?;
        check_token(context.now, key, form.access_key_id, form.token)
    })
}

/// By the rules for keys that this cloud has issued, and for others.
fn identify(
    context: &Context<'_>,
    access_key_id: &str,
    check: impl FnOnce(&IssuedKey) -> Result<(), Refusal>,
) -> Result<Authenticated, Refusal> {
    let authenticated = |caller, overruled| Authenticated { caller, body: BodyCheck::None, overruled };
    let (caller, checked) = match context.keys.lookup(access_key_id) {
        Some(key) => (Arc::clone(&key.caller), check(&key)),
        None => {
            let checked = match context.mode {
                AuthMode::Permissive => Ok(()),
                AuthMode::Strict | AuthMode::Audit => {
                    Err(Refusal::UnknownAccessKey { access_key_id: access_key_id.to_owned() })
                }
            };
            (Caller::of_unknown_key(access_key_id).into(), checked)
        }
    };
    match checked {
        Ok(()) => Ok(authenticated(caller, None)),
        Err(refusal) if context.mode == AuthMode::Audit => Ok(authenticated(caller, Some(refusal))),
        Err(refusal) => Err(refusal),
    }
}

fn presented<'a>(form: &SignedForm<'a>) -> Result<PresentedSignature<'a>, Refusal> {
    if form.algorithm != Algorithm::V4.name() {
        let algorithm = form.algorithm.to_owned();
        return Err(Refusal::Malformed(Malformed::UnsupportedAlgorithm { algorithm, presigned: true }));
    }
    let malformed = || {
        Refusal::Malformed(Malformed::Credential { credential: form.credential.to_owned(), presigned: true })
    };
    let credential =
        CredentialScope::parse(Algorithm::V4, Cow::Borrowed(form.credential)).ok_or_else(malformed)?;
    let no_date = || Refusal::Malformed(Malformed::Date { date: form.date.to_owned(), presigned: true });
    Ok(PresentedSignature {
        algorithm: Algorithm::V4,
        location: Location::Query,
        credential,
        signed_headers: Cow::Borrowed(""),
        signature: Cow::Borrowed(form.signature),
        signed_at: AmzDate::parse_basic(form.date).ok_or_else(no_date)?,
        expires_seconds: None,
        session_token: form.token.map(Cow::Borrowed),
        region_set: None,
        pattern: None,
    })
}

fn check_signature(
    context: &Context<'_>,
    key: &IssuedKey,
    signature: &PresentedSignature<'_>,
    policy: &str,
) -> Result<(), Refusal> {
    let proved = context.signing_keys.symmetric(&signature.credential, &key.secret_access_key, |derived| {
        hmac_matches(derived, policy, &signature.signature).then_some(())
    });
    proved.ok_or_else(|| Refusal::ChunkSignatureDoesNotMatch {
        access_key_id: signature.credential.access_key_id().to_owned(),
        string_to_sign: policy.to_owned(),
        signature_provided: signature.signature.to_string(),
    })
}
