//! Items of an answer, written as JSON straight from the form in which the store keeps them.

use virga_model::json::{is_plain_ascii, push_string};
use virga_model::{Content, Deferred, Map, Shape, Value};

use crate::binary::{Damaged, check_depth, tag};
use crate::cursor::Cursor;
use crate::{attribute, interchange};

/// The item that these bytes of [`binary`](crate::binary) hold, as a map of `AttributeValue`s of this shape.
///
/// # Errors
/// When the bytes are damaged.
pub fn item(bytes: &[u8], shape: Shape) -> Result<Value, Damaged> {
    // Names of types and quotation marks take more than what they stand for in the store.
    let mut json = Vec::with_capacity(bytes.len() + bytes.len() / 4 + 64);
    write_item(bytes, &mut json)?;
    Ok(Value::Deferred(Deferred::new(Written { json, shape })))
}

/// Items of an answer, one after the other.
#[derive(Debug, Default)]
pub struct List {
    json: Vec<u8>,
}

impl List {
    /// Bytes for which there is room once there is an item.
    const FIRST: usize = 4096;

    /// Adds the item that these bytes of [`binary`](crate::binary) hold.
    ///
    /// # Errors
    /// When the bytes are damaged. Then the list is, too.
    pub fn push(&mut self, item: &[u8]) -> Result<(), Damaged> {
        if self.json.is_empty() {
            self.json.reserve(Self::FIRST);
            self.json.push(b'[');
        } else {
            self.json.push(b',');
        }
        write_item(item, &mut self.json)
    }

    /// As a list of maps of `AttributeValue`s of this shape.
    pub fn into_value(self, shape: Shape) -> Value {
        let mut json = self.json;
        if json.is_empty() {
            return Value::List(Vec::new());
        }
        json.push(b']');
        Value::Deferred(Deferred::new(Written { json, shape }))
    }
}

/// An item or a list of such.
#[derive(Debug)]
struct Written {
    json: Vec<u8>,
    shape: Shape,
}

impl Content for Written {
    fn value(&self) -> Value {
        // What was written here is well-formed.
        let read: serde_json::Value = serde_json::from_slice(&self.json).unwrap_or_default();
        match read {
            serde_json::Value::Array(items) => {
                Value::List(items.iter().map(|item| Value::Map(self.map(item))).collect())
            }
            item => Value::Map(self.map(&item)),
        }
    }

    fn json(&self) -> &[u8] {
        &self.json
    }
}

impl Written {
    fn map(&self, item: &serde_json::Value) -> Map {
        let item = interchange::json::read(item).unwrap_or_default();
        attribute::write_item(&item, self.shape)
    }
}

