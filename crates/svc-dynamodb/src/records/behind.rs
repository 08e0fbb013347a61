//! What a replica has missed while its key could not be used.

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// Since when a replica misses what is written in other regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Behind {
    /// When its key could not be used for the first time, in microseconds.
    pub(crate) since: i64,
}
stored!(Behind, 1);

/// That a replica has missed what became of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Missed {
    /// The region that it was written in last.
    pub(crate) from: String,
}
stored!(Missed, 1);
