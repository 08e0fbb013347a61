//! What the key of a table or an index may look like.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_KeySchemaElement.html>

use virga_api::dynamodb as api;
use virga_model::view::List;

use super::table_definition::Definitions;
use crate::error::Error;
use crate::records::{KeyRest, KeySchema};

/// Most attributes of the partition key of a global index, and of its sort key.
const MOST_ATTRIBUTES: usize = 4;

/// The key of a table. Unlike that of an index, its missing definitions are told in two ways.
pub(super) fn table_key(
    elements: List<'_, &api::KeySchemaElement>,
    attributes: &Definitions,
) -> Result<KeySchema, Error> {
    let names: Vec<&str> = elements.iter().map(api::KeySchemaElement::attribute_name).collect();
    let is_defined = |name: &&str| attributes.iter().any(|(known, _)| known == name);
    if names.len() == 2 && (attributes.len() < 2 || !names.iter().all(is_defined)) {
        return Err(Error::validation("Invalid KeySchema: Some index key attribute have no definition"));
    }
    key_schema(elements, attributes)
}

/// Reads a key of one or two attributes.
pub(super) fn key_schema(
    elements: List<'_, &api::KeySchemaElement>,
    attributes: &Definitions,
) -> Result<KeySchema, Error> {
    let all = defined_elements(elements, attributes)?;
    if all.len() > 2 {
        let element =
            |(name, kind): &Element<'_>| format!("KeySchemaElement(attributeName={name}, keyType={kind})");
        let shown: Vec<String> = all.iter().map(element).collect();
        return Err(Error::validation(format!(
            "1 validation error detected: Value '[{}]' at 'keySchema' failed to satisfy constraint: Member must have \
             length less than or equal to 2",
            shown.join(", ")
        )));
    }
    check_names(&all)?;
    check_first(&all)?;
    if all.get(1).is_some_and(|second| second.1 != api::key_type::RANGE) {
        let reason = "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type";
        return Err(Error::validation(reason));
    }
    Ok(key_of(&all))
}

/// Reads the key of a global index: up to four attributes for the partition, and up to four to sort by.
///
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.DesignPattern.MultiAttributeKeys.html>
pub(crate) fn global_key_schema(
    elements: List<'_, &api::KeySchemaElement>,
    attributes: &Definitions,
) -> Result<KeySchema, Error> {
    let all = defined_elements(elements, attributes)?;
    check_names(&all)?;
    check_first(&all)?;
    let is_hash = |element: &Element<'_>| element.1 == api::key_type::HASH;
    let hashes = all.iter().take_while(|element| is_hash(element)).count();
    if all[hashes..].iter().any(is_hash) {
        return Err(Error::invalid_values(
            "All HASH key attributes must precede RANGE key attributes in the KeySchema",
        ));
    }
    for (count, kind) in [(hashes, "HASH"), (all.len() - hashes, "RANGE")] {
        if count > MOST_ATTRIBUTES {
            return Err(Error::invalid_values(format!(
                "The KeySchema exceeds the maximum allowed number of {kind} key attributes"
            )));
        }
    }
    Ok(key_of(&all))
}

/// The name and the kind of an element.
type Element<'a> = (&'a str, &'a str);

fn defined_elements<'a>(
    elements: List<'a, &'a api::KeySchemaElement>,
    attributes: &Definitions,
) -> Result<Vec<Element<'a>>, Error> {
    let all: Vec<_> = elements.iter().map(|element| (element.attribute_name(), element.key_type())).collect();
    if all.iter().any(|(name, _)| !attributes.iter().any(|(known, _)| known == name)) {
        return Err(Error::invalid_values(format!(
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [{}], AttributeDefinitions: \
             [{}]",
            all.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", "),
            defined(attributes)
        )));
    }
    Ok(all)
}

fn check_names(all: &[Element<'_>]) -> Result<(), Error> {
    let is_repeated = |(at, (name, _)): (usize, &Element<'_>)| all[..at].iter().any(|known| known.0 == *name);
    if !all.iter().enumerate().any(is_repeated) {
        return Ok(());
    }
    Err(Error::validation(if all.len() == 2 {
        "Both the Hash Key and the Range Key element in the KeySchema have the same name"
    } else {
        "The KeySchema contains multiple key attributes with the same name"
    }))
}

fn check_first(all: &[Element<'_>]) -> Result<(), Error> {
    match all.first() {
        Some((_, api::key_type::HASH)) => Ok(()),
        _ => Err(Error::validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")),
    }
}

/// The key of elements in order.
fn key_of(all: &[Element<'_>]) -> KeySchema {
    let of_kind = |kind: &str| {
        let elements = all.iter().filter(|element| element.1 == kind);
        elements.map(|(name, _)| (*name).to_owned()).collect::<Vec<String>>()
    };
    let (mut hashes, mut ranges) = (of_kind(api::key_type::HASH), of_kind(api::key_type::RANGE));
    let hash = hashes.remove(0);
    let rest = match (hashes.is_empty(), ranges.len()) {
        (true, 0) => KeyRest::Nothing,
        (true, 1) => KeyRest::Range(ranges.remove(0)),
        _ => KeyRest::Several { hashes, ranges },
    };
    KeySchema { hash, rest }
}

/// The names of defined attributes, as AWS lists them.
pub(super) fn defined(attributes: &Definitions) -> String {
    attributes.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")
}
