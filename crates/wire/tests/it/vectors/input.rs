//! Requests.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::{Value as Plain, json};
use virga_model::{Protocol, Record, Shape, Text, Value};
use virga_wire::{HttpRequest, Labels, Router, decode_request, encode_request};

use super::plain;
use super::suite::Case;
use super::xml;

/// The token that the vectors' client fills in.
const TOKEN: &str = "00000000-0000-4000-8000-000000000000";

fn headers(case: &Plain) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        let name: HeaderName = name.parse().expect("a name");
        headers.insert(name, HeaderValue::from_str(value.as_str().expect("text")).expect("a value"));
    }
    headers
}

fn body(case: &Case) -> Bytes {
    let text = case.data["serialized"]["body"].as_str().unwrap_or_default();
    match case.protocol {
        Protocol::Cbor => Bytes::from(STANDARD.decode(text).expect("Base64")),
        _ => Bytes::from(text.to_owned()),
    }
}

/// The parameters, with the tokens that clients fill in.
fn parameters(case: &Case) -> Record {
    let mut record = plain::record(case.operation.input(), &case.data["params"]);
    for (ordinal, member) in case.operation.input().into_iter().flat_map(Shape::members).enumerate() {
        if member.is_idempotency_token() && *record.get(ordinal) == Value::Null {
            record.set(ordinal, Value::String(Text::from_static(TOKEN)));
        }
    }
    record
}

fn read(case: &Case, method: &str, uri: &str, headers: &HeaderMap, body: Bytes) -> Result<Record, String> {
    let method: Method = method.parse().expect("a method");
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let is_rest = matches!(case.protocol, Protocol::RestJson | Protocol::RestXml);
    let labels = if is_rest {
        let router = Router::of(case.operation.service());
        router.find(&method, path, query, headers).ok_or_else(|| format!("no route for {uri}"))?.1
    } else {
        Labels::new()
    };
    let request = HttpRequest { method: &method, path, query, headers, body };
    decode_request(case.protocol, case.operation, &labels, &request).map_err(|error| error.to_string())
}

pub(super) fn decode(case: &Case) -> Result<(), String> {
    let serialized = &case.data["serialized"];
    let method = serialized["method"].as_str().unwrap_or("POST");
    let uri = serialized["uri"].as_str().unwrap_or("/");
    let found = read(case, method, uri, &headers(serialized), body(case))?;
    same(&plain::plain(&found), &plain::plain(&parameters(case)))
}

pub(super) fn encode(case: &Case) -> Result<(), String> {
    let serialized = &case.data["serialized"];
    let request = encode_request(case.protocol, case.operation, &parameters(case))
        .map_err(|error| error.to_string())?;
    same(&json!(request.method.as_str()), &serialized["method"])?;
    same(&uri(&request.path_and_query), &uri(serialized["uri"].as_str().unwrap_or("/")))?;
    for (name, value) in &headers(serialized) {
        let found = request.headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        if found.as_deref() != value.to_str().ok() {
            return Err(format!("header {name} is {found:?} instead of {value:?}"));
        }
    }
    for name in serialized["forbidHeaders"].as_array().into_iter().flatten().filter_map(Plain::as_str) {
        if request.headers.contains_key(name) {
            return Err(format!("header {name} is there"));
        }
    }
    if let Some(host) = serialized["host"].as_str() {
        let prefix = request.host_prefix.as_deref().unwrap_or_default();
        if !host.starts_with(prefix) {
            return Err(format!("{host} does not begin with {prefix}"));
        }
    }
    let written = request.body.bytes();
    if serialized["body"].is_string() {
        same_body(case, written, &request)?;
    }
    // What a client writes the server reads.
    let bytes = Bytes::copy_from_slice(written);
    let again = read(case, request.method.as_str(), &request.path_and_query, &request.headers, bytes)?;
    same(&plain::plain(&again), &plain::plain(&parameters(case)))
}

fn same_body(case: &Case, written: &[u8], request: &virga_wire::ClientRequest) -> Result<(), String> {
    let expected = body(case);
    let text = std::str::from_utf8(written).unwrap_or_default();
    let expected_text = std::str::from_utf8(&expected).unwrap_or_default();
    let json = |text: &str| serde_json::from_str::<Plain>(text).ok();
    match case.protocol {
        Protocol::Cbor => {
            let uri = &request.path_and_query;
            let read =
                |body| read(case, "POST", uri, &request.headers, body).map(|record| plain::plain(&record));
            same(&read(Bytes::copy_from_slice(written))?, &read(expected)?)
        }
        Protocol::Query | Protocol::Ec2 => same(&pairs(text), &pairs(expected_text)),
        _ if written == expected => Ok(()),
        _ if json(text).is_some() && json(text) == json(expected_text) => Ok(()),
        Protocol::RestXml => same(&xml::tree(text), &xml::tree(expected_text)),
        _ => Err(format!("{text} instead of {expected_text}")),
    }
}

fn uri(uri: &str) -> Plain {
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    json!([path, pairs(query)])
}

/// Pairs of a form or query: the names with their values in order.
fn pairs(form: &str) -> Plain {
    let mut pairs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        pairs.entry(decode(name)).or_default().push(decode(value));
    }
    json!(pairs)
}

pub(super) fn same(found: &Plain, expected: &Plain) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("\n    {found} instead of\n    {expected}")) }
}
