//! Requests of the REST protocols.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use virga_model::{Operation, Record, Shape};

use super::{Format, body, header, query, uri};
use crate::error::{DecodeError, EncodeError};
use crate::message::{ClientRequest, HttpRequest, Labels};
use crate::part::Part;

pub(crate) fn decode_request(
    format: Format,
    operation: Operation,
    labels: &Labels<'_>,
    request: &HttpRequest<'_>,
) -> Result<Record, DecodeError> {
    let Some(input) = operation.input() else { return Ok(Record::empty()) };
    let mut record = Record::new(input);
    uri::read(&mut record, labels)?;
    let template = operation.uri().split_once('?').map_or("", |(_, template)| template);
    query::read(&mut record, request.query, template)?;
    header::read(&mut record, request.headers)?;
    body::read(format, &mut record, &request.body, Part::RequestBody)?;
    Ok(record)
}

pub(crate) fn encode_request(
    format: Format,
    operation: Operation,
    input: &Record,
) -> Result<ClientRequest, EncodeError> {
    let mut path_and_query = uri::fill(operation, input)?;
    query::write(&mut path_and_query, input)?;
    let shape = operation.input();
    let root = || body::Root {
        name: shape
            .and_then(Shape::location_name)
            .or(operation.input_name())
            .or(shape.map(Shape::name))
            .unwrap_or_default(),
        namespace: operation
            .input_namespace()
            .or_else(|| shape.and_then(Shape::xml_namespace).map(|(uri, _)| uri)),
    };
    let written = body::write(format, input, root, Part::RequestBody)?;
    let mut headers = HeaderMap::new();
    if let Some(content_type) = written.content_type {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    header::write(input, &mut headers)?;
    Ok(ClientRequest {
        method: operation.method().parse().unwrap_or(Method::POST),
        path_and_query,
        headers,
        body: written.body,
        host_prefix: uri::host_prefix(operation, input)?,
    })
}
