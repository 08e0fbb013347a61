//! The virga binary: command line and composition root.
//!
//! `cli` says what can be asked; `start` runs the cloud that `services` composes; every other command is a file of its
//! own that speaks to a running cloud.

mod cli;

mod services;
mod start;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("virga: {error:#}");
            ExitCode::FAILURE
        }
    }
}
