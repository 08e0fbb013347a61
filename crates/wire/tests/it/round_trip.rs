//! What one side writes the other side reads: random inputs and outputs of every operation of every embedded service,
//! in every protocol of the service.

use bytes::Bytes;
use fastrand::Rng;
use proptest::prelude::*;
use virga_model::{Kind, Location, Operation, Protocol, Record};
use virga_wire::{
    HttpRequest, HttpResponse, Labels, Router, decode_request, decode_response, encode_request,
    encode_response,
};

use crate::generate::{Generator, Message};

pub(crate) const PROTOCOLS: [Protocol; 6] =
    [Protocol::Json, Protocol::Query, Protocol::Ec2, Protocol::RestJson, Protocol::RestXml, Protocol::Cbor];

fn request(protocol: Protocol, operation: Operation, input: &Record) -> Result<Record, String> {
    let request = encode_request(protocol, operation, input).map_err(|error| error.to_string())?;
    let (path, query) = request.path_and_query.split_once('?').unwrap_or((&request.path_and_query, ""));
    let labels = if matches!(protocol, Protocol::RestJson | Protocol::RestXml) {
        let router = Router::of(operation.service());
        router.find(&request.method, path, query, &request.headers).ok_or("no route")?.1
    } else {
        Labels::new()
    };
    let body = Bytes::copy_from_slice(request.body.bytes());
    let http = HttpRequest { method: &request.method, path, query, headers: &request.headers, body };
    decode_request(protocol, operation, &labels, &http).map_err(|error| {
        format!("{error}: {} {}", request.path_and_query, String::from_utf8_lossy(&http.body))
    })
}

fn response(protocol: Protocol, operation: Operation, output: &Record) -> Result<Record, String> {
    let HttpResponse { status, headers, body } =
        encode_response(protocol, operation, output, "id").map_err(|error| error.to_string())?;
    let bytes = Bytes::copy_from_slice(body.bytes());
    decode_response(protocol, operation, status, &headers, &bytes)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&bytes)))?
        .map_err(|error| error.to_string())
}

fn check(protocol: Protocol, operation: Operation, message: Message, seed: u64) -> Result<(), String> {
    let mut generator = Generator { random: Rng::with_seed(seed), protocol, message };
    let (record, again) = match message {
        Message::Request => {
            let record = generator.record(operation.input());
            let again = request(protocol, operation, &record);
            (record, again)
        }
        Message::Response => {
            let record = generator.record(operation.output());
            let again = response(protocol, operation, &record);
            (record, again)
        }
    };
    let name = || {
        format!("{} {} {protocol:?} {message:?} seed {seed}", operation.service().name(), operation.name())
    };
    let again = again.map_err(|error| format!("{}: {error}", name()))?;
    let shape = record.shape();
    let members = shape.into_iter().flat_map(virga_model::Shape::members);
    for ((member, value), found) in members.zip(record.values()).zip(again.values()) {
        // A map of the query string gets all of it.
        let is_query_map = member.location() == Location::QueryString && member.shape().kind() == Kind::Map;
        if value != found && !is_query_map {
            return Err(format!("{} {}:\n  {found:?}\n  instead of\n  {value:?}", name(), member.name()));
        }
    }
    Ok(())
}

#[test]
fn every_operation_in_every_protocol() {
    let (mut wrong, mut count) = (Vec::new(), 0);
    for service in virga_model::services() {
        for protocol in PROTOCOLS.into_iter().filter(|protocol| service.supports(*protocol)) {
            for operation in service.operations() {
                for message in [Message::Request, Message::Response] {
                    count += 1;
                    wrong.extend(check(protocol, operation, message, count).err());
                }
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {count} wrong:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(40)].join("\n")
    );
    assert!(count > 9_000, "{count}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_operation(seed: u64) {
        let mut random = Rng::with_seed(seed);
        let services: Vec<_> = virga_model::services().collect();
        let service = services[random.usize(..services.len())];
        let operation = service.operation_at(random.usize(..service.operation_count())).expect("an operation");
        for protocol in PROTOCOLS.into_iter().filter(|protocol| service.supports(*protocol)) {
            for message in [Message::Request, Message::Response] {
                prop_assert_eq!(check(protocol, operation, message, seed), Ok(()));
            }
        }
    }
}
