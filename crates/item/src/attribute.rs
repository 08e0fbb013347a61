//! The API's `AttributeValue` structures: read and checked in AWS's order and words, and written.
//!
//! Both services with DynamoDB's values, `dynamodb` and `dynamodbstreams`, give the structure the same members.

use std::collections::HashSet;
use std::hash::Hash;

use bytes::Bytes;
use virga_model::{Map, Record, Shape, Value};

use crate::{AttributeValue, Invalid, Item, Number, Text};

/// Most levels of lists and maps in a value: of the 32 levels of a document, the value itself is on the first.
pub const MAX_DEPTH: usize = 31;
/// Most steps of a path into a document.
pub(crate) const MAX_STEPS: usize = 32;

/// Ordinals of the members of `AttributeValue`; a test holds them against the models.
mod ordinal {
    pub(super) const S: usize = 0;
    pub(super) const N: usize = 1;
    pub(super) const B: usize = 2;
    pub(super) const SS: usize = 3;
    pub(super) const NS: usize = 4;
    pub(super) const BS: usize = 5;
    pub(super) const M: usize = 6;
    pub(super) const L: usize = 7;
    pub(super) const NULL: usize = 8;
    pub(super) const BOOL: usize = 9;
}

/// Reads an `AttributeValue`.
///
/// # Errors
/// No type or more than one, a number that is none, an empty set or one with a value twice, too many levels.
pub fn read(record: &Record) -> Result<AttributeValue, Invalid> {
    read_at(record, 0)
}

/// Reads a map of `AttributeValue`s: an item or a key.
///
/// # Errors
/// As [`read`], for the first value that is wrong.
pub fn read_item(map: &Map) -> Result<Item, Invalid> {
    read_map(map, 0)
}

/// Reads the value of a member, list element or map entry whose shape is `AttributeValue`.
///
/// # Errors
/// As [`read`]; an absent value is one of no type.
pub fn read_value(value: &Value) -> Result<AttributeValue, Invalid> {
    read_element(value, 0)
}

fn read_map(map: &Map, depth: usize) -> Result<Item, Invalid> {
    map.iter().map(|(name, value)| Ok((name.clone(), read_element(value, depth)?))).collect()
}

fn read_element(value: &Value, depth: usize) -> Result<AttributeValue, Invalid> {
    match value {
        Value::Structure(record) => read_at(record, depth),
        _ => Err(no_type()),
    }
}

