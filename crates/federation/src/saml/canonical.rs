//! Exclusive XML Canonicalization 1.0, without comments: <https://www.w3.org/TR/xml-exc-c14n/>.

use super::xml::{Element, Name, Node, XML};

/// The canonical form of an element and all below it, but for the elements that `is_left_out` names. The prefixes of an
/// `InclusiveNamespaces` list are written where they are in scope, used or not.
pub(super) fn canonical(
    element: &Element,
    inclusive: &[&str],
    is_left_out: &dyn Fn(&Element) -> bool,
) -> Vec<u8> {
    let mut writer = Writer { text: String::new(), inclusive, is_left_out };
    writer.element(element, &[]);
    writer.text.into_bytes()
}

const TEXT_ESCAPES: [(char, &str); 4] = [('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('\r', "&#xD;")];
const ATTRIBUTE_ESCAPES: [(char, &str); 6] =
    [('&', "&amp;"), ('<', "&lt;"), ('"', "&quot;"), ('\t', "&#x9;"), ('\n', "&#xA;"), ('\r', "&#xD;")];

struct Writer<'a> {
    text: String,
    inclusive: &'a [&'a str],
    is_left_out: &'a dyn Fn(&Element) -> bool,
}

/// Prefix and namespace.
type Declaration<'e> = (&'e str, &'e str);

impl Writer<'_> {
    /// Writes an element whose ancestors have declared what `declared` says.
    fn element<'e>(&mut self, element: &'e Element, declared: &[Declaration<'e>]) {
        let mut new = self.declarations(element, declared);
        new.sort_unstable();
        let name = qualified(&element.name);
        self.text.push('<');
        self.text.push_str(&name);
        for (prefix, namespace) in &new {
            let colon = if prefix.is_empty() { "" } else { ":" };
            self.attribute(&format!("xmlns{colon}{prefix}"), namespace);
        }
        let mut attributes: Vec<_> = element.attributes.iter().collect();
        attributes.sort_by(|(one, _), (other, _)| {
            (&one.namespace, &one.local).cmp(&(&other.namespace, &other.local))
        });
        for (name, value) in attributes {
            self.attribute(&qualified(name), value);
        }
        self.text.push('>');
        let mut declared: Vec<_> =
            declared.iter().filter(|(old, _)| new.iter().all(|(prefix, _)| prefix != old)).copied().collect();
        declared.extend(new);
        for node in &element.nodes {
            match node {
                Node::Element(child) if (self.is_left_out)(child) => {}
                Node::Element(child) => self.element(child, &declared),
                Node::Text(text) => self.escaped(text, &TEXT_ESCAPES),
            }
        }
        self.text.push_str("</");
        self.text.push_str(&name);
        self.text.push('>');
    }

    /// What must be declared here: the prefixes that the element and its attributes use, and those of the inclusive
    /// list, unless an ancestor has written the same.
    fn declarations<'e>(&self, element: &'e Element, declared: &[Declaration<'e>]) -> Vec<Declaration<'e>> {
        let used = element.attributes.iter().map(|(name, _)| name).filter(|name| !name.prefix.is_empty());
        let used = used.chain([&element.name]).map(|name| (name.prefix.as_str(), name.namespace.as_str()));
        let scope = element.scope.iter().map(|(prefix, namespace)| (prefix.as_str(), namespace.as_str()));
        let inclusive = scope.filter(|(prefix, _)| self.inclusive.contains(prefix));
        let mut new: Vec<Declaration<'e>> = Vec::new();
        for (prefix, namespace) in used.chain(inclusive) {
            let before =
                declared.iter().find(|(known, _)| *known == prefix).map_or("", |(_, namespace)| namespace);
            let is_written = new.iter().any(|(known, _)| *known == prefix);
            if namespace != XML && before != namespace && !is_written {
                new.push((prefix, namespace));
            }
        }
        new
    }

    fn attribute(&mut self, name: &str, value: &str) {
        self.text.push(' ');
        self.text.push_str(name);
        self.text.push_str("=\"");
        self.escaped(value, &ATTRIBUTE_ESCAPES);
        self.text.push('"');
    }

    fn escaped(&mut self, text: &str, escapes: &[(char, &str)]) {
        for character in text.chars() {
            match escapes.iter().find(|(escaped, _)| *escaped == character) {
                Some((_, escape)) => self.text.push_str(escape),
                None => self.text.push(character),
            }
        }
    }
}

