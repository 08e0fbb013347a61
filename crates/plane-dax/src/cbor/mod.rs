//! CBOR as DAX uses it (<https://www.rfc-editor.org/rfc/rfc8949>): framing, reading within limits, writing.

mod attribute;
mod frames;
mod malformed;
mod number;
mod reader;
mod writer;

pub(crate) use frames::{FrameError, Frames};
pub(crate) use malformed::Malformed;
pub(crate) use reader::Reader;
pub(crate) use writer::Writer;

/// Tags of sets and of list indexes, which DAX adds to those of CBOR.
pub(crate) mod tag {
    /// An array of text: a set of strings.
    pub(crate) const STRING_SET: u64 = 3321;
    /// An array of numbers: a set of numbers.
    pub(crate) const NUMBER_SET: u64 = 3322;
    /// An array of byte strings: a set of binary values.
    pub(crate) const BINARY_SET: u64 = 3323;
    /// A whole number: the index of a list within a document path.
    pub(crate) const PATH_INDEX: u64 = 3324;
}

/// Deepest nesting of arrays and maps.
pub(crate) const DEEPEST: usize = 128;
