//! From elements to records.

use virga_model::{Kind, Map, Member, Record, Shape, Text, Value};

use super::{Element, Naming};
use crate::error::DecodeError;
use crate::part::Part;
use crate::text::read_scalar;

/// Reads elements of one document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader<'s> {
    /// The document: values without references are slices of it.
    pub(crate) source: &'s Text,
    pub(crate) naming: Naming,
}

impl Reader<'_> {
    /// Reads the members of a part of a record.
    pub(crate) fn members(
        self,
        record: &mut Record,
        element: &Element<'_>,
        part: Part,
    ) -> Result<(), DecodeError> {
        let Some(shape) = record.shape() else { return Ok(()) };
        for (ordinal, member) in shape.members().enumerate() {
            if !part.holds(member) {
                continue;
            }
            let value = self.member(member, element)?;
            if value != Value::Null {
                record.set(ordinal, value);
            }
        }
        Ok(())
    }

    fn member(self, member: Member, parent: &Element<'_>) -> Result<Value, DecodeError> {
        let shape = member.shape();
        if member.is_xml_attribute() {
            let text = parent.attribute(member.wire_name());
            return text.map_or(Ok(Value::Null), |text| self.scalar(member, text));
        }
        let name = self.naming.element(member);
        if !member.is_flattened() || !matches!(shape.kind(), Kind::List | Kind::Map) {
            return parent.child(name).map_or(Ok(Value::Null), |element| self.value(member, element));
        }
        // Some answer with the name of the elements instead.
        let element_name =
            shape.member(0).filter(|_| shape.kind() == Kind::List).and_then(Member::location_name);
        let name = match element_name {
            Some(other) if parent.child(name).is_none() => other,
            _ => name,
        };
        let mut elements = parent.children().iter().filter(|child| child.is(name)).peekable();
        if elements.peek().is_none() {
            return Ok(Value::Null);
        }
        match shape.kind() {
            Kind::List => self.items(shape, elements),
            _ => self.entries(shape, elements),
        }
    }

    /// Reads the value of a member from its element.
    pub(crate) fn value(self, member: Member, element: &Element<'_>) -> Result<Value, DecodeError> {
        let shape = member.shape();
        match shape.kind() {
            Kind::Structure => Ok(Value::Structure(Box::new(self.structure(shape, element)?))),
            Kind::List => self.items(shape, element.children().iter()),
            Kind::Map => self.entries(shape, element.children().iter()),
            _ => self.scalar(member, element.text()),
        }
    }

    /// Reads a structure from its element.
    pub(crate) fn structure(self, shape: Shape, element: &Element<'_>) -> Result<Record, DecodeError> {
        let mut record = Record::new(shape);
        self.members(&mut record, element, Part::Whole)?;
        Ok(record)
    }

    fn items<'e, 'd: 'e>(
        self,
        shape: Shape,
        elements: impl Iterator<Item = &'e Element<'d>>,
    ) -> Result<Value, DecodeError> {
        let member = shape.list_member();
        let items: Result<Vec<Value>, DecodeError> = elements.map(|item| self.value(member, item)).collect();
        Ok(Value::List(items?))
    }

    fn entries<'e, 'd: 'e>(
        self,
        shape: Shape,
        elements: impl Iterator<Item = &'e Element<'d>>,
    ) -> Result<Value, DecodeError> {
        let (key_name, value_name) = (self.naming.of(shape.map_key()), self.naming.of(shape.map_value()));
        let mut map = Vec::new();
        for entry in elements {
            let Some(key) = entry.child(key_name) else { continue };
            let value = match entry.child(value_name) {
                Some(element) => self.value(shape.map_value(), element)?,
                None => continue,
            };
            map.push((self.text(key.text()), value));
        }
        Ok(Value::Map(map.into_iter().collect::<Map>()))
    }

    fn scalar(self, member: Member, text: &str) -> Result<Value, DecodeError> {
        let shape = member.shape();
        if text.is_empty() && !matches!(shape.kind(), Kind::String | Kind::Blob) {
            return Ok(Value::Null);
        }
        read_scalar(shape, text, |_| self.text(text))
            .ok_or_else(|| DecodeError::unparsable(member.wire_name(), text, shape.kind()))
    }

    /// A slice of the document, unless references were resolved.
    fn text(self, text: &str) -> Text {
        let is_within = self.source.as_bytes().as_ptr_range().contains(&text.as_ptr());
        if is_within { self.source.slice_ref(text) } else { Text::from(text) }
    }
}
