//! What a table has used of the changes that it may make in a time.

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// Changes of a table that are counted, in microseconds.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct QuotaUse {
    /// When its class was changed, the latest last.
    pub(crate) classes: Vec<i64>,
    /// When its encryption was changed within the running day, the latest last. The first of them began the day.
    pub(crate) encryptions: Vec<i64>,
}
stored!(QuotaUse, 1);
