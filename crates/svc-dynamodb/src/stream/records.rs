//! Reading changes: iterators and the records behind them.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_GetRecords.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use virga_api::dynamodbstreams as api;
use virga_kit::{Ctx, Failure};
use virga_model::view::{MapOf, Put, Structure as _};
use virga_model::{Timestamp, Value};
use virga_store::{Direction, Fault, Read, Reader as _};

use super::describe::{find, sequence_number, sequence_of};
use super::error::Error;
use super::order::horizon;
use super::settings::oldest_sequence;
use super::shard::Shard;
use crate::records::{Change, Event, StreamView};
use crate::rules::ResourceAddress;
use crate::{data_key, keys, sealing};

/// How long an iterator can be used: 15 minutes.
const ITERATOR_MICROS: i64 = 15 * 60 * 1_000_000;
/// Records of an answer at most, and their bytes: 1 MB.
const MOST_RECORDS: usize = 1000;
const MOST_BYTES: usize = 1 << 20;
/// Records that are read at once.
const READ_AT_ONCE: usize = 100;

/// A place in a shard: before the change with the number, or where that would be.
struct Iterator {
    /// The place of the shard in the order of its stream.
    shard: u32,
    next: u64,
    issued: i64,
}

impl Iterator {
    /// The iterator as callers see it: `arn|1|…`.
    fn write(&self, arn: &str) -> String {
        format!("{arn}|1|{}", STANDARD.encode(format!("{}:{}:{}", self.shard, self.next, self.issued)))
    }

    fn read(text: &str) -> Result<(&str, Self), Error> {
        let parsed = || {
            let (arn, rest) = text.split_once("|1|")?;
            let fields = String::from_utf8(STANDARD.decode(rest).ok()?).ok()?;
            let mut fields = fields.split(':');
            let (shard, next, issued) = (fields.next()?, fields.next()?, fields.next()?);
            let (shard, next) = (shard.parse().ok()?, next.parse().ok()?);
            Some((arn, Iterator { shard, next, issued: issued.parse().ok()? }))
        };
        parsed().ok_or_else(|| Error::validation("Invalid ShardIterator"))
    }
}

/// Gives an iterator into a shard.
pub(crate) fn get_shard_iterator(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetShardIteratorInput,
) -> Result<api::GetShardIteratorOutput, Error> {
    let arn = input.stream_arn();
    let found = find(txn, arn)?;
    let now = ctx.now().micros();
    let shard = Shard::find(&found.stream, input.shard_id(), now).ok_or_else(|| Error::ResourceNotFound {
        reason: format!(
            "Requested resource not found: Shard: {} in Stream: {arn} not found",
            input.shard_id()
        ),
    })?;
    let oldest = oldest_sequence(now);
    let kind = input.shard_iterator_type();
    let given = input.sequence_number().and_then(sequence_of);
    let next = match (kind, given) {
        (api::shard_iterator_type::TRIM_HORIZON, _) => shard.first(),
        (api::shard_iterator_type::LATEST, _) => ctx.sequence(),
        (_, None) => {
            return Err(Error::validation(
                "Sequence number must be specified for iterator types AT_SEQUENCE_NUMBER and AFTER_SEQUENCE_NUMBER",
            ));
        }
        (_, Some(sequence)) if sequence < oldest => {
            return Err(Error::TrimmedDataAccess {
                reason: format!(
                    "The operation attempted to read past the oldest stream record in a shard: the sequence number \
                     {} is trimmed",
                    sequence_number(sequence)
                ),
            });
        }
        (_, Some(sequence)) if !(shard.first()..shard.end()).contains(&sequence) => {
            return Err(Error::validation(format!(
                "The sequence number {} is not one of shard {}",
                sequence_number(sequence),
                shard.id()
            )));
        }
        (api::shard_iterator_type::AFTER_SEQUENCE_NUMBER, Some(sequence)) => sequence.saturating_add(1),
        (_, Some(sequence)) => sequence,
    };
    let iterator = Iterator { shard: shard.place(), next, issued: now }.write(arn);
    Ok(api::GetShardIteratorOutput::new().with_shard_iterator(iterator))
}

