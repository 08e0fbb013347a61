//! Every decoder at once, for the fuzz target: what a client sends is refused or understood, and never more than that.

use bytes::Bytes;
use virga_item::{AttributeType, Text};

use crate::cbor::{Frames, Reader, Writer};
use crate::expression::{self, Placeholders};
use crate::parameters::Parameters;
use crate::schema::{self, KeySchema};

/// Reads bytes as everything that clients send; whether what was understood is written and read again as the same.
pub async fn decode(bytes: &[u8]) -> bool {
    let mut frames = Frames::new(bytes);
    while let Ok(Some(item)) = frames.next().await {
        drop(Parameters::read(&item));
    }
    let bytes = Bytes::copy_from_slice(bytes);
    let mut placeholders = Placeholders::default();
    drop(expression::condition(&bytes, &mut placeholders));
    drop(expression::update(&bytes, &mut placeholders));
    drop(expression::projection(&bytes));
    drop(schema::decode_named(&bytes));
    keys(&bytes) && attribute(&bytes)
}

fn keys(bytes: &Bytes) -> bool {
    let kinds = [AttributeType::S, AttributeType::N, AttributeType::B];
    let name = |place: usize| Text::from_static(["p", "s"][place]);
    let alone = kinds.map(|kind| KeySchema(vec![(name(0), kind)]));
    let both = kinds.map(|kind| KeySchema(vec![(name(0), AttributeType::N), (name(1), kind)]));
    alone.iter().chain(&both).all(|schema| match schema.decode(bytes) {
        Ok(key) => schema.encode(&key).is_some_and(|again| schema.decode(&Bytes::from(again)) == Ok(key)),
        Err(_) => true,
    })
}

fn attribute(bytes: &Bytes) -> bool {
    let Ok(value) = Reader::new(bytes).attribute() else { return true };
    let mut writer = Writer::default();
    writer.attribute(&value);
    Reader::new(&Bytes::from(writer.into_bytes())).attribute() == Ok(value)
}
