//! Time to live: the attribute that says when items end, and their end.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html>

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_store::{Read, Write};

use crate::error::Error;
use crate::rules::TableAddress;
use crate::{expiry, keys, membership, replica, table};

/// How long after a change the next one is refused: an hour.
const PAUSE_MICROS: i64 = 3_600_000_000;

/// Sets or takes away the attribute.
pub(crate) fn update_time_to_live(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateTimeToLiveInput,
) -> Result<api::UpdateTimeToLiveOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let mut table = table::find(txn, at)?;
    let mut details = table::details(txn, &table)?;
    let specification = input.time_to_live_specification();
    let (enabled, attribute) = (specification.enabled(), specification.attribute_name());
    match &table.time_to_live {
        Some(known) if enabled && known == attribute => {
            return Err(Error::validation("TimeToLive is already enabled"));
        }
        Some(known) if enabled || known != attribute => {
            return Err(Error::validation(format!(
                "TimeToLive is active on a different AttributeName: current AttributeName is {known}"
            )));
        }
        None if !enabled => return Err(Error::validation("TimeToLive is already disabled")),
        _ => {}
    }
    if membership::of(txn, &table)?.strong.is_some() {
        return Err(Error::validation(
            "Time to live is not supported for global tables with MultiRegionConsistency set to STRONG.",
        ));
    }
    let now = ctx.now().micros();
    if details.time_to_live_changed.is_some_and(|last| now < last + PAUSE_MICROS) {
        return Err(Error::validation(
            "Time to live has been modified multiple times within a fixed interval",
        ));
    }
    details.time_to_live_changed = Some(now);
    table.time_to_live = enabled.then(|| attribute.to_owned());
    if enabled {
        expiry::begin(ctx, txn, at, &table)?;
    } else {
        expiry::end(ctx, txn, &table)?;
    }
    replica::set_time_to_live(ctx, txn, at, &table)?;
    txn.put(&keys::table(at), &table)?;
    txn.put(&keys::details(&table), &details)?;
    let answer = api::TimeToLiveSpecification::new().with_enabled(enabled).with_attribute_name(attribute);
    Ok(api::UpdateTimeToLiveOutput::new().with_time_to_live_specification(answer))
}

/// Shows the attribute.
pub(crate) fn describe_time_to_live(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeTimeToLiveInput,
) -> Result<api::DescribeTimeToLiveOutput, Error> {
    let at = TableAddress::parse(ctx, input.table_name())?;
    let table = table::find(txn, at)?;
    let description = match &table.time_to_live {
        Some(attribute) => api::TimeToLiveDescription::new()
            .with_time_to_live_status(api::time_to_live_status::ENABLED)
            .with_attribute_name(attribute),
        None => {
            api::TimeToLiveDescription::new().with_time_to_live_status(api::time_to_live_status::DISABLED)
        }
    };
    Ok(api::DescribeTimeToLiveOutput::new().with_time_to_live_description(description))
}
