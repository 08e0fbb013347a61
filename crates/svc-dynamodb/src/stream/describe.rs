//! Which streams and shards there are.

use virga_api::dynamodbstreams as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader};

use super::error::Error;
use super::shard::Shard;
use crate::keys;
use crate::records::Stream;
use crate::rules::{ResourceAddress, TableAddress};

/// Streams or shards in a page of a listing, when nothing is said.
const PAGE: i32 = 100;
/// The number of the first change that anything could have: numbers have 21 digits.
const FIRST_NUMBER: u128 = 100_000_000_000_000_000_000;

/// A stream that an ARN names.
pub(crate) struct Found<'a> {
    pub(crate) at: TableAddress<'a>,
    pub(crate) label: &'a str,
    pub(crate) stream: Stream,
}

/// Finds the stream of an ARN.
pub(crate) fn find<'a>(txn: &impl Reader, arn: &'a str) -> Result<Found<'a>, Error> {
    let missing = || Error::ResourceNotFound {
        reason: format!("Requested resource not found: Stream: {arn} not found"),
    };
    let address = ResourceAddress::parse(arn);
    let Some((at, label)) = address.and_then(|address| Some((address.table, address.stream()?))) else {
        return Err(Error::validation(format!("Invalid StreamArn: {arn}")));
    };
    let stream = txn.get(&keys::stream(at, label))?.ok_or_else(missing)?;
    Ok(Found { at, label, stream })
}

/// A number as callers see it.
pub(crate) fn sequence_number(sequence: u64) -> String {
    (FIRST_NUMBER + u128::from(sequence)).to_string()
}

/// The number that a caller names.
pub(crate) fn sequence_of(number: &str) -> Option<u64> {
    u64::try_from(number.parse::<u128>().ok()?.checked_sub(FIRST_NUMBER)?).ok()
}

/// Shows a stream and its shards.
pub(crate) fn describe_stream(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeStreamInput,
) -> Result<api::DescribeStreamOutput, Error> {
    let arn = input.stream_arn();
    let Found { at, label, stream } = find(txn, arn)?;
    let now = ctx.now().micros();
    let limit = usize::try_from(input.limit().unwrap_or(PAGE)).unwrap_or(0);
    let mut wanted: Vec<Shard<'_>> = Shard::kept(&stream, now).collect();
    if let Some(start) = input.exclusive_start_shard_id() {
        // Ids sort as their shards do.
        wanted.retain(|shard| shard.id().as_str() > start);
    }
    if let Some(parent) = input.shard_filter().and_then(api::ShardFilter::shard_id) {
        wanted.retain(|shard| shard.parent().is_some_and(|known| known.id() == parent));
    }
    let last = wanted.get(limit.wrapping_sub(1)).filter(|_| wanted.len() > limit).map(Shard::id);
    let shards = wanted.iter().take(limit).map(|shard| shown(txn, &stream, shard, now));
    let shards = shards.collect::<Result<Vec<_>, Fault>>()?;
    let status = match stream.disabled {
        Some(_) => api::stream_status::DISABLED,
        None => api::stream_status::ENABLED,
    };
    let key = [Some((stream.key.hash.as_str(), "HASH")), stream.key.range().map(|range| (range, "RANGE"))];
    let schema = key
        .into_iter()
        .flatten()
        .map(|(name, kind)| api::KeySchemaElement::new().with_attribute_name(name).with_key_type(kind));
    let description = api::StreamDescription::new()
        .with_stream_arn(arn)
        .with_stream_label(label)
        .with_stream_status(status)
        .with_stream_view_type(stream.view.word())
        .with_creation_request_date_time(Timestamp::from_micros(stream.created))
        .with_table_name(at.name)
        .with_key_schema(schema.collect::<Vec<_>>())
        .with_shards(shards)
        .with_last_evaluated_shard_id(last);
    Ok(api::DescribeStreamOutput::new().with_stream_description(description))
}

/// A shard as callers see it: with an end once it takes no more changes.
fn shown(txn: &Read, stream: &Stream, shard: &Shard<'_>, now: i64) -> Result<api::Shard, Fault> {
    let mut range =
        api::SequenceNumberRange::new().with_starting_sequence_number(sequence_number(shard.first()));
    let closed = u64::try_from(stream.disabled.unwrap_or(now)).unwrap_or(0);
    if stream.disabled.is_some() || shard.end() <= closed {
        let changes = keys::changes(stream.id).from(shard.first()).until(shard.end());
        let last = txn.scan_keys(&changes, Direction::Backward, 1)?;
        let last = last.first().map(virga_store::Key::parts::<(u64, u64)>).transpose()?;
        let last = last.map_or((shard.end() - 1).min(closed), |(_, sequence)| sequence);
        range = range.with_ending_sequence_number(sequence_number(last));
    }
    Ok(api::Shard::new()
        .with_shard_id(shard.id())
        .with_parent_shard_id(shard.parent().map(|parent| parent.id()))
        .with_sequence_number_range(range))
}

/// Lists the streams of the account and region, or of one table.
pub(crate) fn list_streams(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListStreamsInput,
) -> Result<api::ListStreamsOutput, Error> {
    let limit = usize::try_from(input.limit().unwrap_or(PAGE)).unwrap_or(0);
    let table = input.table_name().map(|name| match ResourceAddress::parse(name) {
        Some(address) => address.table,
        None => TableAddress { account: ctx.account(), region: ctx.region(), name },
    });
    let mut range = match table {
        Some(at) => keys::streams_of(at),
        None => keys::streams(ctx.account(), ctx.region()),
    };
    if let Some(arn) = input.exclusive_start_stream_arn() {
        let last = ResourceAddress::parse(arn).and_then(|last| Some((last.table, last.stream()?)));
        let (at, label) = last.ok_or_else(|| Error::validation(format!("Invalid StreamArn: {arn}")))?;
        range = range.after_key(&keys::stream(at, label));
    }
    let found = txn.scan_keys(&range, Direction::Forward, limit + 1)?;
    let streams = found.iter().take(limit).map(|key| {
        let (account, region, name, label): (String, String, String, String) = key.parts()?;
        let at = TableAddress { account: &account, region: &region, name: &name };
        Ok(api::Stream::new()
            .with_stream_arn(at.stream_arn(&label))
            .with_stream_label(&*label)
            .with_table_name(&*name))
    });
    let streams = streams.collect::<Result<Vec<_>, Fault>>()?;
    let last = streams.last().filter(|_| found.len() > limit);
    let last = last.and_then(|stream| stream.stream_arn()).map(str::to_owned);
    Ok(api::ListStreamsOutput::new().with_streams(streams).with_last_evaluated_stream_arn(last))
}
