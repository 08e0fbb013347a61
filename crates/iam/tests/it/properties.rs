//! What is signed verifies, what is changed does not, and nothing a stranger sends makes the reader panic.

use http::HeaderMap;
use proptest::prelude::*;
use virga_iam::sign::{Body, Credentials, Signer, Unsigned};
use virga_iam::{Algorithm, AmzDate, BodyCheck, CredentialScope, Payload, Presented, Refusal};

use crate::support::{ACCESS_KEY_ID, Cloud, Request, SECRET};

const NOW: &str = "20240630T123456Z";

fn signer<'a>(algorithm: Algorithm, service: &str) -> Signer<'a> {
    let credentials =
        Credentials { access_key_id: ACCESS_KEY_ID, secret_access_key: SECRET, session_token: None };
    let date = AmzDate::parse_basic(NOW).expect("a date");
    Signer::new(algorithm, credentials, "us-east-1", service, date)
}

fn sign(algorithm: Algorithm, presigned: bool, service: &str, mut request: Request) -> Request {
    let Request { method, path, query, body, .. } = request.clone();
    let unsigned = Unsigned { method: &method, path: &path, query: &query, body: Body::Bytes(&body) };
    if presigned {
        request.query = signer(algorithm, service).presign(&unsigned, &request.headers, 900);
    } else {
        let signed = signer(algorithm, service).sign(&unsigned, &mut request.headers);
        assert!(signed.is_ok(), "all credentials fit headers");
    }
    request
}

fn request() -> impl Strategy<Value = Request> {
    let path = "(/[a-zA-Z0-9._~%$:é -]{1,8}){1,4}/?";
    let query = "([a-zA-Z0-9%é_]{1,6}=[a-zA-Z0-9%/é ]{0,6}&){0,4}";
    let value = "[a-zA-Z0-9]{1,20}";
    let body = proptest::collection::vec(any::<u8>(), 0..64);
    ("GET|POST|PUT", path, query, value, body).prop_map(|(method, path, query, value, body)| {
        let headers = [("host", "sqs.us-east-1.localhost:4566"), ("x-amz-target", value.as_str())];
        let mut request = Request::new(&method, "/", &headers, &body);
        (request.path, request.query) = (path, query);
        request
    })
}

fn kind() -> impl Strategy<Value = (Algorithm, bool, &'static str)> {
    let algorithm = prop_oneof![Just(Algorithm::V4), Just(Algorithm::V4A)];
    (algorithm, any::<bool>(), prop_oneof![Just("sqs"), Just("s3")])
}

/// Another letter or digit in the place of one that no canonical form folds away.
fn change(text: &str, position: prop::sample::Index) -> Option<String> {
    let places: Vec<usize> = text
        .char_indices()
        .filter(|(_, letter)| letter.is_ascii_alphanumeric())
        .map(|(place, _)| place)
        .collect();
    let place = *places.get(position.index(places.len().max(1)))?;
    let new = match text.as_bytes()[place] {
        b'0' => "1",
        _ => "0",
    };
    Some(format!("{}{new}{}", &text[..place], &text[place + 1..]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signed_requests_verify(request in request(), (algorithm, presigned, service) in kind()) {
        let request = sign(algorithm, presigned, service, request);
        let result = Cloud::new(service, NOW).authenticate(&request);
        prop_assert!(result.is_ok(), "{:?}", result.err());
    }

    #[test]
    fn changed_requests_do_not(
        request in request(),
        (algorithm, presigned, service) in kind(),
        what in 0..5_u8,
        position: prop::sample::Index,
    ) {
        let mut request = sign(algorithm, presigned, service, request);
        let authorization = request.headers.get("authorization").map(|value| value.to_str().expect("ASCII").to_owned());
        match what {
            0 => request.method.push('X'),
            1 => request.path.push_str("/0"),
            2 if presigned => {
                let changed = change(&request.query, position);
                request.query = changed.expect("a signature has digits");
            }
            2 => {
                let authorization = authorization.expect("a signed header");
                let changed = change(&authorization, position).expect("a signature has digits");
                request.headers.insert("authorization", changed.parse().expect("a header value"));
            }
            3 => {
                let value = request.headers["x-amz-target"].to_str().expect("ASCII").to_owned();
                let changed = change(&value, position).expect("at least one letter");
                request.headers.insert("x-amz-target", changed.parse().expect("a header value"));
            }
            // The body of a presigned S3 request is not signed, but every x-amz- header must be.
            _ if presigned && service == "s3" => {
                request.headers.insert("x-amz-acl", "private".parse().expect("a header value"));
            }
            _ => request.body.push(0),
        }
        prop_assert!(Cloud::new(service, NOW).authenticate(&request).is_err());
    }

    #[test]
    fn nothing_panics(
        authorization in "(AWS4-HMAC-SHA256 |AWS4-ECDSA-P256-SHA256 |AWS )?[ -~]{0,60}",
        credential in "(Credential=)?[a-z0-9/]{0,40},? ?(SignedHeaders=)?[a-z;]{0,20},? ?(Signature=)?[0-9a-f]{0,70}",
        query in "((X-Amz-(Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Region-Set)|AWSAccessKeyId)=[ -~é]{0,20}&){0,8}",
        path in "[ -~é]{0,30}",
        date in "[0-9TZ:a-zA-Z, ]{0,30}",
        both in any::<bool>(),
    ) {
        let mut headers = HeaderMap::new();
        for (name, value) in [("authorization", format!("{authorization}{credential}")), ("x-amz-date", date)] {
            if both && let Ok(value) = value.parse() {
                headers.insert(name, value);
            }
        }
        let request = Request { method: "GET".into(), path, query, headers, body: Vec::new() };
        let view = request.view();
        let scope = CredentialScope::of_request(&view);
        prop_assert!(scope.is_none_or(|scope| !scope.access_key_id().is_empty()));
        let presented = Presented::of(&view);
        let refused = Cloud::new("s3", NOW).authenticate(&request);
        prop_assert!(refused.is_err(), "{presented:?}");
    }
}

#[test]
fn chunks_of_both_algorithms_verify() {
    for (algorithm, declaration) in [
        (Algorithm::V4, "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"),
        (Algorithm::V4A, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER"),
    ] {
        let mut request = Request::new("PUT", "/key", &[("host", "b.s3.localhost")], b"");
        let unsigned = Unsigned { method: "PUT", path: "/key", query: "", body: Body::Declared(declaration) };
        let mut chunks =
            signer(algorithm, "s3").sign(&unsigned, &mut request.headers).expect("valid headers");
        let authenticated = Cloud::new("s3", NOW).authenticate_with(&request, Payload::Streamed);
        let BodyCheck::Chunks(mut checks) = authenticated.expect("a right seed").body else {
            panic!("chunks are to be checked")
        };
        for hash in [[1; 32], [2; 32], [3; 32]] {
            let signature = chunks.chunk(&hash);
            assert!(checks.clone().chunk(&signature, &[9; 32]).is_err());
            assert_eq!(checks.chunk(&format!("{signature:*<64}"), &hash), Ok(()));
        }
        let signature = chunks.trailer(&[4; 32]);
        let wrong = checks.clone().trailer(&signature, &[5; 32]);
        assert!(matches!(wrong, Err(Refusal::ChunkSignatureDoesNotMatch { .. })));
        assert_eq!(checks.trailer(&signature, &[4; 32]), Ok(()));
    }
}
