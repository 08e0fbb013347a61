//! What a new table may look like: key attributes, their types, and the order in which DynamoDB looks at them.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html>

use virga_api::dynamodb as api;
use virga_model::view::List;

use super::index_definition::{self, IndexDefinition};
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
        let maximum = throughput::on_demand(on_demand, input.on_demand_throughput())?;
        let least = if on_demand { Capacity { read: 12_000, write: 4_000 } } else { capacity };
        let warm = throughput::warm(least, input.warm_throughput())?;
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

/// The key of a table. Unlike that of an index, its missing definitions are told in two ways.
fn table_key(
    elements: List<'_, &api::KeySchemaElement>,
    attributes: &Definitions,
) -> Result<KeySchema, Error> {
    let names: Vec<&str> = elements.iter().map(api::KeySchemaElement::attribute_name).collect();
    let is_defined = |name: &&str| attributes.iter().any(|(known, _)| known == name);
    if names.len() == 2 && !names.iter().all(is_defined) {
        return Err(Error::validation("Invalid KeySchema: Some index key attribute have no definition"));
    }
    key_schema(elements, attributes)
}

/// Reads a key of one or two attributes.
pub(crate) fn key_schema(
    elements: List<'_, &api::KeySchemaElement>,
    attributes: &Definitions,
) -> Result<KeySchema, Error> {
    let all: Vec<_> = elements.iter().map(|element| (element.attribute_name(), element.key_type())).collect();
    let names: Vec<&str> = all.iter().map(|(name, _)| *name).collect();
    if names.iter().any(|name| !attributes.iter().any(|(known, _)| known == name)) {
        return Err(Error::invalid_values(format!(
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: \
             [{}]",
            names.join(", "),
            defined(attributes)
        )));
    }
    let (first, second) = match all.as_slice() {
        [first] => (first, None),
        [first, second] => (first, Some(second)),
        _ => {
            let element = |(name, kind): &(&str, &str)| {
                format!("KeySchemaElement(attributeName={name}, keyType={kind})")
            };
            let shown: Vec<String> = all.iter().map(element).collect();
            return Err(Error::validation(format!(
                "1 validation error detected: Value '[{}]' at 'keySchema' failed to satisfy constraint: Member must \
                 have length less than or equal to 2",
                shown.join(", ")
            )));
        }
    };
    if second.is_some_and(|second| second.0 == first.0) {
        let reason = "Both the Hash Key and the Range Key element in the KeySchema have the same name";
        return Err(Error::validation(reason));
    }
    if first.1 != api::key_type::HASH {
        let reason = "Invalid KeySchema: The first KeySchemaElement is not a HASH key type";
        return Err(Error::validation(reason));
    }
    if second.is_some_and(|second| second.1 != api::key_type::RANGE) {
        let reason = "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type";
        return Err(Error::validation(reason));
    }
    Ok(KeySchema { hash: first.0.to_owned(), range: second.map(|second| second.0.to_owned()) })
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

/// The names of defined attributes, as AWS lists them.
fn defined(attributes: &Definitions) -> String {
    attributes.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}
