//! Condition keys that need a look at the table, or at what a call reads and writes: `dynamodb:LeadingKeys`,
//! `dynamodb:Attributes` and the rest. Found only when a policy asks for one.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html>

use std::collections::BTreeSet;

use virga_kit::{Condition, Ctx};
use virga_model::{Record, Value};
use virga_store::Reader as _;

use crate::access::{table_tags, text};
use crate::keys;
use crate::rules::{ResourceAddress, attributes_named};

/// The conditions of a call on a table.
pub(crate) fn find(ctx: &Ctx, input: &Record, arn: &str) -> Vec<Condition> {
    let mut conditions = table_tags(ctx, arn);
    for member in ["Select", "ReturnValues", "ReturnConsumedCapacity"] {
        if let Some(value) = text(input, member) {
            conditions.push(Condition::new(format!("dynamodb:{member}"), value));
        }
    }
    // Statements tell it themselves: it depends on what stands behind WHERE.
    let is_statement = |name: &str| name.starts_with("Execute") || name.starts_with("BatchExecute");
    if let Some(name) = input.shape().map(virga_model::Shape::name).filter(|name| !is_statement(name)) {
        conditions.push(Condition::new("dynamodb:FullTableScan", (name == "ScanInput").to_string()));
    }
    let Some(address) = ResourceAddress::parse(arn) else { return conditions };
    let table =
        ctx.world().store().read().ok().and_then(|read| read.get(&keys::table(address.table)).ok()?);
    let Some(table) = table else { return conditions };
    let index = address.rest.strip_prefix("index/");
    let key = index.and_then(|name| table.indexes.iter().find(|index| index.name == name));
    let hash = &key.map_or(&table.key, |index| &index.key).hash;
    let mut found = Found { hash, leading: BTreeSet::new(), attributes: BTreeSet::new() };
    for part in parts(input, address.table.name) {
        found.part(part);
    }
    conditions.push(Condition::multivalued("dynamodb:LeadingKeys", found.leading.into_iter().collect()));
    conditions.push(Condition::multivalued("dynamodb:Attributes", found.attributes.into_iter().collect()));
    conditions
}

/// The structures of a call that speak of one table.
fn parts<'a>(input: &'a Record, table: &str) -> Vec<&'a Record> {
    let is_of_table = |name: &str| name == table || name.ends_with(&format!("table/{table}"));
    let mut parts = Vec::new();
    match (input.by_name("TransactItems"), input.by_name("RequestItems")) {
        (Some(Value::List(items)), _) => {
            let items = items
                .iter()
                .filter_map(structure)
                .flat_map(|item| item.values().iter().filter_map(structure));
            parts.extend(items.filter(|part| text(part, "TableName").is_some_and(is_of_table)));
        }
        (_, Some(Value::Map(tables))) => {
            for (_, requests) in tables.iter().filter(|(name, _)| is_of_table(name)) {
                match requests {
                    Value::Structure(record) => parts.push(record),
                    Value::List(list) => {
                        let list = list.iter().filter_map(structure);
                        parts.extend(list.flat_map(|request| request.values().iter().filter_map(structure)));
                    }
                    _ => {}
                }
            }
        }
        _ => parts.push(input),
    }
    parts
}

fn structure(value: &Value) -> Option<&Record> {
    match value {
        Value::Structure(record) => Some(record),
        _ => None,
    }
}

struct Found<'t> {
    hash: &'t str,
    leading: BTreeSet<String>,
    attributes: BTreeSet<String>,
}

impl Found<'_> {
    fn part(&mut self, part: &Record) {
        for member in ["Key", "Item"] {
            if let Some(Value::Map(map)) = part.by_name(member) {
                self.key(map);
            }
        }
        if let Some(Value::List(keys)) = part.by_name("Keys") {
            for key in keys {
                if let Value::Map(map) = key {
                    self.key(map);
                }
            }
        }
        for member in ["Expected", "AttributeUpdates", "KeyConditions", "QueryFilter", "ScanFilter"] {
            if let Some(Value::Map(map)) = part.by_name(member) {
                self.attributes.extend(map.iter().map(|(name, _)| name.to_string()));
            }
        }
        if let Some(Value::List(names)) = part.by_name("AttributesToGet") {
            let names = names.iter().filter_map(|name| match name {
                Value::String(name) => Some(name.to_string()),
                _ => None,
            });
            self.attributes.extend(names);
        }
        self.expressions(part);
    }

    fn key(&mut self, map: &virga_model::Map) {
        self.attributes.extend(map.iter().map(|(name, _)| name.to_string()));
        self.leading.extend(map.get(self.hash).and_then(scalar));
    }

    fn expressions(&mut self, part: &Record) {
        let map = |member: &str| match part.by_name(member) {
            Some(Value::Map(map)) => Some(map),
            _ => None,
        };
        let (names, values) = (map("ExpressionAttributeNames"), map("ExpressionAttributeValues"));
        let name_of = |placeholder: &str| match names.and_then(|names| names.get(placeholder)) {
            Some(Value::String(name)) => Some(name.to_string()),
            _ => None,
        };
        let members = [
            "ProjectionExpression",
            "ConditionExpression",
            "UpdateExpression",
            "FilterExpression",
            "KeyConditionExpression",
        ];
        for expression in members.iter().filter_map(|member| text(part, member)) {
            self.attributes.extend(attributes_named(expression).into_iter().filter_map(|name| {
                if name.starts_with('#') { name_of(name) } else { Some(name.to_owned()) }
            }));
        }
        // `hash = :value`, in whichever order and place.
        if let Some(expression) = text(part, "KeyConditionExpression") {
            let words: Vec<&str> = expression
                .split(|letter: char| letter.is_whitespace() || "()=".contains(letter))
                .filter(|word| !word.is_empty())
                .collect();
            for pair in words.windows(2) {
                let is_hash = pair[0] == self.hash || name_of(pair[0]).as_deref() == Some(self.hash);
                let value = values.filter(|_| is_hash).and_then(|values| values.get(pair[1]));
                self.leading.extend(value.and_then(scalar));
            }
        }
        if let Some(Value::Structure(condition)) = map("KeyConditions").and_then(|map| map.get(self.hash))
            && let Some(Value::List(values)) = condition.by_name("AttributeValueList")
        {
            self.leading.extend(values.first().and_then(scalar));
        }
    }
}

/// A key value as conditions compare it.
fn scalar(value: &Value) -> Option<String> {
    let record = structure(value)?;
    match (record.by_name("S"), record.by_name("N"), record.by_name("B")) {
        (Some(Value::String(text)), _, _) | (_, Some(Value::String(text)), _) => Some(text.to_string()),
        (_, _, Some(Value::Blob(bytes))) => {
            use base64::Engine as _;
            Some(base64::engine::general_purpose::STANDARD.encode(bytes))
        }
        _ => None,
    }
}
