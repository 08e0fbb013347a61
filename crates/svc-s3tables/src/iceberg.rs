//! What a new table of Apache Iceberg is, from what `CreateTable` is given. The shapes of AWS have the names of Iceberg's
//! own metadata, so that they are read as JSON.
//! <https://iceberg.apache.org/spec/#schemas-and-data-types>

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use virga_api::s3tables as api;
use virga_iceberg::{NewTable, TableMetadata};
use virga_model::view::Structure as _;
use virga_wire::json::record_to_json;

use crate::error::Error;

const PRIMITIVES: [&str; 12] = [
    "boolean",
    "int",
    "long",
    "float",
    "double",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "string",
    "uuid",
    "binary",
];
/// The number before that of the first partition field.
const LAST_PARTITION_ID: i64 = 999;

/// The first metadata of a table.
pub(crate) fn first_metadata(
    given: &api::IcebergMetadata,
    (uuid, location, millis): (&str, &str, i64),
) -> Result<TableMetadata, Error> {
    let mut given: Value = serde_json::from_str(&record_to_json(given.as_record()))
        .map_err(|error| invalid(error.to_string()))?;
    let schema = match (given["schema"].take(), given["schemaV2"].take()) {
        (Value::Null, Value::Null) => return Err(invalid("there is no schema")),
        (schema, Value::Null) => numbered(schema)?,
        (Value::Null, schema) => schema,
        _ => return Err(invalid("there are two schemas")),
    };
    let mut ids = BTreeSet::new();
    check_struct(&schema, &mut ids)?;
    let schema = with(schema, "schema-id");
    let partition_spec =
        optional(given["partitionSpec"].take()).map(|spec| partitioned(spec, &ids)).transpose()?;
    let sort_order = optional(given["writeOrder"].take());
    if let Some(order) = &sort_order {
        check_sources(order, &ids)?;
    }
    let properties: BTreeMap<String, String> = optional(given["properties"].take())
        .and_then(|map| serde_json::from_value(map).ok())
        .unwrap_or_default();
    Ok(TableMetadata::create(NewTable {
        uuid,
        location,
        millis,
        schema,
        partition_spec,
        sort_order,
        properties,
    }))
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::InvalidMetadata { reason: reason.into() }
}

fn optional(value: Value) -> Option<Value> {
    (!value.is_null()).then_some(value)
}

/// With zero for a number that is not given.
fn with(mut value: Value, number: &str) -> Value {
    if value[number].is_null() {
        value[number] = json!(0);
    }
    value
}

fn fields(value: &Value) -> &[Value] {
    value["fields"].as_array().map_or(&[], Vec::as_slice)
}

/// The simple form of a schema: fields may lack numbers, and need not say that they may be null.
fn numbered(mut schema: Value) -> Result<Value, Error> {
    let mut last = fields(&schema).iter().filter_map(|field| field["id"].as_i64()).max().unwrap_or(0);
    for field in schema["fields"].as_array_mut().into_iter().flatten() {
        if field["id"].is_null() {
            last += 1;
            field["id"] = json!(last);
        }
        if field["required"].is_null() {
            field["required"] = json!(false);
        }
        if !field["type"].as_str().is_some_and(is_primitive) {
            return Err(invalid(format!("no such type: {}", field["type"])));
        }
    }
    schema["type"] = json!("struct");
    Ok(schema)
}

fn is_primitive(name: &str) -> bool {
    let arguments = |kind: &str| name.strip_prefix(kind)?.strip_prefix(['[', '('])?.strip_suffix([']', ')']);
    if let Some(length) = arguments("fixed") {
        return length.trim().parse::<u32>().is_ok();
    }
    if let Some((precision, scale)) = arguments("decimal").and_then(|both| both.split_once(',')) {
        return precision.trim().parse::<u8>().is_ok_and(|precision| (1..=38).contains(&precision))
            && scale.trim().parse::<u8>().is_ok();
    }
    PRIMITIVES.contains(&name)
}

fn check_struct(value: &Value, ids: &mut BTreeSet<i64>) -> Result<(), Error> {
    let mut names = BTreeSet::new();
    if fields(value).is_empty() {
        return Err(invalid("a schema has at least one field"));
    }
    for field in fields(value) {
        let name = field["name"].as_str().filter(|name| !name.is_empty());
        let name = name.ok_or_else(|| invalid("a field has no name"))?;
        if !names.insert(name) {
            return Err(invalid(format!("two fields have the name {name}")));
        }
        take_id(&field["id"], ids)?;
        check_type(&field["type"], ids)?;
    }
    Ok(())
}

