//! Ordered transactional key-value store and blobs; knows no AWS.
//!
//! A [`Store`] is one ordered key space. Services declare typed [`Space`]s of records, build [`Key`]s and
//! [`Range`]s from them, and read and change records in transactions ([`Read`], [`Write`]), which are
//! serializable and optimistic: a conflicting one is run again.
//!
//! Reading order: keys ([`Space`], [`KeyPart`]), records ([`Stored`]), transactions ([`Reader`],
//! [`Write`], [`Store`]), the contract of an engine ([`engine`]) and the layered engine behind it.

mod fault;

mod key;
mod key_bytes;
mod key_part;
mod stored;

mod archive;
mod blobs;
mod leaked_blobs;
mod reader;
mod store;
mod thread_number;
mod write;
mod write_set;

pub mod engine;
mod entry;
mod layered;

pub use blobs::{BlobId, BlobReader, BlobWriter, Blobs, INLINE_BYTES};
pub use engine::{CommitError, Direction, Durability, Ticket};
pub use fault::Fault;
pub use key::{Key, Range, Space};
pub use key_bytes::KeyBytes;
pub use key_part::{FromKeyPart, FromParts, KeyPart, KeyParts, Parts};
pub use leaked_blobs::LeakedBlobs;
pub use reader::{Read, Reader, Row};
pub use store::{Committed, Store};
pub use stored::{Counter, Stored};
#[doc(hidden)]
pub use stored::{decode_record, encode_record, unknown_version};
pub use thread_number::thread_number;
pub use write::{Encoded, Write};
