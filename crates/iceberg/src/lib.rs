//! Apache Iceberg tables, format version 2: rows in, files out. No AWS, no store, no clock, no I/O: what an operation
//! has to know of earlier files is given to it, and what it wants written is in its answer.
//! <https://iceberg.apache.org/spec/>
//!
//! A table is a file of [`TableMetadata`]. Its current snapshot names a list of manifests ([`ManifestFile`]), and each
//! manifest lists data files ([`ManifestEntry`]), which are Parquet ([`DataWriter`]). A change ([`append`],
//! [`rewrite`]) writes new files and answers with the next metadata; nothing is ever written over.

mod avro;
mod change;
mod data;
mod error;
mod manifest;
mod manifest_list;
mod metadata;
pub mod parquet;
mod schema;
mod snapshot;

pub use change::{Change, Committed, File, append, rewrite};
pub use data::{DataFile, DataWriter};
pub use error::Error;
pub use manifest::{ManifestEntry, Status};
pub use manifest_list::{Count, ManifestFile};
pub use metadata::{MetadataTime, NewTable, SnapshotTime, TableMetadata, metadata_path};
pub use parquet::Cell;
pub use schema::{Field, FieldKind, Schema};
pub use snapshot::{Operation, Snapshot, Summary};
