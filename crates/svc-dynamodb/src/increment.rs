//! Incremental exports: what has changed within a period, each item as it was before and after it.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>

use std::collections::BTreeMap;

use virga_api::dynamodb as api;
use virga_item::interchange::{ion, json};
use virga_item::{AttributeValue, Item, Number};
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader as _};

use crate::error::Error;
use crate::item::{self, ItemKey};
use crate::records::{Increment, StoredItem, Table};
use crate::sealing::{Cipher, opened};
use crate::{keys, restore};

/// The shortest period, a quarter of an hour, and the longest, a day.
const SHORTEST_MICROS: i64 = 900_000_000;
const LONGEST_MICROS: i64 = 86_400_000_000;
/// Changes that are read at once.
const BATCH: usize = 500;

/// The period that a request names; none for a full export.
pub(crate) fn period(
    input: &api::ExportTableToPointInTimeInput,
    now: i64,
) -> Result<Option<Increment>, Error> {
    let given = input.incremental_export_specification();
    if input.export_type() != Some(api::export_type::INCREMENTAL_EXPORT) {
        return match given {
            Some(_) => Err(Error::validation(
                "IncrementalExportSpecification can only be specified when ExportType is INCREMENTAL_EXPORT",
            )),
            None => Ok(None),
        };
    }
    let missing = || {
        Error::validation(
            "Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification",
        )
    };
    let given = given.ok_or_else(missing)?;
    let from = given.export_from_time().ok_or_else(missing)?.micros();
    let to = given.export_to_time().map_or(now, Timestamp::micros);
    if to > now || !(SHORTEST_MICROS..=LONGEST_MICROS).contains(&(to - from)) {
        return Err(Error::InvalidExportTime);
    }
    let shows_old = given.export_view_type() != Some(api::export_view_type::NEW_IMAGE);
    Ok(Some(Increment { from, to, shows_old }))
}

/// `ExportViewType`.
pub(crate) fn view(period: &Increment) -> &'static str {
    if period.shows_old {
        api::export_view_type::NEW_AND_OLD_IMAGES
    } else {
        api::export_view_type::NEW_IMAGE
    }
}

/// `IncrementalExportSpecification`.
pub(crate) fn describe(period: &Increment) -> api::IncrementalExportSpecification {
    api::IncrementalExportSpecification::new()
        .with_export_from_time(Timestamp::from_micros(period.from))
        .with_export_to_time(Timestamp::from_micros(period.to))
        .with_export_view_type(view(period))
}

/// An item that has changed.
#[derive(Debug)]
pub(crate) struct Changed {
    /// As it was before the period.
    old: Option<StoredItem>,
    /// As it was at its end.
    new: Option<StoredItem>,
    /// When it was written last within it.
    at: u64,
}

/// The items that have changed within a period.
pub(crate) fn changes(
    read: &Read,
    (table, cipher): (u64, Option<&Cipher>),
    period: &Increment,
) -> Result<BTreeMap<ItemKey, Changed>, Fault> {
    let moment = |micros: i64| u64::try_from(micros).unwrap_or(0);
    let mut changes = BTreeMap::<ItemKey, Changed>::new();
    let mut range = keys::formers(table).from(moment(period.from)).until(moment(period.to));
    loop {
        let found = read.scan(&range, Direction::Forward, BATCH)?;
        let last = found.last().map(|(key, _)| key.clone()).filter(|_| found.len() == BATCH);
        for (key, former) in found {
            let (_, at): (u64, u64) = key.parts()?;
            // The first change within the period tells what was there before it.
            let changed = changes.entry(former.key).or_insert(Changed { old: former.old, new: None, at });
            changed.at = at;
        }
        match last {
            Some(last) => range = range.after_key(&last),
            None => break,
        }
    }
    let mut later = restore::former(read, table, period.to - 1)?;
    for (key, changed) in &mut changes {
        changed.new = match later.remove(key) {
            Some(was) => was,
            None => read.get(&keys::item(table, key))?,
        };
    }
    for changed in changes.values_mut() {
        for image in [&mut changed.old, &mut changed.new] {
            *image = image.take().map(|image| opened(image, cipher)).transpose()?;
        }
    }
    Ok(changes)
}

impl Changed {
    /// Bytes of the images by AWS's counting.
    pub(crate) fn size(&self) -> u32 {
        [&self.old, &self.new].into_iter().flatten().map(|image| image.size).sum()
    }

    /// The line of an export.
    pub(crate) fn line(
        &self,
        table: &Table,
        key: &ItemKey,
        (period, is_ion): (&Increment, bool),
    ) -> Result<String, Fault> {
        let written = AttributeValue::N(Number::from(i64::try_from(self.at).unwrap_or(i64::MAX)));
        let metadata = Item::from_iter([("WriteTimestampMicros".into(), written)]);
        let keys = item::key_attributes(table, key);
        let old = self.old.as_ref().filter(|_| period.shows_old).map(StoredItem::item).transpose()?;
        let new = self.new.as_ref().map(StoredItem::item).transpose()?;
        let mut groups = vec![("Metadata", &metadata), ("Keys", &keys)];
        groups.extend(old.as_ref().map(|old| ("OldImage", old)));
        groups.extend(new.as_ref().map(|new| ("NewImage", new)));
        Ok(if is_ion { ion::write_record(&groups) } else { json::write_record(&groups) })
    }
}
