//! What a request presents as its credentials in the query: presigned URLs.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::authorization::{Algorithm, Location, Presented, PresentedSignature, token_header};
use crate::refusal::{ExpiresError, Malformed, MissingParts};
use crate::request::query_pairs;
use crate::{AmzDate, CredentialScope, RequestView};

/// A week: the longest life of a presigned URL.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
const MAX_EXPIRES_SECONDS: i64 = 604_800;

/// True when the query claims to be signed, whatever the headers say.
pub(crate) fn names_an_algorithm(request: &RequestView<'_>) -> bool {
    request.query.contains("X-Amz-Algorithm=")
}

/// Reads the credentials of a query.
pub(crate) fn presented<'a>(request: &RequestView<'a>) -> Presented<'a> {
    let query = request.query;
    if !query.contains("X-Amz-") {
        return signature_version_2(query);
    }
    let parts = QueryParts::read(query);
    if parts.algorithm.is_none() && parts.credential.is_none() && parts.signature.is_none() {
        return signature_version_2(query);
    }
    match parts.finish(request) {
        Ok(signature) => Presented::Signed(signature),
        Err(reason) => Presented::malformed(reason, parts.access_key_id()),
    }
}

fn signature_version_2(query: &str) -> Presented<'_> {
    if query.contains("AWSAccessKeyId=")
        && let Some((_, access_key_id)) = query_pairs(query).find(|(name, _)| *name == "AWSAccessKeyId")
    {
        return Presented::SignatureVersion2 { access_key_id };
    }
    Presented::Anonymous
}

#[derive(Default)]
struct QueryParts<'a> {
    algorithm: Option<&'a str>,
    credential: Option<Cow<'a, str>>,
    date: Option<&'a str>,
    expires: Option<&'a str>,
    signed_headers: Option<Cow<'a, str>>,
    signature: Option<&'a str>,
    session_token: Option<Cow<'a, str>>,
    region_set: Option<Cow<'a, str>>,
}

impl<'a> QueryParts<'a> {
    fn read(query: &'a str) -> Self {
        let mut parts = Self::default();
        for (name, value) in query_pairs(query) {
            match name {
                "X-Amz-Algorithm" => parts.algorithm = Some(value),
                "X-Amz-Credential" => parts.credential = Some(decoded(value)),
                "X-Amz-Date" => parts.date = Some(value),
                "X-Amz-Expires" => parts.expires = Some(value),
                "X-Amz-SignedHeaders" => parts.signed_headers = Some(decoded(value)),
                "X-Amz-Signature" => parts.signature = Some(value),
                "X-Amz-Security-Token" | "X-Amz-S3session-Token" => {
                    parts.session_token = Some(decoded(value));
                }
                "X-Amz-Region-Set" => parts.region_set = Some(decoded(value)),
                _ => {}
            }
        }
        parts
    }

    fn access_key_id(&self) -> Option<Cow<'a, str>> {
        let credential = self.credential.as_deref()?;
        let key = credential.split('/').next().filter(|key| !key.is_empty())?;
        Some(Cow::Owned(key.to_owned()))
    }

    fn missing(&self) -> MissingParts {
        MissingParts {
            algorithm: self.algorithm.is_none_or(str::is_empty),
            credential: self.credential.as_deref().is_none_or(str::is_empty),
            signature: self.signature.is_none_or(str::is_empty),
            signed_headers: self.signed_headers.as_deref().is_none_or(str::is_empty),
            date: self.date.is_none_or(str::is_empty),
            expires: self.expires.is_none_or(str::is_empty),
        }
    }

    fn finish(&self, request: &RequestView<'a>) -> Result<PresentedSignature<'a>, Malformed> {
        let missing = self.missing();
        // Only S3 demands X-Amz-Expires: a missing one alone does not make the signature unreadable.
        let fatal = MissingParts { expires: false, ..missing }.any();
        let (Some(algorithm), Some(credential), Some(date), Some(signed_headers), Some(signature), false) =
            (self.algorithm, &self.credential, self.date, &self.signed_headers, self.signature, fatal)
        else {
            return Err(Malformed::QueryParts(missing));
        };
        let algorithm = Algorithm::of_name(algorithm).ok_or_else(|| Malformed::UnsupportedAlgorithm {
            algorithm: decoded(algorithm).into_owned(),
            presigned: true,
        })?;
        let expires_seconds =
            self.expires.filter(|text| !text.is_empty()).map(expires_seconds).transpose()?;
        let signed_at = AmzDate::parse_basic(date)
            .ok_or_else(|| Malformed::Date { date: decoded(date).into_owned(), presigned: true })?;
        let credential = CredentialScope::parse(algorithm, credential.clone())
            .ok_or_else(|| Malformed::Credential { credential: credential.to_string(), presigned: true })?;
        let in_header = || request.header(token_header(request, &credential)).map(Cow::Borrowed);
        let session_token = self.session_token.clone().or_else(in_header);
        Ok(PresentedSignature {
            algorithm,
            location: Location::Query,
            credential,
            signed_headers: signed_headers.clone(),
            signature: Cow::Borrowed(signature),
            signed_at,
            expires_seconds,
            session_token,
            region_set: self.region_set.clone(),
            pattern: None,
        })
    }
}

fn decoded(value: &str) -> Cow<'_, str> {
    percent_decode_str(value).decode_utf8_lossy()
}

fn expires_seconds(text: &str) -> Result<u32, Malformed> {
    let seconds: i64 = text.parse().map_err(|_| Malformed::Expires(ExpiresError::NotANumber))?;
    match seconds {
        ..0 => Err(Malformed::Expires(ExpiresError::Negative)),
        0..=MAX_EXPIRES_SECONDS => Ok(u32::try_from(seconds).expect("a week in seconds fits")),
        _ => Err(Malformed::Expires(ExpiresError::TooLong)),
    }
}