fn take_id(id: &Value, ids: &mut BTreeSet<i64>) -> Result<(), Error> {
    let id = id.as_i64().filter(|id| (1..=i64::from(i32::MAX)).contains(id));
    let id = id.ok_or_else(|| invalid("a field has no id"))?;
    ids.insert(id).then_some(()).ok_or_else(|| invalid(format!("two fields have the id {id}")))
}

fn check_type(kind: &Value, ids: &mut BTreeSet<i64>) -> Result<(), Error> {
    match (kind.as_str(), kind["type"].as_str()) {
        (Some(name), _) if is_primitive(name) => Ok(()),
        (None, Some("struct")) => check_struct(kind, ids),
        (None, Some("list")) => {
            take_id(&kind["element-id"], ids)?;
            check_type(&kind["element"], ids)
        }
        (None, Some("map")) => {
            take_id(&kind["key-id"], ids)?;
            take_id(&kind["value-id"], ids)?;
            check_type(&kind["key"], ids)?;
            check_type(&kind["value"], ids)
        }
        _ => Err(invalid(format!("no such type: {kind}"))),
    }
}

fn check_sources(value: &Value, ids: &BTreeSet<i64>) -> Result<(), Error> {
    let unknown = fields(value).iter().map(|field| &field["source-id"]);
    match unknown.into_iter().find(|id| !id.as_i64().is_some_and(|id| ids.contains(&id))) {
        Some(id) => Err(invalid(format!("no field has the id {id}"))),
        None => Ok(()),
    }
}

/// How a table is partitioned: fields of it may lack numbers.
fn partitioned(mut spec: Value, ids: &BTreeSet<i64>) -> Result<Value, Error> {
    check_sources(&spec, ids)?;
    let given = fields(&spec).iter().filter_map(|field| field["field-id"].as_i64());
    let mut last = given.max().unwrap_or(LAST_PARTITION_ID).max(LAST_PARTITION_ID);
    for field in spec["fields"].as_array_mut().into_iter().flatten() {
        if field["field-id"].is_null() {
            last += 1;
            field["field-id"] = json!(last);
        }
    }
    Ok(with(spec, "spec-id"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, kind: &str) -> api::SchemaField {
        api::SchemaField::new().with_name(name).with_type(kind)
    }

    fn metadata(fields: Vec<api::SchemaField>) -> Result<TableMetadata, Error> {
        let given = api::IcebergMetadata::new().with_schema(api::IcebergSchema::new().with_fields(fields));
        first_metadata(&given, ("u", "s3://w", 1))
    }

    #[test]
    fn fields_are_numbered_and_may_be_null() {
        let made = metadata(vec![field("a", "int").with_id(7), field("b", "decimal(9, 2)")]).unwrap();
        let expected = json!([
            { "id": 7, "name": "a", "type": "int", "required": false },
            { "id": 8, "name": "b", "type": "decimal(9, 2)", "required": false },
        ]);
        assert_eq!(made.schemas[0]["fields"], expected);
        assert_eq!((made.last_column_id, made.current_schema_id), (8, 0));
    }

    #[test]
    fn partitions_name_fields_that_are_there() {
        let schema = api::IcebergSchema::new().with_fields(vec![field("a", "date")]);
        let by = |source| {
            let field = api::IcebergPartitionField::new()
                .with_source_id(source)
                .with_transform("day")
                .with_name("a_day");
            let spec = api::IcebergPartitionSpec::new().with_fields(vec![field]);
            let given = api::IcebergMetadata::new().with_schema(schema.clone()).with_partition_spec(spec);
            first_metadata(&given, ("u", "s3://w", 1))
        };
        assert_eq!(by(1).unwrap().last_partition_id, 1000);
        assert!(by(2).is_err());
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for fields in [
            vec![],
            vec![field("a", "text")],
            vec![field("a", "int"), field("a", "int")],
            vec![field("a", "int").with_id(1), field("b", "int").with_id(1)],
        ] {
            assert!(metadata(fields.clone()).is_err(), "{fields:?}");
        }
    }
}
