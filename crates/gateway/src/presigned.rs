//! Headers in the query: whoever presigns a request of S3 may put `x-amz-` headers there, and they count as headers.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>

use std::borrow::Cow;

use ::http::request::Parts;
use ::http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

/// Parameters of the signature itself.
const OF_SIGNATURE: [&str; 10] = [
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-signedheaders",
    "x-amz-signature",
    "x-amz-security-token",
    "x-amz-s3session-token",
    "x-amz-region-set",
    "x-amz-content-sha256",
];

/// The headers of a request, with those in its query if it is presigned.
pub(crate) fn headers(head: &Parts) -> Cow<'_, HeaderMap> {
    let query = head.uri.query().unwrap_or_default();
    let is_presigned = query.contains("X-Amz-Signature=") || query.contains("AWSAccessKeyId=");
    if !is_presigned {
        return Cow::Borrowed(&head.headers);
    }
    let mut headers = Cow::Borrowed(&head.headers);
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        let name = percent_decode_str(name).decode_utf8_lossy().to_ascii_lowercase();
        if !name.starts_with("x-amz-") || OF_SIGNATURE.contains(&&*name) || headers.contains_key(&name) {
            continue;
        }
        let value: Vec<u8> = percent_decode_str(value).collect();
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(&value)) {
            headers.to_mut().insert(name, value);
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::headers;

    #[test]
    fn headers_in_the_query_count_for_presigned_requests_only() {
        let check = |query: &str, expected: Option<&str>| {
            let request =
                ::http::Request::builder().uri(format!("/b/k?{query}")).body(()).expect("a request");
            let (head, ()) = request.into_parts();
            let found = headers(&head);
            let value = found.get("x-amz-meta-a").map(|value| value.to_str().expect("text"));
            assert_eq!(value, expected, "{query}");
            assert!(!found.contains_key("x-amz-date"));
        };
        check("X-Amz-Date=1&x-amz-meta-a=b%2Bc&X-Amz-Signature=0", Some("b+c"));
        check("X-Amz-Date=1&X-Amz-Meta-A=b&X-Amz-Signature=0", Some("b"));
        check("x-amz-meta-a=b", None);
    }
}
