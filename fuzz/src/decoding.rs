//! Decoding a request, and what must hold when it succeeds.

use virga_model::{Protocol, Text};
use virga_wire::{HttpRequest, Labels, Router, Rules, decode_request, json, validate};

use crate::TextRequest;

/// Decodes the request that the input describes. What was decoded can be checked against its model, and is the same
/// after a way through plain JSON.
pub fn decode(protocol: Protocol, input: &[u8]) {
    let Some(request) = TextRequest::parse(input) else { return };
    let Some(service) = virga_model::service(request.service).filter(|service| service.supports(protocol))
    else {
        return;
    };
    let found = match protocol {
        Protocol::RestJson | Protocol::RestXml => {
            Router::of(service).find(&request.method, request.path, request.query, &request.headers)
        }
        _ => service.operation(request.operation).map(|operation| (operation, Labels::new())),
    };
    let Some((operation, labels)) = found else { return };
    let TextRequest { method, path, query, headers, body, .. } = &request;
    let http = HttpRequest { method, path, query, headers, body: body.clone() };
    let Ok(record) = decode_request(protocol, operation, &labels, &http) else { return };
    drop(validate(&record, Rules::ALL));

    let Some(shape) = operation.input() else { return };
    let written = json::record_to_json(&record);
    let read = json::record_from_json(shape, &Text::from(written.as_str()));
    let again = read.map(|record| json::record_to_json(&record));
    assert_eq!(again.as_ref().ok(), Some(&written), "{again:?}");
}
