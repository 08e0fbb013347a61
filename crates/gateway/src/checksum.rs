//! What an S3 client promises of a body that comes whole: `Content-MD5` and `x-amz-checksum-…`. Bodies that travel in
//! pieces are the operation's to check.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use crc_fast::CrcAlgorithm;
use http::{HeaderMap, HeaderName, HeaderValue};
use md5::{Digest as _, Md5};
use ring::digest;
use virga_model::{ApiError, Operation};

/// A checksum header, the algorithm's name as errors write it, and the algorithm.
type Algorithm = (&'static str, &'static str, fn(&[u8]) -> Vec<u8>);

const ALGORITHMS: [Algorithm; 5] = [
    ("x-amz-checksum-crc32", "CRC32", |body| crc32(CrcAlgorithm::Crc32IsoHdlc, body)),
    ("x-amz-checksum-crc32c", "CRC32C", |body| crc32(CrcAlgorithm::Crc32Iscsi, body)),
    ("x-amz-checksum-crc64nvme", "CRC64NVME", |body| {
        crc_fast::checksum(CrcAlgorithm::Crc64Nvme, body).to_be_bytes().to_vec()
    }),
    ("x-amz-checksum-sha1", "SHA1", |body| sha(&digest::SHA1_FOR_LEGACY_USE_ONLY, body)),
    ("x-amz-checksum-sha256", "SHA256", |body| sha(&digest::SHA256, body)),
];

/// Operations that S3 does not take without a checksum of their body.
const GUARDED: [&str; 7] = [
    "DeleteObjects",
    "PutBucketCors",
    "PutBucketLifecycle",
    "PutBucketLifecycleConfiguration",
    "PutObjectLegalHold",
    "PutObjectLockConfiguration",
    "PutObjectRetention",
];

fn crc32(algorithm: CrcAlgorithm, body: &[u8]) -> Vec<u8> {
    // The upper half of a checksum of 32 bits is empty.
    crc_fast::checksum(algorithm, body).to_be_bytes()[4..].to_vec()
}

fn sha(algorithm: &'static digest::Algorithm, body: &[u8]) -> Vec<u8> {
    digest::digest(algorithm, body).as_ref().to_vec()
}

/// Checks a body against what the headers promise of it.
///
/// # Errors
/// S3's, for a body that is another one, and for promises that are none.
pub(crate) fn check(operation: Operation, headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
    let is_guarded = GUARDED.contains(&operation.name());
    let may_promise = |name: &HeaderName| {
        ["content-md5", "x-amz-checksum-"].iter().any(|start| name.as_str().starts_with(start))
    };
    if !is_guarded && !headers.keys().any(may_promise) {
        return Ok(());
    }
    let mut promised = false;
    if let Some(text) = headers.get("content-md5") {
        promised = true;
        check_md5(text.to_str().unwrap_or_default(), body)?;
    }
    for (header, name, algorithm) in ALGORITHMS {
        let Some(text) = headers.get(header) else { continue };
        promised = true;
        let calculated = algorithm(body);
        let given = BASE64.decode(text).ok().filter(|given| given.len() == calculated.len());
        let Some(given) = given else {
            return Err(invalid(format!("Value for {header} header is invalid.")));
        };
        if given != calculated {
            let text = format!("The {name} you specified did not match the calculated checksum.");
            return Err(ApiError::common("BadDigest", 400, text));
        }
    }
    if !promised && is_guarded && !has_other_promise(headers) {
        let header = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        return Err(invalid(header.to_owned()));
    }
    Ok(())
}

/// A checksum in a trailer, or by an algorithm that is not checked here.
fn has_other_promise(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| name.as_str().starts_with("x-amz-checksum-") || name == "x-amz-trailer")
}

/// The headers of a request whose checksum trails its body, with the name of the algorithm, for clients that say it by the
/// name of the trailer only.
pub(crate) fn naming_trailer(mut headers: Cow<'_, HeaderMap>) -> Cow<'_, HeaderMap> {
    const ALGORITHM: HeaderName = HeaderName::from_static("x-amz-sdk-checksum-algorithm");
    const TRAILER: HeaderName = HeaderName::from_static("x-amz-trailer");
    let Some(announced) = headers.get(TRAILER).filter(|_| !headers.contains_key(ALGORITHM)) else {
        return headers;
    };
    let announced = announced.to_str().unwrap_or_default().to_owned();
    let trails = |header: &str| announced.split(',').any(|name| name.trim().eq_ignore_ascii_case(header));
    if let Some((_, name, _)) = ALGORITHMS.iter().find(|(header, ..)| trails(header)) {
        headers.to_mut().insert(ALGORITHM, HeaderValue::from_static(name));
    }
    headers
}

fn check_md5(text: &str, body: &[u8]) -> Result<(), ApiError> {
    let Some(given) = BASE64.decode(text).ok().filter(|given| given.len() == 16) else {
        return Err(ApiError::common("InvalidDigest", 400, "The Content-MD5 you specified was invalid.")
            .with_details(vec![("Content-MD5", text.to_owned())]));
    };
    let calculated = Md5::digest(body);
    if given == calculated.as_slice() {
        return Ok(());
    }
    let details = vec![("ExpectedDigest", text.to_owned()), ("CalculatedDigest", BASE64.encode(calculated))];
    let text = "The Content-MD5 you specified did not match what we received.";
    Err(ApiError::common("BadDigest", 400, text).with_details(details))
}

fn invalid(text: String) -> ApiError {
    ApiError::common("InvalidRequest", 400, text)
}

#[cfg(test)]
mod tests {
    use super::check;
    use http::{HeaderMap, HeaderName, HeaderValue};

    fn code(operation: &str, headers: &[(&'static str, &'static str)], body: &[u8]) -> Option<String> {
        let s3 = virga_model::services().find(|service| service.name() == "s3").expect("S3's model");
        let operation = s3.operation(operation).expect("an operation");
        let headers: HeaderMap = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        check(operation, &headers, body).err().map(|error| error.code.into_owned())
    }

    #[test]
    fn a_body_is_what_its_headers_promise() {
        let check = |header, value, expected: Option<&str>| {
            let body = b"123456789";
            assert_eq!(code("PutBucketTagging", &[(header, value)], body).as_deref(), expected, "{value}");
        };
        check("content-md5", "JfnnlDI7RTiF9RgfG2JNCw==", None);
        check("content-md5", "JfnnlDI7RTiF9RgfG2JNCg==", Some("BadDigest"));
        check("content-md5", "JfnnlDI7RTiF9Rgf", Some("InvalidDigest"));
        check("x-amz-checksum-crc32", "y/Q5Jg==", None);
        check("x-amz-checksum-crc32c", "4waSgw==", None);
        check("x-amz-checksum-crc64nvme", "rosUhgp5mIg=", None);
        check("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEE=", None);
        check("x-amz-checksum-sha1", "98O8HYCOBHMq32eZZczDTKeuNEA=", Some("BadDigest"));
        check("x-amz-checksum-sha256", "FeKwjU4jpt4=", Some("InvalidRequest"));
        check("x-amz-checksum-crc32", "y/Q5Jw==", Some("BadDigest"));
    }

    #[test]
    fn some_operations_need_a_checksum() {
        assert_eq!(code("DeleteObjects", &[], b"x").as_deref(), Some("InvalidRequest"));
        assert_eq!(code("PutBucketPolicy", &[], b"x"), None);
        assert_eq!(code("DeleteObjects", &[("x-amz-checksum-md5", "x")], b"x"), None);
    }
}
