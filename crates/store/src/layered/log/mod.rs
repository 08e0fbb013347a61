//! The write-ahead log: every commit since the last checkpoint, in order.
//!
//! A log is a run of segment files, each named by the position of its first byte. Positions only grow.

mod record;
mod recovery;
mod segment;
mod waiters;
mod writer;

pub(super) use record::Kind;
pub(super) use recovery::replay;
pub(super) use writer::Log;
