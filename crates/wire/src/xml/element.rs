//! An XML document as elements. Bodies are small and bounded, so a tree of slices is simplest.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use virga_model::Text;

use crate::error::DecodeError;

/// Deepest nesting of elements.
const DEEPEST: usize = 128;
/// Most elements of a document.
const MOST_ELEMENTS: usize = 1_000_000;

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Element<'a> {
    name: &'a str,
    attributes: Vec<(&'a str, Cow<'a, str>)>,
    children: Vec<Element<'a>>,
    text: Cow<'a, str>,
}

impl<'a> Element<'a> {
    /// Reads a document. There is no support for document types: AWS refuses them too.
    pub(crate) fn parse(source: &'a Text) -> Result<Self, DecodeError> {
        let text: &'a str = source;
        let mut reader = quick_xml::Reader::from_str(text);
        // The document itself is an element around the root.
        let mut open = vec![Element::default()];
        let mut elements = 0;
        loop {
            let event = reader.read_event().map_err(|error| DecodeError::malformed(error.to_string()))?;
            let Some(current) = open.last_mut() else { return Err(malformed()) };
            match event {
                Event::Start(start) => {
                    elements += 1;
                    if open.len() > DEEPEST || elements > MOST_ELEMENTS {
                        return Err(DecodeError::malformed("The document is too deep or too large"));
                    }
                    open.push(Element::of(text, &start)?);
                }
                Event::Empty(start) => {
                    elements += 1;
                    current.children.push(Element::of(text, &start)?);
                }
                Event::End(_) => {
                    let closed = open.pop().ok_or_else(malformed)?;
                    open.last_mut().ok_or_else(malformed)?.children.push(closed);
                }
                Event::Text(content) => current.push_text(content.xml10_content()),
                Event::CData(content) => current.push_text(content.xml10_content()),
                Event::GeneralRef(reference) => current.push_text(Cow::Owned(resolve(&reference)?)),
                Event::Decl(_) | Event::Comment(_) | Event::PI(_) => {}
                Event::DocType(_) => return Err(DecodeError::malformed("Document types are not allowed")),
                Event::Eof => break,
            }
        }
        let (Some(mut document), true) = (open.pop(), open.is_empty()) else { return Err(malformed()) };
        match document.children.pop() {
            Some(root) if document.children.is_empty() => Ok(root),
            _ => Err(malformed()),
        }
    }

    fn of(source: &'a str, start: &BytesStart<'_>) -> Result<Self, DecodeError> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| DecodeError::malformed(error.to_string()))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| DecodeError::malformed(error.to_string()))?;
            attributes.push((within(source, attribute.key.0)?, Cow::Owned(value.into_owned())));
        }
        Ok(Element { name: within(source, start.name().0)?, attributes, ..Element::default() })
    }

    fn push_text(&mut self, text: Cow<'a, str>) {
        if self.text.is_empty() {
            self.text = text;
        } else {
            self.text.to_mut().push_str(&text);
        }
    }

    /// Whether the element has this name, with or without its prefix.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.name == name || self.name.rsplit_once(':').is_some_and(|(_, local)| local == name)
    }

    /// Elements inside.
    pub(crate) fn children(&self) -> &[Element<'a>] {
        &self.children
    }

    /// The first element inside with this name.
    pub(crate) fn child(&self, name: &str) -> Option<&Element<'a>> {
        self.children.iter().find(|child| child.is(name))
    }

    /// Text right inside.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// An attribute by its name as written.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| *known == name).map(|(_, value)| &**value)
    }
}

fn malformed() -> DecodeError {
    DecodeError::malformed("The document has not exactly one root element")
}

/// The part of the source that a name borrows, for as long as the source lives.
fn within<'a>(source: &'a str, part: &str) -> Result<&'a str, DecodeError> {
    let start = (part.as_ptr() as usize).wrapping_sub(source.as_ptr() as usize);
    source.get(start..start.wrapping_add(part.len())).filter(|found| *found == part).ok_or_else(malformed)
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, DecodeError> {
    match reference.resolve_char_ref() {
        Ok(Some(character)) => return Ok(character.into()),
        Ok(None) => {}
        Err(error) => return Err(DecodeError::malformed(error.to_string())),
    }
    let text = match &**reference {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        other => return Err(DecodeError::malformed(format!("The entity {other} is not known"))),
    };
    Ok(text.to_owned())
}
