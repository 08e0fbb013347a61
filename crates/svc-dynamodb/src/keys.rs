//! Every key space of DynamoDB, and why its keys are as they are.
//!
//! Tables are found by account, region and name. Everything inside a table is keyed by its id, a random number: so a
//! table made anew under the same name has nothing of the old one, whose content a sweeper removes later.
//!
//! An item is under `(table, hash, partition key, sort key)`: the keys as bytes that sort as DynamoDB sorts them, and in
//! front of them a hash of the partition key, so that a scan meets partitions in no order that a caller could rely on,
//! and parallel scans are ranges of that hash. Entries of an index are kept in the same way under the keys of the index,
//! with the key of the item behind: several items may have the same index key.
//!
//! Items and bytes are counted beside, by counters that transactions add to without reading them.

use virga_kit::Ctx;
use virga_store::{Counter, Direction, Fault, Key, Range, Space, Write};

use crate::item::ItemKey;
use crate::records::{
    Armed, AutoScaling, Backup, Behind, Change, ClientToken, DataKey, Details, Export, Former, GlobalTable,
    Import, Increment, Membership, Missed, Overrides, QuotaUse, StoredItem, Stream, Table, TableKey, Tags,
};
use crate::rules::TableAddress;

static TABLES: Space<Table> = Space::new("ddb.table");
static DETAILS: Space<Details> = Space::new("ddb.details");
static TAGS: Space<Tags> = Space::new("ddb.tags");
static COUNTS: Space<Counter> = Space::new("ddb.n");
static SIZES: Space<Counter> = Space::new("ddb.s");
static COLLECTIONS: Space<Counter> = Space::new("ddb.c");
static ITEMS: Space<StoredItem> = Space::new("ddb.i");
static ENTRIES: Space<StoredItem> = Space::new("ddb.x");
static STREAMS: Space<Stream> = Space::new("ddb.stream");
static CHANGES: Space<Change> = Space::new("ddb.ch");
static BACKUPS: Space<Backup> = Space::new("ddb.backup");
static EXPORTS: Space<Export> = Space::new("ddb.export");
static IMPORTS: Space<Import> = Space::new("ddb.import");
static TABLE_KEYS: Space<TableKey> = Space::new("ddb.table-key");
static DATA_KEYS: Space<DataKey> = Space::new("ddb.data-key");
static AUTO_SCALING: Space<AutoScaling> = Space::new("ddb.auto-scaling");
static BEHIND: Space<Behind> = Space::new("ddb.behind");
static MISSED: Space<Missed> = Space::new("ddb.missed");
static OVERRIDES: Space<Overrides> = Space::new("ddb.override");
static MEMBERSHIPS: Space<Membership> = Space::new("ddb.membership");
static QUOTA_USES: Space<QuotaUse> = Space::new("ddb.quota-use");
static INCREMENTS: Space<Increment> = Space::new("ddb.increment");
static GLOBAL_TABLES: Space<GlobalTable> = Space::new("ddb.global");
static FORMER: Space<Former> = Space::new("ddb.f");
static TOKENS: Space<ClientToken> = Space::new("ddb.tk");
static TOKEN_AGES: Space<()> = Space::new("ddb.ta");
static TOKEN_SWEEPS: Space<Armed> = Space::new("ddb.ts");
static EXPIRY: Space<()> = Space::new("ddb.e");
static EXPIRY_ARMED: Space<Armed> = Space::new("ddb.ea");

/// The number of an index that means the table itself, in counters.
pub(crate) const TABLE_ITSELF: u32 = 0;

/// A table by its address.
pub(crate) fn table(at: TableAddress<'_>) -> Key<Table> {
    TABLES.key((at.account, at.region, at.name))
}

/// The tables of an account and region, by name.
pub(crate) fn tables(account: &str, region: &str) -> Range<Table> {
    TABLES.prefix((account, region))
}

/// The rarely needed part of a table.
pub(crate) fn details(table: &Table) -> Key<Details> {
    DETAILS.key(table.id)
}

/// The tags of a table.
pub(crate) fn tags(table: &Table) -> Key<Tags> {
    TAGS.key(table.id)
}

/// Items of a table or entries of an index.
pub(crate) fn count(table: u64, index: u32) -> Key<Counter> {
    COUNTS.key((table, index))
}

/// Bytes of a table or an index.
pub(crate) fn size(table: u64, index: u32) -> Key<Counter> {
    SIZES.key((table, index))
}

/// Whether an account has so many tables in a region.
pub(crate) fn has_tables(txn: &Write, at: TableAddress<'_>, count: usize) -> Result<bool, Fault> {
    let found = txn.snapshot_scan_keys(&tables(at.account, at.region), Direction::Forward, count)?;
    Ok(found.len() == count)
}

/// Bytes of the items with one partition key, in tables with local indexes.
pub(crate) fn collection(table: u64, key: &ItemKey) -> Key<Counter> {
    COLLECTIONS.key((table, key.hash.as_slice()))
}

