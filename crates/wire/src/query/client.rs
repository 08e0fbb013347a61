//! The client's side: records to forms, XML to records.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use virga_model::{ApiError, Kind, Member, Operation, Record, Shape, Text, TimestampFormat, Value};

use super::form::push_pair;
use super::read::{Dialect, form_name};
use crate::client;
use crate::error::{DecodeError, EncodeError};
use crate::message::{Body, ClientRequest};
use crate::part::Part;
use crate::rest::host_prefix;
use crate::text::{format_or, print_scalar};
use crate::xml::{Element, Naming, Reader};

pub(crate) fn encode_request(
    dialect: Dialect,
    operation: Operation,
    input: &Record,
) -> Result<ClientRequest, EncodeError> {
    let mut form = FormWriter { dialect, out: String::with_capacity(256) };
    push_pair(&mut form.out, "Action", operation.name());
    push_pair(&mut form.out, "Version", operation.service().api_version());
    form.structure("", input)?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
    Ok(ClientRequest {
        method: Method::POST,
        path_and_query: "/".to_owned(),
        headers,
        body: Body::Bytes(form.out.into()),
        host_prefix: host_prefix(operation, input)?,
    })
}

struct FormWriter {
    dialect: Dialect,
    out: String,
}

impl FormWriter {
    fn structure(&mut self, prefix: &str, record: &Record) -> Result<(), EncodeError> {
        let members = record.shape().into_iter().flat_map(Shape::members).zip(record.values());
        for (member, value) in members.filter(|(_, value)| **value != Value::Null) {
            self.value(&joined(prefix, &self.name(member)), member, value)?;
        }
        Ok(())
    }

    /// The member's name; a flattened list goes by the `queryName` of its elements unless it has its own.
    fn name(&self, member: Member) -> std::borrow::Cow<'static, str> {
        let has_own = member.query_name().or(member.location_name()).is_some();
        if !has_own
            && member.is_flattened()
            && member.shape().kind() == Kind::List
            && let Some(name) = member.shape().list_member().query_name()
        {
            return name.into();
        }
        form_name(self.dialect, member)
    }

    fn value(&mut self, name: &str, member: Member, value: &Value) -> Result<(), EncodeError> {
        let shape = member.shape();
        let wrong_kind = EncodeError::WrongKind(member.name());
        match value {
            Value::Structure(record) => self.structure(name, record),
            Value::List(items) if shape.kind() == Kind::List => self.list(name, member, items),
            Value::Map(map) if shape.kind() == Kind::Map => {
                let (key_name, value_name) =
                    (form_name(self.dialect, shape.map_key()), form_name(self.dialect, shape.map_value()));
                let name = if member.is_flattened() { name.to_owned() } else { format!("{name}.entry") };
                for (index, (key, value)) in map.iter().enumerate() {
                    let entry = format!("{name}.{}", index + 1);
                    push_pair(&mut self.out, &format!("{entry}.{key_name}"), key);
                    self.value(&format!("{entry}.{value_name}"), shape.map_value(), value)?;
                }
                Ok(())
            }
            Value::Null | Value::Stream => Ok(()),
            scalar => {
                let format = format_or(member.timestamp_format(), TimestampFormat::Iso8601);
                push_pair(&mut self.out, name, &print_scalar(scalar, format).ok_or(wrong_kind)?);
                Ok(())
            }
        }
    }

    fn list(&mut self, name: &str, member: Member, items: &[Value]) -> Result<(), EncodeError> {
        let element = member.shape().list_member();
        if items.is_empty() && self.dialect == Dialect::Query {
            push_pair(&mut self.out, name, "");
        }
        let is_flat = self.dialect == Dialect::Ec2 || member.is_flattened();
        let own = element.query_name().or(element.location_name()).unwrap_or("member");
        let prefix = if is_flat { name.to_owned() } else { format!("{name}.{own}") };
        for (index, item) in items.iter().enumerate() {
            self.value(&format!("{prefix}.{}", index + 1), element, item)?;
        }
        Ok(())
    }
}

fn joined(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

pub(crate) fn decode_response(
    dialect: Dialect,
    operation: Operation,
    status: u16,
    body: &Bytes,
) -> Result<Result<Record, ApiError>, DecodeError> {
    let source =
        Text::try_from(body.clone()).map_err(|_| DecodeError::malformed("The body is not valid UTF-8"))?;
    let naming = if dialect == Dialect::Query { Naming::Query } else { Naming::Plain };
    let reader = Reader { source: &source, naming };
    if status >= 300 {
        let root = Element::parse(&source)?;
        let outer = root.child("Errors").unwrap_or(&root);
        let error = outer.child("Error").unwrap_or(outer);
        return client::xml_error(operation, status, error, reader).map(Err);
    }
    let Some(output) = operation.output() else { return Ok(Ok(Record::empty())) };
    let mut record = Record::new(output);
    if body.is_empty() {
        return Ok(Ok(record));
    }
    let root = Element::parse(&source)?;
    let result = match dialect {
        Dialect::Query => {
            let wrapper = format!("{}Result", operation.name());
            root.child(operation.result_wrapper().unwrap_or(&wrapper)).unwrap_or(&root)
        }
        Dialect::Ec2 => &root,
    };
    reader.members(&mut record, result, Part::Whole)?;
    Ok(Ok(record))
}
