//! Expressions: conditions and filters, key conditions, projections, updates.
//!
//! Each is parsed once, against the request's [`Placeholders`], into a plain tree that is then evaluated on borrowed
//! items. Parsing checks what AWS checks before it looks at an item, and reports the same mistake first as AWS does.
//!
//! - [`Condition`] decides about items (`ConditionExpression`, `FilterExpression`);
//! - [`KeyConditions`] select a partition and a range of sort keys;
//! - [`Projection`] takes parts of items;
//! - [`Update`] changes items.

mod condition;
mod condition_parser;
mod evaluation;
mod fault;
pub(crate) mod function;
mod key_condition;
mod parser;
mod path;
mod placeholder;
mod projection;
mod reserved;
mod several_attributes;
mod token;
mod update;
mod update_application;
mod update_parser;

pub use condition::{Comparator, Condition, Operand};
pub(crate) use evaluation::order;
pub(crate) use fault::{Fault, Faults, OF_A_SINGLE_CONDITION};
pub(crate) use function::{Call, Term};
pub use key_condition::{KeyAttribute, KeyConditions, KeyQuery, KeyRange, KeySchema, RangeCondition};
pub use parser::ExpressionKind;
pub use path::{Path, Step};
pub use placeholder::Placeholders;
pub use projection::Projection;
pub use several_attributes::SeveralAttributes;
pub use update::{Action, Update, UpdateOperand};
