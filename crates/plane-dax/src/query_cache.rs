//! The query cache: answers to Query and Scan by everything that was asked. Writes do not touch it; answers grow old.

use virga_item::{Item, size};

/// What a query or a scan found.
#[derive(Debug, Default)]
pub(crate) struct ResultSet {
    /// None when only their number was asked for.
    pub(crate) items: Option<Vec<Item>>,
    pub(crate) count: i64,
    pub(crate) scanned_count: i64,
    pub(crate) last_evaluated_key: Option<Item>,
}

impl ResultSet {
    /// About how many bytes it takes.
    pub(crate) fn size(&self) -> usize {
        self.items.iter().flatten().chain(&self.last_evaluated_key).map(|item| 64 + size::item(item)).sum()
    }
}
