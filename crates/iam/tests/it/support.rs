//! A request that owns its parts, and the short way to authenticate it.

use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use virga_iam::authenticate::Context;
use virga_iam::{
    AccountId, AmzDate, AuthMode, Authenticated, Caller, Expected, IssuedKey, KeyStatus, Keys, OperationAuth,
    Payload, Presented, Refusal, RequestView, SigningKeys, authenticate,
};

pub(crate) const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name: HeaderName = name.parse().expect("a header name");
            map.append(name, HeaderValue::from_str(value).expect("a header value"));
        }
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
        Self { method, path, query, headers: map, body: body.to_vec() }
    }

    pub(crate) fn view(&self) -> RequestView<'_> {
        let Self { method, path, query, headers, .. } = self;
        RequestView { method, path, query, authority: None, headers }
    }
}

/// A cloud with one key.
pub(crate) struct OneKey(pub(crate) Arc<IssuedKey>, pub(crate) &'static str);

impl Keys for OneKey {
    fn lookup(&self, access_key_id: &str) -> Option<Arc<IssuedKey>> {
        (access_key_id == self.1).then(|| Arc::clone(&self.0))
    }
}

pub(crate) fn issued_key() -> IssuedKey {
    let account: AccountId = "123456789012".parse().expect("twelve digits");
    IssuedKey {
        secret_access_key: SECRET.to_owned(),
        session_token: None,
        expires_at: None,
        status: KeyStatus::Active,
        caller: Caller::root(account, Some(ACCESS_KEY_ID.to_owned())).into(),
    }
}

/// What a test varies.
pub(crate) struct Cloud {
    pub(crate) key: IssuedKey,
    pub(crate) mode: AuthMode,
    pub(crate) operation: OperationAuth,
    pub(crate) service: &'static str,
    pub(crate) region: Option<&'static str>,
    pub(crate) now: i64,
    pub(crate) signing_keys: SigningKeys,
}

impl Cloud {
    pub(crate) fn new(service: &'static str, now: &str) -> Self {
        Self {
            key: issued_key(),
            mode: AuthMode::Strict,
            operation: OperationAuth::Signed,
            service,
            region: None,
            now: AmzDate::parse_basic(now).expect("a date").unix_seconds(),
            signing_keys: SigningKeys::default(),
        }
    }

    pub(crate) fn authenticate(&self, request: &Request) -> Result<Authenticated, Refusal> {
        self.authenticate_with(request, Payload::Bytes(&request.body))
    }

    pub(crate) fn authenticate_with(
        &self,
        request: &Request,
        payload: Payload<'_>,
    ) -> Result<Authenticated, Refusal> {
        let keys = OneKey(Arc::new(self.key.clone()), ACCESS_KEY_ID);
        let context = Context {
            mode: self.mode,
            operation: self.operation,
            expected: Expected { service: self.service, region: self.region },
            keys: &keys,
            signing_keys: &self.signing_keys,
            now: self.now,
        };
        let view = request.view();
        authenticate(&context, &Presented::of(&view), &view, payload)
    }
}
