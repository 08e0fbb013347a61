//! The binary as its users run it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod process;

mod commands;
mod start;
