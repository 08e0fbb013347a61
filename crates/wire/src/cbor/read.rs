//! From CBOR to records. Strings and blobs of known length are slices of the body.

use bytes::Bytes;
use minicbor::Decoder;
use minicbor::data::Type;
use virga_model::{Document, Kind, Map, Record, Shape, Text, Value};

use crate::error::DecodeError;
use crate::text::in_range;
use crate::timestamp;

/// Deepest nesting of maps and arrays.
const DEEPEST: usize = 128;

/// Reads a map into a record. An empty body is an empty map.
pub(crate) fn read_record(record: &mut Record, body: &Bytes) -> Result<(), DecodeError> {
    let Some(shape) = record.shape() else { return Ok(()) };
    if body.is_empty() {
        return Ok(());
    }
    let mut reader = Reader { body, decoder: Decoder::new(body) };
    *record = reader.structure(shape, 0)?;
    if reader.decoder.position() < body.len() { Err(malformed("bytes behind the end")) } else { Ok(()) }
}

/// Reads any CBOR as a document: where the shape of an error is still to be found.
pub(super) fn read_document(body: &Bytes) -> Result<Document, DecodeError> {
    Reader { body, decoder: Decoder::new(body) }.document(0)
}

struct Reader<'b> {
    body: &'b Bytes,
    decoder: Decoder<'b>,
}

fn malformed(error: impl std::fmt::Display) -> DecodeError {
    DecodeError::malformed(format!("Unexpected token received from parser: {error}"))
}

fn check(depth: usize) -> Result<(), DecodeError> {
    if depth > DEEPEST { Err(malformed("nested too deeply")) } else { Ok(()) }
}

impl<'b> Reader<'b> {
    fn next(&self) -> Result<Type, DecodeError> {
        self.decoder.datatype().map_err(malformed)
    }

    /// Whether another element follows; `left` counts down where the length is known.
    fn has_more(&mut self, left: &mut Option<u64>) -> Result<bool, DecodeError> {
        match left {
            Some(0) => Ok(false),
            Some(count) => {
                *count -= 1;
                Ok(true)
            }
            None if self.next()? == Type::Break => {
                self.decoder.skip().map_err(malformed)?;
                Ok(false)
            }
            None => Ok(true),
        }
    }

    fn structure(&mut self, shape: Shape, depth: usize) -> Result<Record, DecodeError> {
        check(depth)?;
        let mut record = Record::new(shape);
        let mut left = self.decoder.map().map_err(malformed)?;
        while self.has_more(&mut left)? {
            let name = self.text()?;
            match shape.member_by_wire_name(&name) {
                Some((ordinal, member)) => record.set(ordinal, self.value(member.shape(), depth + 1)?),
                None => self.skip(depth + 1)?,
            }
        }
        Ok(record)
    }

    fn skip(&mut self, depth: usize) -> Result<(), DecodeError> {
        check(depth)?;
        self.decoder.skip().map_err(malformed)
    }

    fn text(&mut self) -> Result<Text, DecodeError> {
        if self.next()? == Type::StringIndef {
            let parts: Result<String, _> = self.decoder.str_iter().map_err(malformed)?.collect();
            return parts.map(Text::from).map_err(malformed);
        }
        let text = self.decoder.str().map_err(malformed)?;
        Text::try_from(self.body.slice_ref(text.as_bytes())).map_err(malformed)
    }

    fn blob(&mut self) -> Result<Bytes, DecodeError> {
        if self.next()? == Type::BytesIndef {
            let mut blob = Vec::new();
            for part in self.decoder.bytes_iter().map_err(malformed)? {
                blob.extend_from_slice(part.map_err(malformed)?);
            }
            return Ok(Bytes::from(blob));
        }
        Ok(self.body.slice_ref(self.decoder.bytes().map_err(malformed)?))
    }

    fn value(&mut self, shape: Shape, depth: usize) -> Result<Value, DecodeError> {
        let kind = shape.kind();
        let found = self.next()?;
        if matches!(found, Type::Null | Type::Undefined) {
            self.decoder.skip().map_err(malformed)?;
            return Ok(Value::Null);
        }
        match (kind, found) {
            (Kind::Structure, Type::Map | Type::MapIndef) => {
                Ok(Value::Structure(Box::new(self.structure(shape, depth)?)))
            }
            (Kind::Map, Type::Map | Type::MapIndef) => self.map(shape, depth),
            (Kind::List, Type::Array | Type::ArrayIndef) => self.list(shape, depth),
            (Kind::String, Type::String | Type::StringIndef) => self.text().map(Value::String),
            (Kind::Blob, Type::Bytes | Type::BytesIndef) => self.blob().map(Value::Blob),
            (Kind::Boolean, Type::Bool) => self.decoder.bool().map(Value::Bool).map_err(malformed),
            (Kind::Document, _) => Ok(Value::Document(Box::new(self.document(depth)?))),
            (Kind::Integer | Kind::Long, _) if is_number(found) => {
                let number = self.number()?;
                whole(number)
                    .and_then(|number| in_range(number, kind))
                    .map(Value::Integer)
                    .ok_or_else(|| refusal(found, kind))
            }
            (Kind::Float | Kind::Double, _) if is_number(found) => match self.number()? {
                Number::Integer(number) => Ok(Value::Double(number as f64)),
                Number::Double(number) => Ok(Value::Double(number)),
            },
            (Kind::Timestamp, _) => self.time(found),
            _ => Err(refusal(found, kind)),
        }
    }