/// Reads changes from an iterator on.
pub(crate) fn get_records(
    ctx: &Ctx,
    _: &Read,
    input: &api::GetRecordsInput,
) -> Result<api::GetRecordsOutput, Failure> {
    // The snapshot that is read has to be younger than the horizon.
    let horizon = horizon(ctx);
    let txn = ctx.world().store().read()?;
    let (arn, iterator) = Iterator::read(input.shard_iterator())?;
    let now = ctx.now().micros();
    if iterator.issued + ITERATOR_MICROS < now {
        return Err(Error::ExpiredIterator {
            reason: "Iterator expired. The iterator was created more than 15 minutes ago.".to_owned(),
        }
        .into());
    }
    let found = find(&txn, arn)?;
    let limit = usize::try_from(input.limit().unwrap_or(1000)).unwrap_or(MOST_RECORDS).min(MOST_RECORDS);
    let end = Shard::at(&found.stream, iterator.shard).end();
    let mut next = iterator.next.max(oldest_sequence(now));
    let (mut records, mut bytes) = (Vec::new(), 0);
    let mut is_done = false;
    while records.len() < limit && bytes < MOST_BYTES && !is_done {
        let range = keys::changes(found.stream.id).from(next).until(horizon.min(end).max(next));
        let at_once = READ_AT_ONCE.min(limit - records.len());
        let changes = txn.scan(&range, Direction::Forward, at_once)?;
        is_done = changes.len() < at_once;
        for (key, mut change) in changes {
            let (_, sequence): (u64, u64) = key.parts()?;
            bytes += change.size as usize;
            if bytes > MOST_BYTES && !records.is_empty() {
                is_done = true;
                break;
            }
            open(ctx, &mut change)?;
            records.push(record(arn, found.stream.view, sequence, &change)?);
            next = sequence + 1;
        }
    }
    let is_closed = found.stream.disabled.is_some() || end <= horizon;
    let is_over = is_closed && is_done && bytes <= MOST_BYTES;
    let iterator = (!is_over).then(|| Iterator { next, issued: now, ..iterator }.write(arn));
    Ok(api::GetRecordsOutput::new().with_records(records).with_next_shard_iterator(iterator))
}

/// Opens the images of a change of a table with a key.
fn open(ctx: &Ctx, change: &mut Change) -> Result<(), Failure> {
    for image in [&mut change.old, &mut change.new].into_iter().flatten() {
        if let Some(owner) = sealing::owner(image) {
            let cipher = data_key::of(ctx, owner)?;
            *image = sealing::opened_bytes(std::mem::take(image), cipher.as_deref())?;
        }
    }
    Ok(())
}

/// An image in an answer.
struct Image(Value);

impl Put<MapOf<api::AttributeValue>> for Image {
    fn into_value(self) -> Value {
        self.0
    }
}

fn image(bytes: &Bytes) -> Result<Image, Fault> {
    let shape = api::AttributeValue::shape().expect("attribute values are structures of the model");
    let value = virga_item::stored::item(bytes, shape);
    value.map(Image).map_err(|error| Fault::with_source("a change in a stream", error))
}

fn record(arn: &str, view: StreamView, sequence: u64, change: &Change) -> Result<api::Record, Fault> {
    // Stream records tell whole seconds.
    let created = Timestamp::from_secs(change.at.div_euclid(1_000_000));
    let content = api::StreamRecord::new()
        .with_approximate_creation_date_time(created)
        .with_keys(image(&change.keys)?)
        .with_old_image(change.old.as_ref().map(image).transpose()?)
        .with_new_image(change.new.as_ref().map(image).transpose()?)
        .with_sequence_number(sequence_number(sequence))
        .with_size_bytes(i64::from(change.size))
        .with_stream_view_type(view.word());
    let event = match change.event {
        Event::Insert => api::operation_type::INSERT,
        Event::Modify => api::operation_type::MODIFY,
        Event::Remove => api::operation_type::REMOVE,
    };
    let identity = change
        .by_time_to_live
        .then(|| api::Identity::new().with_type("Service").with_principal_id("dynamodb.amazonaws.com"));
    // The same change has the same id each time it is read.
    let id = Sha256::digest(format!("{arn}:{sequence}"));
    let id: String = id.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    Ok(api::Record::new()
        .with_event_id(id)
        .with_event_name(event)
        .with_event_version("1.1")
        .with_event_source("aws:dynamodb")
        .with_aws_region(ResourceAddress::parse(arn).map(|address| address.table.region))
        .with_dynamodb(content)
        .with_user_identity(identity))
}
