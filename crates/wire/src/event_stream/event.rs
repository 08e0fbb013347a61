//! Events by the model: one member of the stream's shape is one kind of event or exception.

use bytes::Bytes;
use virga_model::{ApiError, Kind, Member, Operation, Protocol, Record, Shape, Text, Value};

use super::frame::{HeaderValue, Message};
use crate::client::ErrorAnswer;
use crate::error::{DecodeError, EncodeError};
use crate::part::Part;
use crate::xml::{Element, Naming, Reader, Writer};
use crate::{cbor, errors, json};

const MESSAGE_TYPE: &str = ":message-type";
const EVENT_TYPE: &str = ":event-type";
const EXCEPTION_TYPE: &str = ":exception-type";
const CONTENT_TYPE: &str = ":content-type";
const INITIAL: [&str; 2] = ["initial-response", "initial-request"];

/// What a frame says.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An event: a record of the stream's shape with one member set.
    Event(Record),
    /// The members of the output (or input) that travel before the events, in the RPC protocols.
    Initial(Record),
    /// An error, which ends the stream.
    Error(ApiError),
}

/// Writes an event. `event` is a record of the stream's shape with one member set; a member that is an error becomes
/// an exception.
///
/// # Errors
/// When no member is set, or it holds values that can't be written.
pub fn encode_event(protocol: Protocol, event: &Record) -> Result<Message, EncodeError> {
    let mut members = event.shape().into_iter().flat_map(Shape::members).zip(event.values());
    let found = members.find_map(|(member, value)| match value {
        Value::Structure(record) => Some((member, record)),
        _ => None,
    });
    let (member, record) = found.ok_or(EncodeError::WrongKind("event"))?;
    let (message_type, name_header) =
        if member.shape().is_exception() { ("exception", EXCEPTION_TYPE) } else { ("event", EVENT_TYPE) };
    let mut message = Message::default()
        .with(MESSAGE_TYPE, Text::from_static(message_type))
        .with(name_header, Text::from_static(member.wire_name()));
    let members =
        || member.shape().members().zip(record.values()).filter(|(_, value)| **value != Value::Null);
    for (member, value) in members().filter(|(member, _)| member.is_event_header()) {
        message.headers.push((Text::from_static(member.wire_name()), header_of(member, value)?));
    }
    match payload_member(member.shape()) {
        Some(ordinal) => {
            let value = record.get(ordinal);
            let member = member.shape().member(ordinal).ok_or(EncodeError::WrongKind("event"))?;
            write_payload(protocol, &mut message, member, value)?;
        }
        None if member.shape().members().any(|member| !member.is_event_header()) => {
            let (content_type, payload) = write_structure(protocol, member.wire_name(), record)?;
            message = message.with(CONTENT_TYPE, Text::from_static(content_type));
            message.payload = payload;
        }
        None => {}
    }
    Ok(message)
}

/// Writes the members that travel before the events of an answer, in the RPC protocols.
///
/// # Errors
/// When they hold values that can't be written.
pub fn encode_initial(protocol: Protocol, output: &Record) -> Result<Message, EncodeError> {
    let (content_type, payload) = write_structure(protocol, "initial-response", output)?;
    let mut message = Message::default()
        .with(MESSAGE_TYPE, Text::from_static("event"))
        .with(EVENT_TYPE, Text::from_static(INITIAL[0]))
        .with(CONTENT_TYPE, Text::from_static(content_type));
    message.payload = payload;
    Ok(message)
}

/// Writes an error that the stream's shape does not list.
pub fn encode_error(error: &ApiError) -> Message {
    Message::default()
        .with(MESSAGE_TYPE, Text::from_static("error"))
        .with(":error-code", Text::from(&*error.code))
        .with(":error-message", error.message.clone())
}