/// Spreads partition keys over the key space. It is stored: it may never change.
pub(crate) fn spread(hash: &[u8]) -> u64 {
    // FNV-1a, then the finalizer of MurmurHash3, so that also the upper bits depend on all bytes.
    let mut value = hash.iter().fold(0xCBF2_9CE4_8422_2325_u64, |value, byte| {
        (value ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3)
    });
    value = (value ^ (value >> 33)).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
    value = (value ^ (value >> 33)).wrapping_mul(0xC4CE_B9FE_1A85_EC53);
    value ^ (value >> 33)
}

/// An item.
pub(crate) fn item(table: u64, key: &ItemKey) -> Key<StoredItem> {
    ITEMS.key((table, spread(&key.hash), key.hash.as_slice(), key.range.as_slice()))
}

/// The items of a table.
pub(crate) fn items(table: u64) -> Range<StoredItem> {
    ITEMS.prefix(table)
}

/// The items with one partition key, by sort key.
pub(crate) fn partition(table: u64, hash: &[u8]) -> Range<StoredItem> {
    ITEMS.prefix((table, spread(hash), hash))
}

/// An entry of an index for an item.
pub(crate) fn entry(table: u64, index: u32, entry: &ItemKey, item: &ItemKey) -> Key<StoredItem> {
    let (hash, range) = (entry.hash.as_slice(), entry.range.as_slice());
    ENTRIES.key((table, index, spread(hash), hash, range, item.hash.as_slice(), item.range.as_slice()))
}

/// The entries of an index.
pub(crate) fn entries(table: u64, index: u32) -> Range<StoredItem> {
    ENTRIES.prefix((table, index))
}

/// The entries of an index with one partition key, by sort key.
pub(crate) fn entry_partition(table: u64, index: u32, hash: &[u8]) -> Range<StoredItem> {
    ENTRIES.prefix((table, index, spread(hash), hash))
}

/// The key of the item under a key of [`items`].
pub(crate) fn item_key(key: &Key<StoredItem>) -> Result<ItemKey, Fault> {
    let (_, _, hash, range): (u64, u64, Vec<u8>, Vec<u8>) = key.parts()?;
    Ok(ItemKey { hash, range })
}

/// Where the partition key of a key of [`items`] is spread to.
pub(crate) fn item_spread(key: &Key<StoredItem>) -> Result<u64, Fault> {
    let (_, spread, _, _): (u64, u64, Vec<u8>, Vec<u8>) = key.parts()?;
    Ok(spread)
}

/// Where the partition key of a key of [`entries`] is spread to, and the key of its item.
pub(crate) fn entry_item(key: &Key<StoredItem>) -> Result<(u64, ItemKey), Fault> {
    type Parts = (u64, u32, u64, Vec<u8>, Vec<u8>, Vec<u8>, Vec<u8>);
    let (_, _, spread, _, _, hash, range): Parts = key.parts()?;
    Ok((spread, ItemKey { hash, range }))
}

/// A stream of a table.
pub(crate) fn stream(at: TableAddress<'_>, label: &str) -> Key<Stream> {
    STREAMS.key((at.account, at.region, at.name, label))
}

/// The streams of an account and region, by table and label.
pub(crate) fn streams(account: &str, region: &str) -> Range<Stream> {
    STREAMS.prefix((account, region))
}

/// The streams of one table name, by label.
pub(crate) fn streams_of(at: TableAddress<'_>) -> Range<Stream> {
    STREAMS.prefix((at.account, at.region, at.name))
}

/// A change in a stream.
pub(crate) fn change(stream: u64, sequence: u64) -> Key<Change> {
    CHANGES.key((stream, sequence))
}

/// The changes in a stream, oldest first.
pub(crate) fn changes(stream: u64) -> Range<Change> {
    CHANGES.prefix(stream)
}

/// That an item ends at a second.
pub(crate) fn expiry(table: u64, seconds: i64, key: &ItemKey) -> Key<()> {
    EXPIRY.key((table, seconds, key.hash.as_slice(), key.range.as_slice()))
}

/// The ends of the items of a table, soonest first.
pub(crate) fn expiries(table: u64) -> Range<()> {
    EXPIRY.prefix(table)
}

/// When the timer is due that ends items.
pub(crate) fn expiry_armed(table: u64) -> Key<Armed> {
    EXPIRY_ARMED.key(table)
}

/// A backup of a table, by the id in its ARN.
pub(crate) fn backup(at: TableAddress<'_>, id: &str) -> Key<Backup> {
    BACKUPS.key((at.account, at.region, at.name, id))
}

/// The backups of an account and region, by table and id.
pub(crate) fn backups(account: &str, region: &str) -> Range<Backup> {
    BACKUPS.prefix((account, region))
}

/// An export of a table, by the id in its ARN.
pub(crate) fn export(at: TableAddress<'_>, id: &str) -> Key<Export> {
    EXPORTS.key((at.account, at.region, at.name, id))
}

/// What a replica of a global table has of its own.
pub(crate) fn overrides(table: u64) -> Key<Overrides> {
    OVERRIDES.key(table)
}

/// What a table is in its global table.
pub(crate) fn membership(table: u64) -> Key<Membership> {
    MEMBERSHIPS.key(table)
}

