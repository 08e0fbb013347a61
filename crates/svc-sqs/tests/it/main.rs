//! Amazon SQS in process: typed calls through the kit, under the virtual clock.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod access;
mod cloud;
mod dead_letter;
mod encryption;
mod fifo;
mod message;
mod model;
mod queue;
mod standard;
