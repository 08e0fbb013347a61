//! What can go wrong with a table.

use virga_kit::Failure;
use virga_model::ApiError;
use virga_store::Fault;

/// A table can't be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such table: its owner has deleted it.
    #[error("the table is gone")]
    Gone,
    /// Its files may not be written: the key of KMS does not let the service.
    #[error("access was denied: {}", .0.message)]
    Denied(Box<ApiError>),
    /// Others have changed it too often meanwhile.
    #[error("the table was changed by others")]
    Contended,
    /// An operation was refused.
    #[error("an operation was refused: {} ({})", .0.message, .0.code)]
    Refused(Box<ApiError>),
    /// The store has failed.
    #[error(transparent)]
    Fault(#[from] Fault),
    /// Its files are not what they should be.
    #[error(transparent)]
    Files(#[from] virga_iceberg::Error),
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        match &*error.code.to_string() {
            "NotFoundException" | "NoSuchBucket" => Error::Gone,
            "ConflictException" => Error::Contended,
            "AccessDenied" | "AccessDeniedException" => Error::Denied(Box::new(error)),
            _ => Error::Refused(Box::new(error)),
        }
    }
}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Api(error) => Error::Refused(error),
            Failure::Fault(fault) => Error::Fault(fault),
        }
    }
}
