//! Items and placeholders written in few words.

use bytes::Bytes;
use virga_item::{AttributeValue, Item, Placeholders, Text};

pub(crate) fn s(text: &str) -> AttributeValue {
    AttributeValue::S(Text::from(text))
}

pub(crate) fn n(text: &str) -> AttributeValue {
    AttributeValue::N(text.parse().expect("a number"))
}

pub(crate) fn b(bytes: &'static [u8]) -> AttributeValue {
    AttributeValue::B(Bytes::from_static(bytes))
}

pub(crate) fn ss(texts: &[&str]) -> AttributeValue {
    AttributeValue::Ss(texts.iter().map(|text| Text::from(*text)).collect())
}

pub(crate) fn ns(numbers: &[i64]) -> AttributeValue {
    AttributeValue::Ns(numbers.iter().map(|number| (*number).into()).collect())
}

pub(crate) fn l(values: &[AttributeValue]) -> AttributeValue {
    AttributeValue::L(values.to_vec())
}

pub(crate) fn m(attributes: &[(&str, AttributeValue)]) -> AttributeValue {
    AttributeValue::M(item(attributes))
}

pub(crate) fn item(attributes: &[(&str, AttributeValue)]) -> Item {
    attributes.iter().map(|(name, value)| (Text::from(*name), value.clone())).collect()
}

/// Placeholders for `#a` to `#c`, which stand for `a` to `c`, and for values of all types.
pub(crate) fn placeholders() -> Placeholders {
    let values = [
        (":s", s("text")),
        (":s2", s("zebra")),
        (":te", s("te")),
        (":n", n("5")),
        (":n2", n("7")),
        (":b", b(b"bytes")),
        (":bool", AttributeValue::Bool(true)),
        (":null", AttributeValue::Null),
        (":l", l(&[n("1"), s("x")])),
        (":m", m(&[("k", n("1"))])),
        (":ss", ss(&["x", "y"])),
        (":ns", ns(&[1, 2])),
        (":type", s("N")),
    ];
    Placeholders::from_pairs(
        ["a", "b", "c"].map(|name| (Text::from(format!("#{name}")), Text::from(name))),
        values.map(|(name, value)| (Text::from(name), value)),
    )
}
