//! Answers as a client reads them, in every protocol of the service, as successes and as errors. Inputs have the form of
//! requests; method and path do not matter.

#![no_main]

use http::{HeaderMap, HeaderName, HeaderValue};
use virga_fuzz::TextRequest;
use virga_model::Protocol;
use virga_wire::decode_response;

const PROTOCOLS: [Protocol; 6] =
    [Protocol::Json, Protocol::Query, Protocol::Ec2, Protocol::RestJson, Protocol::RestXml, Protocol::Cbor];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some(answer) = TextRequest::parse(input) else { return };
    let Some(service) = virga_model::service(answer.service) else { return };
    let Some(operation) = service.operation(answer.operation) else { return };
    let mut headers: HeaderMap = answer.headers.clone();
    headers.insert(HeaderName::from_static("x-amzn-requestid"), HeaderValue::from_static("id"));
    for protocol in PROTOCOLS.into_iter().filter(|protocol| service.supports(*protocol)) {
        for status in [200, 400] {
            drop(decode_response(protocol, operation, status, &headers, &answer.body));
        }
    }
});
