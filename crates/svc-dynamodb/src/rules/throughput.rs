//! Throughput: provisioned, on demand at most, warm.

use virga_api::dynamodb as api;

use crate::error::Error;
use crate::records::{Capacity, Maximum};

/// The most units that anything may be given.
const MOST_UNITS: i64 = 1_000_000_000_000;

/// The capacity of a table (no index) or of an index, by its billing mode. On-demand tables have none.
pub(crate) fn capacity(
    on_demand: bool,
    given: Option<&api::ProvisionedThroughput>,
    index: Option<&str>,
) -> Result<Capacity, Error> {
    let of_index = index.map(|name| format!(" for index: {name}")).unwrap_or_default();
    match given {
        Some(_) if on_demand => {
            let reason = "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is \
                          PAY_PER_REQUEST";
            Err(Error::invalid_values(reason))
        }
        None if on_demand => Ok(Capacity::default()),
        None => Err(Error::invalid_values(match index {
            None => "ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is \
                     PROVISIONED"
                .to_owned(),
            Some(_) => format!("ProvisionedThroughput must be specified{of_index}"),
        })),
        Some(given) => {
            let (read, write) = (given.read_capacity_units(), given.write_capacity_units());
            let of_index = index.map(|name| format!(" for index {name}")).unwrap_or_default();
            for (units, name) in [(read, "ReadCapacityUnits"), (write, "WriteCapacityUnits")] {
                if units > MOST_UNITS {
                    let reason = format!("Given value {units} for {name} is out of bounds{of_index}");
                    return Err(Error::Validation { reason });
                }
            }
            Ok(Capacity { read, write })
        }
    }
}

/// `OnDemandThroughput`: −1 takes a maximum away, and is what an absent one means.
pub(crate) fn on_demand(
    is_on_demand: bool,
    given: Option<&api::OnDemandThroughput>,
) -> Result<Option<Maximum>, Error> {
    let Some(given) = given else { return Ok(None) };
    if !is_on_demand {
        let reason = "OnDemandThroughput can only be specified when BillingMode is PAY_PER_REQUEST";
        return Err(Error::invalid_values(reason));
    }
    let bound = |units: Option<i64>, name: &str| match units {
        None | Some(-1) => Ok(None),
        Some(units @ 1..) => Ok(Some(units)),
        Some(units) => Err(Error::invalid_values(format!("Given value {units} for {name} is out of bounds"))),
    };
    let read = bound(given.max_read_request_units(), "MaxReadRequestUnits")?;
    let write = bound(given.max_write_request_units(), "MaxWriteRequestUnits")?;
    Ok(Some(Maximum { read, write }))
}

/// `WarmThroughput` on top of what is there.
pub(crate) fn warm(least: Capacity, given: Option<&api::WarmThroughput>) -> Result<Option<Capacity>, Error> {
    let Some(given) = given else { return Ok(None) };
    let read = given.read_units_per_second().unwrap_or(least.read);
    let write = given.write_units_per_second().unwrap_or(least.write);
    for (units, least, name) in
        [(read, least.read, "ReadUnitsPerSecond"), (write, least.write, "WriteUnitsPerSecond")]
    {
        if units < least {
            return Err(Error::invalid_values(format!(
                "Requested {name} for WarmThroughput for table is lower than baseline configuration. Baseline: {least}, requested: {units}"
            )));
        }
    }
    Ok(Some(Capacity { read, write }))
}
