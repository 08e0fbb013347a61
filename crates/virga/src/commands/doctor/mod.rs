//! `virga doctor`: are the surroundings fit, and what is to be done where they are not?

mod checks;
mod command;
mod finding;

pub(crate) use command::Command;
