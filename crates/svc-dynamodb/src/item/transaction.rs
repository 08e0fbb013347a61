//! `TransactWriteItems` and `TransactGetItems`: all or nothing.
//!
//! A transaction is one transaction of the store: whoever writes at the same time comes before it or after it, so that
//! there are no conflicts to tell.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html>

use virga_api::dynamodb as api;
use virga_item::Item;
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_model::{Record, Value};
use virga_store::{Read, Write};

use super::attributes::{self, Shown};
use super::capacity::{Kind, Reading, Units, consumed, write_units};
use super::guard::{self, Guard};
use super::key::{self, ItemKey};
use super::open::Tables;
use super::read::Wanted;
use super::throttle::{self, Use};
use super::token::{self, Replay};
use super::write::{Cause, Old, check_size, find, write};
use super::{metrics, update};
use crate::access::text;
use crate::error::Error;
use crate::membership;

/// Transactional writes cost twice as much.
const FACTOR: f64 = 2.0;
/// Bytes of the items of a transaction at most.
const MOST_BYTES: u64 = 4 << 20;

/// What a part of a transaction does.
pub(super) enum Action {
    Put(Item),
    /// As [`Action::Put`], but the item must not be there.
    Insert(Item),
    Update {
        named: Item,
        update: virga_item::Update,
    },
    Delete,
    Check,
}

/// A part of a transaction, read but not yet held against its table.
pub(super) struct Part<'a> {
    pub(super) table: &'a str,
    pub(super) action: Action,
    /// The key, or the item that has it.
    pub(super) named: Item,
    pub(super) guard: Guard,
}

/// What is asked for beside the parts.
pub(super) struct Asked<'a> {
    pub(super) token: Option<&'a str>,
    /// What must be the same when the token is.
    pub(super) request: &'a Record,
    pub(super) capacity: Option<&'a str>,
    pub(super) collections: Option<&'a str>,
}

/// What is told of a transaction that was done.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) consumed: Option<Vec<api::ConsumedCapacity>>,
    pub(super) collections: Option<Vec<(String, Vec<api::ItemCollectionMetrics>)>>,
}

/// A part that is to be done.
struct Prepared {
    key: ItemKey,
    old: Option<Old>,
    new: Option<Item>,
    is_check: bool,
}

/// Why a part can't be done.
struct Reason {
    code: &'static str,
    message: Option<String>,
    item: Option<Shown>,
}

impl Reason {
    const NONE: Reason = Reason { code: "None", message: None, item: None };
}

/// Writes items of several tables, all or none.
pub(crate) fn transact_write_items(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::TransactWriteItemsInput,
) -> Result<api::TransactWriteItemsOutput, Failure> {
    let parts = input.transact_items().iter().map(read_part).collect::<Result<Vec<_>, Error>>()?;
    let asked = Asked {
        token: input.client_request_token(),
        request: input.as_record(),
        capacity: input.return_consumed_capacity(),
        collections: input.return_item_collection_metrics(),
    };
    let outcome = write_parts(ctx, txn, &parts, &asked)?;
    Ok(api::TransactWriteItemsOutput::new()
        .with_consumed_capacity(outcome.consumed)
        .with_item_collection_metrics(outcome.collections))
}

