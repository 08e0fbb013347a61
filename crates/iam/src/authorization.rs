//! What a request presents as its credentials, from the Authorization header. Query signatures are read in
//! `query_authorization.rs`.
//!
//! This runs for every request: it borrows from the request and allocates only for what is wrong or encoded.

use std::borrow::Cow;

use http::HeaderName;
use http::header::DATE;

use crate::query_authorization;
use crate::refusal::{Malformed, MissingParts};
use crate::{AmzDate, CredentialScope, RequestView, SignaturePattern};

pub(crate) const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_REGION_SET: HeaderName = HeaderName::from_static("x-amz-region-set");
pub(crate) const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const X_AMZ_S3SESSION_TOKEN: HeaderName = HeaderName::from_static("x-amz-s3session-token");

/// The name that requests to directory buckets are signed for.
pub(crate) const EXPRESS: &str = "s3express";

/// The signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// `AWS4-HMAC-SHA256`.
    V4,
    /// `AWS4-ECDSA-P256-SHA256`: one signature for a set of regions.
    V4A,
}

impl Algorithm {
    /// The algorithm of a name as sent.
    pub fn of_name(name: &str) -> Option<Self> {
        match name {
            "AWS4-HMAC-SHA256" => Some(Self::V4),
            "AWS4-ECDSA-P256-SHA256" => Some(Self::V4A),
            _ => None,
        }
    }

    /// `AWS4-HMAC-SHA256` or `AWS4-ECDSA-P256-SHA256`.
    pub fn name(self) -> &'static str {
        match self {
            Self::V4 => "AWS4-HMAC-SHA256",
            Self::V4A => "AWS4-ECDSA-P256-SHA256",
        }
    }
}

/// Where the signature stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Location {
    /// In the Authorization header.
    Header,
    /// In the query: a presigned request.
    Query,
}

/// What the request presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented<'a> {
    /// No credentials.
    Anonymous,
    /// A signature of version 4 or 4A that could be read.
    Signed(PresentedSignature<'a>),
    /// A signature of version 2 (`AWS key:signature`), which S3 took before 2020.
    SignatureVersion2 {
        /// The access key id.
        access_key_id: &'a str,
    },
    /// Credentials that cannot be read.
    Malformed {
        /// What is wrong.
        reason: Malformed,
        /// The access key id, when that much could be read.
        access_key_id: Option<Cow<'a, str>>,
    },
}

/// A signature and what it claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresentedSignature<'a> {
    /// Version 4 or 4A.
    pub algorithm: Algorithm,
    /// Header or query.
    pub location: Location,
    /// Access key id and scope.
    pub credential: CredentialScope<'a>,
    /// The signed header names as sent, separated by semicolons.
    pub signed_headers: Cow<'a, str>,
    /// The signature in hex: an HMAC, or a DER-encoded ECDSA signature.
    pub signature: Cow<'a, str>,
    /// `X-Amz-Date`, or else `Date`.
    pub signed_at: AmzDate,
    /// `X-Amz-Expires` of a presigned request.
    pub expires_seconds: Option<u32>,
    /// The session token of temporary credentials.
    pub session_token: Option<Cow<'a, str>>,
    /// `X-Amz-Region-Set` of a version 4A signature.
    pub region_set: Option<Cow<'a, str>>,
    /// What it has in common with those that the connection has sent before.
    pub pattern: Option<&'a SignaturePattern>,
}

impl<'a> Presented<'a> {
    /// Reads the credentials of a request.
    pub fn of(request: &RequestView<'a>) -> Self {
        let Some(header) = request.headers.get(http::header::AUTHORIZATION) else {
            return query_authorization::presented(request);
        };
        let Ok(text) = header.to_str() else {
            let header = String::from_utf8_lossy(header.as_bytes()).into_owned();
            return Self::malformed(Malformed::NotKeyValue { header }, None);
        };
        if query_authorization::names_an_algorithm(request) {
            return Self::malformed(Malformed::TwoMechanisms, None);
        }
        Self::of_header(request, text)
    }

    /// The access key id, if one can be read at all.
    pub fn access_key_id(&self) -> Option<&str> {
        match self {
            Self::Anonymous => None,
            Self::Signed(signature) => Some(signature.credential.access_key_id()),
            Self::SignatureVersion2 { access_key_id } => Some(access_key_id),
            Self::Malformed { access_key_id, .. } => access_key_id.as_deref(),
        }
    }

    pub(crate) fn malformed(reason: Malformed, access_key_id: Option<Cow<'a, str>>) -> Self {
        Self::Malformed { reason, access_key_id }
    }

