//! `cargo xtask new-service` and `new-operation`: the first lines of what a person then writes, in the shape of the
//! house. The texts are in `xtask/templates`.

mod check;
mod model;
mod operation;
mod service;
mod template;

pub(crate) use check::{Args as CheckScaffold, run as check_scaffold};
pub(crate) use operation::{Args as NewOperation, run as new_operation};
pub(crate) use service::{Args as NewService, run as new_service};
