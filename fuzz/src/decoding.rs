//! Decoding a request, and what must hold when it succeeds.

use virga_model::{Operation, Protocol, Record, Text};
use virga_wire::{
    ClientRequest, HttpRequest, Labels, Router, Rules, decode_request, encode_request, json, validate,
};

use crate::TextRequest;

/// Decodes the request that the input describes. What was decoded can be checked against its model, and is the same
/// after a way through plain JSON and after a way through the protocol's own encoding.
pub fn decode(protocol: Protocol, input: &[u8]) {
    let Some(request) = TextRequest::parse(input) else { return };
    let Some(service) = virga_model::service(request.service).filter(|service| service.supports(protocol))
    else {
        return;
    };
    let TextRequest { method, path, query, headers, body, .. } = &request;
    let http = HttpRequest { method, path, query, headers, body: body.clone() };
    let Some((operation, record)) = read(protocol, service, request.operation, &http) else { return };
    drop(validate(&record, Rules::ALL));
    let written = json::record_to_json(&record);
    if let Some(shape) = operation.input() {
        let read = json::record_from_json(shape, &Text::from(written.as_str()));
        let again = read.map(|record| json::record_to_json(&record));
        assert_eq!(again.as_ref().ok(), Some(&written), "{again:?}");
    }
    let Some(once) = send_again(protocol, operation, &record) else { return };
    let once_written = json::record_to_json(&once);
    match protocol {
        Protocol::Json | Protocol::Cbor => assert_eq!(once_written, written),
        // Headers and XML cannot say everything, a body without a content type for one. What came through them once
        // comes through them again.
        Protocol::RestJson | Protocol::RestXml => {
            let twice = send_again(protocol, operation, &once).map(|record| json::record_to_json(&record));
            assert_eq!(twice, Some(once_written));
        }
        // A form cannot say that something is empty: each way through one loses the innermost empty things.
        Protocol::Query | Protocol::Ec2 => {}
    }
}

/// What a server reads when a client sends the input. A member that the URI needs may be absent: then no client can.
fn send_again(protocol: Protocol, operation: Operation, input: &Record) -> Option<Record> {
    let ClientRequest { method, path_and_query, headers, body, .. } =
        &encode_request(protocol, operation, input).ok()?;
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let http = HttpRequest { method, path, query, headers, body: body.bytes().to_vec().into() };
    let (found, record) = read(protocol, operation.service(), operation.name(), &http)
        .unwrap_or_else(|| panic!("what was sent for {operation:?} is not understood: {http:?}"));
    assert_eq!(found.name(), operation.name(), "{http:?}");
    Some(record)
}

fn read(
    protocol: Protocol,
    service: virga_model::Service,
    operation: &str,
    request: &HttpRequest<'_>,
) -> Option<(Operation, Record)> {
    let (operation, labels) = match protocol {
        Protocol::RestJson | Protocol::RestXml => {
            Router::of(service).find(request.method, request.path, request.query, request.headers)?
        }
        _ => (service.operation(operation)?, Labels::new()),
    };
    Some((operation, decode_request(protocol, operation, &labels, request).ok()?))
}
