//! From what a request presents to who is calling: the rule for unknown keys and the modes.

use std::sync::Arc;

use crate::authorization::{EXPRESS, PresentedSignature};
use crate::caller::KeyStatus;
use crate::refusal::Refusal;
use crate::verify::{BodyCheck, Expected, Payload, check_claims, check_signature};
use crate::{AccountId, Caller, IssuedKey, Presented, RequestView, SigningKeys, signature_v2};

/// What to do with callers this cloud does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AuthMode {
    /// An unknown key is the root user of the account it names. Keys issued here are verified.
    #[default]
    Permissive,
    /// Only keys issued here.
    Strict,
    /// Like `Strict`, but what would be refused is let through and reported in [`Authenticated::overruled`].
    Audit,
}

/// What an operation demands of its caller, from its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationAuth {
    /// A signature.
    Signed,
    /// A signature, or nobody: a resource policy then decides (S3).
    AnonymousAllowed,
    /// Nothing (`authtype: none`), such as `AssumeRoleWithWebIdentity`.
    None,
}

/// Where issued keys are found; the identity service implements it.
pub trait Keys {
    /// The key with this id, active or not.
    fn lookup(&self, access_key_id: &str) -> Option<Arc<IssuedKey>>;
}

/// A cloud that has issued no keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoKeys;

impl Keys for NoKeys {
    fn lookup(&self, _access_key_id: &str) -> Option<Arc<IssuedKey>> {
        None
    }
}

/// The result of authentication.
#[derive(Debug)]
pub struct Authenticated {
    /// Who is calling.
    pub caller: Arc<Caller>,
    /// What remains to be checked of the body.
    pub body: BodyCheck,
    /// What `AuthMode::Strict` would have answered; only in `AuthMode::Audit`.
    pub overruled: Option<Refusal>,
}

impl Authenticated {
    fn unverified(caller: impl Into<Arc<Caller>>) -> Self {
        Self { caller: caller.into(), body: BodyCheck::None, overruled: None }
    }
}

/// Everything authentication looks at beside the request.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The mode of the listener.
    pub mode: AuthMode,
    /// What the operation demands.
    pub operation: OperationAuth,
    /// The scope that signatures must have.
    pub expected: Expected<'a>,
    /// The issued keys.
    pub keys: &'a dyn Keys,
    /// Derived keys.
    pub signing_keys: &'a SigningKeys,
    /// The world's clock in Unix seconds.
    pub now: i64,
}

/// Finds out who is calling.
///
/// # Errors
/// A [`Refusal`], which [`crate::answer()`] words for the protocol spoken.
pub fn authenticate(
    context: &Context<'_>,
    presented: &Presented<'_>,
    request: &RequestView<'_>,
    payload: Payload<'_>,
) -> Result<Authenticated, Refusal> {
    let result = match presented.access_key_id() {
        Some(access_key_id) => match context.keys.lookup(access_key_id) {
            Some(key) => of_issued_key(context, &key, presented, request, payload),
            None => of_unknown_key(context, access_key_id, presented, request),
        },
        None => of_no_key(context, presented),
    };
    match result {
        // An operation that asks for no credentials does not mind bad ones.
        Err(_) if context.operation == OperationAuth::None => {
            Ok(Authenticated::unverified(nobody(context.mode)))
        }
        Err(refusal) if context.mode == AuthMode::Audit => Ok(overruled(context, presented, refusal)),
        result => result,
    }
}

fn of_issued_key(
    context: &Context<'_>,
    key: &IssuedKey,
    presented: &Presented<'_>,
    request: &RequestView<'_>,
    payload: Payload<'_>,
) -> Result<Authenticated, Refusal> {
    if let Presented::SignatureVersion2 { access_key_id } = presented
        && is_presigned_v2(context, request)
    {
        return of_presigned_v2(context, key, access_key_id, request);
    }
    let signature = readable(presented)?;
    check_claims(signature, request, &context.expected, context.now)?;
    let access_key_id = signature.credential.access_key_id();
    check_active(key, access_key_id)?;
    let body = check_signature(signature, request, &key.secret_access_key, payload, context.signing_keys)?;
    check_token(context.now, key, access_key_id, signature.session_token.as_deref())?;
    if signature.credential.service() != EXPRESS {
        check_general(key, access_key_id)?;
    }
    Ok(Authenticated { caller: Arc::clone(&key.caller), body, overruled: None })
}

/// S3 takes version 2 in presigned URLs only.
fn is_presigned_v2(context: &Context<'_>, request: &RequestView<'_>) -> bool {
    context.expected.service == "s3" && !request.headers.contains_key(http::header::AUTHORIZATION)
}

