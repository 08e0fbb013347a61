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
            let reason = format!(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified{of_index} when BillingMode is \
                 PAY_PER_REQUEST"
            );
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

/// `OnDemandThroughput` of a table (no index) or of an index, on top of what is there: −1 takes a maximum away.
pub(crate) fn on_demand(
    is_on_demand: bool,
    given: Option<&api::OnDemandThroughput>,
    present: Option<Maximum>,
    index: Option<&str>,
) -> Result<Option<Maximum>, Error> {
    let Some(given) = given else { return Ok(None) };
    let units = [
        (given.max_read_request_units(), "MaxReadRequestUnits", present.and_then(|present| present.read)),
        (given.max_write_request_units(), "MaxWriteRequestUnits", present.and_then(|present| present.write)),
    ];
    let of_index = index.map(|name| format!(" for index : {name}"));
    if let Some((_, name, _)) = units.iter().find(|(given, ..)| given.is_some() && !is_on_demand) {
        return Err(Error::invalid_values(format!(
            "{name} for OnDemandThroughput cannot be specified{} when the table BillingMode is PROVISIONED",
            of_index.unwrap_or_default()
        )));
    }
    let bound = |(given, name, present): (Option<i64>, &str, Option<i64>)| match given {
        None => Ok(present),
        Some(-1) => Ok(None),
        Some(units @ 1..) => Ok(Some(units)),
        Some(_) => Err(Error::invalid_values(format!(
            "Requested {name} for OnDemandThroughput{} is outside of valid range",
            of_index.as_deref().unwrap_or(" for table")
        ))),
    };
    let [read, write] = units.map(bound);
    Ok(Some(Maximum { read: read?, write: write? }))
}

/// What a warm throughput is lower than.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lower {
    /// Than on-demand tables and indexes begin with.
    InitialOnDemand,
    /// Than the units that are provisioned.
    Provisioned,
    /// Than it was.
    Current,
}

/// `WarmThroughput` of a table (no index) or of an index, on top of what is there: it never becomes less.
pub(crate) fn warm(
    least: Capacity,
    given: Option<&api::WarmThroughput>,
    lower: Lower,
    index: Option<&str>,
) -> Result<Option<Capacity>, Error> {
    let Some(given) = given else { return Ok(None) };
    let read = given.read_units_per_second().unwrap_or(least.read);
    let write = given.write_units_per_second().unwrap_or(least.write);
    let of = index.map_or_else(|| "table".to_owned(), |name| format!("index {name}"));
    for (units, least, name, provisioned) in [
        (read, least.read, "ReadUnitsPerSecond", "ReadCapacityUnits"),
        (write, least.write, "WriteUnitsPerSecond", "WriteCapacityUnits"),
    ] {
        if units < least {
            let than = match lower {
                Lower::InitialOnDemand => {
                    "initial throughput for OnDemand. See: https://docs.aws.amazon.com/amazondynamodb/latest/\
                     developerguide/warm-throughput.html"
                        .to_owned()
                }
                Lower::Provisioned => format!("{provisioned} of ProvisionedThroughput"),
                Lower::Current => {
                    "current WarmThroughput, decreasing WarmThroughput is not supported".to_owned()
                }
            };
            return Err(Error::invalid_values(format!(
                "Requested {name} for WarmThroughput for {of} is lower than {than}"
            )));
        }
    }
    Ok(Some(Capacity { read, write }))
}

/// What an on-demand table or index can take at once without warming.
pub(crate) const ON_DEMAND_WARM: Capacity = Capacity { read: 12_000, write: 4_000 };

/// `WarmThroughput` of something new.
pub(crate) fn initial_warm(
    on_demand: bool,
    provisioned: Capacity,
    given: Option<&api::WarmThroughput>,
    index: Option<&str>,
) -> Result<Option<Capacity>, Error> {
    if on_demand {
        warm(ON_DEMAND_WARM, given, Lower::InitialOnDemand, index)
    } else {
        warm(provisioned, given, Lower::Provisioned, index)
    }
}
