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

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    /// What the fuzz target begins with: things that the clients have written.
    fn corpus() -> Vec<Vec<u8>> {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus/dax");
        fs::read_dir(folder).unwrap().map(|file| fs::read(file.unwrap().path()).unwrap()).collect()
    }

    fn check(bytes: &[u8]) -> bool {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(decode(bytes))
    }

    #[test]
    fn what_clients_write_is_understood() {
        assert!(corpus().iter().all(|bytes| check(bytes)));
    }

    proptest! {
        #[test]
        fn anything_is_refused_or_understood(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(check(&bytes));
        }

        #[test]
        fn what_is_nearly_right_too(file in 0..100usize, place in 0..200usize, byte: u8, cut in 0..200usize) {
            let all = corpus();
            let mut bytes = all[file % all.len()].clone();
            let length = bytes.len();
            bytes[place % length] = byte;
            prop_assert!(check(&bytes));
            bytes.truncate(cut % length);
            prop_assert!(check(&bytes));
        }
    }
}
