//! The policy language: a JSON document becomes a [`Policy`] that is compiled for fast evaluation, or a [`PolicyError`]
//! whose text is AWS's. What policies decide together is in [`crate::evaluation`].
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>

mod action;
mod condition;
mod context;
mod document;
mod elements;
mod error;
mod kind;
mod parse;
mod pattern;
mod principal;
mod public;
mod resource;
mod size;
mod statement;

pub(crate) use action::ActionName;
pub use condition::{Condition, Qualifier};
pub use context::{ConditionContext, Values};
pub use error::PolicyError;
pub use kind::PolicyKind;
pub use principal::{Grant, PolicyPrincipal, PrincipalType};
pub use public::is_fixed_value;
pub use size::characters_without_white_space;
pub(crate) use statement::Subject;
pub use statement::{Effect, Policy, Statement};
