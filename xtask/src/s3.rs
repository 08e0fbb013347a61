//! The S3 calls that the load and crash runs make, as bytes of requests in path style.

use anyhow::{Context as _, Result, ensure};

use crate::http::{self, Client};

/// The authorization of a key that the cloud never issued: it acts as the root user, and nothing is verified.
const UNKNOWN_KEY: &str = "AWS4-HMAC-SHA256 Credential=test/20200101/us-east-1/s3/aws4_request, \
                           SignedHeaders=host;x-amz-date, Signature=\
                           0000000000000000000000000000000000000000000000000000000000000000";

/// The bytes of a request; `path` with its query.
pub(crate) fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    request_with(method, path, &[], body)
}

/// The same with further headers.
pub(crate) fn request_with(method: &str, path: &str, more: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut headers = vec![
        ("X-Amz-Date", "20200101T000000Z"),
        ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
        ("Authorization", UNKNOWN_KEY),
    ];
    headers.extend_from_slice(more);
    http::request(method, path, &headers, body)
}

/// The head of a request whose body of this length is sent apart.
pub(crate) fn head(method: &str, path: &str, length: u64) -> Vec<u8> {
    let text = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {length}\r\nX-Amz-Date: 20200101T000000Z\r\n\
         X-Amz-Content-Sha256: UNSIGNED-PAYLOAD\r\nAuthorization: {UNKNOWN_KEY}\r\n\r\n",
        http::HOST
    );
    text.into_bytes()
}

/// Makes a bucket.
pub(crate) fn create_bucket(client: &mut Client, name: &str) -> Result<()> {
    let answer = client.send(&request("PUT", &format!("/{name}"), b"")).context("CreateBucket")?;
    ensure!(answer.status == 200, "CreateBucket: {}", String::from_utf8_lossy(&answer.body));
    Ok(())
}
