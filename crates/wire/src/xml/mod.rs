//! XML by the schema: answers of the query protocols, and both directions of restXml.

mod element;
mod read;
mod write;

pub(crate) use element::Element;
pub(crate) use read::Reader;
pub(crate) use write::{Naming, Writer};
