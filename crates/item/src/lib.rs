//! DynamoDB's item language: attribute values, 38-digit numbers, sizes, key bytes, the stored form of items, and the
//! expressions over them. Everything here is pure: no table, no store, no clock.
//!
//! - [`AttributeValue`], [`Number`] and [`Item`] are what is stored; [`size`](mod@size) counts them as AWS does.
//! - [`attribute`] reads and writes the API's `AttributeValue` structures and checks them.
//! - [`key`] gives primary keys bytes that sort as DynamoDB sorts them.
//! - [`binary`] is the compact form in which the store keeps items; [`stored`] writes answers straight from it.
//! - [`Condition`], [`KeyConditions`], [`Projection`] and [`Update`] are expressions, parsed against [`Placeholders`];
//!   [`legacy`] makes the same of the parameters of before expressions.
//! - [`interchange`] has the files that tables are exported to and imported from.
//! - [`partiql`] parses statements into these, and tells what they read.

pub mod attribute;
pub mod binary;
mod cursor;
mod error;
pub mod expression;
pub mod interchange;
mod item;
pub mod key;
pub mod legacy;
mod number;
mod number_order;
pub mod partiql;
pub mod size;
pub mod stored;
mod value;

pub use error::Invalid;
pub use expression::{
    Action, Comparator, Condition, ExpressionKind, KeyAttribute, KeyConditions, KeyQuery, KeyRange,
    KeySchema, Operand, Path, Placeholders, Projection, RangeCondition, SeveralAttributes, Step, Update,
    UpdateOperand,
};
pub use item::Item;
pub use number::{Number, NumberError};
pub use size::MAX_ITEM_SIZE;
pub use value::{AttributeType, AttributeValue};

/// Text that shares the bytes it was read from.
pub type Text = virga_model::Text;
