//! A JSON text as a value. Names keep their order, and numbers their digits.

use crate::value::{Number, Value};

/// How deep values may be nested.
const DEEPEST: usize = 128;

/// The value of a text that is well-formed JSON; none when it is nested too deeply or a number is out of all bounds.
pub(super) fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { text, position: 0 };
    let value = reader.value(0)?;
    reader.skip_spaces();
    (reader.position == text.len()).then_some(value)
}

struct Reader<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.position).copied()
    }

    fn skip_spaces(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    /// The next byte after spaces, which is passed over when it is that.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_spaces();
        let is_there = self.peek() == Some(byte);
        self.position += usize::from(is_there);
        is_there
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEEPEST {
            return None;
        }
        self.skip_spaces();
        match self.peek()? {
            b'{' => self.structure(depth),
            b'[' => self.list(depth),
            b'"' => self.string().map(Value::String),
            _ => self.word(),
        }
    }

    fn structure(&mut self, depth: usize) -> Option<Value> {
        let mut fields = Vec::new();
        self.position += 1;
        if self.take(b'}') {
            return Some(Value::Structure(fields));
        }
        loop {
            self.skip_spaces();
            let name = self.string()?;
            if !self.take(b':') {
                return None;
            }
            fields.push((name, self.value(depth + 1)?));
            if !self.take(b',') {
                return self.take(b'}').then_some(Value::Structure(fields));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut elements = Vec::new();
        self.position += 1;
        if self.take(b']') {
            return Some(Value::List(elements));
        }
        loop {
            elements.push(self.value(depth + 1)?);
            if !self.take(b',') {
                return self.take(b']').then_some(Value::List(elements));
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let start = self.position;
        if self.peek()? != b'"' {
            return None;
        }
        let bytes = self.text.as_bytes();
        let mut end = start + 1;
        let mut escaped = false;
        loop {
            end += memchr::memchr2(b'"', b'\\', bytes.get(end..)?)?;
            if bytes[end] == b'"' {
                break;
            }
            escaped = true;
            end += 2;
        }
        self.position = end + 1;
        if escaped {
            return serde_json::from_str(&self.text[start..=end]).ok();
        }
        Some(self.text[start + 1..end].to_owned())
    }

    fn word(&mut self) -> Option<Value> {
        let rest: &'a str = &self.text[self.position..];
        let end = rest.find([',', '}', ']', ' ', '\t', '\n', '\r']).unwrap_or(rest.len());
        self.position += end;
        match &rest[..end] {
            "null" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            number => Number::parse(number).map(Value::from),
        }
    }
}
