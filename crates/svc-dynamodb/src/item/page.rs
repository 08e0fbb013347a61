//! One page of a query or a scan: from where, how far, what of it is returned.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html>

use virga_item::{AttributeType, Condition, Item};
use virga_kit::{Ctx, Failure};
use virga_model::Record;
use virga_store::{Direction, Fault, Key, Range, Read, Reader as _};

use virga_api::dynamodb as api;

use super::attributes::ShownList;
use super::capacity::{Reading, Units};
use super::key::{self, ItemKey};
use super::open::Open;
use super::read::Wanted;
use super::stale::View;
use super::throttle::{self, Meter, Use};
use crate::access::text;
use crate::error::Error;
use crate::records::{Index, ItemRef, Projection, StoredItem};
use crate::{index, keys};

/// Bytes that a page reads at most: 1 MB.
const MOST_BYTES: u64 = 1 << 20;
/// Items that are read at once as of a moment that is past.
const READ_AT_ONCE: usize = 64;

/// What a query or scan reads: a table or an index.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) open: Open<'a>,
    pub(super) index: Option<&'a Index>,
}

impl<'a> Source<'a> {
    /// The table or its index.
    pub(super) fn find(open: Open<'a>, index: Option<&str>) -> Result<Self, Error> {
        Ok(Source { open, index: index.map(|name| open.index(name)).transpose()? })
    }

    /// The key by which it is read.
    pub(super) fn key(&self) -> &'a crate::records::KeySchema {
        self.index.map_or(&self.open.table.key, |index| &index.key)
    }

    pub(super) fn type_of(&self, name: &str) -> AttributeType {
        self.open.table.type_of(name).attribute_type()
    }

    /// Everything in it.
    pub(super) fn all(&self) -> Range<StoredItem> {
        match self.index {
            Some(index) => keys::entries(self.open.table.id, index.id),
            None => keys::items(self.open.table.id),
        }
    }

    /// What has one partition key.
    pub(super) fn partition(&self, hash: &[u8]) -> Range<StoredItem> {
        match self.index {
            Some(index) => keys::entry_partition(self.open.table.id, index.id, hash),
            None => keys::partition(self.open.table.id, hash),
        }
    }

    /// Where the partition key of a key in it is spread to.
    fn spread(&self, key: &Key<StoredItem>) -> Result<u64, Fault> {
        match self.index {
            Some(_) => keys::entry_item(key).map(|(spread, _)| spread),
            None => keys::item_spread(key),
        }
    }

    /// Where an item is in it, and what of it; none when it is not in it.
    pub(super) fn place(
        &self,
        key: &ItemKey,
        stored: &StoredItem,
    ) -> Result<Option<(Key<StoredItem>, StoredItem)>, Fault> {
        let table = self.open.table;
        let Some(index) = self.index else {
            return Ok(Some((keys::item(table.id, key), stored.clone())));
        };
        let item = stored.item()?;
        Ok(key::of_entry(table, index, &item).map(|entry| {
            let projected = StoredItem::of(&index::project(table, index, &item));
            (keys::entry(table.id, index.id, &entry, key), projected)
        }))
    }

    /// The attributes that tell a place in it: its key, and that of the table.
    fn place_of(&self, item: &Item) -> Item {
        let mut place = key::attributes(&self.open.table.key, item);
        if let Some(index) = self.index {
            for (name, value) in key::attributes(&index.key, item) {
                place.insert(name, value);
            }
        }
        place
    }

    /// The place that a key tells.
    pub(super) fn start_at(&self, given: &Item) -> Result<Start, Error> {
        let invalid =
            |reason: &str| Error::validation(format!("The provided starting key is invalid{reason}"));
        let mismatch = || invalid(": The provided key element does not match the schema");
        let table = self.open.table;
        let of_table = key::attributes(&table.key, given);
        let item = key::of_key(table, &of_table).map_err(|_| mismatch())?;
        let entry = match self.index {
            Some(index) => key::of_entry(table, index, given).ok_or_else(|| invalid(""))?,
            None => item.clone(),
        };
        if self.place_of(given).len() != given.len() {
            return Err(if self.index.is_some() { invalid("") } else { mismatch() });
        }
        let place = match self.index {
            Some(index) => keys::entry(table.id, index.id, &entry, &item),
            None => keys::item(table.id, &item),
        };
        Ok(Start { place, entry })
    }
}

/// Where a page begins.
pub(super) struct Start {
    pub(super) place: Key<StoredItem>,
    /// The key in the source.
    pub(super) entry: ItemKey,
}

/// What is returned of each item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Selected {
    /// As far as it is in the source.
    Found,
    /// Attributes that a local index lacks are fetched from the table.
    Fetched,
    /// Nothing: items are counted.
    Count,
}

