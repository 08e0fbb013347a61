//! Random records by the schema, of what a protocol can carry.

use bytes::Bytes;
use fastrand::Rng;
use virga_model::{
    Document, Kind, Location, Map, Member, Protocol, Record, Shape, Text, Timestamp, TimestampFormat, Value,
};

/// Deepest nesting: many shapes contain themselves.
const DEEPEST: usize = 4;

/// What the record is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Message {
    Request,
    Response,
}

pub(crate) struct Generator {
    pub(crate) random: Rng,
    pub(crate) protocol: Protocol,
    pub(crate) message: Message,
}

impl Generator {
    /// A record of an input or output.
    pub(crate) fn record(&mut self, shape: Option<Shape>) -> Record {
        let Some(shape) = shape else { return Record::empty() };
        let mut record = Record::new(shape);
        for (ordinal, member) in shape.members().enumerate() {
            let is_stream = shape.payload() == Some(ordinal) && is_streamed(member);
            // A body has a type, given or not.
            let is_type = member.wire_name().eq_ignore_ascii_case("content-type");
            let is_there = member.is_required()
                || is_type
                || is_stream
                || member.location() == Location::StatusCode
                || self.random.bool();
            if is_there {
                let value = self.bound(shape, ordinal, member);
                record.set(ordinal, value);
            }
        }
        record
    }

    fn is_rest(&self) -> bool {
        matches!(self.protocol, Protocol::RestJson | Protocol::RestXml)
    }

    /// A member of the outermost structure, which may travel outside the body.
    fn bound(&mut self, shape: Shape, ordinal: usize, member: Member) -> Value {
        let target = member.shape();
        if target.is_event_stream() {
            return if shape.payload() == Some(ordinal) { Value::Stream } else { Value::Null };
        }
        if !self.is_rest() {
            return self.value(member, 0);
        }
        if shape.payload() == Some(ordinal) {
            return self.payload(member);
        }
        match (self.message, member.location()) {
            (Message::Response, Location::StatusCode) => Value::Integer(self.random.i64(200..300)),
            (_, Location::Headers) => {
                let key = format!("key-{}", self.random.u8(..));
                Value::Map([(Text::from(key), Value::String(self.token()))].into_iter().collect())
            }
            // A map of the query string would get all of it.
            (Message::Request, Location::QueryString) if target.kind() == Kind::Map => Value::Null,
            (_, Location::Header) => self.flat(member),
            (Message::Request, Location::Uri | Location::QueryString) => self.flat(member),
            _ => self.value(member, 0),
        }
    }

    fn payload(&mut self, member: Member) -> Value {
        match member.shape().kind() {
            _ if is_streamed(member) => Value::Stream,
            Kind::Blob => Value::Blob(Bytes::from_static(b"\0payload")),
            Kind::String => Value::String(self.token()),
            _ => self.value(member, 0),
        }
    }

    /// A scalar or a list of scalars, none of them empty.
    fn flat(&mut self, member: Member) -> Value {
        let target = member.shape();
        match target.kind() {
            Kind::List => {
                let count = self.random.usize(1..4);
                Value::List((0..count).map(|_| self.flat(target.list_member())).collect())
            }
            Kind::String => Value::String(self.token()),
            Kind::Blob => Value::Blob(Bytes::from_static(b"blob")),
            Kind::Timestamp => Value::Timestamp(Timestamp::from_secs(self.random.i64(0..4_000_000_000))),
            _ => self.value(member, DEEPEST),
        }
    }

    /// Printable ASCII without blanks at its ends.
    fn token(&mut self) -> Text {
        let length = self.random.usize(1..12);
        let middle: String = (0..length).map(|_| char::from(self.random.u8(0x20..0x7f))).collect();
        Text::from(format!("a{middle}z"))
    }

    fn text(&mut self) -> Text {
        let length = self.random.usize(0..12);
        let alphabet = [
            'a', 'Z', '0', ' ', '&', '<', '>', '"', '\'', '\\', '/', '%', '+', '=', '.', '\n', '\t', '\r',
            'é', '😹',
        ];
        Text::from(
            (0..length).map(|_| *self.random.choice(alphabet.iter()).unwrap_or(&'x')).collect::<String>(),
        )
    }

