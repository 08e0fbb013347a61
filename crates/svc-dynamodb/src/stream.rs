//! Streams: what happened to the items of a table, in order, for a day.
//!
//! A change is written in the transaction of the item, under a number that grows ([`order`] sees to it that readers
//! miss none). Shards are ranges of those numbers.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html>

mod describe;
mod error;
mod operations;
mod order;
mod records;
mod settings;
mod shard;
mod write;

pub(crate) use operations::OPERATIONS;

pub(crate) use settings::{apply, disable, trim};
pub(crate) use write::{Images, write};

/// The stream's ARN in a shard iterator.
pub(crate) fn arn_of_iterator(iterator: &str) -> Option<&str> {
    iterator.split('|').next()
}
