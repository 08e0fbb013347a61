//! What is wrong with what a client has sent.

use thiserror::Error;
use virga_item::Invalid;

/// What a client has sent is not what the protocol says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Malformed {
    /// The bytes are no CBOR, or CBOR of another shape.
    #[error("The request is malformed: {0}")]
    Shape(String),
    /// A value that DynamoDB does not have, in its words.
    #[error(transparent)]
    Value(#[from] Invalid),
}

impl Malformed {
    /// Something else is there than what is wanted.
    pub(crate) fn expected(what: &str) -> Self {
        Malformed::Shape(format!("{what} expected"))
    }
}

impl From<minicbor::decode::Error> for Malformed {
    fn from(error: minicbor::decode::Error) -> Self {
        Malformed::Shape(error.to_string())
    }
}
