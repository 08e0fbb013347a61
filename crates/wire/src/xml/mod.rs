//! XML by the schema: answers of the query protocols, and both directions of restXml.

mod write;

pub(crate) use write::{Naming, Writer};
