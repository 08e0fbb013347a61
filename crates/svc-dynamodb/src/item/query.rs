//! `Query`: the items with one partition key, in the order of their sort keys.

use std::ops::Bound;

use virga_api::dynamodb as api;
use virga_item::{
    Condition, ExpressionKind, Item, KeyAttribute, KeyConditions, KeyRange, KeySchema, Placeholders,
    SeveralAttributes, attribute,
};
use virga_kit::{Ctx, Failure};
use virga_model::Record;
use virga_model::view::Structure as _;
use virga_store::{Direction, Range, Read};

use super::attributes::{self, Shown};
use super::capacity::{Kind, Reading, consumed};
use super::open::Opened;
use super::page::{Request, Selected, Source, Start};
use super::read::Wanted;
use super::stale::View;
use super::{guard, legacy};
use crate::access::text;
use crate::error::Error;
use crate::records::StoredItem;

const OLDER: [&str; 4] = ["AttributesToGet", "KeyConditions", "QueryFilter", "ConditionalOperator"];
const EXPRESSIONS: [&str; 3] = ["ProjectionExpression", "FilterExpression", "KeyConditionExpression"];

/// Reads the items with one partition key.
pub(crate) fn query(ctx: &Ctx, txn: &Read, input: &api::QueryInput) -> Result<api::QueryOutput, Failure> {
    let record = input.as_record();
    let Asked { conditions, filter, wanted, start } = read(record).map_err(Error::in_current_words)?;
    let opened = Opened::find(ctx, txn, input.table_name())?;
    let source = Source::find(opened.open(), input.index_name())?;
    check_consistency(&source, input.consistent_read())?;
    let selected = Selected::read(record, &source, &wanted)?;
    check_filter(&source, filter.as_ref())?;
    let query = resolve(conditions, &source)?;
    let direction = match input.scan_index_forward() {
        Some(false) => Direction::Backward,
        _ => Direction::Forward,
    };
    let range = range(&source, query, direction, start.map(|start| source.start_at(&start)).transpose()?)?;
    let limit = input.limit().and_then(|limit| usize::try_from(limit).ok());
    let reading = Reading::of(input.consistent_read());
    let view = View::of(ctx, input.consistent_read());
    let request = Request { source, range, direction, limit, filter, wanted, selected, reading, view };
    let (page, items) = request.serve(ctx, txn)?;
    let asked = input.return_consumed_capacity();
    Ok(api::QueryOutput::new()
        .with_items(items)
        .with_count(page.count as i32)
        .with_scanned_count(page.scanned as i32)
        .with_last_evaluated_key(page.last.as_ref().map(Shown::of))
        .with_consumed_capacity(consumed(asked, opened.name, &page.units, Kind::Untold)))
}

/// What is asked for, read but not yet held against the table.
struct Asked {
    conditions: KeyConditions,
    filter: Option<Condition>,
    wanted: Wanted,
    /// The key behind which the page begins.
    start: Option<Item>,
}

fn read(record: &Record) -> Result<Asked, Error> {
    guard::check_not_mixed(record, &OLDER, &EXPRESSIONS)?;
    guard::check_expressions(record, &EXPRESSIONS)?;
    let mut placeholders = guard::placeholders(record)?;
    let conditions = conditions(record, &mut placeholders)?;
    let filter = filter(record, "QueryFilter", &mut placeholders)?;
    let wanted = Wanted::read(record, &mut placeholders)?;
    placeholders.all_used()?;
    let start = attributes::map(record, "ExclusiveStartKey").map(attribute::read_item).transpose()?;
    Ok(Asked { conditions, filter, wanted, start })
}

fn conditions(record: &Record, placeholders: &mut Placeholders) -> Result<KeyConditions, Error> {
    if let Some(text) = text(record, "KeyConditionExpression") {
        return Ok(KeyConditions::parse(text, placeholders)?);
    }
    legacy::key_conditions(record)?.ok_or_else(|| {
        Error::validation(
            "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
        )
    })
}