/// Does all parts or none.
pub(super) fn write_parts(
    ctx: &Ctx,
    txn: &mut Write,
    parts: &[Part<'_>],
    asked: &Asked<'_>,
) -> Result<Outcome, Failure> {
    let digest = match token::find(ctx, txn, asked.token, asked.request)? {
        Replay::New(digest) => digest,
        Replay::Done(units) => {
            let list = units.iter().filter_map(|(table, units)| {
                consumed(asked.capacity, table, &Units::of_table(*units), Kind::Read)
            });
            let list: Vec<_> = list.collect();
            return Ok(Outcome { consumed: (!list.is_empty()).then_some(list), collections: None });
        }
    };
    let mut tables = Tables::default();
    for part in parts {
        let opened = tables.open(ctx, txn, part.table)?;
        membership::check_transactions(txn, &opened.table)?;
    }
    let prepared = prepare((ctx, txn), &tables, parts)?;
    let mut units: Vec<(&str, Units, f64)> = Vec::new();
    let mut collections = Vec::new();
    for (part, prepared) in parts.iter().zip(&prepared) {
        let open = tables.get(part.table)?.open();
        let old = prepared.old.as_ref();
        let size = old.map_or(0, Old::size);
        let new_size = prepared.new.as_ref().map_or(0, virga_item::size::item);
        let cost = if prepared.is_check {
            Units::of_table(write_units(size))
        } else {
            write(ctx, txn, &open, &prepared.key, old, prepared.new.as_ref(), Cause::Call)?
        };
        // The entries of indexes cost what they cost anywhere.
        let twice = Units { table: cost.table * FACTOR, ..cost };
        let change = (old, prepared.new.as_ref());
        if prepared.is_check {
            throttle::charge_item(ctx, &open, &prepared.key, Use::Write, &twice);
        } else {
            throttle::charge_change(ctx, &open, &prepared.key, change, &twice)?;
        }
        let reading = Reading::Transactional.units(u64::from(size).max(new_size as u64));
        match units.iter_mut().find(|(table, ..)| *table == part.table) {
            Some((_, units, read)) => {
                units.add(twice, 1.0);
                *read += reading;
            }
            None => units.push((part.table, twice, reading)),
        }
        if let Some(metrics) = metrics::of(txn, &open, &prepared.key, asked.collections)? {
            metrics::add(&mut collections, part.table, metrics);
        }
    }
    token::keep(ctx, txn, asked.token, digest, &units)?;
    let list =
        units.iter().filter_map(|(table, units, _)| consumed(asked.capacity, table, units, Kind::Write));
    let list: Vec<_> = list.collect();
    Ok(Outcome {
        consumed: (!list.is_empty()).then_some(list),
        collections: (!collections.is_empty()).then_some(collections),
    })
}

fn read_part(item: &api::TransactWriteItem) -> Result<Part<'_>, Error> {
    let parts = [
        item.condition_check().map(virga_model::view::Structure::as_record),
        item.put().map(virga_model::view::Structure::as_record),
        item.delete().map(virga_model::view::Structure::as_record),
        item.update().map(virga_model::view::Structure::as_record),
    ];
    let mut present = parts.into_iter().enumerate().filter_map(|(place, part)| Some((place, part?)));
    let (Some((place, record)), None) = (present.next(), present.next()) else {
        return Err(Error::validation("TransactItems can only contain one of Check, Put, Update or Delete"));
    };
    attributes::check_names(record, "Item")?;
    let mut placeholders = guard::placeholders(record)?;
    let named = attributes::item(record, if place == 1 { "Item" } else { "Key" })?;
    let action = match place {
        0 => Action::Check,
        1 => Action::Put(named.clone()),
        2 => Action::Delete,
        _ => Action::Update { named: named.clone(), update: update::read(record, &mut placeholders)? },
    };
    let guard = Guard::read(record, &mut placeholders)?;
    placeholders.all_used()?;
    Ok(Part { table: text(record, "TableName").unwrap_or_default(), action, named, guard })
}

