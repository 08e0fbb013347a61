//! Responses and errors.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value as Plain, json};
use virga_model::{ApiError, Protocol, Record};
use virga_wire::{HttpResponse, decode_response, encode_error, encode_response};

use super::input::same;
use super::plain;
use super::suite::Case;

/// What a response means: the result, or code, message and members of an error.
fn meaning(case: &Case, answer: &Result<Record, ApiError>) -> Plain {
    match answer {
        Ok(record) => json!({ "result": plain::plain(record) }),
        Err(error) => {
            let service = case.operation.service();
            let shape = service.shape(&error.code).filter(|_| {
                matches!(case.protocol, Protocol::Query | Protocol::Ec2) || service.is_query_compatible()
            });
            let code = shape.and_then(virga_model::Shape::error_code).unwrap_or(&error.code);
            let record = error.record.as_ref().map_or_else(|| json!({}), |record| plain::plain(record));
            // Some vectors leave the message open.
            let message =
                if case.data["errorMessage"].is_null() { Plain::Null } else { json!(&*error.message) };
            json!({ "code": code, "message": message, "error": record })
        }
    }
}

fn expected(case: &Case) -> Plain {
    let data = &case.data;
    if data["errorCode"].is_null() {
        return json!({ "result": plain::plain(&plain::record(case.operation.output(), &data["result"])) });
    }
    let code = data["errorCode"].as_str().expect("a code");
    let shape =
        case.operation.errors().find(|shape| shape.name() == code || shape.error_code() == Some(code));
    let record = plain::plain(&plain::record(shape, &data["error"]));
    json!({ "code": code, "message": data["errorMessage"], "error": record })
}

fn read(case: &Case) -> Result<Result<Record, ApiError>, String> {
    let response = &case.data["response"];
    let mut headers = HeaderMap::new();
    for (name, value) in response["headers"].as_object().into_iter().flatten() {
        let name: HeaderName = name.parse().expect("a name");
        headers.insert(name, HeaderValue::from_str(value.as_str().expect("text")).expect("a value"));
    }
    let text = response["body"].as_str().unwrap_or_default();
    let body = match case.protocol {
        Protocol::Cbor => STANDARD.decode(text).expect("Base64"),
        _ => text.as_bytes().to_vec(),
    };
    let status =
        response["status_code"].as_u64().and_then(|status| u16::try_from(status).ok()).unwrap_or(200);
    decode_response(case.protocol, case.operation, status, &headers, &Bytes::from(body))
        .map_err(|error| error.to_string())
}

pub(super) fn decode(case: &Case) -> Result<(), String> {
    same(&meaning(case, &read(case)?), &expected(case))
}

pub(super) fn encode(case: &Case) -> Result<(), String> {
    let answer = read(case)?;
    let HttpResponse { status, mut headers, body } = match &answer {
        Ok(record) => {
            encode_response(case.protocol, case.operation, record, "id").map_err(|error| error.to_string())?
        }
        Err(error) => encode_error(case.protocol, case.operation.service(), error, "id"),
    };
    // A map of all headers would have the request's id too.
    headers.remove("x-amzn-requestid");
    let bytes = Bytes::copy_from_slice(body.bytes());
    let again = decode_response(case.protocol, case.operation, status, &headers, &bytes)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&bytes)))?;
    same(&meaning(case, &again), &meaning(case, &answer))?;
    same(&meaning(case, &again), &expected(case))
}
