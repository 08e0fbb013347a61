//! From records to XML.

use virga_model::{Kind, Map, Member, Record, Shape, TimestampFormat, Value};

use crate::error::EncodeError;
use crate::part::Part;
use crate::text::{format_or, print_scalar};
use crate::timestamp;

/// Structures in a list from which on what is the same for all of them is worked out beforehand.
const MANY: usize = 8;

/// Which names elements have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Naming {
    /// Location names.
    Plain,
    /// `queryName` first: the query protocol of services whose first protocol is JSON.
    Query,
}

impl Naming {
    /// The member's own name.
    pub(crate) fn of(self, member: Member) -> &'static str {
        let query_name = if self == Naming::Query { member.query_name() } else { None };
        query_name.unwrap_or_else(|| member.wire_name())
    }

    /// The name when the model sets one.
    pub(crate) fn explicit(self, member: Member) -> Option<&'static str> {
        let query_name = if self == Naming::Query { member.query_name() } else { None };
        query_name.or_else(|| member.location_name())
    }

    /// The element of a member. A flattened list goes by the `queryName` of its elements unless it has its own.
    pub(crate) fn element(self, member: Member) -> &'static str {
        if self == Naming::Query
            && self.explicit(member).is_none()
            && member.is_flattened()
            && member.shape().kind() == Kind::List
            && let Some(name) = member.shape().list_member().query_name()
        {
            return name;
        }
        self.of(member)
    }
}

/// Writes elements into a document.
pub(crate) struct Writer {
    out: String,
    naming: Naming,
}

impl Writer {
    /// A document with the declaration that AWS sends.
    pub(crate) fn new(naming: Naming) -> Self {
        let mut out = String::with_capacity(512);
        out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        Writer { out, naming }
    }

    /// The document.
    pub(crate) fn finish(self) -> String {
        self.out
    }

    /// Opens an element.
    pub(crate) fn open(&mut self, name: &str) {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Opens an element with attributes; those with an empty value are left out.
    pub(crate) fn open_with(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.out.push('<');
        self.out.push_str(name);
        for (name, value) in attributes.iter().filter(|(_, value)| !value.is_empty()) {
            self.out.push(' ');
            self.out.push_str(name);
            self.out.push_str("=\"");
            escape_attribute(&mut self.out, value);
            self.out.push('"');
        }
        self.out.push('>');
    }

    /// Closes an element.
    pub(crate) fn close(&mut self, name: &str) {
        self.out.push_str("</");
        self.out.push_str(name);
        self.out.push('>');
    }

    /// Writes text.
    pub(crate) fn text(&mut self, text: &str) {
        escape(&mut self.out, text);
    }

    /// Writes an element with text.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) {
        self.open(name);
        escape(&mut self.out, text);
        self.close(name);
    }

    /// Writes the members of a part of a record.
    pub(crate) fn members(&mut self, record: &Record, part: Part) -> Result<(), EncodeError> {
        let Some(shape) = record.shape() else { return Ok(()) };
        for (member, value) in shape.members().zip(record.values()) {
            if part.holds(member) && !member.is_xml_attribute() {
                self.member(member, value)?;
            }
        }
        Ok(())
    }

    /// Writes a member as its element or elements.
    pub(crate) fn member(&mut self, member: Member, value: &Value) -> Result<(), EncodeError> {
        self.element(self.naming.element(member), member, value)
    }

    /// Writes a value as elements of this name.
    pub(crate) fn element(&mut self, name: &str, member: Member, value: &Value) -> Result<(), EncodeError> {
        match value {
            Value::Null | Value::Stream => Ok(()),
            Value::Structure(record) => self.structure(name, member, record),
            Value::List(items) => self.list(name, member, items),
            Value::Map(map) => self.map(name, member, map),
            Value::Deferred(deferred) => self.element(name, member, &deferred.value()),
            scalar => {
                self.open_member(name, member, None);
                self.scalar(member, scalar)?;
                self.close(name);
                Ok(())
            }
        }
    }

    /// Writes the text of a scalar.
    fn scalar(&mut self, member: Member, value: &Value) -> Result<(), EncodeError> {
        match value {
            Value::String(text) => escape(&mut self.out, text),
            Value::Integer(number) => self.out.push_str(itoa::Buffer::new().format(*number)),
            value => {
                let format = format_or(member.timestamp_format(), TimestampFormat::Iso8601);
                match value {
                    Value::Timestamp(time) if format == TimestampFormat::Iso8601 => {
                        timestamp::push_iso8601(&mut self.out, *time);
                    }
                    value => {
                        let text = print_scalar(value, format)
                            .ok_or_else(|| EncodeError::WrongKind(member.name()))?;
                        escape(&mut self.out, &text);
                    }
                }
            }
        }
        Ok(())
    }

