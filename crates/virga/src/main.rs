//! The virga binary: command line and composition root.
//!
//! `allocator` is where its memory comes from. `cli` says what can be asked; `start` runs the cloud that `services`
//! composes; `commands` speak to a running one through `client`.

mod allocator;

mod cli;

mod services;
mod start;

mod client;
mod commands;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser as _;

/// A request makes some dozens of short-lived allocations on many threads: `docs/decisions` has the measurement.
#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

fn main() -> ExitCode {
    match cli::Cli::parse().run(&mut std::io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("virga: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The reader of our output has seen enough.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == ErrorKind::BrokenPipe)
}
