//! `Scan`: everything in a table or an index, or one of several segments of it.

use virga_api::dynamodb as api;
use virga_item::{Item, attribute};
use virga_kit::{Ctx, Failure};
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_store::{Direction, Range, Read};

use super::attributes::{self, Shown};
use super::capacity::{Kind, Reading, consumed};
use super::guard;
use super::open::Opened;
use super::page::{Request, Selected, Source};
use super::query::{check_consistency, filter};
use super::read::Wanted;
use super::stale::View;
use crate::error::Error;
use crate::keys;
use crate::records::StoredItem;

const OLDER: [&str; 3] = ["AttributesToGet", "ScanFilter", "ConditionalOperator"];
const EXPRESSIONS: [&str; 2] = ["ProjectionExpression", "FilterExpression"];

/// Reads a table or an index.
pub(crate) fn scan(ctx: &Ctx, txn: &Read, input: &api::ScanInput) -> Result<api::ScanOutput, Failure> {
    let record = input.as_record();
    guard::check_not_mixed(record, &OLDER, &EXPRESSIONS)?;
    guard::check_expressions(record, &EXPRESSIONS)?;
    let segment = Segment::read(input)?;
    let mut placeholders = guard::placeholders(record)?;
    let filter = filter(record, "ScanFilter", &mut placeholders)?;
    let wanted = Wanted::read(record, &mut placeholders)?;
    placeholders.all_used().map_err(Error::from)?;
    let opened = Opened::find(ctx, txn, input.table_name())?;
    let source = Source::find(opened.open(), input.index_name())?;
    check_consistency(&source, input.consistent_read())?;
    let selected = Selected::read(record, &source, &wanted)?;
    let mut range = segment.narrow(source.all());
    if let Some(start) = start(record)?.map(|given| source.start_at(&given)).transpose()? {
        if !segment.contains(keys::spread(&start.entry.hash)) {
            return Err(Error::validation(format!(
                "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with \
                 correct Segment. TotalSegments: {} Segment: {}",
                segment.total, segment.number
            ))
            .into());
        }
        range = range.after_key(&start.place);
    }
    let limit = input.limit().and_then(|limit| usize::try_from(limit).ok());
    let reading = Reading::of(input.consistent_read());
    let direction = Direction::Forward;
    let view = View::of(ctx, input.consistent_read());
    let request = Request { source, range, direction, limit, filter, wanted, selected, reading, view };
    let (page, items) = request.serve(ctx, txn)?;
    let asked = input.return_consumed_capacity();
    Ok(api::ScanOutput::new()
        .with_items(items)
        .with_count(page.count as i32)
        .with_scanned_count(page.scanned as i32)
        .with_last_evaluated_key(page.last.as_ref().map(Shown::of))
        .with_consumed_capacity(consumed(asked, opened.name, &page.units, Kind::Untold)))
}

/// The key behind which the page begins.
fn start(record: &Record) -> Result<Option<Item>, Error> {
    let given = attributes::map(record, "ExclusiveStartKey").map(attribute::read_item).transpose();
    given.map_err(|invalid| invalid.within("The provided starting key is invalid: ").into())
}

/// One of so many equal parts of a source.
struct Segment {
    number: u64,
    total: u64,
}

impl Segment {
    fn read(input: &api::ScanInput) -> Result<Self, Error> {
        let number = |number: i32| u64::try_from(number).unwrap_or(0);
        match (input.segment().map(number), input.total_segments().map(number)) {
            (None, None) => Ok(Segment { number: 0, total: 1 }),
            (Some(_), None) => Err(Error::validation(
                "The TotalSegments parameter is required but was not present in the request when Segment parameter is \
                 present",
            )),
            (None, Some(_)) => Err(Error::validation(
                "The Segment parameter is required but was not present in the request when parameter TotalSegments is \
                 present",
            )),
            (Some(number), Some(total)) if number >= total => Err(Error::validation(format!(
                "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {number} \
                 is not less than TotalSegments: {total}"
            ))),
            (Some(number), Some(total)) => Ok(Segment { number, total }),
        }
    }

    /// The hash at which a segment begins; none behind the last.
    fn begin(&self, number: u64) -> Option<u64> {
        let begin = (u128::from(number) << 64).div_ceil(u128::from(self.total));
        u64::try_from(begin).ok()
    }

    fn contains(&self, hash: u64) -> bool {
        self.begin(self.number).is_some_and(|begin| begin <= hash)
            && self.begin(self.number + 1).is_none_or(|end| hash < end)
    }

    fn narrow(&self, range: Range<StoredItem>) -> Range<StoredItem> {
        let range = match self.begin(self.number) {
            Some(begin) => range.from(begin),
            None => range,
        };
        match self.begin(self.number + 1) {
            Some(end) => range.until(end),
            None => range,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Segment;

    #[test]
    fn each_hash_is_in_one_segment() {
        for total in [1, 2, 3, 7, 1000, 1_000_000] {
            for hash in [0, 1, u64::MAX / 3, u64::MAX / 2 + 1, u64::MAX] {
                let guess = ((u128::from(hash) * u128::from(total)) >> 64) as u64;
                for number in guess.saturating_sub(1)..=(guess + 1).min(total - 1) {
                    let is_within = Segment { number, total }.contains(hash);
                    assert_eq!(is_within, number == guess, "{hash} of {total} in {number}");
                }
            }
        }
    }
}
