//! DynamoDB JSON: each value in an object of one member, whose name is the type.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use crate::attribute::{self, base64};
use crate::interchange::Unreadable;
use crate::{AttributeValue, Item, Text};

/// The attributes of an item.
pub fn write(item: &Item) -> Value {
    Value::Object(item.iter().map(|(name, value)| (name.to_string(), write_value(value))).collect())
}

/// A line of an export or import: the item under the name `Item`.
pub fn write_line(item: &Item) -> String {
    json!({ "Item": write(item) }).to_string()
}

/// A line of an incremental export: several groups of attributes, each under its name.
pub fn write_record(groups: &[(&str, &Item)]) -> String {
    let groups = groups.iter().map(|(name, item)| ((*name).to_owned(), write(item)));
    Value::Object(groups.collect()).to_string()
}

fn write_value(value: &AttributeValue) -> Value {
    let content = match value {
        AttributeValue::S(text) => json!(&**text),
        AttributeValue::N(number) => json!(number.to_string()),
        AttributeValue::B(bytes) => json!(base64(bytes)),
        AttributeValue::Bool(value) => json!(value),
        AttributeValue::Null => json!(true),
        AttributeValue::M(map) => write(map),
        AttributeValue::L(values) => values.iter().map(write_value).collect(),
        AttributeValue::Ss(texts) => texts.iter().map(|text| json!(&**text)).collect(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|number| json!(number.to_string())).collect(),
        AttributeValue::Bs(blobs) => blobs.iter().map(|blob| json!(base64(blob))).collect(),
    };
    Value::Object(Map::from_iter([(value.kind().name().to_owned(), content)]))
}

/// Reads a line of an import.
///
/// # Errors
/// The line is no object with an `Item` of well-formed values.
pub fn read_line(line: &str) -> Result<Item, Unreadable> {
    let line: Value = serde_json::from_str(line).map_err(|error| Unreadable(error.to_string()))?;
    let item = line.get("Item").ok_or_else(|| Unreadable("the line has no Item".to_owned()))?;
    read(item)
}

/// Reads the attributes of an item.
///
/// # Errors
/// They are no object of well-formed values.
pub fn read(attributes: &Value) -> Result<Item, Unreadable> {
    read_map(attributes, 0)
}

fn wrong(what: &str) -> Unreadable {
    Unreadable(format!("{what} expected"))
}

fn read_map(map: &Value, depth: usize) -> Result<Item, Unreadable> {
    let map = map.as_object().ok_or_else(|| wrong("an object"))?;
    map.iter().map(|(name, value)| Ok((Text::from(name.as_str()), read_value(value, depth)?))).collect()
}

fn read_value(value: &Value, depth: usize) -> Result<AttributeValue, Unreadable> {
    let object = value.as_object().ok_or_else(|| wrong("an object of one type"))?;
    let (Some((kind, content)), 1) = (object.iter().next(), object.len()) else {
        return Err(wrong("an object of one type"));
    };
    if depth > attribute::MAX_DEPTH {
        return Err(attribute::too_deep().into());
    }
    let text = |content: &Value| content.as_str().map(Text::from).ok_or_else(|| wrong("a string"));
    let elements = || content.as_array().ok_or_else(|| wrong("an array"));
    let set = |member: fn(&Value) -> Result<AttributeValue, Unreadable>| {
        let members = elements()?.iter().map(member).collect::<Result<Vec<_>, _>>()?;
        attribute::set_of(members).ok_or_else(|| wrong("a set of one type"))?.map_err(Unreadable::from)
    };
    Ok(match kind.as_str() {
        "S" => AttributeValue::S(text(content)?),
        "N" => AttributeValue::N(text(content)?.parse()?),
        "B" => read_binary(content)?,
        "BOOL" => AttributeValue::Bool(content.as_bool().ok_or_else(|| wrong("a boolean"))?),
        "NULL" => AttributeValue::Null,
        "M" => AttributeValue::M(read_map(content, depth + 1)?),
        "L" => {
            let values = elements()?.iter().map(|element| read_value(element, depth + 1));
            AttributeValue::L(values.collect::<Result<_, _>>()?)
        }
        "SS" => set(|member| {
            member.as_str().map(|text| AttributeValue::S(text.into())).ok_or_else(|| wrong("a string"))
        })?,
        "NS" => set(|member| {
            let number = member.as_str().ok_or_else(|| wrong("a number in a string"))?;
            Ok(AttributeValue::N(number.parse()?))
        })?,
        "BS" => set(read_binary)?,
        other => return Err(Unreadable(format!("there is no type {other}"))),
    })
}

fn read_binary(content: &Value) -> Result<AttributeValue, Unreadable> {
    let text = content.as_str().ok_or_else(|| wrong("base64 in a string"))?;
    from_base64(text).map(AttributeValue::B)
}

/// Bytes written in base64.
pub(super) fn from_base64(text: &str) -> Result<Bytes, Unreadable> {
    let decoded = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text);
    decoded.map(Bytes::from).map_err(|error| Unreadable(error.to_string()))
}