    fn structure(&mut self, name: &str, member: Member, record: &Record) -> Result<(), EncodeError> {
        self.open_member(name, member, Some(record));
        self.members(record, Part::Whole)?;
        self.close(name);
        Ok(())
    }

    fn list(&mut self, name: &str, member: Member, items: &[Value]) -> Result<(), EncodeError> {
        if member.shape().kind() != Kind::List {
            return Err(EncodeError::WrongKind(member.name()));
        }
        let element = member.shape().list_member();
        if member.is_flattened() {
            return self.elements(name, element, items);
        }
        let element_name = self.naming.explicit(element).unwrap_or("member");
        self.open_member(name, member, None);
        self.elements(element_name, element, items)?;
        self.close(name);
        Ok(())
    }

    fn elements(&mut self, name: &str, element: Member, items: &[Value]) -> Result<(), EncodeError> {
        let layout = (items.len() >= MANY).then(|| Layout::of(element, self.naming)).flatten();
        let Some(layout) = layout else {
            return items.iter().try_for_each(|item| self.element(name, element, item));
        };
        let start = self.out.len();
        for (index, item) in items.iter().enumerate() {
            if index == 1 {
                // The others will be about as long as the first.
                self.out.reserve((self.out.len() - start + 16) * items.len());
            }
            match item {
                Value::Structure(record) if record.shape() == Some(layout.shape) => {
                    self.open(name);
                    self.laid_out(&layout, record)?;
                    self.close(name);
                }
                item => self.element(name, element, item)?,
            }
        }
        Ok(())
    }

    /// Writes the members of a structure as its layout says.
    fn laid_out(&mut self, layout: &Layout, record: &Record) -> Result<(), EncodeError> {
        for (tag, value) in layout.members.iter().zip(record.values()) {
            match value {
                Value::Null | Value::Stream => {}
                Value::Structure(_) | Value::List(_) | Value::Map(_) | Value::Deferred(_) => {
                    self.member(tag.member, value)?;
                }
                scalar => {
                    self.out.push_str(&tag.open);
                    self.scalar(tag.member, scalar)?;
                    self.out.push_str(&tag.close);
                }
            }
        }
        Ok(())
    }

    fn map(&mut self, name: &str, member: Member, map: &Map) -> Result<(), EncodeError> {
        let shape = member.shape();
        if shape.kind() != Kind::Map {
            return Err(EncodeError::WrongKind(member.name()));
        }
        let entry = if member.is_flattened() { name } else { "entry" };
        if !member.is_flattened() {
            self.open_member(name, member, None);
        }
        let (key_name, value_name) = (self.naming.of(shape.map_key()), self.naming.of(shape.map_value()));
        for (key, value) in map {
            if member.is_flattened() {
                self.open_member(entry, member, None);
            } else {
                self.open(entry);
            }
            self.element(key_name, shape.map_key(), &Value::String(key.clone()))?;
            self.element(value_name, shape.map_value(), value)?;
            self.close(entry);
        }
        if !member.is_flattened() {
            self.close(name);
        }
        Ok(())
    }

    /// Opens the element of a member, with its namespace and the attributes of its record.
    fn open_member(&mut self, name: &str, member: Member, record: Option<&Record>) {
        let namespace = member.xml_namespace();
        self.open_structure(name, namespace, record);
    }

