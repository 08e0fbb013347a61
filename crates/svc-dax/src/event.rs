//! Events: what happened to clusters and groups in the last fourteen days.

use std::time::Duration;

use virga_api::dax as api;
use virga_kit::{Ctx, notifications};
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader as _, Write};

use crate::error::Error;
use crate::keys;
use crate::page::Page;
use crate::records::{Cluster, Event, SourceType};

const DAY: Duration = Duration::from_hours(24);
/// How long events are kept.
const KEPT: Duration = Duration::from_hours(14 * 24);
/// Events that one listing looks at.
const MOST: usize = 10_000;
/// Events that are removed, because they are too old, when one is added.
const REMOVED_AT_ONCE: usize = 10;

/// Notes what happened.
pub(crate) fn of(
    ctx: &Ctx,
    txn: &mut Write,
    source_type: SourceType,
    source: &str,
    message: String,
) -> Result<(), Error> {
    let oldest = ctx.now().minus(KEPT).micros();
    txn.delete_range(&keys::events(ctx).until(oldest), REMOVED_AT_ONCE)?;
    let event = Event { source: source.to_owned(), source_type, message };
    Ok(txn.put(&keys::event(ctx, ctx.now().micros(), ctx.sequence()), &event)?)
}

/// Notes what happened to a cluster, and tells its topic.
pub(crate) fn of_cluster(
    ctx: &Ctx,
    txn: &mut Write,
    cluster: &Cluster,
    message: String,
) -> Result<(), Error> {
    if let Some(topic) = cluster.topic.as_ref().filter(|topic| topic.is_active) {
        notifications::keep(ctx, txn, &topic.arn, &format!("{}: {message}", cluster.name))?;
    }
    of(ctx, txn, SourceType::Cluster, &cluster.name, message)
}

/// Lists events, the latest first: those of the last day unless other times are named.
pub(crate) fn describe_events(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeEventsRequest,
) -> Result<api::DescribeEventsResponse, Error> {
    let page = Page::new(input.max_results(), input.next_token())?;
    let (start, end) = times(ctx.now(), input)?;
    let range = keys::events(ctx).from(start.micros()).through(end.micros());
    let mut events = Vec::new();
    for (key, event) in txn.scan(&range, Direction::Backward, MOST)? {
        let (_, _, at, sequence): (String, String, i64, u64) = key.parts()?;
        let is_of_source = input.source_name().is_none_or(|name| event.source.eq_ignore_ascii_case(name));
        let is_of_type = input.source_type().is_none_or(|kind| kind == name(event.source_type));
        if is_of_source && is_of_type {
            events.push((at, sequence, event));
        }
    }
    let (events, next) = page.cut(events, latest_first);
    let shown = events.into_iter().map(|(at, _, event)| {
        api::Event::new()
            .with_source_name(event.source)
            .with_source_type(name(event.source_type))
            .with_message(event.message)
            .with_date(Timestamp::from_micros(at))
    });
    Ok(api::DescribeEventsResponse::new().with_events(shown.collect::<Vec<_>>()).with_next_token(next))
}

/// Sorts events as they are listed.
fn latest_first((at, sequence, _): &(i64, u64, Event)) -> String {
    format!("{:016x}.{:016x}", !at.cast_unsigned(), !sequence)
}

/// From when to when: an end is now unless it is named, a start a day or a duration in minutes before it.
fn times(now: Timestamp, input: &api::DescribeEventsRequest) -> Result<(Timestamp, Timestamp), Error> {
    let end = input.end_time().unwrap_or(now);
    let start = match (input.start_time(), input.duration()) {
        (Some(_), Some(_)) => {
            let reason = "StartTime and Duration can't be given together.".to_owned();
            return Err(Error::InvalidParameterCombination { reason });
        }
        (Some(start), None) => start,
        (None, Some(minutes)) => {
            let minutes =
                u64::try_from(minutes).map_err(|_| Error::value("Duration must not be negative."))?;
            end.minus(Duration::from_mins(minutes))
        }
        (None, None) => end.minus(DAY),
    };
    if start > end {
        let reason = "The start time must not be after the end time.".to_owned();
        return Err(Error::InvalidParameterCombination { reason });
    }
    Ok((start.max(now.minus(KEPT)), end))
}

fn name(source_type: SourceType) -> &'static str {
    match source_type {
        SourceType::Cluster => api::source_type::CLUSTER,
        SourceType::ParameterGroup => api::source_type::PARAMETER_GROUP,
        SourceType::SubnetGroup => api::source_type::SUBNET_GROUP,
    }
}