    fn is_form(&self) -> bool {
        self.message == Message::Request && matches!(self.protocol, Protocol::Query | Protocol::Ec2)
    }

    fn value(&mut self, member: Member, depth: usize) -> Value {
        let shape = member.shape();
        match shape.kind() {
            Kind::String => Value::String(self.text()),
            Kind::Integer => Value::Integer(i64::from(self.random.i32(..))),
            Kind::Long => Value::Integer(self.random.i64(-9_000_000_000_000_000..9_000_000_000_000_000)),
            Kind::Float | Kind::Double => {
                Value::Double((self.random.f64() - 0.5) * 10f64.powi(self.random.i32(-12..12)))
            }
            Kind::Boolean => Value::Bool(self.random.bool()),
            Kind::Timestamp => self.time(member),
            Kind::Blob => Value::Blob((0..self.random.usize(0..9)).map(|_| self.random.u8(..)).collect()),
            Kind::Document => Value::Document(Box::new(self.document(depth))),
            _ if depth >= DEEPEST => Value::Null,
            Kind::Structure => self.structure(shape, depth),
            Kind::List => self.list(member, depth),
            Kind::Map => self.map(member, depth),
        }
    }

    fn time(&mut self, member: Member) -> Value {
        let seconds = self.random.i64(0..4_000_000_000);
        let has_fraction = member.timestamp_format() != TimestampFormat::Rfc822 && self.random.bool();
        let micros = if has_fraction { self.random.i64(0..1_000_000) } else { 0 };
        Value::Timestamp(Timestamp::from_micros(seconds * 1_000_000 + micros))
    }

    fn structure(&mut self, shape: Shape, depth: usize) -> Value {
        let mut record = Record::new(shape);
        let mut is_empty = true;
        for (ordinal, member) in shape.members().enumerate() {
            // Deprecated members of S3 share their element with their successors.
            let is_shared =
                shape.members().filter(|other| other.wire_name() == member.wire_name()).count() > 1;
            if !is_shared && self.random.u8(..) < 100 {
                let value = self.value(member, depth + 1);
                is_empty &= value == Value::Null;
                record.set(ordinal, value);
            }
        }
        // Forms can't carry empty structures.
        if is_empty && self.is_form() { Value::Null } else { Value::Structure(Box::new(record)) }
    }

    /// The least number of elements that can be carried.
    fn least(&self, member: Member) -> usize {
        let is_xml = matches!(self.protocol, Protocol::RestXml | Protocol::Query | Protocol::Ec2);
        usize::from(self.is_form() || is_xml && member.is_flattened())
    }

    fn list(&mut self, member: Member, depth: usize) -> Value {
        let element = member.shape().list_member();
        let least = self.least(member);
        let count = self.random.usize(least..4);
        let items = (0..count).map(|_| self.value(element, depth + 1));
        let items: Vec<Value> = items.filter(|item| *item != Value::Null).collect();
        if items.len() < least { Value::Null } else { Value::List(items) }
    }

    fn map(&mut self, member: Member, depth: usize) -> Value {
        let least = self.least(member);
        let count = self.random.usize(least..4);
        let mut map = Map::new();
        for _ in 0..count {
            let (key, value) = (self.text(), self.value(member.shape().map_value(), depth + 1));
            if value != Value::Null {
                map.insert(key, value);
            }
        }
        if map.len() < least { Value::Null } else { Value::Map(map) }
    }

    fn document(&mut self, depth: usize) -> Document {
        match self.random.u8(..if depth < DEEPEST { 7 } else { 5 }) {
            0 => Document::Null,
            1 => Document::Bool(self.random.bool()),
            2 => Document::Integer(self.random.i64(..)),
            3 => Document::Double(self.random.f64()),
            4 => Document::String(self.text()),
            5 => Document::Array((0..self.random.usize(0..3)).map(|_| self.document(depth + 1)).collect()),
            _ => Document::Object(vec![(self.text(), self.document(depth + 1))]),
        }
    }
}

fn is_streamed(member: Member) -> bool {
    member.is_streaming() || member.shape().is_streaming() || member.shape().is_event_stream()
}
