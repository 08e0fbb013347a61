//! What DynamoDB stores. Times are microseconds since the epoch by the world's clock.

use std::collections::BTreeMap;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use virga_item::Item;
use virga_store::{Fault, Stored, stored};

use crate::item::ItemKey;

mod auto_scaling;
mod behind;
mod key_schema;
mod quota_use;
pub(crate) use auto_scaling::{AutoScaling, Scalable, TargetTracking};
pub(crate) use behind::{Behind, Missed};
pub(crate) use key_schema::{KeyRest, KeySchema};
pub(crate) use quota_use::QuotaUse;

/// A table: the part that every call on its items needs. The rest is in [`Details`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Table {
    /// Prefix of everything inside the table: a table made anew under its name has another.
    pub(crate) id: u64,
    /// Types of the key attributes of table and indexes, by name, in the order in which they were defined.
    pub(crate) attributes: Vec<(String, ScalarType)>,
    /// The primary key.
    pub(crate) key: KeySchema,
    /// Secondary indexes: local ones first.
    pub(crate) indexes: Vec<Index>,
    /// Whether requests are paid for one by one.
    pub(crate) on_demand: bool,
    /// The stream that its changes go to.
    pub(crate) stream: Option<TableStream>,
    /// The attribute that says when an item ends.
    pub(crate) time_to_live: Option<String>,
    /// Regions that hold replicas, this one among them; empty for a table in one region.
    pub(crate) replicas: Vec<String>,
    /// Whether changes are kept, so that a point in time can be recovered.
    pub(crate) recoverable: bool,
}
stored!(Table, 1);

/// `S`, `N` or `B`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ScalarType {
    String,
    Number,
    Binary,
}

/// A secondary index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Index {
    /// Tells the entries of the index from those of the others of the table; never used again.
    pub(crate) id: u32,
    pub(crate) name: String,
    pub(crate) is_global: bool,
    pub(crate) key: KeySchema,
    pub(crate) projection: Projection,
    pub(crate) state: IndexState,
}

/// Which attributes an index holds, besides the keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Projection {
    All,
    KeysOnly,
    Include(Vec<String>),
}

/// Where an index is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum IndexState {
    /// Written by every change, and filled with what was there before; not to be read yet.
    Creating,
    Active,
    /// Neither read nor written; its entries are going away.
    Deleting,
}

/// The stream of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableStream {
    /// Prefix of its records.
    pub(crate) id: u64,
    /// `StreamLabel`: when it was enabled.
    pub(crate) label: String,
    pub(crate) view: StreamView,
}

/// `StreamViewType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum StreamView {
    KeysOnly,
    NewImage,
    OldImage,
    NewAndOldImages,
}

/// Read and write units.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Capacity {
    pub(crate) read: i64,
    pub(crate) write: i64,
}

/// Read and write units at most; none is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Maximum {
    pub(crate) read: Option<i64>,
    pub(crate) write: Option<i64>,
}

/// Capacity of a table or an index with its history.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Throughput {
    pub(crate) provisioned: Capacity,
    pub(crate) maximum: Option<Maximum>,
    pub(crate) warm: Option<Capacity>,
    pub(crate) increased: Option<i64>,
    pub(crate) decreased: Option<i64>,
    /// Decreases on the day of the last one.
    pub(crate) decreases: u32,
}

/// The part of a table that calls on items do not need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Details {
    /// `TableId`.
    pub(crate) uuid: String,
    pub(crate) created: i64,
    pub(crate) throughput: Throughput,
    /// Of global indexes, by their ids.
    pub(crate) index_throughput: BTreeMap<u32, Throughput>,
    /// When the table became on-demand.
    pub(crate) on_demand_since: Option<i64>,
    /// The class, and when it was changed.
    pub(crate) table_class: Option<(TableClass, Option<i64>)>,
    pub(crate) deletion_protection: bool,
    /// ARN of the KMS key; none for the key that AWS owns.
    pub(crate) kms_key: Option<String>,
    /// When time to live was last set.
    pub(crate) time_to_live_changed: Option<i64>,
    /// The stream that the table has or had last.
    pub(crate) latest_stream_label: Option<String>,
    /// `RevisionId` of the resource policies, by the ARN they are on.
    pub(crate) policy_revisions: BTreeMap<String, String>,
    /// The next id for an index.
    pub(crate) next_index: u32,
    /// Point-in-time recovery.
    pub(crate) recovery: Option<Recovery>,
    /// What the table was restored from.
    pub(crate) restored: Option<Restored>,
    /// Contributor insights of the table (0) and its indexes, by their ids: mode, and when they were changed.
    pub(crate) insights: BTreeMap<u32, Insights>,
}
stored!(Details, 1);

