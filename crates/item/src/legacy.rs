//! The parameters of before expressions, translated to the same trees: `Expected`, `ScanFilter`, `QueryFilter`,
//! `KeyConditions`, `AttributeUpdates`, `AttributesToGet`.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/LegacyConditionalParameters.html>

use std::cmp::Ordering;

use virga_model::{Map, Record, Value};

use crate::expression::{
    Action, Comparator, Condition, KeyConditions, Operand, Path, Projection, RangeCondition, Update,
    UpdateOperand, order,
};
use crate::{AttributeType, AttributeValue, Invalid, Text, attribute};

/// How several conditions of a request go together: `ConditionalOperator`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConditionalOperator {
    /// All must hold.
    #[default]
    And,
    /// One must hold.
    Or,
}

impl ConditionalOperator {
    /// The operator of the parameter; absent means `AND`. The model has checked the name.
    pub fn read(name: Option<&str>) -> Self {
        if name == Some("OR") { ConditionalOperator::Or } else { ConditionalOperator::And }
    }

    fn join(self, conditions: Vec<Condition>) -> Option<Condition> {
        conditions.into_iter().reduce(|one, other| match self {
            ConditionalOperator::And => one.and(other),
            ConditionalOperator::Or => one.or(other),
        })
    }
}

/// Translates `Expected`; none when it has no entries.
///
/// # Errors
/// Members that do not go together, values that do not fit the operator.
pub fn expected(map: &Map, operator: ConditionalOperator) -> Result<Option<Condition>, Invalid> {
    let mut conditions = Vec::with_capacity(map.len());
    for (attribute, entry) in map {
        if let Value::Structure(entry) = entry {
            conditions.push(expected_attribute(attribute, entry)?);
        }
    }
    Ok(operator.join(conditions))
}

fn expected_attribute(attribute: &Text, entry: &Record) -> Result<Condition, Invalid> {
    let wrong = |what: &str| Err(Invalid::parameter(&format!("{what} for Attribute: {attribute}")));
    let value = member(entry, "Value");
    let list = member(entry, "AttributeValueList");
    let exists = match member(entry, "Exists") {
        Some(Value::Bool(exists)) => Some(*exists),
        _ => None,
    };
    if value.is_some() && list.is_some() {
        return wrong("Value and AttributeValueList cannot be used together");
    }
    if let Some(operator) = text(entry, "ComparisonOperator") {
        if exists.is_some() {
            return wrong("Exists and ComparisonOperator cannot be used together");
        } else if value.is_none() && list.is_none() && !matches!(&**operator, "NULL" | "NOT_NULL") {
            return wrong(&format!(
                "Value or AttributeValueList must be used with ComparisonOperator: {operator}"
            ));
        }
        let values = match value {
            Some(value) => vec![attribute::read_value(value)?],
            None => values(list)?,
        };
        return compared(attribute, operator, values);
    }
    if list.is_some() {
        return wrong("AttributeValueList can only be used with a ComparisonOperator");
    }
    let path = Path::of_attribute(attribute.clone());
    match (exists, value) {
        (Some(false), Some(_)) => wrong("Value cannot be used when Exists is false"),
        (Some(false), None) => Ok(Condition::NotExists(path)),
        (Some(true), None) => wrong("Value must be provided when Exists is true"),
        (None, None) => wrong("Value must be provided when Exists is null"),
        (_, Some(value)) => {
            let value = Operand::Value(attribute::read_value(value)?);
            Ok(Condition::Compare(Comparator::Equal, Operand::Path(path), value))
        }
    }
}

/// Translates `ScanFilter` or `QueryFilter`; none when it has no entries.
///
/// # Errors
/// Values that do not fit the operator.
pub fn filter(map: &Map, operator: ConditionalOperator) -> Result<Option<Condition>, Invalid> {
    let mut conditions = Vec::with_capacity(map.len());
    for (attribute, entry) in map {
        if let Some((operator, values)) = condition(entry)? {
            conditions.push(compared(attribute, operator, values)?);
        }
    }
    Ok(operator.join(conditions))
}

/// Translates `KeyConditions`.
///
/// # Errors
/// Values that do not fit the operator.
pub fn key_conditions(map: &Map) -> Result<KeyConditions, Invalid> {
    let mut conditions = KeyConditions::default();
    for (attribute, entry) in map {
        let Some((operator, mut values)) = condition(entry)? else { continue };
        check_values(operator, &values)?;
        let condition = match (&**operator, &mut values[..]) {
            ("BETWEEN", [lower, upper]) => RangeCondition::Between(lower.clone(), upper.clone()),
            ("BEGINS_WITH", [prefix]) => RangeCondition::BeginsWith(prefix.clone()),
            (operator, [value]) => match comparator(operator).filter(|_| operator != "NE") {
                Some(comparator) => RangeCondition::Compare(comparator, value.clone()),
                None => RangeCondition::Unsupported(values),
            },
            _ => RangeCondition::Unsupported(values),
        };
        conditions.push(attribute.clone(), condition);
    }
    Ok(conditions)
}