/// Holds all parts against their tables and items. If any can't be done, nothing is, and each has its reason.
fn prepare(
    (ctx, txn): (&Ctx, &Write),
    tables: &Tables<'_>,
    parts: &[Part<'_>],
) -> Result<Vec<Prepared>, Failure> {
    let (mut prepared, mut reasons): (Vec<Prepared>, Vec<Reason>) = (Vec::new(), Vec::new());
    let mut seen: Vec<(u64, ItemKey)> = Vec::new();
    let (mut is_cancelled, mut bytes) = (false, 0);
    for part in parts {
        let open = tables.get(part.table)?.open();
        let key = match &part.action {
            Action::Put(item) | Action::Insert(item) => key::of_item(open.table, item),
            _ => key::of_key(open.table, &part.named),
        };
        if let Ok(key) = &key {
            if seen.iter().any(|(table, known)| *table == open.table.id && known == key) {
                return Err(Error::validation(
                    "Transaction request cannot include multiple operations on one item",
                )
                .into());
            }
            seen.push((open.table.id, key.clone()));
        }
        let mut done = key.and_then(|key| prepare_one(txn, &open, part, key));
        if let Ok(Ok(prepared)) = &done
            && let Some(reason) = throttle_of((ctx, txn), &open, prepared)?
        {
            done = Ok(Err(reason));
        }
        match done {
            Ok(Ok(part)) => {
                let size = part.new.as_ref().map_or(0, virga_item::size::item);
                bytes += (size as u64).max(u64::from(part.old.as_ref().map_or(0, Old::size)));
                prepared.push(part);
                reasons.push(Reason::NONE);
            }
            Ok(Err(reason)) => {
                is_cancelled = true;
                reasons.push(reason);
            }
            // A key without a value is no key of any item: the request is refused as a whole.
            Err(Error::Validation { reason }) if !key::has_empty_value(open.table, &part.named) => {
                is_cancelled = true;
                reasons.push(Reason { code: "ValidationError", message: Some(reason), item: None });
            }
            Err(error) => return Err(error.into()),
        }
    }
    if is_cancelled {
        return Err(cancelled(reasons)?);
    }
    if bytes > MOST_BYTES {
        return Err(Error::validation("Transaction request size exceeds the limit of 4 MB").into());
    }
    Ok(prepared)
}

/// Why a part that could be done otherwise is throttled; none when it is not.
fn throttle_of(
    (ctx, txn): (&Ctx, &Write),
    open: &super::Open<'_>,
    part: &Prepared,
) -> Result<Option<Reason>, Failure> {
    let mut admitted = throttle::admit_item(ctx, txn, open, &part.key, Use::Write);
    if admitted.is_ok() && !part.is_check {
        admitted = throttle::admit_entries(ctx, open, part.old.as_ref(), part.new.as_ref());
    }
    admitted.err().map(throttled).transpose()
}

/// Why a part that is throttled can't be done.
fn throttled(refusal: Failure) -> Result<Reason, Failure> {
    let Failure::Api(error) = refusal else { return Err(refusal) };
    match throttle::short_code(&error) {
        Some(code) => Ok(Reason { code, message: Some(error.message.to_string()), item: None }),
        None => Err(Failure::Api(error)),
    }
}

fn prepare_one(
    txn: &Write,
    open: &super::Open<'_>,
    part: &Part<'_>,
    key: ItemKey,
) -> Result<Result<Prepared, Reason>, Error> {
    if let Action::Update { update, .. } = &part.action {
        update::check_key_attributes(open.table, update)?;
    }
    if let Action::Put(item) | Action::Insert(item) = &part.action {
        check_size(item, false)?;
        key::check_index_keys(open.table, item)?;
    }
    let old = find(txn, open, &key)?;
    if !part.guard.is_met(old.as_ref())? {
        let (code, message) = match &part.action {
            Action::Insert(_) => ("DuplicateItem", "Duplicate primary key exists in table"),
            _ => ("ConditionalCheckFailed", "The conditional request failed"),
        };
        return Ok(Err(Reason {
            code,
            message: Some(message.to_owned()),
            item: part.guard.shown(old.as_ref())?,
        }));
    }
    let new = match &part.action {
        Action::Put(item) | Action::Insert(item) => Some(item.clone()),
        Action::Update { named, update } => update::updated(open, named, update, old.as_ref())?,
        Action::Delete | Action::Check => None,
    };
    Ok(Ok(Prepared { key, old, new, is_check: matches!(part.action, Action::Check) }))
}

/// The refusal of a transaction, with a reason for each part.
fn cancelled(reasons: Vec<Reason>) -> Result<Failure, Failure> {
    let codes: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
    let error = Error::TransactionCanceled { reasons: codes.join(", ") };
    let mut error = error.into_api()?;
    let reasons = reasons.into_iter().map(|reason| {
        api::CancellationReason::new()
            .with_code(reason.code)
            .with_message(reason.message)
            .with_item(reason.item)
            .into_record()
    });
    let reasons = reasons.map(|reason| Value::Structure(Box::new(reason))).collect();
    if let Some(record) = error.record.as_mut() {
        record.set_by_name("CancellationReasons", Value::List(reasons));
    }
    Ok(error.into())
}

/// Which reads of a transaction are throttled.
#[derive(Default)]
pub(super) struct Admission(Vec<Reason>);

impl Admission {
    /// Asks whether one more item may be read.
    pub(super) fn ask(
        &mut self,
        (ctx, txn): (&Ctx, &impl virga_store::Reader),
        open: &super::Open<'_>,
        key: &ItemKey,
    ) -> Result<(), Failure> {
        let admitted = throttle::admit_item(ctx, txn, open, key, Use::Read);
        self.0.push(admitted.map_or_else(throttled, |()| Ok(Reason::NONE))?);
        Ok(())
    }

    /// Refuses the transaction if one of its reads is throttled.
    pub(super) fn finish(self) -> Result<(), Failure> {
        if self.0.iter().any(|reason| reason.code != Reason::NONE.code) {
            return Err(cancelled(self.0)?);
        }
        Ok(())
    }
}

/// Reads items of several tables, as of one moment.
pub(crate) fn transact_get_items(
    ctx: &Ctx,
    txn: &Read,
    input: &api::TransactGetItemsInput,
) -> Result<api::TransactGetItemsOutput, Failure> {
    let mut tables = Tables::default();
    let mut units: Vec<(&str, f64)> = Vec::new();
    let mut admission = Admission::default();
    let (mut responses, mut bytes) = (Vec::new(), 0);
    let mut seen: Vec<(u64, ItemKey)> = Vec::new();
    for get in input.transact_items().iter().map(api::TransactGetItem::get) {
        let record: &Record = get.as_record();
        let mut placeholders = guard::placeholders(record)?;
        let wanted = Wanted::read(record, &mut placeholders)?;
        placeholders.all_used().map_err(Error::from)?;
        let name = get.table_name();
        let open = tables.open(ctx, txn, name)?.open();
        membership::check_transactions(txn, open.table)?;
        let table = open.table;
        let key = key::of_key(table, &attributes::item(record, "Key")?)?;
        if seen.contains(&(table.id, key.clone())) {
            return Err(Error::validation(
                "Transaction request cannot include multiple operations on one item",
            )
            .into());
        }
        admission.ask((ctx, txn), &open, &key)?;
        let stored = open.item(txn, &key)?;
        let size = stored.as_ref().map_or(0, |stored| u64::from(stored.size));
        bytes += size;
        let cost = Reading::Transactional.units(size);
        throttle::charge_item(ctx, &open, &key, Use::Read, &Units::of_table(cost));
        seen.push((table.id, key));
        match units.iter_mut().find(|(known, _)| *known == name) {
            Some((_, units)) => *units += cost,
            None => units.push((name, cost)),
        }
        let shown = stored.map(|stored| wanted.shown_if_any(&stored)).transpose()?.flatten();
        responses.push(api::ItemResponse::new().with_item(shown));
    }
    admission.finish()?;
    if bytes > MOST_BYTES {
        return Err(Error::validation("Transaction request size exceeds the limit of 4 MB").into());
    }
    let asked = input.return_consumed_capacity();
    let list = units
        .iter()
        .filter_map(|(table, units)| consumed(asked, table, &Units::of_table(*units), Kind::Read));
    let list: Vec<_> = list.collect();
    Ok(api::TransactGetItemsOutput::new()
        .with_responses(responses)
        .with_consumed_capacity((!list.is_empty()).then_some(list)))
}
