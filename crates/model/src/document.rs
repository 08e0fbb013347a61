//! Values without a schema, as document-typed members hold them.

use crate::Text;

/// A JSON-like value.
#[derive(Debug, Clone, PartialEq)]
pub enum Document {
    /// null.
    Null,
    /// true or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Double(f64),
    /// Text.
    String(Text),
    /// An ordered list.
    Array(Vec<Document>),
    /// Members in the order they came.
    Object(Vec<(Text, Document)>),
}
