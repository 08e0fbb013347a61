//! `cargo xtask bench`: speed and size of the release binary, each measure with its target.

mod command;
mod depth;
mod dynamodb;
mod fork;
mod identity;
mod load;
mod many_items;
mod peers;
mod report;
mod s3;
mod signed;
mod start;
mod throughput;

use command::Options;
pub(crate) use command::{Args, run};