/// Reads a frame of an operation's stream. None for kinds of events that the model does not know, which are skipped.
///
/// `stream` is the event stream's shape; `around` the output (or input) that holds it.
///
/// # Errors
/// When the payload or a header does not fit the model.
pub fn decode_event(
    protocol: Protocol,
    operation: Operation,
    stream: Shape,
    around: Option<Shape>,
    message: &Message,
) -> Result<Option<Event>, DecodeError> {
    let payload_text = || String::from_utf8_lossy(&message.payload).into_owned();
    match message.text(MESSAGE_TYPE) {
        Some("error") => {
            let code = message.text(":error-code").unwrap_or_default();
            let text = message.text(":error-message").unwrap_or_default();
            Ok(Some(Event::Error(ApiError::common(code.to_owned(), 400, text))))
        }
        Some("exception") => {
            let code = message.text(EXCEPTION_TYPE).unwrap_or_default();
            let shape = member_of(stream, code).map(|(_, member)| member.shape());
            let code = shape.map_or_else(|| code.to_owned(), |shape| shape.name().to_owned());
            let (mut error, _) =
                ErrorAnswer { code, message: String::new(), status: 400 }.into_error(operation);
            match error.record.take() {
                Some(mut record) => {
                    read_structure(protocol, &mut record, &message.payload)?;
                    error.message = errors::message_of(&record).unwrap_or_default();
                    error.record = Some(record);
                }
                None => error.message = Text::from(payload_text()),
            }
            Ok(Some(Event::Error(error)))
        }
        _ => {
            let Some(name) = message.text(EVENT_TYPE) else {
                return Err(DecodeError::malformed("The frame names no event"));
            };
            if INITIAL.contains(&name) {
                let mut record = around.map_or_else(Record::empty, Record::new);
                read_structure(protocol, &mut record, &message.payload)?;
                return Ok(Some(Event::Initial(record)));
            }
            let Some((ordinal, member)) = member_of(stream, name) else { return Ok(None) };
            let mut record = Record::new(stream);
            record.set(ordinal, Value::Structure(Box::new(read_event(protocol, member.shape(), message)?)));
            Ok(Some(Event::Event(record)))
        }
    }
}

fn member_of(stream: Shape, name: &str) -> Option<(usize, Member)> {
    stream.members().enumerate().find(|(_, member)| member.wire_name() == name)
}

fn payload_member(event: Shape) -> Option<usize> {
    event.members().position(Member::is_event_payload)
}

fn read_event(protocol: Protocol, shape: Shape, message: &Message) -> Result<Record, DecodeError> {
    let mut event = Record::new(shape);
    match payload_member(shape) {
        Some(ordinal) => {
            let member =
                shape.member(ordinal).ok_or_else(|| DecodeError::malformed("The event has no payload"))?;
            event.set(ordinal, read_payload(protocol, member, &message.payload)?);
        }
        None => read_structure(protocol, &mut event, &message.payload)?,
    }
    for (ordinal, member) in shape.members().enumerate().filter(|(_, member)| member.is_event_header()) {
        if let Some(header) = message.header(member.wire_name()) {
            event.set(ordinal, value_of(member, header)?);
        }
    }
    Ok(event)
}

fn read_payload(protocol: Protocol, member: Member, payload: &Bytes) -> Result<Value, DecodeError> {
    match member.shape().kind() {
        Kind::Blob => Ok(Value::Blob(payload.clone())),
        Kind::String => {
            let text = Text::try_from(payload.clone());
            text.map(Value::String).map_err(|_| DecodeError::malformed("The payload is not valid UTF-8"))
        }
        _ if payload.is_empty() => Ok(Value::Null),
        _ => {
            let mut record = Record::new(member.shape());
            read_structure(protocol, &mut record, payload)?;
            Ok(Value::Structure(Box::new(record)))
        }
    }
}

