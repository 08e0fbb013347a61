//! Why a record of a file is no item.

use crate::{Invalid, NumberError};

/// A record of a file is no item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(pub String);

impl From<Invalid> for Unreadable {
    fn from(invalid: Invalid) -> Self {
        Unreadable(invalid.to_string())
    }
}

impl From<NumberError> for Unreadable {
    fn from(error: NumberError) -> Self {
        Unreadable(error.to_string())
    }
}
