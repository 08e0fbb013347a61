//! From records to CBOR, with lengths up front.

use std::convert::Infallible;

use minicbor::Encoder;
use minicbor::data::Tag;
use minicbor::encode::Error;
use virga_model::{Document, Kind, Member, Record, Shape, Timestamp, Value};

type Written<'e, 'o> = Result<&'e mut Encoder<&'o mut Vec<u8>>, Error<Infallible>>;

/// Tag of times as seconds since the epoch.
const EPOCH: u64 = 1;

/// Writes a record as a map.
pub(crate) fn write_record(out: &mut Vec<u8>, record: &Record, extra: &[(&str, &str)]) {
    let mut encoder = Encoder::new(out);
    let written = write_members(&mut encoder, record, extra);
    debug_assert!(written.is_ok(), "writing to a vector does not fail");
}

fn write_members<'e, 'o>(
    encoder: &'e mut Encoder<&'o mut Vec<u8>>,
    record: &Record,
    extra: &[(&str, &str)],
) -> Written<'e, 'o> {
    let members = || {
        let members = record.shape().into_iter().flat_map(Shape::members).zip(record.values());
        members.filter(|(_, value)| !matches!(value, Value::Null | Value::Stream))
    };
    encoder.map((members().count() + extra.len()) as u64)?;
    for (name, text) in extra {
        encoder.str(name)?.str(text)?;
    }
    for (member, value) in members() {
        encoder.str(member.wire_name())?;
        write_value(encoder, member, value)?;
    }
    Ok(encoder)
}

fn write_value<'e, 'o>(
    encoder: &'e mut Encoder<&'o mut Vec<u8>>,
    member: Member,
    value: &Value,
) -> Written<'e, 'o> {
    match value {
        Value::Null | Value::Stream => encoder.null(),
        Value::Bool(value) => encoder.bool(*value),
        Value::Integer(number) => encoder.i64(*number),
        Value::Double(number) => write_double(encoder, *number),
        Value::String(text) => encoder.str(text),
        Value::Blob(bytes) => encoder.bytes(bytes),
        Value::Timestamp(time) => write_time(encoder.tag(Tag::new(EPOCH))?, *time),
        Value::Structure(record) => write_members(encoder, record, &[]),
        Value::Document(document) => write_document(encoder, document),
        Value::Deferred(deferred) => write_value(encoder, member, &deferred.value()),
        Value::List(items) => {
            let element = member.shape().member(0).filter(|_| member.shape().kind() == Kind::List);
            encoder.array(element.map_or(0, |_| items.len()) as u64)?;
            for (element, item) in
                element.into_iter().flat_map(|element| items.iter().map(move |i| (element, i)))
            {
                write_value(encoder, element, item)?;
            }
            Ok(encoder)
        }
        Value::Map(map) => {
            let element = member.shape().member(1).filter(|_| member.shape().kind() == Kind::Map);
            encoder.map(element.map_or(0, |_| map.len()) as u64)?;
            for (element, (key, item)) in element.into_iter().flat_map(|e| map.iter().map(move |i| (e, i))) {
                write_value(encoder.str(key)?, element, item)?;
            }
            Ok(encoder)
        }
    }
}

/// The shorter form when it loses nothing.
fn write_double<'e, 'o>(encoder: &'e mut Encoder<&'o mut Vec<u8>>, number: f64) -> Written<'e, 'o> {
    let short = number as f32;
    if f64::from(short).to_bits() == number.to_bits() { encoder.f32(short) } else { encoder.f64(number) }
}

fn write_time<'e, 'o>(encoder: &'e mut Encoder<&'o mut Vec<u8>>, time: Timestamp) -> Written<'e, 'o> {
    if time.subsec_micros() == 0 { encoder.i64(time.secs()) } else { encoder.f64(time.micros() as f64 / 1e6) }
}

fn write_document<'e, 'o>(encoder: &'e mut Encoder<&'o mut Vec<u8>>, document: &Document) -> Written<'e, 'o> {
    match document {
        Document::Null => encoder.null(),
        Document::Bool(value) => encoder.bool(*value),
        Document::Integer(number) => encoder.i64(*number),
        Document::Double(number) => write_double(encoder, *number),
        Document::String(text) => encoder.str(text),
        Document::Array(items) => {
            encoder.array(items.len() as u64)?;
            for item in items {
                write_document(encoder, item)?;
            }
            Ok(encoder)
        }
        Document::Object(members) => {
            encoder.map(members.len() as u64)?;
            for (name, value) in members {
                write_document(encoder.str(name)?, value)?;
            }
            Ok(encoder)
        }
    }
}
