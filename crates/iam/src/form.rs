//! Who sends an HTML form to S3: the fields of the form carry a signature of its policy document.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-authentication-HTTPPOST.html>

use std::borrow::Cow;
use std::sync::Arc;

use crate::authenticate::{AuthMode, Authenticated, Context, check_token};
use crate::authorization::{Algorithm, Location, PresentedSignature};
use crate::caller::{IssuedKey, KeyStatus};
use crate::refusal::{Malformed, Refusal};
use crate::verify::{check_scope, hmac_matches};
use crate::{AmzDate, BodyCheck, Caller, CredentialScope};

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

/// Finds out who signed a form. When it was signed does not matter: its policy says until when it may be sent.
///
/// # Errors
/// A [`Refusal`], worded like those of presigned requests.
pub fn authenticate_form(context: &Context<'_>, form: &SignedForm<'_>) -> Result<Authenticated, Refusal> {
    let result = identify(context, form);
    match result {
        Err(refusal) if context.mode == AuthMode::Audit => {
            let id = form.credential.split('/').next().unwrap_or_default();
            let issued = context.keys.lookup(id);
            let caller = issued.map_or_else(|| Caller::of_unknown_key(id), |key| key.caller.clone());
            Ok(Authenticated { caller, body: BodyCheck::None, overruled: Some(refusal) })
        }
        result => result,
    }
}

fn identify(context: &Context<'_>, form: &SignedForm<'_>) -> Result<Authenticated, Refusal> {
    let signature = presented(form)?;
    let access_key_id = signature.credential.access_key_id();
    let unknown = || Refusal::UnknownAccessKey { access_key_id: access_key_id.to_owned() };
    let unverified = |caller| Authenticated { caller, body: BodyCheck::None, overruled: None };
    let Some(key) = context.keys.lookup(access_key_id) else {
        return match context.mode {
            AuthMode::Permissive => Ok(unverified(Caller::of_unknown_key(access_key_id))),
            AuthMode::Strict | AuthMode::Audit => Err(unknown()),
        };
    };
    check_scope(&signature, &context.expected)?;
    if key.status == KeyStatus::Inactive {
        return Err(unknown());
    }
    check_signature(context, &key, &signature, form.policy)?;
    check_token(context.now, &key, &signature)?;
    Ok(unverified(key.caller.clone()))
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
    })
}

fn check_signature(
    context: &Context<'_>,
    key: &Arc<IssuedKey>,
    signature: &PresentedSignature<'_>,
    policy: &str,
) -> Result<(), Refusal> {
    let (derived, fresh) = context.signing_keys.symmetric(&signature.credential, &key.secret_access_key);
    if !hmac_matches(&derived, policy, &signature.signature) {
        return Err(Refusal::ChunkSignatureDoesNotMatch {
            access_key_id: signature.credential.access_key_id().to_owned(),
            string_to_sign: policy.to_owned(),
            signature_provided: signature.signature.to_string(),
        });
    }
    if fresh {
        context.signing_keys.keep_symmetric(&signature.credential, &key.secret_access_key, &derived);
    }
    Ok(())
}
