//! The worked examples of AWS's documentation.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>.

use virga_iam::{BodyCheck, Payload};

use crate::support::{Cloud, Request};

const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const HOST: (&str, &str) = ("Host", "examplebucket.s3.amazonaws.com");
const DATE: (&str, &str) = ("x-amz-date", "20130524T000000Z");

fn authorization(signed_headers: &str, signature: &str) -> String {
    let credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
    format!("AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={signed_headers},Signature={signature}")
}

fn cloud() -> Cloud {
    Cloud::new("s3", "20130524T000100Z")
}

#[test]
fn get_object() {
    let signature = "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41";
    let authorization = authorization("host;range;x-amz-content-sha256;x-amz-date", signature);
    let headers = [
        HOST,
        DATE,
        ("Authorization", authorization.as_str()),
        ("Range", "bytes=0-9"),
        ("x-amz-content-sha256", EMPTY),
    ];
    let authenticated = cloud().authenticate(&Request::new("GET", "/test.txt", &headers, b""));
    assert_eq!(authenticated.expect("the documented signature").caller.account.as_str(), "123456789012");
}

#[test]
fn put_object() {
    let signature = "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd";
    let signed = "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class";
    let authorization = authorization(signed, signature);
    let headers = [
        HOST,
        DATE,
        ("Date", "Fri, 24 May 2013 00:00:00 GMT"),
        ("Authorization", authorization.as_str()),
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
    ];
    let request = Request::new("PUT", "/test%24file.text", &headers, b"Welcome to Amazon S3.");
    assert!(cloud().authenticate(&request).is_ok());
}

#[test]
fn get_bucket_lifecycle_and_list_objects() {
    for (target, signature) in [
        ("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ] {
        let authorization = authorization("host;x-amz-content-sha256;x-amz-date", signature);
        let headers =
            [HOST, DATE, ("Authorization", authorization.as_str()), ("x-amz-content-sha256", EMPTY)];
        assert!(cloud().authenticate(&Request::new("GET", target, &headers, b"")).is_ok(), "{target}");
    }
}

#[test]
fn presigned_get() {
    let target = "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2F\
                  us-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=\
                  host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";
    let request = Request::new("GET", target, &[HOST], b"");
    assert!(Cloud::new("s3", "20130524T230000Z").authenticate(&request).is_ok());
}

fn chunked(declaration: &str, length: Option<(&str, &str)>, signed: &str, signature: &str) -> Request {
    let authorization = authorization(signed, signature);
    let mut headers = vec![
        ("Host", "s3.amazonaws.com"),
        DATE,
        ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
        ("Authorization", authorization.as_str()),
        ("x-amz-content-sha256", declaration),
        ("Content-Encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "66560"),
    ];
    headers.extend(length);
    Request::new("PUT", "/examplebucket/chunkObject.txt", &headers, b"")
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    ring::digest::digest(&ring::digest::SHA256, bytes).as_ref().try_into().expect("32 bytes")
}

#[test]
fn chunked_upload() {
    let request = chunked(
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
        Some(("Content-Length", "66824")),
        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
         x-amz-storage-class",
        "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9",
    );
    let authenticated = cloud().authenticate_with(&request, Payload::Streamed).expect("the seed signature");
    let BodyCheck::Chunks(mut chunks) = authenticated.body else { panic!("chunks are to be checked") };
    for (size, signature) in [
        (65536, "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648"),
        (1024, "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497"),
        (0, "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9"),
    ] {
        let hash = sha256(&vec![b'a'; size]);
        assert!(chunks.clone().chunk(signature, &sha256(b"else")).is_err());
        assert_eq!(chunks.chunk(signature, &hash), Ok(()), "{size}");
    }
}

#[test]
fn chunked_upload_with_trailer() {
    let authorization_seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";
    let signed = "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;\
                  x-amz-storage-class;x-amz-trailer";
    let mut request = chunked("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", None, signed, authorization_seed);
    request.headers.insert("x-amz-trailer", "x-amz-checksum-crc32c".parse().expect("a header value"));
    let authenticated = cloud().authenticate_with(&request, Payload::Streamed).expect("the seed signature");
    let BodyCheck::Chunks(mut chunks) = authenticated.body else { panic!("chunks are to be checked") };
    for (size, signature) in [
        (65536, "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2"),
        (1024, "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7"),
        (0, "2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992"),
    ] {
        assert_eq!(chunks.chunk(signature, &sha256(&vec![b'a'; size])), Ok(()), "{size}");
    }
    let trailer = sha256(b"x-amz-checksum-crc32c:sOO8/Q==\n");
    let signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";
    assert_eq!(chunks.trailer(signature, &trailer), Ok(()));
}