/// The filter of a query or a scan.
pub(super) fn filter(
    record: &Record,
    older: &str,
    placeholders: &mut Placeholders,
) -> Result<Option<Condition>, Error> {
    match text(record, "FilterExpression") {
        Some(text) => Ok(Some(Condition::parse(ExpressionKind::Filter, text, placeholders)?)),
        None => legacy::filter(record, older),
    }
}

/// Global indexes follow their tables: nobody reads them as of now.
pub(super) fn check_consistency(source: &Source<'_>, consistent: Option<bool>) -> Result<(), Error> {
    if consistent == Some(true) && source.index.is_some_and(|index| index.is_global) {
        return Err(Error::validation("Consistent reads are not supported on global secondary indexes"));
    }
    Ok(())
}

/// The filter of a query may not look at the key.
fn check_filter(source: &Source<'_>, filter: Option<&Condition>) -> Result<(), Error> {
    for name in filter.into_iter().flat_map(Condition::attributes) {
        if source.key().names().any(|key| key == &**name) {
            return Err(Error::validation(format!(
                "Filter Expression can only contain non-primary key attributes: Primary key attribute: {name}"
            )));
        }
    }
    Ok(())
}

/// The key of the source as the item language knows it.
pub(super) fn schema<'a>(source: &Source<'a>) -> KeySchema<'a> {
    let key = source.key();
    let attribute = |name: &'a str| KeyAttribute { name, kind: source.type_of(name) };
    KeySchema { hash: attribute(&key.hash), range: key.range().map(attribute) }
}

/// Holds key conditions against the key of the source.
fn resolve(conditions: KeyConditions, source: &Source<'_>) -> Result<KeyRange, Error> {
    let key = source.key();
    if key.is_several() {
        let attribute = |name| KeyAttribute { name, kind: source.type_of(name) };
        let hashes = key.hashes().map(attribute).collect();
        let ranges = key.ranges().map(attribute).collect();
        return Ok(SeveralAttributes { hashes, ranges }.resolve(conditions)?);
    }
    let query = conditions.resolve(&schema(source))?;
    query.bytes().ok_or_else(|| Error::validation("Query key condition not supported"))
}

/// What a query reads of its source.
pub(super) fn range(
    source: &Source<'_>,
    query: KeyRange,
    direction: Direction,
    start: Option<Start>,
) -> Result<Range<StoredItem>, Error> {
    let KeyRange { partition, lower, upper } = query;
    let mut range = source.partition(&partition);
    if is_empty(&lower, &upper) {
        return Err(Error::validation(
            "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to \
             lower bound",
        ));
    }
    if let Some(start) = &start {
        if start.entry.hash != partition {
            return Err(Error::validation(
                "The provided starting key is outside query boundaries based on provided conditions",
            ));
        }
        let is_within = (lower.as_ref(), upper.as_ref());
        let is_within =
            std::ops::RangeBounds::<Vec<u8>>::contains(&(is_within.0, is_within.1), &start.entry.range);
        if !is_within {
            return Err(Error::validation(
                "The provided starting key does not match the range key predicate",
            ));
        }
    }
    range = match lower {
        Bound::Included(lower) => range.from(lower),
        Bound::Excluded(lower) => range.after(lower),
        Bound::Unbounded => range,
    };
    range = match upper {
        Bound::Included(upper) => range.through(upper),
        Bound::Excluded(upper) => range.until(upper),
        Bound::Unbounded => range,
    };
    Ok(match (start, direction) {
        (None, _) => range,
        (Some(start), Direction::Forward) => range.after_key(&start.place),
        (Some(start), Direction::Backward) => range.until_key(&start.place),
    })
}

fn is_empty(lower: &Bound<Vec<u8>>, upper: &Bound<Vec<u8>>) -> bool {
    let (Bound::Included(lower), Bound::Included(upper) | Bound::Excluded(upper)) = (lower, upper) else {
        return false;
    };
    lower > upper
}
