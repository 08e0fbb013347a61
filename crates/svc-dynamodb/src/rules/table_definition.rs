//! What a new table may look like: key attributes, their types, and the order in which DynamoDB looks at them.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>

use virga_api::dynamodb as api;
use virga_model::view::List;

use super::index_definition::{self, IndexDefinition};
use super::key_definition::{defined, table_key};
use super::throughput;
use crate::error::Error;
use crate::records::{Capacity, KeySchema, Maximum, ScalarType};

/// The types of attributes, in the order in which they were given.
pub(crate) type Definitions = Vec<(String, ScalarType)>;

/// A new table, understood and checked.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TableDefinition {
    pub(crate) attributes: Definitions,
    pub(crate) key: KeySchema,
    pub(crate) indexes: Vec<IndexDefinition>,
    pub(crate) on_demand: bool,
    pub(crate) provisioned: Capacity,
    pub(crate) maximum: Option<Maximum>,
    pub(crate) warm: Option<Capacity>,
}

impl TableDefinition {
    /// Reads and checks what `CreateTable` is given.
    pub(crate) fn read(input: &api::CreateTableInput) -> Result<Self, Error> {
        let on_demand = input.billing_mode() == Some(api::billing_mode::PAY_PER_REQUEST);
        let given = input.provisioned_throughput();
        let capacity = throughput::capacity(on_demand, given, None)?;
        let attributes = definitions(input.attribute_definitions())?;
        let schema =
            input.key_schema().ok_or_else(|| Error::invalid_values("KeySchema must be specified"))?;
        let key = table_key(schema, &attributes)?;
        let mut indexes: Vec<IndexDefinition> = Vec::new();
        if let Some(list) = input.local_secondary_indexes() {
            index_definition::check_count(list.len(), "LocalSecondaryIndex")?;
            for index in list.iter() {
                let index = index_definition::local_index(index, &key, &attributes)?;
                push(&mut indexes, index)?;
            }
        }
        if let Some(list) = input.global_secondary_indexes() {
            index_definition::check_count(list.len(), "GlobalSecondaryIndex")?;
            for index in list.iter() {
                push(&mut indexes, index_definition::global_index(index, on_demand, &attributes)?)?;
            }
        }
        let keys: Vec<&KeySchema> =
            [&key].into_iter().chain(indexes.iter().map(|index| &index.key)).collect();
        check_unused(&attributes, &keys)?;
        index_definition::check_projected(indexes.iter().map(|index| &index.projection))?;
        let maximum = throughput::on_demand(on_demand, input.on_demand_throughput(), None, None)?;
        let warm = throughput::initial_warm(on_demand, capacity, input.warm_throughput(), None)?;
        Ok(TableDefinition { attributes, key, indexes, on_demand, provisioned: capacity, maximum, warm })
    }
}

fn push(indexes: &mut Vec<IndexDefinition>, index: IndexDefinition) -> Result<(), Error> {
    if indexes.iter().any(|known| known.name == index.name) {
        return Err(Error::invalid_values(format!("Duplicate index name: {}", index.name)));
    }
    indexes.push(index);
    Ok(())
}

/// Reads attribute definitions.
pub(crate) fn definitions(given: Option<List<'_, &api::AttributeDefinition>>) -> Result<Definitions, Error> {
    let mut definitions = Definitions::new();
    for definition in given.into_iter().flat_map(List::iter) {
        let name = definition.attribute_name();
        let Some(kind) = ScalarType::of_word(definition.attribute_type()) else {
            return Err(Error::invalid_values(format!("Unknown type of attribute {name}")));
        };
        if definitions.iter().any(|(known, _)| known == name) {
            return Err(Error::validation(
                "Cannot have two attributes with the same name in AttributeDefinitions",
            ));
        }
        definitions.push((name.to_owned(), kind));
    }
    Ok(definitions)
}

/// Refuses definitions that no key uses.
pub(crate) fn check_unused(attributes: &Definitions, keys: &[&KeySchema]) -> Result<(), Error> {
    let mut used: Vec<&str> = Vec::new();
    for name in keys.iter().flat_map(|key| key.names()) {
        if !used.contains(&name) {
            used.push(name);
        }
    }
    if used.len() == attributes.len() {
        return Ok(());
    }
    Err(Error::invalid_values(match keys {
        [_] => "Number of attributes in KeySchema does not exactly match number of attributes defined in \
                AttributeDefinitions"
            .to_owned(),
        _ => format!(
            "Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: [{}]",
            defined(attributes),
            used.join(", ")
        ),
    }))
}
