//! Items as files that tables are exported to and imported from: DynamoDB JSON, Ion text, CSV.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Format.html>

pub mod csv;
pub mod ion;
mod ion_parser;
pub mod json;
mod unreadable;

pub use unreadable::Unreadable;
