//! Signing: what clients do. Used by the in-process client, the load tool and the tests.

use std::sync::Arc;

use http::header::{HOST, HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use p256::ecdsa::SigningKey;
use ring::hmac;

use crate::authorization::{Algorithm, Location, PresentedSignature};
use crate::canonical::{
    CanonicalParameters, PathRule, canonical_request, hex_str, is_s3, push_encoded, sha256_hex,
    string_to_sign,
};
use crate::chunked::{ChunkKey, ChunkSignatures};
use crate::payload::PayloadDeclaration;
use crate::{AmzDate, CredentialScope, RequestView, signing_keys, sigv4a};

/// Headers that proxies and HTTP libraries change: nobody signs them.
const UNSIGNED: [&str; 7] =
    ["authorization", "connection", "expect", "te", "transfer-encoding", "user-agent", "x-amzn-trace-id"];

/// What a signer signs with.
#[derive(Debug, Clone, Copy)]
pub struct Credentials<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// The secret.
    pub secret_access_key: &'a str,
    /// The token of temporary credentials.
    pub session_token: Option<&'a str>,
}

/// The body of the request to sign.
#[derive(Debug, Clone, Copy)]
pub enum Body<'a> {
    /// A whole body.
    Bytes(&'a [u8]),
    /// A declaration in its place: `UNSIGNED-PAYLOAD`, `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, …
    Declared(&'a str),
}

/// A request to be signed: [`RequestView`] without the headers, which signing extends.
#[derive(Debug, Clone, Copy)]
pub struct Unsigned<'a> {
    /// The method.
    pub method: &'a str,
    /// The raw path as it will be sent.
    pub path: &'a str,
    /// The raw query as it will be sent.
    pub query: &'a str,
    /// The body.
    pub body: Body<'a>,
}

/// Signs for one key, scope and moment.
#[derive(Clone)]
pub struct Signer<'a> {
    credentials: Credentials<'a>,
    region: &'a str,
    signed_at: AmzDate,
    scope: CredentialScope<'static>,
    key: Key,
}

#[derive(Clone)]
enum Key {
    V4(Arc<hmac::Key>),
    V4A(Arc<SigningKey>, [u8; 65]),
}

impl<'a> Signer<'a> {
    /// A signer. For version 4A the region is a region set: names separated by commas, `*` for all.
    ///
    /// Deriving the key is the expensive part: keep the signer for the requests of one second.
    pub fn new(
        algorithm: Algorithm,
        credentials: Credentials<'a>,
        region: &'a str,
        service: &str,
        signed_at: AmzDate,
    ) -> Self {
        let Credentials { access_key_id, secret_access_key, .. } = credentials;
        let date = signed_at.date();
        let text = match algorithm {
            Algorithm::V4 => format!("{access_key_id}/{date}/{region}/{service}/aws4_request"),
            Algorithm::V4A => format!("{access_key_id}/{date}/{service}/aws4_request"),
        };
        let scope =
            CredentialScope::parse(algorithm, text.into()).expect("the text has all parts of a scope");
        let key = match algorithm {
            Algorithm::V4 => Key::V4(Arc::new(signing_keys::derive(secret_access_key, &scope))),
            Algorithm::V4A => Key::V4A(
                Arc::new(sigv4a::signing_key(access_key_id, secret_access_key)),
                sigv4a::public_key(access_key_id, secret_access_key),
            ),
        };
        Self { credentials, region, signed_at, scope, key }
    }

    /// Adds date, token, payload hash and signature to the headers. The `host` header must be there. Returns the
    /// signer of the chunks, should the body be declared as aws-chunked.
    ///
    /// # Errors
    /// When a credential cannot stand in a header.
    pub fn sign(
        &self,
        request: &Unsigned<'_>,
        headers: &mut HeaderMap,
    ) -> Result<ChunkSigner, InvalidHeaderValue> {
        let hash;
        let payload = match request.body {
            Body::Declared(text) => text,
            Body::Bytes(bytes) => {
                hash = sha256_hex(bytes);
                hex_str(&hash)
            }
        };
        self.add_headers(request, payload, headers)?;
        let signed_headers = signed_header_names(headers);
        let view = request.view(headers);
        let signature = self.signature(&view, Location::Header, &signed_headers, payload);
        let credential = self.scope.as_str();
        let authorization = format!(
            "{} Credential={credential}, SignedHeaders={signed_headers}, Signature={signature}",
            self.algorithm().name()
        );
        headers.insert(http::header::AUTHORIZATION, HeaderValue::try_from(authorization)?);
        Ok(self.chunk_signer(signature))
    }

