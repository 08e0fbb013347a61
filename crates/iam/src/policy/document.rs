//! The JSON of a policy, with its objects as lists of members: a policy that has a member twice is malformed, and the
//! order of conditions is worth keeping for whoever reads the explanation.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A JSON value. Numbers and booleans are kept as text: policies know nothing but strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Null,
    Text(String),
    /// A number or boolean, which counts as text in conditions only.
    Scalar(String),
    List(Vec<Node>),
    Object(Vec<(String, Node)>),
}

impl Node {
    /// Reads a whole text.
    pub(super) fn parse(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The text, if that is what the node is.
    pub(super) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The members, if the node is an object that has none of them twice.
    pub(super) fn as_object(&self) -> Option<&[(String, Self)]> {
        let Self::Object(members) = self else { return None };
        // Sorted, for a caller may send very many.
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        let twice = names.windows(2).any(|pair| pair[0] == pair[1]);
        (!twice).then_some(members)
    }

    /// The node as a list: a single value is a list of one.
    pub(super) fn as_list(&self) -> &[Self] {
        match self {
            Self::List(nodes) => nodes,
            _ => std::slice::from_ref(self),
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.to_string()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = access.next_element()? {
            nodes.push(node);
        }
        Ok(Node::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Node::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_comes_twice_is_no_object() {
        for (text, is_object) in [
            (r"{}", true),
            (r#"{"a":1,"b":true}"#, true),
            (r#"{"a":1,"a":2}"#, false),
            ("[]", false),
            ("null", false),
        ] {
            assert_eq!(Node::parse(text).unwrap().as_object().is_some(), is_object, "{text}");
        }
    }

    #[test]
    fn what_is_not_one_json_value_is_refused() {
        let deep = "[".repeat(10_000);
        for text in ["", "x", "{", "{} {}", r#"{"a":}"#, &deep] {
            assert!(Node::parse(text).is_err(), "{text:.20}");
        }
    }
}
