//! Items as files that tables are exported to and imported from: DynamoDB JSON, Ion text, CSV.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html>

pub mod csv;
pub mod ion;
mod ion_parser;
pub mod json;

/// A record of a file is no item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

impl From<crate::Invalid> for Unreadable {
    fn from(invalid: crate::Invalid) -> Self {
        Unreadable(invalid.to_string())
    }
}

impl From<crate::NumberError> for Unreadable {
    fn from(error: crate::NumberError) -> Self {
        Unreadable(error.to_string())
    }
}