    fn of_header(request: &RequestView<'a>, header: &'a str) -> Self {
        let (scheme, rest) = header.split_once(' ').unwrap_or((header, ""));
        if scheme == "AWS" {
            let access_key_id = rest.trim().split(':').next().unwrap_or_default();
            return Self::SignatureVersion2 { access_key_id };
        }
        let Some(algorithm) = Algorithm::of_name(scheme) else {
            return Self::malformed(foreign_scheme(scheme, header), None);
        };
        let mut parts = HeaderParts::default();
        if parts.read(rest).is_none() {
            let access_key_id = parts.access_key_id(algorithm);
            return Self::malformed(Malformed::NotKeyValue { header: header.to_owned() }, access_key_id);
        }
        match parts.finish(request, algorithm, header) {
            Ok(signature) => Self::Signed(signature),
            Err(reason) => Self::malformed(reason, parts.access_key_id(algorithm)),
        }
    }
}

/// The header with the session token. Those of sessions of directory buckets have one of their own; other temporary
/// credentials that sign for directory buckets keep theirs.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html>
pub(crate) fn token_header(request: &RequestView<'_>, credential: &CredentialScope<'_>) -> HeaderName {
    match credential.service() == EXPRESS && request.headers.contains_key(X_AMZ_S3SESSION_TOKEN) {
        true => X_AMZ_S3SESSION_TOKEN,
        false => X_AMZ_SECURITY_TOKEN,
    }
}

/// The credential of an Authorization header without its scheme, for routing.
pub(crate) fn credential_of_header(parameters: &str) -> Option<&str> {
    parts(parameters).find_map(|part| part.strip_prefix("Credential="))
}

/// The parts of an Authorization header. Separators are commas, blanks or both.
fn parts(parameters: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(parameters);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = text.bytes().position(|byte| matches!(byte, b',' | b' ' | b'\t'));
        rest = end.map(|end| &text[end + 1..]);
        Some(&text[..end.unwrap_or(text.len())])
    })
    .filter(|part| !part.is_empty())
}

/// A scheme that starts like ours is an unknown algorithm to AWS; a token without parameters is a broken pair.
fn foreign_scheme(scheme: &str, header: &str) -> Malformed {
    if scheme.starts_with("AWS") || (!scheme.contains('=') && header.contains("Credential=")) {
        Malformed::UnsupportedAlgorithm { algorithm: scheme.to_owned(), presigned: false }
    } else {
        Malformed::NotKeyValue { header: header.to_owned() }
    }
}

/// The parameters of an Authorization header as found.
#[derive(Default)]
struct HeaderParts<'a> {
    credential: Option<&'a str>,
    signed_headers: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> HeaderParts<'a> {
    /// Reads the parameters; `None` when one has no equal sign.
    fn read(&mut self, parameters: &'a str) -> Option<()> {
        for part in parts(parameters) {
            let equals = part.bytes().position(|byte| byte == b'=')?;
            let (key, value) = (&part[..equals], &part[equals + 1..]);
            match key {
                "Credential" => self.credential = Some(value),
                "SignedHeaders" => self.signed_headers = Some(value),
                "Signature" => self.signature = Some(value),
                _ => {}
            }
        }
        Some(())
    }

    fn access_key_id(&self, algorithm: Algorithm) -> Option<Cow<'a, str>> {
        let credential = self.credential?;
        let scope = CredentialScope::parse(algorithm, Cow::Borrowed(credential));
        let length = scope.map_or_else(
            || credential.find('/').unwrap_or(credential.len()),
            |scope| scope.access_key_id().len(),
        );
        Some(Cow::Borrowed(&credential[..length])).filter(|key| !key.is_empty())
    }

    /// The order of the checks is AWS's: what is missing, the date, the credential.
    fn finish(
        &self,
        request: &RequestView<'a>,
        algorithm: Algorithm,
        header: &str,
    ) -> Result<PresentedSignature<'a>, Malformed> {
        let date = request.header(X_AMZ_DATE);
        let http_date = if date.is_none() { request.header(DATE) } else { None };
        let missing = MissingParts {
            credential: self.credential.is_none_or(str::is_empty),
            signature: self.signature.is_none_or(str::is_empty),
            signed_headers: self.signed_headers.is_none(),
            date: date.is_none() && http_date.is_none(),
            ..MissingParts::default()
        };
        let (Some(credential), Some(signed_headers), Some(signature), false) =
            (self.credential, self.signed_headers, self.signature, missing.any())
        else {
            return Err(Malformed::HeaderParts { missing, header: header.to_owned() });
        };
        let signed_at = date.map_or_else(|| http_date.and_then(AmzDate::parse_http), AmzDate::parse_basic);
        let bad_date = || date.or(http_date).unwrap_or_default().to_owned();
        let signed_at = signed_at.ok_or_else(|| Malformed::Date { date: bad_date(), presigned: false })?;
        let credential = CredentialScope::parse(algorithm, Cow::Borrowed(credential))
            .ok_or_else(|| Malformed::Credential { credential: credential.to_owned(), presigned: false })?;
        Ok(PresentedSignature {
            algorithm,
            location: Location::Header,
            signed_headers: Cow::Borrowed(signed_headers),
            signature: Cow::Borrowed(signature),
            signed_at,
            expires_seconds: None,
            session_token: request.header(token_header(request, &credential)).map(Cow::Borrowed),
            credential,
            region_set: request.header(X_AMZ_REGION_SET).map(Cow::Borrowed),
            pattern: None,
        })
    }
}