impl Selected {
    /// Holds `Select` against the source and what is projected.
    pub(super) fn read(record: &Record, source: &Source<'_>, wanted: &Wanted) -> Result<Self, Error> {
        let asked = text(record, "Select");
        let member = if text(record, "ProjectionExpression").is_some() {
            "ProjectionExpression"
        } else {
            "AttributesToGet"
        };
        if let Some(other) =
            asked.filter(|asked| *asked != api::select::SPECIFIC_ATTRIBUTES && !wanted.is_all())
        {
            return Err(Error::validation(format!(
                "Cannot specify the {member} when choosing to get {}",
                if other == api::select::COUNT { "only the Count" } else { other }
            )));
        }
        let Some(index) = source.index else {
            return match asked {
                Some(api::select::ALL_PROJECTED_ATTRIBUTES) => Err(Error::validation(
                    "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName",
                )),
                Some(api::select::SPECIFIC_ATTRIBUTES) if wanted.is_all() => Err(no_attributes()),
                Some(api::select::COUNT) => Ok(Selected::Count),
                _ => Ok(Selected::Found),
            };
        };
        match asked {
            Some(api::select::COUNT) => Ok(Selected::Count),
            Some(api::select::SPECIFIC_ATTRIBUTES) if wanted.is_all() => Err(no_attributes()),
            Some(api::select::ALL_ATTRIBUTES) if index.projection == Projection::All => Ok(Selected::Found),
            Some(api::select::ALL_ATTRIBUTES) if index.is_global => Err(Error::invalid_values(format!(
                "Select type ALL_ATTRIBUTES is not supported for global secondary index {} because its projection type \
                 is not ALL",
                index.name
            ))),
            Some(api::select::ALL_ATTRIBUTES) => Ok(Selected::Fetched),
            _ => Self::of_projection(source, index, wanted),
        }
    }

    fn of_projection(source: &Source<'_>, index: &Index, wanted: &Wanted) -> Result<Self, Error> {
        let lacking: Vec<&str> = wanted
            .attributes()
            .into_iter()
            .filter(|name| !index::holds(source.open.table, index, name))
            .collect();
        match lacking.as_slice() {
            [] => Ok(Selected::Found),
            names if index.is_global => Err(Error::invalid_values(format!(
                "Global secondary index {} does not project [{}]",
                index.name,
                names.join(", ")
            ))),
            _ => Ok(Selected::Fetched),
        }
    }
}

fn no_attributes() -> Error {
    Error::validation(
        "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES",
    )
}

/// What a page is made by.
pub(super) struct Request<'a> {
    pub(super) source: Source<'a>,
    pub(super) range: Range<StoredItem>,
    pub(super) direction: Direction,
    /// Items that are looked at, at most.
    pub(super) limit: Option<usize>,
    pub(super) filter: Option<Condition>,
    pub(super) wanted: Wanted,
    pub(super) selected: Selected,
    pub(super) reading: Reading,
    /// As of when items are seen; none for what was written last.
    pub(super) view: Option<View>,
}

/// A page.
#[derive(Default)]
pub(super) struct Page {
    /// Items that passed the filter.
    pub(super) count: usize,
    /// Items that were looked at.
    pub(super) scanned: usize,
    /// The place of the last one, when there may be more.
    pub(super) last: Option<Item>,
    pub(super) units: Units,
    /// Whether it ends early because a partition takes no more.
    is_throttled: bool,
}

/// How far a page has come.
struct Progress<'a> {
    page: Page,
    items: &'a mut dyn Gather,
    bytes: u64,
    /// Units of what was fetched from the table.
    fetched: f64,
    /// Where quotas are enforced: what partitions take, and the last item that was looked at.
    meter: Option<Meter<'a>>,
    last: Option<StoredItem>,
}

/// Gathers what a page returns of its items.
pub(super) trait Gather {
    fn gather(&mut self, wanted: &Wanted, item: ItemRef<'_>) -> Result<(), Fault>;
}

impl Gather for ShownList {
    fn gather(&mut self, wanted: &Wanted, item: ItemRef<'_>) -> Result<(), Fault> {
        self.push(&wanted.part(item)?)
    }
}

/// Whole items, whatever is wanted of them.
impl Gather for Vec<Item> {
    fn gather(&mut self, _: &Wanted, item: ItemRef<'_>) -> Result<(), Fault> {
        self.push(item.item()?);
        Ok(())
    }
}

impl Request<'_> {
    /// Reads the page, if the table or index may take it, and charges it with it. Beside it what is returned of its items.
    pub(super) fn serve(self, ctx: &Ctx, txn: &Read) -> Result<(Page, Option<ShownList>), Failure> {
        let Source { open, index } = self.source;
        let selected = self.selected;
        throttle::admit_reading(ctx, txn, &open, index)?;
        let mut items = ShownList::default();
        let page = self.read(ctx, txn, &mut items)?;
        throttle::charge(ctx, &open, Use::Read, &page.units);
        Ok((page, (selected != Selected::Count).then_some(items)))
    }