    /// Opens an element with a namespace declaration and the members of the record that are attributes.
    pub(crate) fn open_structure(
        &mut self,
        name: &str,
        namespace: Option<(&str, Option<&str>)>,
        record: Option<&Record>,
    ) {
        let has_attributes = || {
            record.and_then(Record::shape).is_some_and(|shape| shape.members().any(Member::is_xml_attribute))
        };
        if namespace.is_none() && !has_attributes() {
            return self.open(name);
        }
        let declaration = namespace.map(|(uri, prefix)| {
            (prefix.map_or_else(|| "xmlns".to_owned(), |prefix| format!("xmlns:{prefix}")), uri)
        });
        let mut attributes: Vec<(&str, std::borrow::Cow<'_, str>)> = Vec::new();
        if let Some((name, uri)) = &declaration {
            attributes.push((name, (*uri).into()));
        }
        if let Some(shape) = record.and_then(Record::shape) {
            let values = record.map(Record::values).unwrap_or_default();
            for (member, value) in shape.members().zip(values).filter(|(member, _)| member.is_xml_attribute())
            {
                if let Some(text) = print_scalar(value, TimestampFormat::Iso8601) {
                    attributes.push((member.wire_name(), text));
                }
            }
        }
        let borrowed: Vec<(&str, &str)> = attributes.iter().map(|(name, value)| (*name, &**value)).collect();
        self.open_with(name, &borrowed);
    }
}

/// Text as the value of an attribute, where readers turn bare white space into blanks.
fn escape_attribute(out: &mut String, text: &str) {
    let mut escaped = String::with_capacity(text.len());
    escape(&mut escaped, text);
    out.push_str(&escaped.replace('\n', "&#xA;").replace('\t', "&#x9;"));
}

/// Text as XML content. Control characters that XML can't carry become the replacement character, as AWS's own
/// services refuse or replace them.
fn escape(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let (mut start, mut at) = (0, 0);
    while let Some(plain) = bytes[at..].iter().position(|byte| NEEDS_A_LOOK[usize::from(*byte)]) {
        at += plain;
        let (replacement, length) = match &bytes[at..] {
            [b'&', ..] => ("&amp;", 1),
            [b'<', ..] => ("&lt;", 1),
            [b'>', ..] => ("&gt;", 1),
            [b'"', ..] => ("&quot;", 1),
            [b'\r', ..] => ("&#xD;", 1),
            // U+0085, U+2028, U+FFFE and U+FFFF; others begin like them.
            [0xC2, 0x85, ..] => ("&#x85;", 2),
            [0xE2, 0x80, 0xA8, ..] => ("&#x2028;", 3),
            [0xEF, 0xBF, 0xBE | 0xBF, ..] => ("\u{fffd}", 3),
            [0xC2 | 0xE2 | 0xEF, ..] => {
                at += 1;
                continue;
            }
            _ => ("\u{fffd}", 1),
        };
        out.push_str(&text[start..at]);
        out.push_str(replacement);
        at += length;
        start = at;
    }
    out.push_str(&text[start..]);
}

/// The bytes at which [`escape`] stops: what is replaced, and the first bytes of what may be.
static NEEDS_A_LOOK: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        let is_control = byte < 0x20 && byte != b'\t' as usize && byte != b'\n' as usize;
        table[byte] = is_control || matches!(byte, 0x22 | 0x26 | 0x3C | 0x3E | 0xC2 | 0xE2 | 0xEF);
        byte += 1;
    }
    table
};

/// What the elements of all structures of a list have in common.
struct Layout {
    shape: Shape,
    members: Vec<Tags>,
}

/// The tags of a member.
struct Tags {
    member: Member,
    open: String,
    close: String,
}

impl Layout {
    /// The layout of a structure; none where its tags have more than names.
    fn of(element: Member, naming: Naming) -> Option<Self> {
        let shape = element.shape();
        let is_plain = |member: Member| !member.is_xml_attribute() && member.xml_namespace().is_none();
        if shape.kind() != Kind::Structure
            || element.xml_namespace().is_some()
            || !shape.members().all(is_plain)
        {
            return None;
        }
        let tags = |member: Member| {
            let name = naming.element(member);
            Tags { member, open: format!("<{name}>"), close: format!("</{name}>") }
        };
        Some(Layout { shape, members: shape.members().map(tags).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        let check = |text: &str, expected: &str| {
            let mut out = String::new();
            escape(&mut out, text);
            assert_eq!(out, expected, "{text:?}");
        };
        check("", "");
        check(
            "plain text, ünï\u{2027}\u{2029}\u{fffd}\u{fefe}\tcode\n",
            "plain text, ünï\u{2027}\u{2029}\u{fffd}\u{fefe}\tcode\n",
        );
        check("<a b=\"c\">&</a>", "&lt;a b=&quot;c&quot;&gt;&amp;&lt;/a&gt;");
        check("\r\n\u{85}\u{86}\u{2028}", "&#xD;\n&#x85;\u{86}&#x2028;");
        check("\0x\u{1f}\u{fffe}y\u{ffff}", "\u{fffd}x\u{fffd}\u{fffd}y\u{fffd}");
    }
}
