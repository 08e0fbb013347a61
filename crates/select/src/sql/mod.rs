//! The SQL of the expressions: read with the field's parser, checked for what S3 Select knows, and turned into a plan.

mod compile;
mod expression;
mod function;
mod path;
mod plan;
mod syntax;
mod unexpected;

pub(crate) use expression::{Binary, Expression, Path, Step, Target};
pub(crate) use function::{Aggregate, AggregateKind, Function, TrimSide};
pub(crate) use plan::{Plan, Projection, plan};
