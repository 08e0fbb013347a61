//! Configurations as they were given: AWS's own structure, kept as JSON under the names of its members, so that all
//! of it comes back. Whoever acts on one reads it with [`find`].

use serde::{Deserialize, Serialize};
use virga_model::Text;
use virga_model::view::Structure;
use virga_store::{Fault, Reader, Write, stored};
use virga_wire::json;

use super::Kind;
use crate::records::Bucket;

pub(crate) use virga_object::document::{check, spread};

/// A configuration as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Document(String);
stored!(Document, 1);

impl Document {
    /// Keeps a structure.
    pub(crate) fn of(structure: &impl Structure) -> Self {
        Document(json::record_to_json(structure.as_record()))
    }

    /// The structure that was kept.
    pub(crate) fn read<T: Structure>(&self) -> Result<T, Fault> {
        let shape = T::shape().ok_or_else(|| Fault::new("a configuration without members is not stored"))?;
        let record = json::record_from_json(shape, &Text::from(self.0.as_str()));
        record
            .map(T::from_record)
            .map_err(|error| Fault::with_source("a stored configuration is damaged", error))
    }
}

/// The configuration of a kind of which a bucket has one.
pub(crate) fn find<T: Structure>(txn: &impl Reader, bucket: &Bucket, kind: Kind) -> Result<Option<T>, Fault> {
    super::get::<Document>(txn, bucket, kind)?.map(|document| document.read()).transpose()
}

/// Sets the configuration of a kind of which a bucket has one.
pub(crate) fn set(
    txn: &mut Write,
    name: &str,
    bucket: &mut Bucket,
    kind: Kind,
    configuration: &impl Structure,
) -> Result<(), Fault> {
    super::put(txn, name, bucket, (kind, ""), &Document::of(configuration))
}