/// What a replica of a global table has in place of what the others have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Overrides {
    pub(crate) reads: ReadOverride,
    /// Of global indexes, by their names.
    pub(crate) indexes: BTreeMap<String, ReadOverride>,
    pub(crate) table_class: Option<TableClass>,
}
stored!(Overrides, 1);

/// What a table is in its global table.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Membership {
    /// The region that the replica was made from, and when.
    pub(crate) source: Option<(String, i64)>,
    /// The regions of the witnesses of a table whose regions are strongly consistent.
    pub(crate) strong: Option<Vec<String>>,
}
stored!(Membership, 1);

/// Read units in place of those of the other replicas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct ReadOverride {
    pub(crate) provisioned: Option<i64>,
    /// On demand, at most.
    pub(crate) maximum: Option<i64>,
}

/// Point-in-time recovery of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recovery {
    /// Since when.
    pub(crate) since: i64,
    pub(crate) days: i32,
}

/// What a table was restored from, and to when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Restored {
    pub(crate) backup_arn: Option<String>,
    pub(crate) table_arn: String,
    pub(crate) at: i64,
}

/// Contributor insights of a table or an index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Insights {
    pub(crate) is_enabled: bool,
    pub(crate) mode: String,
    pub(crate) changed: i64,
}

/// A backup: the table as it was. Its items are kept as those of a table with the id of the content.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Backup {
    pub(crate) name: String,
    pub(crate) created: i64,
    pub(crate) content: u64,
    pub(crate) items: i64,
    pub(crate) bytes: i64,
    pub(crate) table: Table,
    pub(crate) details: Details,
}
stored!(Backup, 1);

/// An export to Amazon S3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Export {
    /// `TableId`.
    pub(crate) table_uuid: String,
    pub(crate) started: i64,
    pub(crate) ended: i64,
    /// As of when the table is exported.
    pub(crate) moment: i64,
    pub(crate) bucket: String,
    pub(crate) bucket_owner: Option<String>,
    pub(crate) prefix: Option<String>,
    /// `S3SseAlgorithm`.
    pub(crate) algorithm: Option<String>,
    pub(crate) kms_key: Option<String>,
    /// Ion instead of DynamoDB JSON.
    pub(crate) is_ion: bool,
    /// `ClientToken`.
    pub(crate) token: Option<String>,
    pub(crate) items: i64,
    pub(crate) bytes: i64,
    /// Code and text of what S3 has refused.
    pub(crate) failure: Option<(String, String)>,
}
stored!(Export, 1);

/// A table key. By itself it is kept for tables whose KMS key is the customer's, where it has to be opened for callers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TableKey {
    /// As KMS has sealed it.
    pub(crate) wrapped: Vec<u8>,
    /// ARN of the KMS key.
    pub(crate) kms_key: String,
}
stored!(TableKey, 1);

/// What the items of a table or a backup are sealed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DataKey {
    /// Where the table is or was.
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) name: String,
    /// The table key that it is sealed with; none for the key that AWS owns.
    pub(crate) wrapping: Option<TableKey>,
    pub(crate) bytes: Vec<u8>,
}
stored!(DataKey, 1);

/// What an incremental export is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Increment {
    /// The first moment of the period, which is within it.
    pub(crate) from: i64,
    /// The end of the period, which is not within it.
    pub(crate) to: i64,
    /// Whether items are shown as they were as well.
    pub(crate) shows_old: bool,
}
stored!(Increment, 1);

/// A global table of the version of 2017: tables of one name that were made in several regions and then joined.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GlobalTable {
    pub(crate) created: i64,
    pub(crate) regions: Vec<String>,
}
stored!(GlobalTable, 1);

/// An import from Amazon S3 into a new table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Import {
    /// `TableId`.
    pub(crate) table_uuid: String,
    pub(crate) started: i64,
    pub(crate) ended: i64,
    pub(crate) bucket: String,
    pub(crate) bucket_owner: Option<String>,
    pub(crate) prefix: Option<String>,
    /// `InputFormat`.
    pub(crate) format: String,
    /// `InputCompressionType`.
    pub(crate) compression: String,
    /// `ClientToken`.
    pub(crate) token: Option<String>,
    pub(crate) bytes: i64,
    pub(crate) processed: i64,
    pub(crate) imported: i64,
    pub(crate) errors: i64,
    /// Code and text of what ended it.
    pub(crate) failure: Option<(String, String)>,
}
stored!(Import, 1);

