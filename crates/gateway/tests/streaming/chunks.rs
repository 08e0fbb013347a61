//! Request bodies in `aws-chunked` frames: unsigned, signed by either algorithm, with trailers.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>

use ring::digest::{SHA256, digest};
use virga_iam::Algorithm;
use virga_iam::sign::{Body, ChunkSigner};

use crate::client::{Answer, Server, Signed};

const CHECKSUM: &str = "x-amz-checksum-crc32:AAAAAA==";

fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().unwrap()
}

/// An upload in two chunks.
struct Upload {
    algorithm: Algorithm,
    declared: &'static str,
    trailer: bool,
}

impl Upload {
    const DATA: [&'static [u8]; 3] = [&[b'a'; 70_000], b"bcd", b""];

    fn signed(&self, server: &Server) -> Signed {
        let length: usize = Self::DATA.iter().map(|data| data.len()).sum();
        let mut headers = vec![
            ("content-encoding", "aws-chunked".to_owned()),
            ("x-amz-decoded-content-length", length.to_string()),
        ];
        if self.trailer {
            headers.push(("x-amz-trailer", "x-amz-checksum-crc32".to_owned()));
        }
        server.sign(self.algorithm, ("PUT", "/b/k"), &headers, Body::Declared(self.declared))
    }

    fn frames(&self, mut signer: Option<&mut ChunkSigner>) -> Vec<u8> {
        let mut body = Vec::new();
        for data in Self::DATA {
            let signature =
                signer.as_mut().map(|signer| format!(";chunk-signature={}", signer.chunk(&sha256(data))));
            body.extend(format!("{:x}{}\r\n", data.len(), signature.unwrap_or_default()).bytes());
            body.extend(data);
            if !data.is_empty() {
                body.extend(b"\r\n");
            }
        }
        if self.trailer {
            body.extend(format!("{CHECKSUM}\r\n").bytes());
            if let Some(signer) = signer {
                let signature = signer.trailer(&sha256(format!("{CHECKSUM}\n").as_bytes()));
                body.extend(format!("x-amz-trailer-signature:{signature}\r\n").bytes());
            }
        }
        body.extend(b"\r\n");
        body
    }

    async fn send(&self, server: &Server, head: &str, body: &[u8]) -> Answer {
        server.send(&format!("{head}content-length: {}\r\n", body.len()), body).await
    }

    /// Sends it right, then with one byte changed.
    async fn check(&self, is_signed: bool) {
        let server = Server::start();
        let Signed { head, mut chunks } = self.signed(&server);
        let mut body = self.frames(is_signed.then_some(&mut chunks));
        let put = self.send(&server, &head, &body).await;
        assert_eq!(put.status, 200, "{put:?}");
        let got = server.get("/b/k").await;
        assert!(got.body == Self::DATA.concat());
        let trailer = self.trailer.then_some("AAAAAA==");
        assert_eq!(got.header("x-amz-checksum-crc32"), trailer);
        body[1000] = b'b';
        let put = self.send(&server, &head, &body).await;
        let expected = if is_signed { (403, "SignatureDoesNotMatch") } else { (200, "") };
        assert_eq!((put.status, if is_signed { put.code() } else { "" }), expected);
    }
}

#[tokio::test]
async fn signed_chunks_are_verified_one_by_one() {
    let declared = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    Upload { algorithm: Algorithm::V4, declared, trailer: false }.check(true).await;
    let declared = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD";
    Upload { algorithm: Algorithm::V4A, declared, trailer: false }.check(true).await;
}

#[tokio::test]
async fn signed_trailers_are_verified() {
    let declared = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    let upload = Upload { algorithm: Algorithm::V4, declared, trailer: true };
    upload.check(true).await;
    let server = Server::start();
    let Signed { head, mut chunks } = upload.signed(&server);
    let body = String::from_utf8(upload.frames(Some(&mut chunks))).unwrap();
    let put = upload.send(&server, &head, body.replace("AAAAAA==", "AAAAAQ==").as_bytes()).await;
    assert_eq!((put.status, put.code()), (403, "SignatureDoesNotMatch"));
    let declared = "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER";
    Upload { algorithm: Algorithm::V4A, declared, trailer: true }.check(true).await;
}

#[tokio::test]
async fn unsigned_chunks_carry_trailers() {
    let declared = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    Upload { algorithm: Algorithm::V4, declared, trailer: true }.check(false).await;
}

#[tokio::test]
async fn malformed_frames_are_refused_and_leave_nothing() {
    let server = Server::start();
    let declared = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let upload = Upload { algorithm: Algorithm::V4, declared, trailer: true };
    let Signed { head, .. } = upload.signed(&server);
    let whole = String::from_utf8(upload.frames(None)).unwrap();
    let cases = [
        (whole.replace("bcd\r\n", "bcde\r\n"), "InvalidRequest"),
        (whole.replace("\r\n3\r\nbcd", ""), "IncompleteBody"),
        (whole.replace(&format!("{CHECKSUM}\r\n\r\n"), ""), "IncompleteBody"),
        (whole.replace(&format!("{CHECKSUM}\r\n"), ""), "MalformedTrailerError"),
        (whole.replace("x-amz-checksum-crc32:", "no trailer "), "MalformedTrailerError"),
    ];
    for (body, code) in cases {
        let put = upload.send(&server, &head, body.as_bytes()).await;
        assert_eq!((put.status, put.code()), (400, code));
    }
    assert_eq!(server.get("/b/k").await.code(), "NoSuchKey");
}
