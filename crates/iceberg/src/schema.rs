//! The columns of a table, as its metadata tells them.
//! <https://iceberg.apache.org/spec/#schemas-and-data-types>

use serde_json::{Value, json};

use crate::parquet::{Column, ColumnKind};

/// The columns of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema(pub &'static [Field]);

/// A column. Readers find it by its number, not by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its number, unique in the schema.
    pub id: i32,
    /// Its name.
    pub name: &'static str,
    /// Whether every row has a value.
    pub required: bool,
    /// What its values are.
    pub kind: FieldKind,
}

/// What the values of a column are: the types of Iceberg that this crate writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// `boolean`.
    Boolean,
    /// `long`.
    Long,
    /// `timestamp`: microseconds, without time zone.
    Timestamp,
    /// `string`.
    Text,
    /// A `map` of strings to strings, whose columns have numbers of their own.
    TextMap {
        /// The number of the keys.
        key_id: i32,
        /// The number of the values.
        value_id: i32,
    },
}

impl Schema {
    /// As table metadata has it.
    pub fn to_json(&self) -> Value {
        let fields = self.0.iter().map(|field| {
            json!({
                "id": field.id, "name": field.name, "required": field.required, "type": field.kind.to_json(),
            })
        });
        json!({ "type": "struct", "schema-id": 0, "fields": fields.collect::<Vec<_>>() })
    }

    /// As data files have it.
    pub(crate) fn columns(&self) -> Vec<Column<'static>> {
        let column = |field: &Field| Column {
            name: field.name,
            id: Some(field.id),
            required: field.required,
            kind: field.kind.column(),
        };
        self.0.iter().map(column).collect()
    }
}

impl FieldKind {
    fn to_json(self) -> Value {
        match self {
            FieldKind::Boolean => json!("boolean"),
            FieldKind::Long => json!("long"),
            FieldKind::Timestamp => json!("timestamp"),
            FieldKind::Text => json!("string"),
            FieldKind::TextMap { key_id, value_id } => json!({
                "type": "map", "key-id": key_id, "key": "string",
                "value-id": value_id, "value-required": true, "value": "string",
            }),
        }
    }

    fn column(self) -> ColumnKind {
        match self {
            FieldKind::Boolean => ColumnKind::Boolean,
            FieldKind::Long => ColumnKind::Long,
            FieldKind::Timestamp => ColumnKind::LocalMicros,
            FieldKind::Text => ColumnKind::Text,
            FieldKind::TextMap { key_id, value_id } => ColumnKind::TextMap { key_id, value_id },
        }
    }
}