fn read_structure(protocol: Protocol, record: &mut Record, payload: &Bytes) -> Result<(), DecodeError> {
    match protocol {
        _ if payload.is_empty() => Ok(()),
        Protocol::Cbor => cbor::read_record(record, payload),
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 => {
            let source = Text::try_from(payload.clone())
                .map_err(|_| DecodeError::malformed("The payload is not valid UTF-8"))?;
            let root = Element::parse(&source)?;
            Reader { source: &source, naming: Naming::Plain }.members(record, &root, Part::Whole)
        }
        Protocol::Json | Protocol::RestJson => json::read_body(record, payload, Part::Whole),
    }
}

fn write_payload(
    protocol: Protocol,
    message: &mut Message,
    member: Member,
    value: &Value,
) -> Result<(), EncodeError> {
    let (content_type, payload) = match value {
        Value::Null => return Ok(()),
        Value::Blob(bytes) => ("application/octet-stream", bytes.clone()),
        Value::String(text) => ("text/plain", text.clone().into_bytes()),
        Value::Structure(record) => write_structure(protocol, member.shape().name(), record)?,
        _ => return Err(EncodeError::WrongKind(member.name())),
    };
    message
        .headers
        .push((Text::from_static(CONTENT_TYPE), HeaderValue::String(Text::from_static(content_type))));
    message.payload = payload;
    Ok(())
}

fn write_structure(
    protocol: Protocol,
    root: &str,
    record: &Record,
) -> Result<(&'static str, Bytes), EncodeError> {
    let mut out = Vec::with_capacity(128);
    match protocol {
        Protocol::Cbor => {
            cbor::write_record(&mut out, record, &[]);
            Ok(("application/cbor", out.into()))
        }
        Protocol::RestXml | Protocol::Query | Protocol::Ec2 => {
            let mut xml = Writer::new(Naming::Plain);
            xml.open_structure(root, None, Some(record));
            xml.members(record, Part::Whole)?;
            xml.close(root);
            Ok(("text/xml", xml.finish().into()))
        }
        Protocol::Json | Protocol::RestJson => {
            json::write_record(&mut out, record, Part::Whole);
            Ok(("application/json", out.into()))
        }
    }
}

fn header_of(member: Member, value: &Value) -> Result<HeaderValue, EncodeError> {
    Ok(match value {
        Value::Bool(value) => HeaderValue::Bool(*value),
        Value::Integer(number) if member.shape().kind() == Kind::Long => HeaderValue::Long(*number),
        Value::Integer(number) => {
            HeaderValue::Integer(i32::try_from(*number).map_err(|_| EncodeError::WrongKind(member.name()))?)
        }
        Value::Blob(bytes) => HeaderValue::Bytes(bytes.clone()),
        Value::String(text) => HeaderValue::String(text.clone()),
        Value::Timestamp(time) => HeaderValue::Timestamp(*time),
        _ => return Err(EncodeError::WrongKind(member.name())),
    })
}

fn value_of(member: Member, header: &HeaderValue) -> Result<Value, DecodeError> {
    let kind = member.shape().kind();
    Ok(match (kind, header) {
        (Kind::Boolean, HeaderValue::Bool(value)) => Value::Bool(*value),
        (Kind::Integer | Kind::Long, HeaderValue::Byte(number)) => Value::Integer(i64::from(*number)),
        (Kind::Integer | Kind::Long, HeaderValue::Short(number)) => Value::Integer(i64::from(*number)),
        (Kind::Integer | Kind::Long, HeaderValue::Integer(number)) => Value::Integer(i64::from(*number)),
        (Kind::Long, HeaderValue::Long(number)) => Value::Integer(*number),
        (Kind::Blob, HeaderValue::Bytes(bytes)) => Value::Blob(bytes.clone()),
        (Kind::String, HeaderValue::String(text)) => Value::String(text.clone()),
        (Kind::Timestamp, HeaderValue::Timestamp(time)) => Value::Timestamp(*time),
        _ => return Err(DecodeError::unparsable(member.wire_name(), "", kind)),
    })
}