fn no_type() -> Invalid {
    Invalid::new("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

fn read_at(record: &Record, depth: usize) -> Result<AttributeValue, Invalid> {
    let mut present = record.values().iter().enumerate().filter(|(_, value)| **value != Value::Null);
    let (place, value) = present.next().ok_or_else(no_type)?;
    let attribute = read_member(place, value, depth)?;
    if let Some((place, value)) = present.next() {
        // AWS looks at the content of each before it counts them.
        read_member(place, value, depth)?;
        return Err(Invalid::new(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
        ));
    }
    Ok(attribute)
}

fn read_member(place: usize, value: &Value, depth: usize) -> Result<AttributeValue, Invalid> {
    Ok(match (place, value) {
        (ordinal::S, Value::String(text)) => AttributeValue::S(text.clone()),
        (ordinal::N, Value::String(text)) => AttributeValue::N(Number::read(text)?),
        (ordinal::B, Value::Blob(bytes)) => AttributeValue::B(bytes.clone()),
        (ordinal::SS, Value::List(values)) => AttributeValue::Ss(string_set(values)?),
        (ordinal::NS, Value::List(values)) => AttributeValue::Ns(number_set(values)?),
        (ordinal::BS, Value::List(values)) => AttributeValue::Bs(binary_set(values)?),
        (ordinal::M, Value::Map(map)) => AttributeValue::M(read_map(map, deeper(depth)?)?),
        (ordinal::L, Value::List(values)) => {
            let depth = deeper(depth)?;
            AttributeValue::L(
                values.iter().map(|value| read_element(value, depth)).collect::<Result<_, Invalid>>()?,
            )
        }
        (ordinal::NULL, Value::Bool(true)) => AttributeValue::Null,
        (ordinal::NULL, Value::Bool(false)) => {
            return Err(Invalid::parameter("Null attribute value types must have the value of true"));
        }
        (ordinal::BOOL, Value::Bool(value)) => AttributeValue::Bool(*value),
        _ => return Err(no_type()),
    })
}

fn deeper(depth: usize) -> Result<usize, Invalid> {
    if depth >= MAX_DEPTH { Err(too_deep()) } else { Ok(depth + 1) }
}

/// What AWS says of values with too many levels of lists and maps.
pub const TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

/// A value with too many levels of lists and maps.
pub fn too_deep() -> Invalid {
    Invalid::value(TOO_DEEP, TOO_DEEP)
}

fn string_set(values: &[Value]) -> Result<Vec<Text>, Invalid> {
    if values.is_empty() {
        return Err(Invalid::parameter("An string set  may not be empty"));
    }
    distinct_texts(values.iter().filter_map(text_of).cloned().collect())
}

fn number_set(values: &[Value]) -> Result<Vec<Number>, Invalid> {
    if values.is_empty() {
        return Err(Invalid::parameter("An number set  may not be empty"));
    }
    distinct_numbers(
        values.iter().filter_map(text_of).map(|text| Number::read(text)).collect::<Result<_, _>>()?,
    )
}

fn binary_set(values: &[Value]) -> Result<Vec<Bytes>, Invalid> {
    if values.is_empty() {
        return Err(Invalid::parameter("Binary sets should not be empty"));
    }
    let blobs = values.iter().filter_map(|value| match value {
        Value::Blob(bytes) => Some(bytes.clone()),
        _ => None,
    });
    distinct_blobs(blobs.collect())
}

/// How AWS begins most texts about values.
const INVALID: &str = "One or more parameter values were invalid: ";

/// The members of a set as the newer texts list them: in order up to the first that is there twice, then as they came.
fn until_twice<T: Ord>(mut members: Vec<T>) -> Vec<T> {
    let repeated = (0..members.len()).find(|at| members[..*at].contains(&members[*at]));
    members[..repeated.unwrap_or(0)].sort();
    members
}

fn distinct_texts(texts: Vec<Text>) -> Result<Vec<Text>, Invalid> {
    if has_duplicates(&texts) {
        let list = |texts: &[Text], quote: &str| {
            texts.iter().map(|text| format!("{quote}{text}{quote}")).collect::<Vec<_>>().join(", ")
        };
        let told = |list: String| format!("{INVALID}Input collection [{list}] contains duplicates.");
        let older = told(list(&texts, ""));
        return Err(Invalid::value(older, told(list(&until_twice(texts), "\""))));
    }
    Ok(texts)
}

fn distinct_numbers(numbers: Vec<Number>) -> Result<Vec<Number>, Invalid> {
    if has_duplicates(&numbers) {
        let older = "Input collection contains duplicates";
        return Err(Invalid::value(older, format!("{INVALID}{older}.")));
    }
    Ok(numbers)
}

fn distinct_blobs(blobs: Vec<Bytes>) -> Result<Vec<Bytes>, Invalid> {
    if has_duplicates(&blobs) {
        let told =
            |list: String| format!("{INVALID}Input collection [{list}]of type BS contains duplicates.");
        let older = told(blobs.iter().map(|blob| base64(blob)).collect::<Vec<_>>().join(", "));
        let current = until_twice(blobs);
        let current: Vec<_> = current.iter().map(|blob| format!("\"{}\"", base64(blob))).collect();
        return Err(Invalid::value(older, told(current.join(","))));
    }
    Ok(blobs)
}

/// The set of these values, of which there is at least one; none when they are not of one type that sets can have.
pub(crate) fn set_of(values: Vec<AttributeValue>) -> Option<Result<AttributeValue, Invalid>> {
    fn all<T>(values: Vec<AttributeValue>, read: impl FnMut(AttributeValue) -> Option<T>) -> Option<Vec<T>> {
        values.into_iter().map(read).collect()
    }
    let content = |value| match value {
        AttributeValue::S(text) => Some(text),
        _ => None,
    };
    match values.first()? {
        AttributeValue::S(_) => Some(distinct_texts(all(values, content)?).map(AttributeValue::Ss)),
        AttributeValue::N(_) => {
            Some(distinct_numbers(all(values, |value| value.as_n())?).map(AttributeValue::Ns))
        }
        AttributeValue::B(_) => {
            let content = |value| match value {
                AttributeValue::B(bytes) => Some(bytes),
                _ => None,
            };
            Some(distinct_blobs(all(values, content)?).map(AttributeValue::Bs))
        }
        _ => None,
    }
}

fn text_of(value: &Value) -> Option<&Text> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// Whether some value is there twice. Small sets are compared pair by pair, without a table.
fn has_duplicates<T: Eq + Hash>(values: &[T]) -> bool {
    if values.len() <= 16 {
        return values.iter().enumerate().any(|(at, value)| values[..at].contains(value));
    }
    let mut seen = HashSet::with_capacity(values.len());
    !values.iter().all(|value| seen.insert(value))
}

pub(crate) fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes)
}

