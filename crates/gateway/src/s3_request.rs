//! What S3 asks of a request before it is understood: headers that are not too long, a document where one belongs.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use http::HeaderMap;
use virga_model::{ApiError, Kind, Operation};

/// The most bytes of all headers together.
const HEADER_BYTES: usize = 8192;
/// Operations whose model lets the document be left out, which S3 does not.
const WITH_DOCUMENT: [&str; 2] = ["PutBucketLifecycleConfiguration", "PutObjectLockConfiguration"];

/// Refuses headers that are too long.
pub(crate) fn check_headers(headers: &HeaderMap) -> Result<(), ApiError> {
    let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes <= HEADER_BYTES {
        return Ok(());
    }
    let text = "Your request header section exceeds the maximum allowed size.";
    let error = ApiError::common("RequestHeaderSectionTooLarge", 400, text);
    Err(error.with_details(vec![("MaxSizeAllowed", HEADER_BYTES.to_string())]))
}

/// Refuses a request that has to be a document and is empty.
pub(crate) fn check_document(operation: Operation, body: &[u8]) -> Result<(), ApiError> {
    match body.is_empty() && wants_document(operation) {
        true => Err(ApiError::common("MissingRequestBodyError", 400, "Request Body is empty")),
        false => Ok(()),
    }
}

fn wants_document(operation: Operation) -> bool {
    let payload = operation.input().and_then(|shape| shape.member(shape.payload()?));
    payload.is_some_and(|member| {
        let is_asked_for = member.is_required() || WITH_DOCUMENT.contains(&operation.name());
        is_asked_for && member.shape().kind() == Kind::Structure
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(checked: Result<(), ApiError>) -> Option<String> {
        checked.err().map(|error| error.code.to_string())
    }

    #[test]
    fn headers_have_a_bound() {
        let headers = |length: usize| {
            let mut headers = HeaderMap::new();
            headers.insert("x-amz-meta-a", "a".repeat(length).parse().unwrap());
            headers
        };
        assert_eq!(code(check_headers(&headers(HEADER_BYTES - 12))), None);
        let refused = code(check_headers(&headers(HEADER_BYTES - 11)));
        assert_eq!(refused.as_deref(), Some("RequestHeaderSectionTooLarge"));
    }

    #[test]
    fn documents_are_not_empty() {
        let s3 = virga_model::service("s3").unwrap();
        for (operation, expected) in [
            ("PutBucketCors", true),
            ("DeleteObjects", true),
            ("PutBucketLifecycleConfiguration", true),
            ("PutBucketAcl", false),
            ("CreateBucket", false),
            ("PutBucketPolicy", false),
            ("PutObject", false),
            ("GetObject", false),
        ] {
            let operation = s3.operation(operation).unwrap();
            let refused = code(check_document(operation, b""));
            assert_eq!(refused.is_some(), expected, "{}", operation.name());
            assert_eq!(code(check_document(operation, b"<a/>")), None);
        }
    }
}