fn qualified(name: &Name) -> String {
    let colon = if name.prefix.is_empty() { "" } else { ":" };
    format!("{}{colon}{}", name.prefix, name.local)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(document: &str, path: &[&str], inclusive: &[&str], expected: &str) {
        let root = Element::parse(document).unwrap();
        let mut element = &root;
        for local in path {
            element = element.children().find(|child| child.name.local == *local).unwrap();
        }
        let text = String::from_utf8(canonical(element, inclusive, &|_| false)).unwrap();
        assert_eq!(text, expected, "{document}");
    }

    #[test]
    fn forms_of_the_specification() {
        // Examples 2.2 of Exclusive XML Canonicalization: the surroundings do not matter.
        let inner = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\">\
                     </n3:stuff></n1:elem2>";
        for surroundings in ["xmlns:n0=\"http://a.example\"", "xmlns:n2=\"http://b.example\" xml:lang=\"fr\""]
        {
            let document = format!(
                "<pdu {surroundings}><n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\">\
                 <n3:stuff xmlns:n3=\"ftp://example.org\"/></n1:elem2></pdu>"
            );
            check(&document, &["elem2"], &[], inner);
        }
    }

    #[test]
    fn order_escapes_and_scope() {
        check(
            "<a z='1' b='2' xmlns:x='u' x:c=\"3\"/>",
            &[],
            &[],
            "<a xmlns:x=\"u\" b=\"2\" z=\"1\" x:c=\"3\"></a>",
        );
        check(
            "<a t='&quot;&lt;&#9;&#10;&amp;>'>&lt;&gt;&#13;&amp;\"</a>",
            &[],
            &[],
            "<a t=\"&quot;&lt;&#x9;&#xA;&amp;>\">&lt;&gt;&#xD;&amp;\"</a>",
        );
        check(
            "<a xmlns='u'><b xmlns=''><c/></b></a>",
            &[],
            &[],
            "<a xmlns=\"u\"><b xmlns=\"\"><c></c></b></a>",
        );
        check("<a xmlns='u'><b xmlns=''><c/></b></a>", &["b"], &[], "<b><c></c></b>");
        check(
            "<p:a xmlns:p='u' xmlns:q='v'><p:b><q:c/></p:b></p:a>",
            &["b"],
            &[],
            "<p:b xmlns:p=\"u\"><q:c xmlns:q=\"v\"></q:c></p:b>",
        );
        check(
            "<p:a xmlns:p='u' xmlns:q='v'><p:b/></p:a>",
            &["b"],
            &["q"],
            "<p:b xmlns:p=\"u\" xmlns:q=\"v\"></p:b>",
        );
        check("<a><!-- no --><![CDATA[<x>]]></a>", &[], &[], "<a>&lt;x&gt;</a>");
    }

    #[test]
    fn what_is_refused() {
        for text in [
            "",
            "x",
            "<a>",
            "<a/><b/>",
            "<!DOCTYPE a []><a/>",
            "<a><?pi x?></a>",
            "<p:a/>",
            "<a>&x;</a>",
            "<a b='1' b='2'/>",
            "<a xmlns:p='u' xmlns:p='v'/>",
        ] {
            assert!(Element::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_would_take_too_much_memory_is_refused() {
        let prefixes = |count| (0..count).map(|number| format!(" xmlns:p{number}='u'")).collect::<String>();
        assert!(Element::parse(&format!("<a{}/>", prefixes(32))).is_ok());
        assert!(Element::parse(&format!("<a{}/>", prefixes(33))).is_err());
        assert!(Element::parse(&format!("<a>{}</a>", "<b/>".repeat(50_000))).is_err());
    }
}