    /// Reads the page. It ends before a partition that takes no more; when that is the first, it is refused.
    pub(super) fn read(self, ctx: &Ctx, txn: &Read, items: &mut dyn Gather) -> Result<Page, Failure> {
        let (open, index) = (self.source.open, self.source.index);
        let meter = Meter::of(ctx, &open, index);
        let mut progress =
            Progress { page: Page::default(), items, bytes: 0, fetched: 0.0, meter, last: None };
        match &self.view {
            None => txn.visit(&self.range, self.direction, |row| {
                let stored = ItemRef::read(row.body())?;
                if open.cipher.is_none() {
                    return self.advance(txn, || row.key(), stored, &mut progress);
                }
                let opened = open.opened(stored.to_owned())?;
                self.advance(txn, || row.key(), opened.as_ref(), &mut progress)
            })?,
            Some(view) => self.read_as_of(view, txn, &mut progress)?,
        }
        let Progress { mut page, bytes, fetched, meter, .. } = progress;
        if page.is_throttled && page.scanned == 0 {
            return Err(throttle::refused_by_partition(&open, index, Use::Read));
        }
        let units = self.reading.units(bytes);
        match index {
            Some(index) => page.units.add_index(index, units),
            None => page.units.table += units,
        }
        page.units.table += fetched;
        if let Some(meter) = meter {
            meter.charge(self.reading);
        }
        Ok(page)
    }

    /// Reads the page as of a moment that is past.
    fn read_as_of(&self, view: &View, txn: &Read, progress: &mut Progress<'_>) -> Result<(), Error> {
        let mut range = self.range.clone();
        let mut overlay = view.overlay(&self.source, &range)?;
        loop {
            let mut found = txn.scan(&range, self.direction, READ_AT_ONCE)?;
            let last = found.last().map(|(key, _)| key.clone()).filter(|_| found.len() == READ_AT_ONCE);
            let opened = found.into_iter().map(|(key, stored)| Ok((key, self.source.open.opened(stored)?)));
            found = opened.collect::<Result<Vec<_>, Fault>>()?;
            overlay.merge(&mut found, last.as_ref(), self.direction)?;
            for (key, stored) in &found {
                if !self.advance(txn, || key.clone(), stored.as_ref(), progress)? {
                    return Ok(());
                }
            }
            let Some(last) = last else { return Ok(()) };
            range = match self.direction {
                Direction::Forward => range.after_key(&last),
                Direction::Backward => range.until_key(&last),
            };
        }
    }

    /// Looks at the next item. Whether the page goes on.
    fn advance(
        &self,
        txn: &Read,
        key: impl FnOnce() -> Key<StoredItem>,
        stored: ItemRef<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<bool, Error> {
        if let Some(meter) = &mut progress.meter {
            if !meter.takes(self.source.spread(&key())?, u64::from(stored.size)) {
                progress.page.is_throttled = true;
                let last = progress.last.take().map(|last| last.item()).transpose()?;
                progress.page.last = last.map(|last| self.source.place_of(&last));
                return Ok(false);
            }
            progress.last = Some(stored.to_owned());
        }
        progress.page.scanned += 1;
        progress.bytes += u64::from(stored.size);
        self.take(txn, stored, progress)?;
        let is_full = self.limit == Some(progress.page.scanned) || progress.bytes >= MOST_BYTES;
        if is_full {
            progress.page.last = Some(self.source.place_of(&stored.item()?));
        }
        Ok(!is_full)
    }

    /// Takes an item into the page, if it passes the filter.
    fn take(&self, txn: &Read, stored: ItemRef<'_>, progress: &mut Progress<'_>) -> Result<(), Error> {
        if self.selected == Selected::Count && self.filter.is_none() {
            progress.page.count += 1;
            return Ok(());
        }
        let fetched = match self.selected {
            Selected::Fetched => Some(self.fetch(txn, stored, &mut progress.fetched)?),
            Selected::Found | Selected::Count => None,
        };
        let stored = fetched.as_ref().map_or(stored, StoredItem::as_ref);
        let is_taken = match &self.filter {
            Some(filter) => filter.matches(&stored.item()?),
            None => true,
        };
        if is_taken {
            progress.page.count += 1;
            if self.selected != Selected::Count {
                progress.items.gather(&self.wanted, stored)?;
            }
        }
        Ok(())
    }

    /// The item of the table that an entry of an index is of.
    fn fetch(&self, txn: &Read, entry: ItemRef<'_>, fetched: &mut f64) -> Result<StoredItem, Error> {
        let table = self.source.open.table;
        let place = key::of_key(table, &key::attributes(&table.key, &entry.item()?))?;
        let whole = self.source.open.item(txn, &place)?;
        let whole = match &self.view {
            Some(view) => view.seen(table.id, &place, whole),
            None => whole,
        };
        let whole = whole.ok_or_else(|| Fault::new("an index has an entry without an item"))?;
        *fetched += self.reading.units(u64::from(whole.size));
        Ok(whole)
    }
}