/// Translates `AttributeUpdates`.
///
/// # Errors
/// Values that do not fit the action.
pub fn attribute_updates(map: &Map) -> Result<Update, Invalid> {
    let mut actions = Vec::with_capacity(map.len());
    for (attribute, entry) in map {
        let Value::Structure(entry) = entry else { continue };
        let action = text(entry, "Action").map_or("PUT", |action| &**action);
        let path = Path::of_attribute(attribute.clone());
        let value = member(entry, "Value").map(attribute::read_value).transpose()?;
        actions.push(match (action, value) {
            ("DELETE", None) => Action::Remove(path),
            (_, None) => {
                return Err(Invalid::parameter(
                    "Only DELETE action is allowed when no attribute value is specified",
                ));
            }
            ("DELETE", Some(value)) if value.kind().is_set() => Action::Delete(path, value),
            ("DELETE", Some(value)) => {
                let kind = value.kind();
                return Err(Invalid::parameter(&format!(
                    "DELETE action with value is not supported for the type {kind}"
                )));
            }
            ("ADD", Some(value)) => match value.kind() {
                AttributeType::N
                | AttributeType::L
                | AttributeType::Ss
                | AttributeType::Ns
                | AttributeType::Bs => Action::Add(path, value),
                kind => {
                    return Err(Invalid::parameter(&format!(
                        "ADD action is not supported for the type {kind}"
                    )));
                }
            },
            (_, Some(value)) => Action::Set(path, UpdateOperand::Value(value)),
        });
    }
    Ok(Update { actions, legacy: true })
}

/// Translates `AttributesToGet`.
///
/// # Errors
/// A name that is there twice.
pub fn attributes_to_get(names: &[Value]) -> Result<Projection, Invalid> {
    let mut known: Vec<Text> = Vec::with_capacity(names.len());
    for name in names {
        let Value::String(name) = name else { continue };
        if known.contains(name) {
            return Err(Invalid::parameter(&format!("Duplicate value in attribute name: {name}")));
        }
        known.push(name.clone());
    }
    Ok(Projection::of_attributes(known))
}

fn member<'a>(record: &'a Record, name: &str) -> Option<&'a Value> {
    record.by_name(name).filter(|value| **value != Value::Null)
}

fn text<'a>(record: &'a Record, name: &str) -> Option<&'a Text> {
    match member(record, name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn values(list: Option<&Value>) -> Result<Vec<AttributeValue>, Invalid> {
    match list {
        Some(Value::List(values)) => values.iter().map(attribute::read_value).collect(),
        _ => Ok(Vec::new()),
    }
}

/// The operator and values of a `Condition` structure.
fn condition(entry: &Value) -> Result<Option<(&Text, Vec<AttributeValue>)>, Invalid> {
    let Value::Structure(entry) = entry else { return Ok(None) };
    let Some(operator) = text(entry, "ComparisonOperator") else { return Ok(None) };
    Ok(Some((operator, values(member(entry, "AttributeValueList"))?)))
}

fn comparator(operator: &str) -> Option<Comparator> {
    Some(match operator {
        "EQ" => Comparator::Equal,
        "NE" => Comparator::NotEqual,
        "LT" => Comparator::Less,
        "LE" => Comparator::LessOrEqual,
        "GT" => Comparator::Greater,
        "GE" => Comparator::GreaterOrEqual,
        _ => return None,
    })
}

/// Checks number, types and order of an operator's values.
fn check_values(operator: &str, values: &[AttributeValue]) -> Result<(), Invalid> {
    let fits = match operator {
        "NULL" | "NOT_NULL" => values.is_empty(),
        "IN" => !values.is_empty(),
        "BETWEEN" => values.len() == 2,
        _ => values.len() == 1,
    };
    if !fits {
        return Err(Invalid::parameter(&format!(
            "Invalid number of argument(s) for the {operator} ComparisonOperator"
        )));
    }
    let Some(kind) = values.first().map(AttributeValue::kind) else { return Ok(()) };
    if values.iter().any(|value| value.kind() != kind) {
        return Err(Invalid::parameter("AttributeValues inside AttributeValueList must be of same type"));
    }
    let ordered = [AttributeType::S, AttributeType::N, AttributeType::B].contains(&kind);
    let fits = match operator {
        "EQ" | "NE" => true,
        "BEGINS_WITH" => matches!(kind, AttributeType::S | AttributeType::B),
        _ => ordered,
    };
    if !fits {
        return Err(Invalid::parameter(&format!(
            "ComparisonOperator {operator} is not valid for {kind} AttributeValue type"
        )));
    }
    match (operator, values) {
        ("BETWEEN", [lower, upper]) if order(lower, upper) == Some(Ordering::Greater) => Err(Invalid::new(
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
        )),
        _ => Ok(()),
    }
}

/// The condition of an operator on an attribute.
fn compared(attribute: &Text, operator: &str, values: Vec<AttributeValue>) -> Result<Condition, Invalid> {
    check_values(operator, &values)?;
    let path = Path::of_attribute(attribute.clone());
    let operand = Operand::Path(path.clone());
    let mut values = values.into_iter().map(Operand::Value);
    Ok(match (operator, values.next()) {
        ("NOT_NULL", _) => Condition::Exists(path),
        (_, None) => Condition::NotExists(path),
        ("IN", Some(first)) => Condition::In(operand, std::iter::once(first).chain(values).collect()),
        ("CONTAINS", Some(part)) => Condition::Contains(operand, part),
        // What does not exist does not lack anything.
        ("NOT_CONTAINS", Some(part)) => {
            Condition::Exists(path).and(Condition::Not(Box::new(Condition::Contains(operand, part))))
        }
        ("BEGINS_WITH", Some(prefix)) => Condition::BeginsWith(operand, prefix),
        (operator, Some(value)) => match (comparator(operator), values.next()) {
            (Some(comparator), _) => Condition::Compare(comparator, operand, value),
            (None, upper) => {
                let upper = upper.unwrap_or_else(|| value.clone());
                Condition::Between { operand, lower: value, upper }
            }
        },
    })
}
