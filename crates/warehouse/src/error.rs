//! What can go wrong with a table.

use virga_model::ApiError;

/// A table can't be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such table: its owner has deleted it.
    #[error("the table is gone")]
    Gone,
    /// Others have changed it too often meanwhile.
    #[error("the table was changed by others")]
    Contended,
    /// An operation was refused.
    #[error("an operation was refused: {} ({})", .0.message, .0.code)]
    Refused(ApiError),
    /// Its files are not what they should be.
    #[error(transparent)]
    Files(#[from] virga_iceberg::Error),
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        match &*error.code.to_string() {
            "NotFoundException" | "NoSuchBucket" => Error::Gone,
            "ConflictException" => Error::Contended,
            _ => Error::Refused(error),
        }
    }
}
