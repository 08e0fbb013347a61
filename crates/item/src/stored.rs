//! Items of an answer in the form in which the store keeps them: the answer is written straight from it.

use std::fmt;

use bytes::Bytes;
use virga_model::{Content, Deferred, Shape, Value, Writer};

use crate::binary::{Damaged, Reader, check_depth, decode, tag};
use crate::{AttributeType, attribute};

/// The item that these bytes of [`binary`](crate::binary) hold, as a map of `AttributeValue`s of this shape.
///
/// # Errors
/// When the bytes are damaged.
pub fn deferred(bytes: Bytes, shape: Shape) -> Result<Value, Damaged> {
    write_item(&bytes, &mut Nowhere)?;
    Ok(Value::Deferred(Deferred::new(StoredItem { bytes, shape })))
}

/// An item in its compact form, which was read through once.
#[derive(Debug)]
struct StoredItem {
    bytes: Bytes,
    shape: Shape,
}

impl Content for StoredItem {
    fn value(&self) -> Value {
        let item = decode(&self.bytes).unwrap_or_default();
        Value::Map(attribute::write_item(&item, self.shape))
    }

    fn write(&self, out: &mut dyn Writer) {
        let written = write_item(&self.bytes, out);
        debug_assert_eq!(written, Ok(()), "the bytes were read through before");
    }
}

fn write_item<W: Writer + ?Sized>(bytes: &Bytes, out: &mut W) -> Result<(), Damaged> {
    let mut reader = Reader::new(bytes)?;
    write_map(&mut reader, 0, out)?;
    reader.finish(())
}

fn write_map<W: Writer + ?Sized>(reader: &mut Reader<'_>, depth: usize, out: &mut W) -> Result<(), Damaged> {
    out.begin_object();
    for _ in 0..reader.length()? {
        out.name(reader.name()?);
        write_value(reader, depth, out)?;
    }
    out.end_object();
    Ok(())
}

fn write_value<W: Writer + ?Sized>(
    reader: &mut Reader<'_>,
    depth: usize,
    out: &mut W,
) -> Result<(), Damaged> {
    check_depth(depth)?;
    let tag = reader.byte()?;
    out.begin_object();
    out.name(kind(tag)?.name());
    match tag {
        tag::FALSE => out.boolean(false),
        tag::TRUE | tag::NULL => out.boolean(true),
        tag::M => reader.content(|inner| write_map(inner, depth + 1, out))?,
        tag::L => write_list(reader, out, |inner, out| write_value(inner, depth + 1, out))?,
        tag::SS | tag::NS | tag::BS => write_list(reader, out, |inner, out| write_scalar(tag, inner, out))?,
        _ => write_scalar(tag, reader, out)?,
    }
    out.end_object();
    Ok(())
}

fn write_list<W: Writer + ?Sized>(
    reader: &mut Reader<'_>,
    out: &mut W,
    mut element: impl FnMut(&mut Reader<'_>, &mut W) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    out.begin_list();
    reader.content(|inner| (0..inner.length()?).try_for_each(|_| element(inner, out)))?;
    out.end_list();
    Ok(())
}

/// Writes a string, number or binary value, or an element of a set of such.
fn write_scalar<W: Writer + ?Sized>(tag: u8, reader: &mut Reader<'_>, out: &mut W) -> Result<(), Damaged> {
    match tag {
        tag::S | tag::SS => out.string(reader.name()?),
        tag::N | tag::NS => out.plain(&reader.number()?),
        _ => out.blob(reader.bytes()?),
    }
    Ok(())
}

fn kind(tag: u8) -> Result<AttributeType, Damaged> {
    Ok(match tag {
        tag::S => AttributeType::S,
        tag::N => AttributeType::N,
        tag::B => AttributeType::B,
        tag::FALSE | tag::TRUE => AttributeType::Bool,
        tag::NULL => AttributeType::Null,
        tag::M => AttributeType::M,
        tag::L => AttributeType::L,
        tag::SS => AttributeType::Ss,
        tag::NS => AttributeType::Ns,
        tag::BS => AttributeType::Bs,
        _ => return Err(Damaged),
    })
}

/// Takes a value and keeps nothing: it was read, that is all.
struct Nowhere;

impl Writer for Nowhere {
    fn begin_object(&mut self) {}
    fn end_object(&mut self) {}
    fn begin_list(&mut self) {}
    fn end_list(&mut self) {}
    fn name(&mut self, _: &str) {}
    fn string(&mut self, _: &str) {}
    fn plain(&mut self, _: &dyn fmt::Display) {}
    fn blob(&mut self, _: &[u8]) {}
    fn boolean(&mut self, _: bool) {}
}

#[cfg(test)]
mod tests {
    use virga_model::Record;

    use super::*;
    use crate::Item;
    use crate::binary::tests::sample;
    use crate::binary::to_bytes;

    fn shape() -> Shape {
        let service = virga_model::service("dynamodb").expect("the service has a model");
        service.shape("AttributeValue").expect("the model has the shape")
    }

    #[test]
    fn the_value_is_that_of_the_item() {
        let item = sample();
        let Ok(Value::Deferred(deferred)) = deferred(Bytes::from(to_bytes(&item)), shape()) else {
            panic!("the bytes are whole");
        };
        assert_eq!(deferred.value(), Value::Map(attribute::write_item(&item, shape())));
    }

    #[test]
    fn an_answer_has_the_same_text_whether_the_value_is_made_or_written() {
        let service = virga_model::service("dynamodb").expect("the service has a model");
        let output = service.shape("GetItemOutput").expect("the model has the shape");
        for item in [sample(), Item::new()] {
            let mut record = Record::new(output);
            let value = deferred(Bytes::from(to_bytes(&item)), shape()).expect("the bytes are whole");
            assert!(record.set_by_name("Item", value));
            assert_eq!(
                virga_wire::json::record_to_json(&record),
                virga_wire::json::record_to_json(&record.clone().settled()),
            );
        }
    }

    #[test]
    fn damage_is_noticed_before_anything_is_written() {
        let whole = to_bytes(&sample());
        for length in 0..whole.len() {
            let part = Bytes::copy_from_slice(&whole[..length]);
            assert_eq!(deferred(part, shape()), Err(Damaged), "{length}");
        }
    }
}
