//! Signature version 2 as S3 still takes it in the query: what older clients, and boto3 by default, make of a presigned
//! URL, and of the policy of a form.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html>

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::percent_decode_str;
use ring::hmac;

use crate::refusal::Refusal;
use crate::request::query_pairs;
use crate::{AmzDate, RequestView};

/// Parameters of a query that name a part of a resource, and so are signed, sorted.
const SIGNED_PARAMETERS: [&str; 42] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// Checks the signature of a presigned request, and that it has not expired. The path of the request begins with the
/// bucket, wherever the request named it. `now` is in Unix seconds.
pub(crate) fn check(
    request: &RequestView<'_>,
    access_key_id: &str,
    secret: &str,
    now: i64,
) -> Result<(), Refusal> {
    let parameter = |name| request.query_parameter(name).filter(|value| !value.is_empty());
    let (Some(expires), Some(signature)) = (parameter("Expires"), parameter("Signature")) else {
        return Err(Refusal::QueryPartsMissing);
    };
    let signature = percent_decode_str(signature).decode_utf8_lossy();
    let expires_at: i64 = expires.parse().map_err(|_| Refusal::QueryPartsMissing)?;
    if now > expires_at {
        let (expires_at, now) = (AmzDate::from_unix_seconds(expires_at), AmzDate::from_unix_seconds(now));
        return Err(Refusal::UrlExpired { expires_at, now });
    }
    check_text(&string_to_sign(request, expires), access_key_id, secret, &signature)
}

/// Checks the signature of a text: of a request, or of the policy of a form.
pub(crate) fn check_text(
    text: &str,
    access_key_id: &str,
    secret: &str,
    signature: &str,
) -> Result<(), Refusal> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    let given = BASE64.decode(signature).unwrap_or_default();
    hmac::verify(&key, text.as_bytes(), &given).map_err(|_| Refusal::ChunkSignatureDoesNotMatch {
        access_key_id: access_key_id.to_owned(),
        string_to_sign: text.to_owned(),
        signature_provided: signature.to_owned(),
    })
}

/// The token of temporary credentials, wherever it stands.
pub(crate) fn session_token<'a>(request: &RequestView<'a>) -> Option<Cow<'a, str>> {
    let in_query = request.query_parameter("x-amz-security-token");
    let in_query = in_query.map(|token| percent_decode_str(token).decode_utf8_lossy());
    in_query.or_else(|| request.header("x-amz-security-token").map(Cow::Borrowed))
}

/// What is signed. Headers may stand in the query instead.
fn string_to_sign(request: &RequestView<'_>, expires: &str) -> String {
    let mut amz_headers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut content_md5, mut content_type) = (String::new(), String::new());
    for name in request.headers.keys() {
        let values = request.headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        let values: Vec<String> = values.map(|value| value.trim().to_owned()).collect();
        match name.as_str() {
            "content-md5" => content_md5 = values.join(","),
            "content-type" => content_type = values.join(","),
            name if name.starts_with("x-amz-") => drop(amz_headers.insert(name.to_owned(), values)),
            _ => {}
        }
    }
    for (name, value) in query_pairs(request.query) {
        let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
        let value = percent_decode_str(value).decode_utf8_lossy().into_owned();
        match &*name {
            "content-md5" => content_md5 = value,
            "content-type" => content_type = value,
            name if name.starts_with("x-amz-") => amz_headers.entry(name.to_owned()).or_default().push(value),
            _ => {}
        }
    }
    let mut text = format!("{}\n{content_md5}\n{content_type}\n{expires}\n", request.method);
    for (name, values) in amz_headers {
        let written = writeln!(text, "{name}:{}", values.join(","));
        debug_assert!(written.is_ok(), "a string takes every write");
    }
    text.push_str(request.path);
    let mut separator = '?';
    for (name, value) in signed_parameters(request.query) {
        text.push(separator);
        text.push_str(name);
        if let Some(value) = value {
            text.push('=');
            text.push_str(&value);
        }
        separator = '&';
    }
    text
}

/// The signed parameters of a query, sorted, values decoded.
fn signed_parameters(query: &str) -> Vec<(&str, Option<Cow<'_, str>>)> {
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, value)) => (name, Some(percent_decode_str(value).decode_utf8_lossy())),
        None => (pair, None),
    });
    let mut signed: Vec<_> = pairs.filter(|(name, _)| is_signed(name)).collect();
    signed.sort_unstable_by_key(|(name, _)| *name);
    signed
}

fn is_signed(name: &str) -> bool {
    SIGNED_PARAMETERS.binary_search(&name).is_ok()
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::{SIGNED_PARAMETERS, check, string_to_sign};
    use crate::{Refusal, RequestView};

    fn view<'a>(query: &'a str, headers: &'a HeaderMap) -> RequestView<'a> {
        RequestView { method: "GET", path: "/bucket/some%20key", query, authority: None, headers }
    }

    #[test]
    fn signed_parameters_are_sorted() {
        assert!(SIGNED_PARAMETERS.is_sorted());
    }

    #[test]
    fn headers_of_the_query_and_parameters_of_the_resource_are_signed() {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-meta-b", "2".parse().expect("a value"));
        headers.insert("content-type", "text/plain".parse().expect("a value"));
        let query = "versionId=v%2F1&Expires=9&x-amz-meta-a=%C3%BC&acl&Signature=x&prefix=p&AWSAccessKeyId=k";
        let expected =
            "GET\n\ntext/plain\n9\nx-amz-meta-a:ü\nx-amz-meta-b:2\n/bucket/some%20key?acl&versionId=v/1";
        assert_eq!(string_to_sign(&view(query, &headers), "9"), expected);
    }

    /// The signature was made by botocore 1.43.11.
    #[test]
    fn a_url_of_botocore_is_right_until_it_expires() {
        let headers = HeaderMap::new();
        let query = "response-content-type=text%2Fplain&AWSAccessKeyId=AKIDEXAMPLE&Signature=mJv0N7rMs9S547r65R8sQxvXnT4%3D&Expires=2000000000";
        let check = |query, secret, now| check(&view(query, &headers), "AKIDEXAMPLE", secret, now);
        assert_eq!(check(query, "secret", 2_000_000_000), Ok(()));
        assert!(matches!(check(query, "secret", 2_000_000_001), Err(Refusal::UrlExpired { .. })));
        assert!(matches!(check(query, "other", 0), Err(Refusal::ChunkSignatureDoesNotMatch { .. })));
        assert_eq!(
            check("AWSAccessKeyId=AKIDEXAMPLE&Expires=1", "secret", 0),
            Err(Refusal::QueryPartsMissing)
        );
    }
}
