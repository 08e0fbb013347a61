//! `cargo xtask crash`: kills the real binary at random points under load, starts it again on the same data, and
//! checks what it kept against what it had acknowledged.

mod command;
mod drain;
mod ledger;
mod objects;
mod table;
mod worker;

pub(crate) use command::{Args, run};