/// Writes an `AttributeValue` of this shape.
pub fn write(attribute: &AttributeValue, shape: Shape) -> Record {
    let mut record = Record::new(shape);
    let (place, value) = match attribute {
        AttributeValue::S(text) => (ordinal::S, Value::String(text.clone())),
        AttributeValue::N(number) => (ordinal::N, number_text(*number)),
        AttributeValue::B(bytes) => (ordinal::B, Value::Blob(bytes.clone())),
        AttributeValue::Bool(value) => (ordinal::BOOL, Value::Bool(*value)),
        AttributeValue::Null => (ordinal::NULL, Value::Bool(true)),
        AttributeValue::M(map) => (ordinal::M, Value::Map(write_item(map, shape))),
        AttributeValue::L(values) => {
            (ordinal::L, Value::List(values.iter().map(|value| write_value(value, shape)).collect()))
        }
        AttributeValue::Ss(texts) => {
            (ordinal::SS, Value::List(texts.iter().cloned().map(Value::String).collect()))
        }
        AttributeValue::Ns(numbers) => {
            (ordinal::NS, Value::List(numbers.iter().copied().map(number_text).collect()))
        }
        AttributeValue::Bs(blobs) => {
            (ordinal::BS, Value::List(blobs.iter().cloned().map(Value::Blob).collect()))
        }
    };
    record.set(place, value);
    record
}

/// Writes an `AttributeValue` of this shape as the value of a member, list element or map entry.
pub fn write_value(attribute: &AttributeValue, shape: Shape) -> Value {
    Value::Structure(Box::new(write(attribute, shape)))
}

/// Writes a map of `AttributeValue`s of this shape.
pub fn write_item(item: &Item, shape: Shape) -> Map {
    Map::from_distinct(item.iter().map(|(name, value)| (name.clone(), write_value(value, shape))).collect())
}

