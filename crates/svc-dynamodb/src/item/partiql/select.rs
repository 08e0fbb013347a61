//! `SELECT`: the ranges of a table or index that its condition means, page by page.

use virga_item::partiql::{Order, Plan, Select, Source as PlannedSource};
use virga_item::{Condition, Item, KeyQuery, key};
use virga_kit::{Ctx, Failure};
use virga_store::{Direction, Read};

use super::super::capacity::{Reading, Units};
use super::super::open::Opened;
use super::super::page::{Request, Selected, Source};
use super::super::query::{range, schema};
use super::super::read::Wanted;
use super::super::stale::View;
use super::super::throttle::{self, Use};
use super::token::Position;
use crate::error::Error;
use crate::index;

/// What a `SELECT` gives.
pub(super) struct Found {
    pub(super) items: Vec<Item>,
    pub(super) units: Units,
    /// Where the next page begins.
    pub(super) next: Option<Position>,
}

/// How far a page goes, and how it is read.
pub(super) struct Bounds {
    pub(super) limit: Option<usize>,
    pub(super) consistent: Option<bool>,
    pub(super) start: Option<Position>,
}

/// Reads a page of a `SELECT`.
pub(super) fn read(
    ctx: &Ctx,
    txn: &Read,
    opened: &Opened<'_>,
    select: &Select,
    bounds: Bounds,
) -> Result<Found, Failure> {
    let source = source(opened, select)?;
    if bounds.consistent == Some(true) && source.index.is_some_and(|index| index.is_global) {
        return Err(Error::validation(
            "Strongly consistent read is not supported on Global Secondary Indexes",
        )
        .into());
    }
    let selected = selected(&source, select)?;
    let plan = Plan::new(select.condition.clone(), &schema(&source)).map_err(Error::from)?;
    if !select.order.is_empty() && select.condition.is_none() {
        let reason = "Must have WHERE clause in the statement when using ORDER BY clause.";
        return Err(Error::validation(reason).into());
    }
    let direction = direction(&source, &select.order, &plan)?;
    let queries = queries(plan.source, &source, &select.order);
    let view = View::of(ctx, bounds.consistent);
    throttle::admit_reading(ctx, txn, &source.open, source.index)?;
    let mut found = Found { items: Vec::new(), units: Units::default(), next: None };
    let (first, mut after) = bounds.start.map_or((0, None), |start| (start.query, start.after));
    let mut left = bounds.limit;
    for (number, query) in queries.iter().enumerate().skip(first) {
        if left == Some(0) {
            found.next = Some(Position { query: number, after: None });
            break;
        }
        let start = after.take().map(|place| source.start_at(&place)).transpose()?;
        let range = match (query, start) {
            (Some(query), start) => {
                let not_a_key = || Error::validation("Query key condition not supported");
                range(&source, query.bytes().ok_or_else(not_a_key)?, direction, start)?
            }
            (None, Some(start)) => source.all().after_key(&start.place),
            (None, None) => source.all(),
        };
        let (filter, reading) = (plan.filter.clone(), Reading::of(bounds.consistent));
        let wanted = Wanted::all();
        let view = view.clone();
        let request =
            Request { source, range, direction, limit: left, filter, wanted, selected, reading, view };
        let mut items = Vec::new();
        let page = match request.read(ctx, txn, &mut items) {
            // What was found before a partition that takes no more is a page.
            Err(Failure::Api(error)) if number > first && throttle::short_code(&error).is_some() => {
                found.next = Some(Position { query: number, after: None });
                break;
            }
            page => page?,
        };
        found.units.add(page.units, 1.0);
        left = left.map(|left| left - page.scanned.min(left));
        found.items.extend(items.into_iter().map(|item| select.project(item)));
        if let Some(last) = page.last {
            found.next = Some(Position { query: number, after: Some(last) });
            break;
        }
    }
    throttle::charge(ctx, &source.open, Use::Read, &found.units);
    Ok(found)
}

fn source<'a>(opened: &'a Opened<'_>, select: &Select) -> Result<Source<'a>, Error> {
    let source = Source::find(opened.open(), select.index.as_deref()).map_err(|error| match error {
        // Query tells the name of the index, statements do not.
        Error::Validation { reason } if reason.starts_with("The table does not have the specified index") => {
            Error::validation("The table does not have the specified index")
        }
        error => error,
    })?;
    if source.key().is_several() {
        return Err(Error::validation(
            "PartiQL statements cannot be executed on tables with multi-attribute HASH keys or multi-attribute RANGE \
             keys.",
        ));
    }
    Ok(source)
}

/// Whether attributes that an index lacks are fetched from the table; those of a global one cannot be.
fn selected(source: &Source<'_>, select: &Select) -> Result<Selected, Error> {
    let Some(index) = source.index else { return Ok(Selected::Found) };
    let lacks = |name: &str| !index::holds(source.open.table, index, name);
    let mut filtered: Vec<&str> = select
        .condition
        .iter()
        .flat_map(Condition::attributes)
        .map(|name| &**name)
        .filter(|name| lacks(name))
        .collect();
    filtered.dedup();
    if !filtered.is_empty() {
        return Err(Error::invalid_values(format!(
            "Secondary index {} does not project one or more filter attributes: [{}]",
            index.name,
            filtered.join(", ")
        )));
    }
    let columns = select.columns.iter().flatten().map(|column| &*column.path.attribute);
    let shown: Vec<&str> = columns.filter(|name| lacks(name)).collect();
    if shown.is_empty() {
        Ok(Selected::Found)
    } else if index.is_global {
        Err(Error::invalid_values(format!(
            "Global secondary index {} does not project [{}]",
            index.name,
            shown.join(", ")
        )))
    } else {
        Ok(Selected::Fetched)
    }
}

/// The direction of the sort key. Only attributes of the key are ordered by, and only within partitions.
fn direction(source: &Source<'_>, order: &[Order], plan: &Plan) -> Result<Direction, Error> {
    for term in order {
        if !source.key().names().any(|name| name == &*term.attribute) {
            return Err(Error::validation(format!(
                "Variable reference {} in ORDER BY clause must be part of the primary key",
                term.attribute
            )));
        }
    }
    if !order.is_empty() && plan.source == PlannedSource::Scan {
        return Err(Error::validation(
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
        ));
    }
    let range = source.key().range();
    let descending = order.iter().any(|term| term.descending && Some(&*term.attribute) == range);
    Ok(if descending { Direction::Backward } else { Direction::Forward })
}

/// The queries in the order in which they are made; none for a scan.
fn queries(planned: PlannedSource, source: &Source<'_>, order: &[Order]) -> Vec<Option<KeyQuery>> {
    let PlannedSource::Queries(mut queries) = planned else { return vec![None] };
    if let Some(term) = order.iter().find(|term| *term.attribute == *source.key().hash) {
        queries.sort_by_cached_key(|query| key::bytes(&query.hash));
        if term.descending {
            queries.reverse();
        }
    }
    queries.into_iter().map(Some).collect()
}