/// An item as it was before a change.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Former {
    pub(crate) key: ItemKey,
    pub(crate) old: Option<StoredItem>,
}

impl Stored for Former {
    const VERSION: u8 = 1;

    fn encode(&self, body: &mut Vec<u8>) -> Result<(), Fault> {
        for part in [&self.key.hash, &self.key.range] {
            // Keys have at most 2048 bytes.
            let length = u16::try_from(part.len()).map_err(|error| Fault::with_source("a key", error))?;
            body.extend_from_slice(&length.to_le_bytes());
            body.extend_from_slice(part);
        }
        match &self.old {
            Some(old) => old.encode(body),
            None => Ok(()),
        }
    }

    fn decode(version: u8, body: &[u8]) -> Result<Self, Fault> {
        let damaged = || Fault::new("a former item is damaged");
        let mut rest = body;
        let mut part = || {
            let (length, after) =
                rest.split_first_chunk::<2>().filter(|_| version == 1).ok_or_else(damaged)?;
            let (part, after) =
                after.split_at_checked(usize::from(u16::from_le_bytes(*length))).ok_or_else(damaged)?;
            rest = after;
            Ok::<_, Fault>(part.to_vec())
        };
        let key = ItemKey { hash: part()?, range: part()? };
        let old = (!rest.is_empty()).then(|| StoredItem::decode(StoredItem::VERSION, rest)).transpose()?;
        Ok(Former { key, old })
    }
}

/// `TableClass`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TableClass {
    Standard,
    InfrequentAccess,
}

/// The tags of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Tags(pub(crate) BTreeMap<String, String>);
stored!(Tags, 1);

macro_rules! words {
    ($($type:ident: $($variant:ident = $word:literal),*;)*) => {$(
        impl $type {
            /// The value as the API spells it.
            pub(crate) fn word(self) -> &'static str {
                match self {
                    $($type::$variant => $word,)*
                }
            }

            /// Reads what the API spells.
            pub(crate) fn of_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some($type::$variant),)*
                    _ => None,
                }
            }
        }
    )*};
}

words! {
    ScalarType: String = "S", Number = "N", Binary = "B";
    StreamView: KeysOnly = "KEYS_ONLY", NewImage = "NEW_IMAGE", OldImage = "OLD_IMAGE",
        NewAndOldImages = "NEW_AND_OLD_IMAGES";
    TableClass: Standard = "STANDARD", InfrequentAccess = "STANDARD_INFREQUENT_ACCESS";
}

impl IndexState {
    /// The state as the API spells it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            IndexState::Creating => "CREATING",
            IndexState::Active => "ACTIVE",
            IndexState::Deleting => "DELETING",
        }
    }
}

impl Table {
    /// The type of a key attribute.
    pub(crate) fn type_of(&self, name: &str) -> ScalarType {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map_or(ScalarType::String, |(_, kind)| *kind)
    }

    /// Whether the table is changing: its indexes come or go.
    pub(crate) fn is_updating(&self) -> bool {
        self.indexes.iter().any(|index| index.state != IndexState::Active)
    }
}

/// A stream: enabled with its table, or kept for a day after that.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stream {
    /// Prefix of its records.
    pub(crate) id: u64,
    pub(crate) view: StreamView,
    /// The key of its table.
    pub(crate) key: KeySchema,
    pub(crate) created: i64,
    /// When it was disabled.
    pub(crate) disabled: Option<i64>,
}
stored!(Stream, 1);

/// When a timer is due that there is one of for each table.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Armed(pub(crate) i64);
stored!(Armed, 1);

/// A transaction that was done under a client token.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ClientToken {
    /// Of the request.
    pub(crate) digest: [u8; 32],
    pub(crate) at: i64,
    /// Read units by table, which a repeated request takes.
    pub(crate) read_units: Vec<(String, f64)>,
}
stored!(ClientToken, 1);

/// An item, or the part of it that an index holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredItem {
    /// Bytes by AWS's counting.
    pub(crate) size: u32,
    /// The item as `virga_item::binary` writes it, which has a version of its own.
    pub(crate) bytes: Bytes,
}

impl Stored for StoredItem {
    const VERSION: u8 = 1;

    fn encode(&self, body: &mut Vec<u8>) -> Result<(), Fault> {
        body.extend_from_slice(&self.size.to_le_bytes());
        body.extend_from_slice(&self.bytes);
        Ok(())
    }

