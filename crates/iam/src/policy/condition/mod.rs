//! Conditions: an operator, a key, and the values wanted of it.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>

mod clause;
mod date;
mod network;
mod number;
mod operator;
mod wanted;

pub use clause::Condition;
pub use operator::Qualifier;
