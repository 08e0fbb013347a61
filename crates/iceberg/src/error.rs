//! What can go wrong with the files of a table.

use parquet::errors::ParquetError;

/// A file of a table can't be written or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A data file.
    #[error("a data file can't be written")]
    Parquet(#[from] ParquetError),
    /// Table metadata.
    #[error("table metadata can't be read")]
    Json(#[from] serde_json::Error),
    /// A manifest or a list of manifests that is not as this crate writes them.
    #[error("{0}")]
    Damaged(&'static str),
}