    fn list(&mut self, shape: Shape, depth: usize) -> Result<Value, DecodeError> {
        check(depth)?;
        let element = shape.list_member().shape();
        let mut items = Vec::new();
        let mut left = self.decoder.array().map_err(malformed)?;
        while self.has_more(&mut left)? {
            let item = self.value(element, depth + 1)?;
            if item != Value::Null {
                items.push(item);
            }
        }
        Ok(Value::List(items))
    }

    fn map(&mut self, shape: Shape, depth: usize) -> Result<Value, DecodeError> {
        check(depth)?;
        let element = shape.map_value().shape();
        let mut entries = Vec::new();
        let mut left = self.decoder.map().map_err(malformed)?;
        while self.has_more(&mut left)? {
            let key = self.text()?;
            let value = self.value(element, depth + 1)?;
            if value != Value::Null {
                entries.push((key, value));
            }
        }
        Ok(Value::Map(entries.into_iter().collect::<Map>()))
    }

    /// A time: tagged, or a bare number.
    fn time(&mut self, found: Type) -> Result<Value, DecodeError> {
        if found == Type::Tag {
            self.decoder.tag().map_err(malformed)?;
        }
        let found = self.next()?;
        if !is_number(found) {
            return Err(refusal(found, Kind::Timestamp));
        }
        let seconds = match self.number()? {
            Number::Integer(number) => number as f64,
            Number::Double(number) => number,
        };
        timestamp::from_seconds(seconds).map(Value::Timestamp).ok_or_else(|| refusal(found, Kind::Timestamp))
    }

    fn number(&mut self) -> Result<Number, DecodeError> {
        match self.next()? {
            Type::F16 => {
                self.decoder.f16().map(|number| Number::Double(f64::from(number))).map_err(malformed)
            }
            Type::F32 => {
                self.decoder.f32().map(|number| Number::Double(f64::from(number))).map_err(malformed)
            }
            Type::F64 => self.decoder.f64().map(Number::Double).map_err(malformed),
            _ => self.decoder.i64().map(Number::Integer).map_err(malformed),
        }
    }

    fn document(&mut self, depth: usize) -> Result<Document, DecodeError> {
        check(depth)?;
        let found = self.next()?;
        Ok(match found {
            Type::Null | Type::Undefined => {
                self.decoder.skip().map_err(malformed)?;
                Document::Null
            }
            Type::Bool => Document::Bool(self.decoder.bool().map_err(malformed)?),
            Type::String | Type::StringIndef => Document::String(self.text()?),
            Type::Array | Type::ArrayIndef => {
                let mut items = Vec::new();
                let mut left = self.decoder.array().map_err(malformed)?;
                while self.has_more(&mut left)? {
                    items.push(self.document(depth + 1)?);
                }
                Document::Array(items)
            }
            Type::Map | Type::MapIndef => {
                let mut members = Vec::new();
                let mut left = self.decoder.map().map_err(malformed)?;
                while self.has_more(&mut left)? {
                    members.push((self.text()?, self.document(depth + 1)?));
                }
                Document::Object(members)
            }
            Type::Tag => {
                self.decoder.tag().map_err(malformed)?;
                self.document(depth + 1)?
            }
            _ if is_number(found) => match self.number()? {
                Number::Integer(number) => Document::Integer(number),
                Number::Double(number) => Document::Double(number),
            },
            _ => return Err(refusal(found, Kind::Document)),
        })
    }
}

#[derive(Clone, Copy)]
enum Number {
    Integer(i64),
    Double(f64),
}

fn whole(number: Number) -> Option<i64> {
    match number {
        Number::Integer(number) => Some(number),
        // The bound keeps the conversion exact.
        Number::Double(number) => (number.fract() == 0.0 && number.abs() < 9.0e15).then_some(number as i64),
    }
}

fn is_number(found: Type) -> bool {
    matches!(
        found,
        Type::U8
            | Type::U16
            | Type::U32
            | Type::U64
            | Type::I8
            | Type::I16
            | Type::I32
            | Type::I64
            | Type::Int
            | Type::F16
            | Type::F32
            | Type::F64
    )
}

fn refusal(found: Type, expected: Kind) -> DecodeError {
    let found = match found {
        Type::Map | Type::MapIndef => "STRUCTURE",
        Type::Array | Type::ArrayIndef => "LIST",
        Type::String | Type::StringIndef => "STRING_VALUE",
        Type::Bytes | Type::BytesIndef => "BINARY_VALUE",
        Type::Bool => "BOOLEAN_VALUE",
        _ => "NUMBER_VALUE",
    };
    DecodeError::unconvertible(found, expected)
}
