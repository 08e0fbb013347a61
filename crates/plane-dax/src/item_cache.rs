//! The item cache: items by table and key, and the keys under which nothing is. GetItem and BatchGetItem read it, writes
//! go through to it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use virga_item::{Item, Text, key, size};
use virga_model::Timestamp;

use crate::cache::Fetch;
use crate::cluster::Cluster;
use crate::schema::KeySchema;

/// A table and the bytes of a key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct ItemKey {
    table: Text,
    key: Bytes,
}

impl ItemKey {
    /// Where the cache has the item of this key. Equal numbers make equal keys, however they were written.
    pub(crate) fn new(table: &Text, schema: &KeySchema, item: &Item) -> Self {
        let mut bytes = Vec::new();
        for (name, _) in &schema.0 {
            let start = bytes.len();
            if let Some(value) = item.get(name) {
                key::put(value, &mut bytes);
            }
            bytes.extend_from_slice(&(bytes.len() - start).to_be_bytes());
        }
        // Slices of a request would keep it in memory.
        ItemKey { table: Text::from(&**table), key: Bytes::from(bytes) }
    }

    fn size(&self) -> usize {
        self.table.len() + self.key.len()
    }
}

impl Cluster {
    fn lifetime(&self, now: Timestamp) -> (Timestamp, Duration) {
        (now, self.item_ttl())
    }

    /// Keeps an item that was read, or that there is none.
    pub(crate) fn keep_read(&self, fetch: Fetch, key: ItemKey, item: Option<&Item>, now: Timestamp) {
        let size = key.size() + item.map_or(0, size::item);
        self.items.fill(fetch, key, item.map(detached), size, self.lifetime(now));
    }

    /// Keeps an item that was written. None stands for an item of which only DynamoDB knows what it is like now.
    pub(crate) fn keep_written(&self, begun: Fetch, key: ItemKey, item: Option<&Item>, now: Timestamp) {
        let written = item.map(|item| (Some(detached(item)), key.size() + size::item(item)));
        self.items.end_write(begun, key, written, self.lifetime(now));
    }
}

/// A copy of an item that holds nothing of the request or the answer that it came in.
fn detached(item: &Item) -> Arc<Item> {
    let bytes = Bytes::from(virga_item::binary::to_bytes(item));
    Arc::new(virga_item::binary::decode(&bytes).unwrap_or_else(|_| item.clone()))
}
