//! How records are written.

mod csv;
mod json;

use std::borrow::Cow;

use crate::{
    Error, OutputFormat,
    evaluate::{Row, Scope},
    sql::{Plan, Projection},
    value::Value,
};

/// Writes the columns of a record.
pub(crate) fn write(
    out: &mut Vec<u8>,
    format: &OutputFormat,
    plan: &Plan,
    scope: Scope<'_>,
) -> Result<(), Error> {
    match (&plan.projection, format) {
        (Projection::All, OutputFormat::Csv(format)) => csv::row(out, format, scope.row),
        (Projection::All, OutputFormat::Json { record_delimiter }) => {
            json::row(out, scope.row);
            out.extend_from_slice(record_delimiter.as_bytes());
        }
        (Projection::Columns(columns), OutputFormat::Csv(format)) => {
            let mut record = csv::Record::new(out, format);
            for column in columns {
                record.field(&text(&*scope.evaluate(&column.expression)?));
            }
            record.end();
        }
        (Projection::Columns(columns), OutputFormat::Json { record_delimiter }) => {
            let mut record = json::Object::new(out);
            for column in columns {
                record.member(&column.name, &*scope.evaluate(&column.expression)?);
            }
            record.end();
            out.extend_from_slice(record_delimiter.as_bytes());
        }
    }
    Ok(())
}

/// A value as a text: structures and lists as JSON, unknown values as nothing.
pub(crate) fn text(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Missing | Value::Null => Cow::Borrowed(""),
        Value::Bool(value) => Cow::Borrowed(if *value { "true" } else { "false" }),
        Value::Integer(number) => Cow::Owned(number.to_string()),
        Value::Decimal(number) => Cow::Owned(number.to_string()),
        Value::Float(number) => Cow::Owned(float(*number)),
        Value::String(text) => Cow::Borrowed(text),
        Value::Timestamp(timestamp) => Cow::Owned(timestamp.to_string()),
        Value::List(_) | Value::Structure(_) => {
            let mut out = Vec::new();
            json::value(&mut out, value);
            Cow::Owned(String::from_utf8_lossy(&out).into_owned())
        }
    }
}

/// The shortest text that reads as the same float, with a point.
fn float(number: f64) -> String {
    format!("{number:?}")
}

/// The columns of a record as it is.
fn fields<'a>(row: Row<'a>, mut each: impl FnMut(Cow<'a, str>, Cow<'a, Value>)) {
    match row {
        Row::Nothing | Row::Document(Value::Missing) => {}
        Row::Document(Value::Structure(fields)) => {
            for (name, value) in fields {
                each(Cow::Borrowed(name), Cow::Borrowed(value));
            }
        }
        Row::Document(value) => each(Cow::Borrowed("_1"), Cow::Borrowed(value)),
        Row::Csv(row) => {
            for (index, field) in row.fields().enumerate() {
                let name = row.names.and_then(|names| names.get(index));
                let name =
                    name.map_or_else(|| Cow::Owned(format!("_{}", index + 1)), |name| Cow::Borrowed(&**name));
                each(name, Cow::Owned(Value::String(field.to_owned())));
            }
        }
    }
}