    /// The query of the presigned request. Headers beside `host` that are given must be sent as they are.
    pub fn presign(&self, request: &Unsigned<'_>, headers: &HeaderMap, expires_seconds: u32) -> String {
        let signed_headers = signed_header_names(headers);
        let expires = expires_seconds.to_string();
        let mut query = request.query.to_owned();
        let mut parameters = vec![
            ("X-Amz-Algorithm", self.algorithm().name()),
            ("X-Amz-Credential", self.scope.as_str()),
            ("X-Amz-Date", self.signed_at.as_str()),
            ("X-Amz-Expires", &expires),
            ("X-Amz-SignedHeaders", &signed_headers),
        ];
        if self.algorithm() == Algorithm::V4A {
            parameters.push(("X-Amz-Region-Set", self.region));
        }
        parameters.extend(self.credentials.session_token.map(|token| ("X-Amz-Security-Token", token)));
        for (name, value) in parameters {
            push_parameter(&mut query, name, value);
        }
        let hash;
        let payload = match request.body {
            Body::Declared(text) => text,
            Body::Bytes(_) if is_s3(self.scope.service()) => "UNSIGNED-PAYLOAD",
            Body::Bytes(bytes) => {
                hash = sha256_hex(bytes);
                hex_str(&hash)
            }
        };
        let unsigned = Unsigned { query: &query, ..*request };
        let signature = self.signature(&unsigned.view(headers), Location::Query, &signed_headers, payload);
        push_parameter(&mut query, "X-Amz-Signature", &signature);
        query
    }

    fn algorithm(&self) -> Algorithm {
        match self.key {
            Key::V4(_) => Algorithm::V4,
            Key::V4A(..) => Algorithm::V4A,
        }
    }

    fn add_headers(
        &self,
        request: &Unsigned<'_>,
        payload: &str,
        headers: &mut HeaderMap,
    ) -> Result<(), InvalidHeaderValue> {
        headers.insert("x-amz-date", HeaderValue::from_str(self.signed_at.as_str())?);
        if let Some(token) = self.credentials.session_token {
            headers.insert("x-amz-security-token", HeaderValue::from_str(token)?);
        }
        if self.algorithm() == Algorithm::V4A {
            headers.insert("x-amz-region-set", HeaderValue::from_str(self.region)?);
        }
        if is_s3(self.scope.service()) || matches!(request.body, Body::Declared(_)) {
            headers.insert(PayloadDeclaration::HEADER, HeaderValue::from_str(payload)?);
        }
        Ok(())
    }

    fn signature(
        &self,
        view: &RequestView<'_>,
        location: Location,
        signed_headers: &str,
        payload: &str,
    ) -> String {
        let path_rule = PathRule::of_service(self.scope.service());
        let parameters =
            CanonicalParameters { path_rule, location, signed_headers, known_headers: None, payload };
        let canonical = canonical_request(view, &parameters);
        let timestamp = self.signed_at.as_str();
        self.key.sign(&string_to_sign(self.algorithm(), timestamp, self.scope.scope(), &canonical))
    }

    fn chunk_signer(&self, seed: String) -> ChunkSigner {
        let key = match &self.key {
            Key::V4(key) => ChunkKey::V4(Arc::clone(key)),
            Key::V4A(_, public) => ChunkKey::V4A(Arc::new(*public)),
        };
        let seed = PresentedSignature {
            algorithm: self.algorithm(),
            location: Location::Header,
            credential: self.scope.clone(),
            signed_headers: "".into(),
            signature: seed.into(),
            signed_at: self.signed_at,
            expires_seconds: None,
            session_token: None,
            region_set: None,
            pattern: None,
        };
        ChunkSigner { chain: ChunkSignatures::new(key, &seed), key: self.key.clone() }
    }
}

impl Key {
    fn sign(&self, string_to_sign: &str) -> String {
        match self {
            Self::V4(key) => hex::encode(hmac::sign(key, string_to_sign.as_bytes())),
            Self::V4A(key, _) => sigv4a::sign(key, string_to_sign.as_bytes()),
        }
    }
}

impl<'a> Unsigned<'a> {
    fn view<'b>(&self, headers: &'b HeaderMap) -> RequestView<'b>
    where
        'a: 'b,
    {
        let Self { method, path, query, .. } = *self;
        RequestView { method, path, query, authority: None, headers }
    }
}

/// Signs the chunks of one aws-chunked body in order.
pub struct ChunkSigner {
    chain: ChunkSignatures,
    key: Key,
}

impl ChunkSigner {
    /// The `chunk-signature` of the next chunk, given its data's SHA-256.
    pub fn chunk(&mut self, data_sha256: &[u8; 32]) -> String {
        let signature = self.key.sign(&self.chain.chunk_string_to_sign(data_sha256));
        self.chain.advance(&signature);
        signature
    }

    /// The `x-amz-trailer-signature` of the trailer, given the SHA-256 of its lines.
    pub fn trailer(&mut self, trailer_sha256: &[u8; 32]) -> String {
        let signature = self.key.sign(&self.chain.trailer_string_to_sign(trailer_sha256));
        self.chain.advance(&signature);
        signature
    }
}

/// All headers worth signing, sorted, with `host` even when HTTP/2 will carry it elsewhere.
fn signed_header_names(headers: &HeaderMap) -> String {
    let mut names: Vec<&str> =
        headers.keys().map(HeaderName::as_str).filter(|name| !UNSIGNED.contains(name)).collect();
    if !headers.contains_key(HOST) {
        names.push(HOST.as_str());
    }
    names.sort_unstable();
    names.join(";")
}

fn push_parameter(query: &mut String, name: &str, value: &str) {
    let mut encoded = Vec::with_capacity(value.len() + 8);
    value.bytes().for_each(|byte| push_encoded(&mut encoded, byte));
    if !query.is_empty() {
        query.push('&');
    }
    query.push_str(name);
    query.push('=');
    query.push_str(&String::from_utf8_lossy(&encoded));
}
