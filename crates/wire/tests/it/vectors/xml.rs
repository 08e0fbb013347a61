//! XML as a plain tree, for comparing: attributes and the order of elements of different names do not matter.

use quick_xml::events::Event;
use serde_json::{Value as Plain, json};

/// The tree of a document.
pub(super) fn tree(text: &str) -> Plain {
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open = vec![(String::new(), Vec::new(), Vec::new(), String::new())];
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(start) => {
                let mut attributes: Vec<(String, String)> = start
                    .attributes()
                    .map(|attribute| attribute.expect("an attribute"))
                    .map(|attribute| (attribute.key.0.to_owned(), attribute.value.into_owned()))
                    .collect();
                attributes.sort();
                open.push((start.name().0.to_owned(), attributes, Vec::new(), String::new()));
            }
            Event::Empty(start) => {
                let name = start.name().0.to_owned();
                open.last_mut().expect("a parent").2.push(json!([name, Vec::<String>::new(), [], ""]));
            }
            Event::End(_) => {
                let (name, attributes, mut children, text) = open.pop().expect("an open element");
                children.sort_by_key(|child: &Plain| child[0].to_string());
                let text = if children.is_empty() { text } else { String::new() };
                open.last_mut().expect("a parent").2.push(json!([name, attributes, children, text]));
            }
            Event::Text(text) => open.last_mut().expect("a parent").3.push_str(&text),
            Event::GeneralRef(reference) => {
                open.last_mut().expect("a parent").3.push_str(&format!("&{};", &*reference));
            }
            Event::Eof => break,
            _ => {}
        }
    }
    json!(open.pop().expect("the document").2)
}
