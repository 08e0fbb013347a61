//! What a secondary index may look like.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/SecondaryIndexes.html>

use virga_api::dynamodb as api;

use super::key_definition::{global_key_schema, key_schema};
use super::table_definition::Definitions;
use super::throughput;
use crate::error::Error;
use crate::records::{Capacity, KeySchema, Maximum, Projection};

/// The most local indexes of a table.
const MOST_LOCAL: usize = 5;
/// The most global indexes of a table.
const MOST_GLOBAL: usize = 20;
/// The most attributes that the indexes of a table project by name, all together.
const MOST_PROJECTED: usize = 100;

/// A new index, understood and checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct IndexDefinition {
    pub(crate) name: String,
    pub(crate) is_global: bool,
    pub(crate) key: KeySchema,
    pub(crate) projection: Projection,
    pub(crate) provisioned: Capacity,
    pub(crate) maximum: Option<Maximum>,
    pub(crate) warm: Option<Capacity>,
}

/// Refuses an empty list, and too many indexes.
pub(crate) fn check_count(count: usize, kind: &str) -> Result<(), Error> {
    let (most, list) = match kind {
        "LocalSecondaryIndex" => (MOST_LOCAL, "LocalSecondaryIndexes"),
        _ => (MOST_GLOBAL, "GlobalSecondaryIndexes"),
    };
    if count == 0 {
        return Err(Error::invalid_values(format!("List of {list} is empty")));
    }
    if count > most {
        return Err(Error::invalid_values(format!("{kind} count exceeds the per-table limit of {most}")));
    }
    Ok(())
}

/// Refuses a global index too many.
pub(crate) fn check_count_of_global(count: usize) -> Result<(), Error> {
    check_count(count, "GlobalSecondaryIndex")
}

/// Refuses more attributes than the indexes of a table may name together.
pub(crate) fn check_projected<'a>(projections: impl Iterator<Item = &'a Projection>) -> Result<(), Error> {
    let named = projections.map(|projection| match projection {
        Projection::Include(names) => names.len(),
        Projection::All | Projection::KeysOnly => 0,
    });
    if named.sum::<usize>() > MOST_PROJECTED {
        return Err(Error::invalid_values(format!(
            "Number of NonKeyAttributes across all indexes exceeds the per-table limit of {MOST_PROJECTED}"
        )));
    }
    Ok(())
}

/// Reads a local index of a table with this key.
pub(crate) fn local_index(
    index: &api::LocalSecondaryIndex,
    table: &KeySchema,
    attributes: &Definitions,
) -> Result<IndexDefinition, Error> {
    if table.range().is_none() {
        return Err(Error::invalid_values(
            "Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex",
        ));
    }
    let name = index.index_name();
    let key = key_schema(index.key_schema(), attributes)?;
    if key.range().is_none() {
        let reason = format!("Index KeySchema does not have a range key for index: {name}");
        return Err(Error::invalid_values(reason));
    }
    if key.hash != table.hash {
        return Err(Error::invalid_values(format!(
            "Index KeySchema does not have the same leading hash key as table KeySchema for index: {name}. index \
             hash key: {}, table hash key: {}",
            key.hash, table.hash
        )));
    }
    Ok(IndexDefinition {
        name: name.to_owned(),
        is_global: false,
        key,
        projection: projection(index.projection())?,
        provisioned: Capacity::default(),
        maximum: None,
        warm: None,
    })
}

/// Reads a global index.
pub(crate) fn global_index(
    index: &api::GlobalSecondaryIndex,
    on_demand: bool,
    attributes: &Definitions,
) -> Result<IndexDefinition, Error> {
    let name = index.index_name();
    let key = global_key_schema(index.key_schema(), attributes)?;
    let projection = projection(index.projection())?;
    let provisioned = throughput::capacity(on_demand, index.provisioned_throughput(), Some(name))?;
    Ok(IndexDefinition {
        name: name.to_owned(),
        is_global: true,
        key,
        projection,
        provisioned,
        maximum: throughput::on_demand(on_demand, index.on_demand_throughput(), None, Some(name))?,
        warm: throughput::initial_warm(on_demand, provisioned, index.warm_throughput(), Some(name))?,
    })
}

fn projection(given: &api::Projection) -> Result<Projection, Error> {
    let names = given.non_key_attributes();
    match given.projection_type() {
        None => Err(Error::invalid_values("Unknown ProjectionType: null")),
        Some(api::projection_type::INCLUDE) => match names {
            Some(names) => {
                let names: Vec<String> = names.iter().map(str::to_owned).collect();
                let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
                if let Some((_, name)) = twice {
                    return Err(Error::invalid_values(format!(
                        "Duplicate element in NonKeyAttributes: {name}"
                    )));
                }
                Ok(Projection::Include(names))
            }
            None => {
                Err(Error::invalid_values("ProjectionType is INCLUDE, but NonKeyAttributes is not specified"))
            }
        },
        Some(kind) if names.is_some() => {
            Err(Error::invalid_values(format!("ProjectionType is {kind}, but NonKeyAttributes is specified")))
        }
        Some(api::projection_type::KEYS_ONLY) => Ok(Projection::KeysOnly),
        Some(_) => Ok(Projection::All),
    }
}