/// What a table has used of the changes that it may make.
pub(crate) fn quota_use(table: u64) -> Key<QuotaUse> {
    QUOTA_USES.key(table)
}

/// The table key of a table that callers need.
pub(crate) fn table_key(table: u64) -> Key<TableKey> {
    TABLE_KEYS.key(table)
}

/// The table keys that callers need.
pub(crate) fn table_keys() -> Range<TableKey> {
    TABLE_KEYS.all()
}

/// What the items of a table or a backup are sealed with.
pub(crate) fn data_key(owner: u64) -> Key<DataKey> {
    DATA_KEYS.key(owner)
}

/// All data keys.
pub(crate) fn data_keys() -> Range<DataKey> {
    DATA_KEYS.all()
}

/// What scales of a table.
pub(crate) fn auto_scaling(table: u64) -> Key<AutoScaling> {
    AUTO_SCALING.key(table)
}

/// That a replica, by the id of its table, is behind the other regions.
pub(crate) fn behind(table: u64) -> Key<Behind> {
    BEHIND.key(table)
}

/// What a replica has missed of an item.
pub(crate) fn missed(table: u64, key: &ItemKey) -> Key<Missed> {
    MISSED.key((table, key.hash.as_slice(), key.range.as_slice()))
}

/// What a replica has missed.
pub(crate) fn all_missed(table: u64) -> Range<Missed> {
    MISSED.prefix(table)
}

/// The item that a replica has missed.
pub(crate) fn missed_item(key: &Key<Missed>) -> Result<ItemKey, Fault> {
    let (_, hash, range): (u64, Vec<u8>, Vec<u8>) = key.parts()?;
    Ok(ItemKey { hash, range })
}

/// What an incremental export is about.
pub(crate) fn increment(at: TableAddress<'_>, id: &str) -> Key<Increment> {
    INCREMENTS.key((at.account, at.region, at.name, id))
}

/// A global table of the version of 2017.
pub(crate) fn global_table(account: &str, name: &str) -> Key<GlobalTable> {
    GLOBAL_TABLES.key((account, name))
}

/// The global tables of the version of 2017 of an account, by name.
pub(crate) fn global_tables(account: &str) -> Range<GlobalTable> {
    GLOBAL_TABLES.prefix(account)
}

/// The exports of an account and region, by table and age.
pub(crate) fn exports(account: &str, region: &str) -> Range<Export> {
    EXPORTS.prefix((account, region))
}

/// The exports of a table, oldest first.
pub(crate) fn exports_of(at: TableAddress<'_>) -> Range<Export> {
    EXPORTS.prefix((at.account, at.region, at.name))
}

/// An import into a table, by the id in its ARN.
pub(crate) fn import(at: TableAddress<'_>, id: &str) -> Key<Import> {
    IMPORTS.key((at.account, at.region, at.name, id))
}

/// The imports of an account and region, by table and age.
pub(crate) fn imports(account: &str, region: &str) -> Range<Import> {
    IMPORTS.prefix((account, region))
}

/// The imports into one table name, oldest first.
pub(crate) fn imports_of(at: TableAddress<'_>) -> Range<Import> {
    IMPORTS.prefix((at.account, at.region, at.name))
}

/// What an item of a table was before a change, for point-in-time recovery.
pub(crate) fn former(table: u64, sequence: u64) -> Key<Former> {
    FORMER.key((table, sequence))
}

/// What the items of a table were, oldest change first.
pub(crate) fn formers(table: u64) -> Range<Former> {
    FORMER.prefix(table)
}

/// What was done under a client token of the caller's account.
pub(crate) fn client_token(ctx: &Ctx, token: &str) -> Key<ClientToken> {
    TOKENS.key((ctx.account(), ctx.region(), token))
}

/// That a client token was used at a time.
pub(crate) fn client_token_age(ctx: &Ctx, at: i64, token: &str) -> Key<()> {
    TOKEN_AGES.key((ctx.account(), ctx.region(), at, token))
}

/// The client tokens of an account by age.
pub(crate) fn client_token_ages(ctx: &Ctx) -> Range<()> {
    TOKEN_AGES.prefix((ctx.account(), ctx.region()))
}

/// When the timer is due that forgets client tokens.
pub(crate) fn token_sweep(ctx: &Ctx) -> Key<Armed> {
    TOKEN_SWEEPS.key((ctx.account(), ctx.region()))
}

/// Deletes up to `limit` records of a table id that no table has any more, or all of them but the items. Whether nothing
/// is left.
pub(crate) fn drop_content(
    txn: &mut Write,
    table: u64,
    limit: usize,
    keeps_items: bool,
) -> Result<bool, Fault> {
    let mut left = limit;
    macro_rules! sweep {
        ($($space:ident)*) => {$(
            left -= txn.delete_range(&$space.prefix(table), left)?;
            if left == 0 {
                return Ok(false);
            }
        )*};
    }
    if !keeps_items {
        sweep!(ITEMS);
    }
    sweep!(ENTRIES FORMER EXPIRY EXPIRY_ARMED COLLECTIONS COUNTS SIZES BEHIND MISSED);
    Ok(true)
}