/// Writes an item as JSON.
fn write_item(bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Damaged> {
    let mut cursor = Cursor::new(bytes)?;
    write_map(&mut cursor, 0, out)?;
    cursor.finish(())
}

fn write_map(cursor: &mut Cursor<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), Damaged> {
    out.push(b'{');
    for place in 0..cursor.length()? {
        if place > 0 {
            out.push(b',');
        }
        write_text(cursor.bytes()?, out)?;
        out.push(b':');
        write_value(cursor, depth, out)?;
    }
    out.push(b'}');
    Ok(())
}

fn write_value(cursor: &mut Cursor<'_>, depth: usize, out: &mut Vec<u8>) -> Result<(), Damaged> {
    check_depth(depth)?;
    let tag = cursor.byte()?;
    out.extend_from_slice(match tag {
        tag::S => b"{\"S\":",
        tag::N => b"{\"N\":",
        tag::B => b"{\"B\":",
        tag::FALSE => b"{\"BOOL\":false",
        tag::TRUE => b"{\"BOOL\":true",
        tag::NULL => b"{\"NULL\":true",
        tag::M => b"{\"M\":",
        tag::L => b"{\"L\":",
        tag::SS => b"{\"SS\":",
        tag::NS => b"{\"NS\":",
        tag::BS => b"{\"BS\":",
        _ => return Err(Damaged),
    });
    match tag {
        tag::S => write_text(cursor.bytes()?, out)?,
        tag::N => write_number(cursor, out)?,
        tag::B => write_blob(cursor.bytes()?, out),
        tag::M => {
            let mut inner = cursor.container()?;
            write_map(&mut inner, depth + 1, out)?;
            inner.finish(())?;
        }
        tag::L => write_elements(cursor, out, |inner, out| write_value(inner, depth + 1, out))?,
        tag::SS => write_elements(cursor, out, |inner, out| write_text(inner.bytes()?, out))?,
        tag::NS => write_elements(cursor, out, write_number)?,
        tag::BS => write_elements(cursor, out, |inner, out| {
            write_blob(inner.bytes()?, out);
            Ok(())
        })?,
        _ => {}
    }
    out.push(b'}');
    Ok(())
}

fn write_elements(
    cursor: &mut Cursor<'_>,
    out: &mut Vec<u8>,
    element: impl Fn(&mut Cursor<'_>, &mut Vec<u8>) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    let mut inner = cursor.container()?;
    out.push(b'[');
    for place in 0..inner.length()? {
        if place > 0 {
            out.push(b',');
        }
        element(&mut inner, out)?;
    }
    out.push(b']');
    inner.finish(())
}

fn write_text(text: &[u8], out: &mut Vec<u8>) -> Result<(), Damaged> {
    if !is_plain_ascii(text) {
        push_string(out, std::str::from_utf8(text).map_err(|_| Damaged)?);
        return Ok(());
    }
    out.reserve(text.len() + 2);
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
    Ok(())
}

fn write_number(cursor: &mut Cursor<'_>, out: &mut Vec<u8>) -> Result<(), Damaged> {
    out.push(b'"');
    cursor.number()?.put_text(out);
    out.push(b'"');
    Ok(())
}

fn write_blob(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(attribute::base64(bytes).as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use virga_model::Record;

    use super::*;
    use crate::Item;
    use crate::binary::tests::sample;
    use crate::binary::to_bytes;

    fn service() -> virga_model::Service {
        virga_model::service("dynamodb").expect("the service has a model")
    }

    fn shape() -> Shape {
        service().shape("AttributeValue").expect("the model has the shape")
    }

    #[test]
    fn an_answer_has_the_same_text_whether_the_value_is_made_or_written() {
        let output = service().shape("GetItemOutput").expect("the model has the shape");
        for sample in [sample(), Item::new()] {
            let mut record = Record::new(output);
            let value = item(&to_bytes(&sample), shape()).expect("the bytes are whole");
            assert!(record.set_by_name("Item", value));
            assert_eq!(
                virga_wire::json::record_to_json(&record),
                virga_wire::json::record_to_json(&record.clone().settled()),
            );
        }
    }

    #[test]
    fn a_list_has_its_items_in_order() {
        assert_eq!(List::default().into_value(shape()), Value::List(Vec::new()));
        let items = [sample(), Item::new(), sample()];
        let mut list = List::default();
        for item in &items {
            list.push(&to_bytes(item)).expect("the bytes are whole");
        }
        let Value::Deferred(deferred) = list.into_value(shape()) else { panic!("the list is not empty") };
        let expected = items.iter().map(|item| Value::Map(attribute::write_item(item, shape()))).collect();
        assert_eq!(deferred.value(), Value::List(expected));
    }

    #[test]
    fn damage_is_noticed() {
        let whole = to_bytes(&sample());
        for length in 0..whole.len() {
            assert_eq!(item(&whole[..length], shape()), Err(Damaged), "{length}");
        }
    }

    #[test]
    fn text_that_is_no_utf8_is_damage() {
        let plain: Item = [("a".into(), crate::AttributeValue::S("text".into()))].into_iter().collect();
        let mut bytes = to_bytes(&plain);
        *bytes.last_mut().expect("the item has bytes") = 0xFF;
        assert_eq!(item(&bytes, shape()), Err(Damaged));
    }
}