    fn decode(version: u8, body: &[u8]) -> Result<Self, Fault> {
        let body = Some(body).filter(|_| version == Self::VERSION);
        Ok(ItemRef::read(body)?.to_owned())
    }
}

impl StoredItem {
    /// The stored form of an item.
    pub(crate) fn of(item: &Item) -> Self {
        let size = u32::try_from(virga_item::size::item(item)).unwrap_or(u32::MAX);
        StoredItem { size, bytes: Bytes::from(virga_item::binary::to_bytes(item)) }
    }

    /// The item.
    pub(crate) fn item(&self) -> Result<Item, Fault> {
        virga_item::binary::decode(&self.bytes).map_err(damaged)
    }

    /// The item in place.
    pub(crate) fn as_ref(&self) -> ItemRef<'_> {
        ItemRef { size: self.size, bytes: &self.bytes }
    }
}

/// A [`StoredItem`] in place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ItemRef<'a> {
    pub(crate) size: u32,
    pub(crate) bytes: &'a [u8],
}

impl<'a> ItemRef<'a> {
    /// Reads what [`StoredItem`] encodes; none is what another version did.
    pub(crate) fn read(body: Option<&'a [u8]>) -> Result<Self, Fault> {
        match body.and_then(<[u8]>::split_first_chunk) {
            Some((size, bytes)) => Ok(ItemRef { size: u32::from_le_bytes(*size), bytes }),
            None => Err(Fault::new("a stored item is damaged")),
        }
    }

    pub(crate) fn to_owned(self) -> StoredItem {
        StoredItem { size: self.size, bytes: Bytes::copy_from_slice(self.bytes) }
    }

    /// The item.
    pub(crate) fn item(self) -> Result<Item, Fault> {
        self.to_owned().item()
    }
}

fn damaged(error: virga_item::binary::Damaged) -> Fault {
    Fault::with_source("a stored item", error)
}

/// A change of an item, as a stream shows it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Change {
    pub(crate) event: Event,
    /// When, in microseconds.
    pub(crate) at: i64,
    /// Whether time to live did it.
    pub(crate) by_time_to_live: bool,
    pub(crate) keys: Bytes,
    pub(crate) old: Option<Bytes>,
    pub(crate) new: Option<Bytes>,
    /// Bytes of keys and images by AWS's counting.
    pub(crate) size: u32,
}

/// What happened to an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Event {
    Insert,
    Modify,
    Remove,
}

impl Stored for Change {
    const VERSION: u8 = 1;

    fn encode(&self, body: &mut Vec<u8>) -> Result<(), Fault> {
        let flags = self.event as u8
            | u8::from(self.by_time_to_live) << 2
            | u8::from(self.old.is_some()) << 3
            | u8::from(self.new.is_some()) << 4;
        body.push(flags);
        body.extend_from_slice(&self.at.to_le_bytes());
        body.extend_from_slice(&self.size.to_le_bytes());
        for part in [Some(&self.keys), self.old.as_ref(), self.new.as_ref()].into_iter().flatten() {
            let length = u32::try_from(part.len()).map_err(|error| Fault::with_source("a change", error))?;
            body.extend_from_slice(&length.to_le_bytes());
            body.extend_from_slice(part);
        }
        Ok(())
    }

    fn decode(version: u8, body: &[u8]) -> Result<Self, Fault> {
        let damaged = || Fault::new("a stored change is damaged");
        let (flags, rest) = body.split_first().filter(|_| version == 1).ok_or_else(damaged)?;
        let (at, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (size, mut rest) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
        let mut part = || {
            let (length, after) = rest.split_first_chunk::<4>().ok_or_else(damaged)?;
            let (part, after) =
                after.split_at_checked(u32::from_le_bytes(*length) as usize).ok_or_else(damaged)?;
            rest = after;
            Ok::<_, Fault>(Bytes::copy_from_slice(part))
        };
        let event = [Event::Insert, Event::Modify, Event::Remove];
        Ok(Change {
            event: *event.get(usize::from(flags & 3)).ok_or_else(damaged)?,
            at: i64::from_le_bytes(*at),
            by_time_to_live: flags & 4 != 0,
            keys: part()?,
            old: (flags & 8 != 0).then(&mut part).transpose()?,
            new: (flags & 16 != 0).then(&mut part).transpose()?,
            size: u32::from_le_bytes(*size),
        })
    }
}
