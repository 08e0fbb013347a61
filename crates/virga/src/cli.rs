//! The command line.

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::start;

/// A whole AWS on your own machine.
#[derive(Debug, Parser)]
#[command(name = "virga", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the cloud and serve until SIGTERM or Ctrl-C.
    Start(start::Options),
}

impl Cli {
    /// Does what was asked.
    pub(crate) fn run(self) -> Result<()> {
        match self.command {
            Command::Start(options) => start::run(&options),
        }
    }
}
