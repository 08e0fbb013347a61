//! Who speaks over a connection. Clients sign the empty `POST /` to `dax.amazonaws.com` with the key that they have, send
//! the signature with what they signed, and do so again every few minutes. Nothing answers this; what is wrong with it is
//! the answer to the next request.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header};
use virga_iam::authenticate::Context;
use virga_iam::{
    Caller, ErrorStyle, Expected, KeyStatus, Keys as _, OperationAuth, Payload, Presented, Refusal,
    RequestView, answer, authenticate,
};
use virga_kit::World;
use virga_model::ApiError;

use crate::cbor::{Malformed, Reader};
use crate::failure::Failure;

/// The host that is signed, whatever the host of the cluster.
const HOST: &str = "dax.amazonaws.com";
/// The headers that are signed.
const SIGNED: &str = "host;x-amz-date";

/// Somebody whose signature was right.
pub(crate) struct Authorized {
    pub(crate) caller: Arc<Caller>,
    /// Whether this cloud has issued the key, and may take it back.
    is_issued: bool,
}

impl Authorized {
    /// Whether the key is still good.
    ///
    /// # Errors
    /// AWS's answer to somebody whose key is not.
    pub(crate) fn check(&self, world: &World) -> Result<(), Failure> {
        let Some(id) = self.caller.access_key_id.as_deref().filter(|_| self.is_issued) else { return Ok(()) };
        let now = world.clock().now().secs();
        let refusal = match world.keys().lookup(id) {
            Some(key) if key.status == KeyStatus::Active => match key.expires_at {
                Some(expires_at) if expires_at <= now => Refusal::TokenExpired,
                _ => return Ok(()),
            },
            _ => Refusal::UnknownAccessKey { access_key_id: id.to_owned() },
        };
        Err(Failure::Unauthenticated(Box::new(refused(&refusal))))
    }
}

/// The error of a connection over which nobody has spoken yet.
pub(crate) fn missing() -> Failure {
    Failure::Unauthenticated(Box::new(refused(&Refusal::MissingAuthenticationToken)))
}

fn refused(refusal: &Refusal) -> ApiError {
    let answer = answer(refusal, ErrorStyle::Json);
    ApiError::common(answer.code, answer.status, answer.message)
}

/// `[access key id, signature, string to sign, session token or null, user agent or null]`.
pub(crate) fn authorize(world: &World, arguments: &[Bytes; 5]) -> Result<Authorized, Failure> {
    let headers = signed_headers(arguments)?;
    let request = RequestView { method: "POST", path: "/", query: "", authority: None, headers: &headers };
    let presented = Presented::of(&request);
    let context = Context {
        mode: world.settings().auth,
        operation: OperationAuth::Signed,
        expected: Expected { service: "dax", region: None },
        keys: world.keys(),
        signing_keys: world.signing_keys(),
        now: world.clock().now().secs(),
    };
    let authenticated = authenticate(&context, &presented, &request, Payload::Bytes(b""));
    let authenticated =
        authenticated.map_err(|refusal| Failure::Unauthenticated(Box::new(refused(&refusal))))?;
    if let Some(refusal) = authenticated.overruled {
        tracing::warn!("strict authentication would refuse: {refusal:?}");
    }
    let is_issued = presented.access_key_id().is_some_and(|id| world.keys().lookup(id).is_some());
    Ok(Authorized { caller: authenticated.caller, is_issued })
}

/// The headers of the request that was signed. The string to sign tells its date and the scope of the key.
fn signed_headers(arguments: &[Bytes; 5]) -> Result<HeaderMap, Malformed> {
    let [key, signature, string_to_sign, token, _] = arguments;
    let key = Reader::new(key).text()?;
    let signature = Reader::new(signature).text()?;
    let string_to_sign = Reader::new(string_to_sign).name()?;
    let mut lines = string_to_sign.lines();
    let (algorithm, date, scope) = (lines.next(), lines.next(), lines.next());
    let (Some(algorithm), Some(date), Some(scope)) = (algorithm, date, scope) else {
        return Err(Malformed::expected("a string to sign"));
    };
    let authorization =
        format!("{algorithm} Credential={key}/{scope}, SignedHeaders={SIGNED}, Signature={signature}");
    let mut headers = HeaderMap::new();
    headers.insert(header::HOST, HeaderValue::from_static(HOST));
    headers.insert(HeaderName::from_static("x-amz-date"), value(date)?);
    headers.insert(header::AUTHORIZATION, value(&authorization)?);
    let mut token = Reader::new(token);
    if !token.null()? {
        headers.insert(HeaderName::from_static("x-amz-security-token"), value(&token.text()?)?);
    }
    Ok(headers)
}

fn value(text: &str) -> Result<HeaderValue, Malformed> {
    HeaderValue::try_from(text).map_err(|_| Malformed::expected("text without control characters"))
}