fn of_presigned_v2(
    context: &Context<'_>,
    key: &IssuedKey,
    access_key_id: &str,
    request: &RequestView<'_>,
) -> Result<Authenticated, Refusal> {
    check_active(key, access_key_id)?;
    signature_v2::check(request, access_key_id, &key.secret_access_key, context.now)?;
    let token = signature_v2::session_token(request);
    check_token(context.now, key, access_key_id, token.as_deref())?;
    check_general(key, access_key_id)?;
    Ok(Authenticated::unverified(Arc::clone(&key.caller)))
}

/// A session of a directory bucket is known nowhere else.
fn check_general(key: &IssuedKey, access_key_id: &str) -> Result<(), Refusal> {
    match key.caller.session.as_ref().is_some_and(|session| session.express.is_some()) {
        true => Err(Refusal::UnknownAccessKey { access_key_id: access_key_id.to_owned() }),
        false => Ok(()),
    }
}

pub(crate) fn check_active(key: &IssuedKey, access_key_id: &str) -> Result<(), Refusal> {
    match key.status {
        KeyStatus::Inactive => Err(Refusal::UnknownAccessKey { access_key_id: access_key_id.to_owned() }),
        KeyStatus::Active => Ok(()),
    }
}

/// AWS looks at the token after the signature, so that a stranger learns nothing about it.
pub(crate) fn check_token(
    now: i64,
    key: &IssuedKey,
    access_key_id: &str,
    given: Option<&str>,
) -> Result<(), Refusal> {
    let given = given.filter(|token| !token.is_empty());
    match (&key.session_token, given) {
        (None, None) => {}
        (Some(own), Some(given)) if own == given => {}
        (Some(_), None) => {
            return Err(Refusal::TokenRequired { access_key_id: access_key_id.to_owned() });
        }
        (_, Some(_)) => return Err(Refusal::TokenInvalid),
    }
    if key.expires_at.is_some_and(|expires_at| now >= expires_at) {
        Err(Refusal::TokenExpired)
    } else {
        Ok(())
    }
}

fn of_unknown_key(
    context: &Context<'_>,
    access_key_id: &str,
    presented: &Presented<'_>,
    request: &RequestView<'_>,
) -> Result<Authenticated, Refusal> {
    if context.mode == AuthMode::Permissive {
        return Ok(Authenticated::unverified(Caller::of_unknown_key(access_key_id)));
    }
    let is_presigned_v2 =
        matches!(presented, Presented::SignatureVersion2 { .. }) && is_presigned_v2(context, request);
    if !is_presigned_v2 {
        check_claims(readable(presented)?, request, &context.expected, context.now)?;
    }
    Err(Refusal::UnknownAccessKey { access_key_id: access_key_id.to_owned() })
}

fn of_no_key(context: &Context<'_>, presented: &Presented<'_>) -> Result<Authenticated, Refusal> {
    if *presented != Presented::Anonymous {
        readable(presented)?;
    }
    match context.operation {
        OperationAuth::Signed => Err(Refusal::MissingAuthenticationToken),
        OperationAuth::AnonymousAllowed => Ok(Authenticated::unverified(Caller::anonymous())),
        OperationAuth::None => Ok(Authenticated::unverified(nobody(context.mode))),
    }
}

/// The caller of an operation that asks for none.
fn nobody(mode: AuthMode) -> Caller {
    match mode {
        AuthMode::Permissive | AuthMode::Audit => Caller::root(AccountId::DEFAULT, None),
        AuthMode::Strict => Caller::anonymous(),
    }
}

fn overruled(context: &Context<'_>, presented: &Presented<'_>, refusal: Refusal) -> Authenticated {
    let caller = match presented.access_key_id() {
        Some(key) => match context.keys.lookup(key) {
            Some(issued) => Arc::clone(&issued.caller),
            None => Caller::of_unknown_key(key).into(),
        },
        None => nobody(context.mode).into(),
    };
    Authenticated { overruled: Some(refusal), ..Authenticated::unverified(caller) }
}

fn readable<'a, 'b>(presented: &'a Presented<'b>) -> Result<&'a PresentedSignature<'b>, Refusal> {
    match presented {
        Presented::Signed(signature) => Ok(signature),
        Presented::Anonymous => Err(Refusal::MissingAuthenticationToken),
        Presented::SignatureVersion2 { .. } => Err(Refusal::SignatureVersion2),
        Presented::Malformed { reason, .. } => Err(Refusal::Malformed(reason.clone())),
    }
}
