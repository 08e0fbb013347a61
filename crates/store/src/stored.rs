//! Records as bytes: one version byte, then the body.

use postcard::ser_flavors::Flavor;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Fault;

/// A record type that the store can keep.
///
/// Every stored value begins with the version of its layout, so that data written by an older
/// release opens in a newer one. Implement it with [`stored!`](crate::stored!).
pub trait Stored: Sized {
    /// Version that [`Stored::encode`] writes.
    const VERSION: u8;

    /// Appends the body, without the version byte.
    ///
    /// # Errors
    /// When the record cannot be represented.
    fn encode(&self, body: &mut Vec<u8>) -> Result<(), Fault>;

    /// Reads a body that was written with `version`.
    ///
    /// # Errors
    /// When the version is unknown or the body is damaged.
    fn decode(version: u8, body: &[u8]) -> Result<Self, Fault>;
}

/// Implements [`Stored`] for a serde type. Fields are written in order without their names, so a
/// change of fields needs a new version and a `From` the one before. Give byte vectors the
/// `serde_bytes` treatment or keep them as text: serde writes a plain `Vec<u8>` byte by byte.
///
/// ```
/// # use virga_store::stored;
/// # use serde::{Serialize, Deserialize};
/// #[derive(Serialize, Deserialize)]
/// struct QueueV1 { name: String }
/// #[derive(Serialize, Deserialize)]
/// struct Queue { name: String, fifo: bool }
///
/// impl From<QueueV1> for Queue {
///     fn from(old: QueueV1) -> Self {
///         Self { name: old.name, fifo: false }
///     }
/// }
/// stored!(Queue, 2, 1 => QueueV1);
/// ```
#[macro_export]
macro_rules! stored {
    ($record:ty, $version:literal $(, $old:literal => $migrated:ty)* $(,)?) => {
        impl $crate::Stored for $record {
            const VERSION: u8 = $version;

            fn encode(&self, body: &mut ::std::vec::Vec<u8>) -> ::std::result::Result<(), $crate::Fault> {
                $crate::encode_record(self, body)
            }

            fn decode(version: u8, body: &[u8]) -> ::std::result::Result<Self, $crate::Fault> {
                match version {
                    $version => $crate::decode_record(body),
                    $($old => $crate::decode_record::<$migrated>(body).map(::std::convert::Into::into),)*
                    _ => ::std::result::Result::Err($crate::unknown_version(::std::stringify!($record), version)),
                }
            }
        }
    };
}

/// Appends the body of a serde record; for [`stored!`](crate::stored).
///
/// # Errors
/// When the record's serializer fails.
#[doc(hidden)]
pub fn encode_record<T: Serialize>(record: &T, body: &mut Vec<u8>) -> Result<(), Fault> {
    postcard::serialize_with_flavor(record, Appending(body))
        .map_err(|e| Fault::with_source("a record cannot be encoded", e))
}

/// Where postcard puts its bytes: at the end of a vector. Its own ways copy them one by one.
struct Appending<'a>(&'a mut Vec<u8>);

impl Flavor for Appending<'_> {
    type Output = ();

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

/// Reads the body of a serde record; for [`stored!`](crate::stored).
///
/// # Errors
/// When the body is damaged.
#[doc(hidden)]
pub fn decode_record<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    postcard::from_bytes(body)
        .map_err(|e| Fault::with_source(format!("a stored {} is damaged", std::any::type_name::<T>()), e))
}

/// The fault for data of a newer release; for [`stored!`](crate::stored).
#[doc(hidden)]
pub fn unknown_version(record: &str, version: u8) -> Fault {
    Fault::new(format!("a stored {record} has version {version}, which this release does not know"))
}

/// A number that transactions add to without reading it, so that many of them can do so at once.
///
/// Declare `Space<Counter>` and use `Write::add` and `Reader::counter`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Counter(pub i64);

impl Stored for Counter {
    const VERSION: u8 = 1;

    fn encode(&self, body: &mut Vec<u8>) -> Result<(), Fault> {
        body.extend_from_slice(&self.0.to_le_bytes());
        Ok(())
    }

    fn decode(version: u8, body: &[u8]) -> Result<Self, Fault> {
        match (version, body.try_into()) {
            (1, Ok(bytes)) => Ok(Self(i64::from_le_bytes(bytes))),
            _ => Err(Fault::new("a stored counter is damaged")),
        }
    }
}

impl Stored for () {
    const VERSION: u8 = 1;

    fn encode(&self, _: &mut Vec<u8>) -> Result<(), Fault> {
        Ok(())
    }

    fn decode(_: u8, _: &[u8]) -> Result<Self, Fault> {
        Ok(())
    }
}

/// Decodes a whole stored value.
pub(crate) fn decode<V: Stored>(value: &[u8]) -> Result<V, Fault> {
    let (version, body) = value.split_first().ok_or_else(|| Fault::new("a stored value is empty"))?;
    V::decode(*version, body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;
    use serde::Deserialize;

    #[derive(Serialize, Deserialize)]
    struct RowV1 {
        name: String,
    }

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    struct Row {
        name: String,
        size: u32,
    }

    impl From<RowV1> for Row {
        fn from(old: RowV1) -> Self {
            Self { name: old.name, size: 0 }
        }
    }

    stored!(RowV1, 1);
    stored!(Row, 2, 1 => RowV1);

    #[test]
    fn a_record_of_an_older_version_is_migrated() {
        let entry = Entry::encode(b"key", &RowV1 { name: "a".into() }, false).unwrap();
        assert_eq!(decode::<Row>(entry.value()).unwrap(), Row { name: "a".into(), size: 0 });
    }

    #[test]
    fn unknown_versions_and_damaged_bodies_are_faults() {
        let entry = Entry::encode(b"key", &Row { name: "a".into(), size: 300 }, false).unwrap();
        let mut value = entry.value().to_vec();
        assert_eq!(decode::<Row>(&value).unwrap().size, 300);
        value[0] = 9;
        assert!(decode::<Row>(&value).unwrap_err().to_string().contains("version 9"));
        value[0] = 2;
        value.truncate(3);
        assert!(decode::<Row>(&value).is_err());
        assert!(decode::<Row>(&[]).is_err());
    }
}
