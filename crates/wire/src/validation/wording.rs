//! Violations in AWS's words.

use std::fmt::Write;

use virga_model::Value;

use super::{Constraint, Violation};
use crate::text::print_scalar;

/// One message for all violations, as AWS words it:
/// `1 validation error detected: Value '…' at '…' failed to satisfy constraint: Member must …`.
pub fn describe(violations: &[Violation]) -> String {
    let count = violations.len();
    let mut text = format!("{count} validation error{} detected: ", if count == 1 { "" } else { "s" });
    for (index, Violation { path, value, constraint }) in violations.iter().enumerate() {
        let separator = if index == 0 { "" } else { "; " };
        let value = value.as_ref().map_or_else(|| "null".to_owned(), |value| format!("'{value}'"));
        let written =
            write!(text, "{separator}Value {value} at '{path}' failed to satisfy constraint: {constraint}");
        debug_assert!(written.is_ok(), "writing to a string does not fail");
    }
    text
}

impl std::fmt::Display for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Constraint::Required => f.write_str("Member must not be null"),
            Constraint::MaxLength(max) => write!(f, "Member must have length less than or equal to {max:.0}"),
            Constraint::MinLength(min) => {
                write!(f, "Member must have length greater than or equal to {min:.0}")
            }
            Constraint::MaxValue(max, whole) => {
                write!(f, "Member must have value less than or equal to {}", number(*max, *whole))
            }
            Constraint::MinValue(min, whole) => {
                write!(f, "Member must have value greater than or equal to {}", number(*min, *whole))
            }
            Constraint::Pattern(pattern) => {
                write!(f, "Member must satisfy regular expression pattern: {pattern}")
            }
            Constraint::OneOf(shape) => {
                let values: Vec<&str> = shape.enum_values().collect();
                write!(f, "Member must satisfy enum value set: [{}]", values.join(", "))
            }
            Constraint::Elements(constraints) => {
                write!(f, "Member must satisfy constraint: [{}]", joined(constraints))
            }
            Constraint::Keys(constraints) => {
                write!(f, "Map keys must satisfy constraint: [{}]", joined(constraints))
            }
            Constraint::Values(constraints) => {
                write!(f, "Map value must satisfy constraint: [{}]", joined(constraints))
            }
        }
    }
}

fn joined(constraints: &[Constraint]) -> String {
    constraints.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn number(number: f64, whole: bool) -> String {
    if whole { format!("{number:.0}") } else { format!("{number:?}") }
}

/// A value as Java prints it: `[a, b]`, `{key=value}`, `Tag(Key=a)`.
pub(super) fn print(value: &Value) -> String {
    match value {
        Value::List(items) => format!("[{}]", items.iter().map(print).collect::<Vec<_>>().join(", ")),
        Value::Map(map) => {
            let entries: Vec<String> =
                map.iter().map(|(key, value)| format!("{key}={}", print(value))).collect();
            format!("{{{}}}", entries.join(", "))
        }
        Value::Structure(record) => {
            let name = record.shape().map_or("", virga_model::Shape::name);
            let members =
                record.shape().into_iter().flat_map(virga_model::Shape::members).zip(record.values());
            let members: Vec<String> = members
                .filter(|(_, value)| **value != Value::Null)
                .map(|(member, value)| format!("{}={}", member.name(), print(value)))
                .collect();
            format!("{name}({})", members.join(", "))
        }
        scalar => {
            print_scalar(scalar, virga_model::TimestampFormat::Iso8601).unwrap_or_default().into_owned()
        }
    }
}
