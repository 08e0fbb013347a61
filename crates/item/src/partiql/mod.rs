//! PartiQL, as much of it as DynamoDB speaks: `SELECT`, `INSERT`, `UPDATE`, `DELETE` and, in transactions, `EXISTS`.
//!
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ql-reference.html>. A [`Statement`] is parsed with
//! its parameters into the trees of [`crate::expression`]; [`Plan`] then tells from a table's key what a condition
//! reads: single items, partitions, or all.

mod clause;
mod literal;
mod parser;
mod plan;
mod predicate;
mod statement;
mod token;

pub use plan::{KeyLookup, Plan, Source, key_lookup};
pub use statement::{Column, Delete, Insert, Order, Returning, Select, Statement, UpdateStatement};
