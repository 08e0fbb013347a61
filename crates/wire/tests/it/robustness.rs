//! Whatever comes, the decoders answer: damaged requests and responses, and bytes of no meaning at all.

use bytes::Bytes;
use fastrand::Rng;
use http::Method;
use proptest::prelude::*;
use virga_model::Protocol;
use virga_wire::{
    HttpRequest, Labels, Router, Rules, decode_request, decode_response, encode_request, encode_response,
    validate,
};

use crate::generate::{Generator, Message};
use crate::round_trip::PROTOCOLS;

/// Damages bytes: some are changed, some left out, some doubled.
fn damaged(bytes: &[u8], random: &mut Rng) -> Vec<u8> {
    let rate = random.usize(1..60);
    let mut out = Vec::with_capacity(bytes.len() + 8);
    for byte in bytes {
        match random.usize(..rate * 3 + 3) {
            0 => {}
            1 => out.push(random.u8(..)),
            2 => out.extend([*byte, *byte]),
            _ => out.push(*byte),
        }
    }
    out
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn check(seed: u64, protocol: Protocol, operation: virga_model::Operation) {
    let random = Rng::with_seed(seed);
    let mut generator = Generator { random, protocol, message: Message::Request };
    let input = generator.record(operation.input());
    // Not every protocol can carry every service: documents have no place in forms.
    let Ok(request) = encode_request(protocol, operation, &input) else { return };
    let path_and_query = text(&damaged(request.path_and_query.as_bytes(), &mut generator.random));
    let (path, query) = path_and_query.split_once('?').unwrap_or((&path_and_query, ""));
    let body = Bytes::from(damaged(request.body.bytes(), &mut generator.random));
    let (method, headers) = (&request.method, &request.headers);
    let router = Router::of(operation.service());
    let (operation, labels) = router.find(method, path, query, headers).unwrap_or((operation, Labels::new()));
    let http = HttpRequest { method, path, query, headers, body };
    if let Ok(record) = decode_request(protocol, operation, &labels, &http) {
        let _ = validate(&record, Rules::ALL);
    }
    generator.message = Message::Response;
    let output = generator.record(operation.output());
    let Ok(response) = encode_response(protocol, operation, &output, "id") else { return };
    let body = Bytes::from(damaged(response.body.bytes(), &mut generator.random));
    for status in [200, 400] {
        let _ = decode_response(protocol, operation, status, &response.headers, &body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_messages(seed: u64) {
        let mut random = Rng::with_seed(seed);
        let services: Vec<_> = virga_model::services().collect();
        let service = services[random.usize(..services.len())];
        let operation = service.operation_at(random.usize(..service.operation_count())).expect("an operation");
        for protocol in PROTOCOLS {
            check(seed, protocol, operation);
        }
    }

    #[test]
    fn any_bytes(body: Vec<u8>, path in "/[ -~]{0,30}", query in "[ -~]{0,30}") {
        let (method, headers) = (Method::POST, http::HeaderMap::new());
        for (service, name) in [("sqs", "SendMessageBatch"), ("s3", "PutBucketAcl"), ("dynamodb", "PutItem")] {
            let operation = virga_model::service(service).and_then(|service| service.operation(name));
            let operation = operation.expect("an operation");
            let body = Bytes::from(body.clone());
            let request = HttpRequest { method: &method, path: &path, query: &query, headers: &headers, body };
            for protocol in PROTOCOLS {
                let _ = decode_request(protocol, operation, &Labels::new(), &request);
                let _ = decode_response(protocol, operation, 200, &headers, &request.body);
                let _ = decode_response(protocol, operation, 500, &headers, &request.body);
            }
        }
    }
}

#[test]
fn deep_nesting_is_refused() {
    let operation = virga_model::service("dynamodb").and_then(|service| service.operation("PutItem"));
    let operation = operation.expect("an operation");
    let (method, headers) = (Method::POST, http::HeaderMap::new());
    let mut cbor = b"\xa1\x64Item\xa1\x61k".to_vec();
    cbor.extend(b"\xa1\x61L\x81".repeat(100_000));
    for (protocol, body) in [
        (Protocol::Json, format!("{{\"Item\":{{\"k\":{}", "{\"L\":[".repeat(100_000)).into_bytes()),
        (
            Protocol::Query,
            format!("Item.entry.1.value{}=1&Item.entry.1.key=k", ".L.member.1".repeat(10_000)).into_bytes(),
        ),
        (Protocol::RestXml, "<Item>".repeat(100_000).into_bytes()),
        (Protocol::Cbor, cbor),
    ] {
        let body = Bytes::from(body);
        let request = HttpRequest { method: &method, path: "/", query: "", headers: &headers, body };
        let found = decode_request(protocol, operation, &Labels::new(), &request);
        assert!(found.is_err(), "{protocol:?}");
    }
}
