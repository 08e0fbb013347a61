//! Avro as manifests need it: object container files, whose records are written and read by hand.
//! <https://avro.apache.org/docs/1.11.1/specification/>

mod container;
mod decoder;
mod encoder;

pub(crate) use container::{read, write};
pub(crate) use decoder::Decoder;
pub(crate) use encoder::Encoder;
