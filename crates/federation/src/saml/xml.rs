//! An XML document as elements with resolved namespaces, as canonicalization needs it. Comments are left out, as the
//! canonical form without comments does; document types and processing instructions are refused.

use std::borrow::Cow;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};

/// Deepest nesting of elements.
const DEEPEST: usize = 64;
/// Most elements of a document.
const MOST_ELEMENTS: usize = 50_000;
/// Most prefixes in scope: every element keeps those that are declared around it.
const MOST_PREFIXES: usize = 32;

pub(super) const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// The text is no document of the kind that is read here.
#[derive(Debug)]
pub(super) struct NotXml;

/// A name with its namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) prefix: String,
    pub(super) local: String,
    /// Empty for none.
    pub(super) namespace: String,
}

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: Name,
    pub(super) attributes: Vec<(Name, String)>,
    /// Every prefix in scope with its namespace, the empty prefix for the default one.
    pub(super) scope: Vec<(String, String)>,
    pub(super) nodes: Vec<Node>,
}

/// What is inside an element.
#[derive(Debug)]
pub(super) enum Node {
    Element(Element),
    Text(String),
}

impl Element {
    /// Reads a document.
    pub(super) fn parse(text: &str) -> Result<Self, NotXml> {
        let mut reader = quick_xml::Reader::from_str(text);
        // The document itself is an element around the root.
        let mut open = vec![Element::default()];
        let mut elements = 0;
        loop {
            let current = open.last_mut().ok_or(NotXml)?;
            match reader.read_event().map_err(|_| NotXml)? {
                Event::Start(start) => {
                    let element = Element::of(&start, &current.scope)?;
                    elements += 1;
                    if open.len() > DEEPEST || elements > MOST_ELEMENTS {
                        return Err(NotXml);
                    }
                    open.push(element);
                }
                Event::Empty(start) => {
                    let element = Element::of(&start, &current.scope)?;
                    elements += 1;
                    if elements > MOST_ELEMENTS {
                        return Err(NotXml);
                    }
                    current.nodes.push(Node::Element(element));
                }
                Event::End(_) => {
                    let closed = open.pop().ok_or(NotXml)?;
                    open.last_mut().ok_or(NotXml)?.nodes.push(Node::Element(closed));
                }
                Event::Text(content) => current.push_text(content.xml10_content()),
                Event::CData(content) => current.push_text(content.xml10_content()),
                Event::GeneralRef(reference) => current.push_text(Cow::Owned(resolve(&reference)?)),
                Event::Decl(_) | Event::Comment(_) => {}
                Event::DocType(_) | Event::PI(_) => return Err(NotXml),
                Event::Eof => break,
            }
        }
        let (Some(document), true) = (open.pop(), open.is_empty()) else { return Err(NotXml) };
        let mut roots = document.nodes.into_iter().filter_map(|node| match node {
            Node::Element(element) => Some(Ok(element)),
            Node::Text(text) if text.trim().is_empty() => None,
            Node::Text(_) => Some(Err(NotXml)),
        });
        match (roots.next(), roots.next()) {
            (Some(root), None) => root,
            _ => Err(NotXml),
        }
    }

    fn of(start: &BytesStart<'_>, scope: &[(String, String)]) -> Result<Self, NotXml> {
        let mut scope = scope.to_vec();
        let mut attributes: Vec<(&str, String)> = Vec::new();
        let mut declared = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| NotXml)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| NotXml)?.into_owned();
            let key: &'_ str = attribute.key.0;
            match key.strip_prefix("xmlns:").or_else(|| (key == "xmlns").then_some("")) {
                Some(prefix) => {
                    if declared.contains(&prefix) || matches!(prefix, "xml" | "xmlns") {
                        return Err(NotXml);
                    }
                    declared.push(prefix);
                    scope.retain(|(known, _)| known != prefix);
                    scope.push((prefix.to_owned(), value));
                    if scope.len() > MOST_PREFIXES {
                        return Err(NotXml);
                    }
                }
                None => attributes.push((key, value)),
            }
        }
        let resolved = |(name, value): (&str, String)| Ok((resolve_name(name, &scope, false)?, value));
        let attributes = attributes.into_iter().map(resolved).collect::<Result<Vec<_>, NotXml>>()?;
        Ok(Element {
            name: resolve_name(start.name().0, &scope, true)?,
            attributes,
            scope,
            nodes: Vec::new(),
        })
    }

    fn push_text(&mut self, text: Cow<'_, str>) {
        match self.nodes.last_mut() {
            Some(Node::Text(before)) => before.push_str(&text),
            _ => self.nodes.push(Node::Text(text.into_owned())),
        }
    }

    /// Whether the element has this name.
    pub(super) fn is(&self, namespace: &str, local: &str) -> bool {
        self.name.local == local && self.name.namespace == namespace
    }

    /// The elements inside.
    pub(super) fn children(&self) -> impl Iterator<Item = &Element> {
        self.nodes.iter().filter_map(|node| match node {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements inside that have this name.
    pub(super) fn all<'a>(&'a self, namespace: &'a str, local: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children().filter(move |child| child.is(namespace, local))
    }

    /// The first of them.
    pub(super) fn child(&self, namespace: &str, local: &str) -> Option<&Element> {
        self.children().find(|child| child.is(namespace, local))
    }

    /// The only one of them.
    pub(super) fn only(&self, namespace: &str, local: &str) -> Option<&Element> {
        let mut all = self.children().filter(|child| child.is(namespace, local));
        all.next().filter(|_| all.next().is_none())
    }

    /// An attribute without a namespace.
    pub(super) fn attribute(&self, local: &str) -> Option<&str> {
        let mut all = self.attributes.iter();
        all.find(|(name, _)| name.namespace.is_empty() && name.local == local).map(|(_, value)| &**value)
    }

    /// All text right inside, whatever stands between.
    pub(super) fn text(&self) -> String {
        let texts = self.nodes.iter().filter_map(|node| match node {
            Node::Text(text) => Some(text.as_str()),
            Node::Element(_) => None,
        });
        texts.collect::<String>().trim().to_owned()
    }

    /// This element and all below it.
    pub(super) fn walk(&self, visit: &mut impl FnMut(&Element)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }
}

fn resolve_name(name: &str, scope: &[(String, String)], is_element: bool) -> Result<Name, NotXml> {
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    if local.is_empty() || local.contains(':') {
        return Err(NotXml);
    }
    let known = scope.iter().find(|(known, _)| known == prefix).map(|(_, namespace)| namespace.as_str());
    let namespace = match (prefix, is_element) {
        ("xml", _) => XML,
        // Attributes without a prefix are in no namespace.
        ("", false) => "",
        ("", true) => known.unwrap_or(""),
        _ => known.filter(|namespace| !namespace.is_empty()).ok_or(NotXml)?,
    };
    Ok(Name { prefix: prefix.to_owned(), local: local.to_owned(), namespace: namespace.to_owned() })
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, NotXml> {
    if let Some(character) = reference.resolve_char_ref().map_err(|_| NotXml)? {
        return Ok(character.into());
    }
    let text = match &**reference {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => return Err(NotXml),
    };
    Ok(text.to_owned())
}