fn number_text(number: Number) -> Value {
    Value::String(Text::from(number.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(service: &str) -> Shape {
        let service = virga_model::service(service).expect("the service has a model");
        service.shape("AttributeValue").expect("the model has the shape")
    }

    fn record(members: &[(&str, Value)]) -> Record {
        let mut record = Record::new(shape("dynamodb"));
        for (name, value) in members {
            assert!(record.set_by_name(name, value.clone()), "{name}");
        }
        record
    }

    fn text(text: &str) -> Value {
        Value::String(Text::from(text))
    }

    fn texts(all: &[&str]) -> Value {
        Value::List(all.iter().map(|one| text(one)).collect())
    }

    fn blobs(all: &[&[u8]]) -> Value {
        Value::List(all.iter().map(|one| Value::Blob(Bytes::copy_from_slice(one))).collect())
    }

    #[test]
    fn both_models_have_the_members_where_they_are_read() {
        for service in ["dynamodb", "dynamodbstreams"] {
            let names: Vec<&str> = shape(service).members().map(virga_model::Member::name).collect();
            assert_eq!(names, ["S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"], "{service}");
        }
    }

    #[test]
    fn values_come_back_as_they_were() {
        let number = |text: &str| text.parse::<Number>().expect("a number");
        let map: Item = [(Text::from_static("k"), AttributeValue::Null)].into_iter().collect();
        let values = [
            AttributeValue::S(Text::from_static("")),
            AttributeValue::N(number("-1.5")),
            AttributeValue::B(Bytes::from_static(b"\0")),
            AttributeValue::Bool(false),
            AttributeValue::Null,
            AttributeValue::M(map.clone()),
            AttributeValue::L(vec![AttributeValue::M(map), AttributeValue::Bool(true)]),
            AttributeValue::Ss(vec![Text::from_static("b"), Text::from_static("a")]),
            AttributeValue::Ns(vec![number("2"), number("1")]),
            AttributeValue::Bs(vec![Bytes::from_static(b"x")]),
        ];
        for value in values {
            assert_eq!(read(&write(&value, shape("dynamodb"))), Ok(value));
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_awss_words() {
        let cases: [(&[(&str, Value)], &str); 11] = [
            (
                &[("NULL", Value::Bool(false))],
                "One or more parameter values were invalid: Null attribute value types must have the value of true",
            ),
            (&[], "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
            (
                &[("S", text("a")), ("N", text("1"))],
                "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
            ),
            (
                &[("S", text("a")), ("N", text("b"))],
                "The parameter cannot be converted to a numeric value: b",
            ),
            (&[("N", text(""))], "The parameter cannot be converted to a numeric value"),
            (
                &[("SS", texts(&[]))],
                "One or more parameter values were invalid: An string set  may not be empty",
            ),
            (
                &[("NS", texts(&[]))],
                "One or more parameter values were invalid: An number set  may not be empty",
            ),
            (
                &[("BS", blobs(&[]))],
                "One or more parameter values were invalid: Binary sets should not be empty",
            ),
            (
                &[("SS", texts(&["a", "a"]))],
                "One or more parameter values were invalid: Input collection [a, a] contains duplicates.",
            ),
            (&[("NS", texts(&["1", "1.0"]))], "Input collection contains duplicates"),
            (
                &[("BS", blobs(&[b"b", b"b"]))],
                "One or more parameter values were invalid: Input collection [Yg==, Yg==]of type BS contains duplicates.",
            ),
        ];
        for (members, expected) in cases {
            let error = read(&record(members)).expect_err(expected);
            assert_eq!(error.message(), expected);
        }
    }

    #[test]
    fn the_newer_words_list_sets_in_order_up_to_the_first_repeat() {
        let cases = [
            (
                ("SS", texts(&["b", "a", "b", "z", "c"])),
                r#"["b", "a", "b", "z", "c"]"#,
                r#"["a", "b", "b", "z", "c"]"#,
            ),
            (
                ("BS", blobs(&[b"\xFF", b"\0", b"\0"])),
                r#"["/w==","AA==","AA=="]of type BS"#,
                r#"["AA==","/w==","AA=="]of type BS"#,
            ),
        ];
        for (member, as_sent, listed) in cases {
            let (older, current) = read(&record(&[member])).expect_err(listed).into_texts();
            let told = |list: &str| format!("{INVALID}Input collection {list} contains duplicates.");
            assert_eq!(older.replace(", ", ","), told(as_sent).replace('"', "").replace(", ", ","));
            assert_eq!(current, Some(told(listed)));
        }
    }

    #[test]
    fn values_nest_as_far_as_thirty_two_levels() {
        let nested =
            |levels: usize| (0..levels).fold(AttributeValue::Null, |value, _| AttributeValue::L(vec![value]));
        for (levels, fits) in [(0, true), (31, true), (32, false)] {
            let value = nested(levels);
            assert_eq!(value.depth(), levels);
            assert_eq!(read(&write(&value, shape("dynamodb"))).is_ok(), fits, "{levels}");
        }
    }

    #[test]
    fn large_sets_are_searched_for_duplicates() {
        let numbers: Vec<Number> = (0..100).map(Number::from).collect();
        assert!(!has_duplicates(&numbers));
        assert!(has_duplicates(&[&numbers[..], &numbers[99..]].concat()));
    }
}
