//! `virga faults`: rules that delay, fail or throttle calls.

use std::io::{Read as _, Write};
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::client::{Client, Target};

#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show the rules with the number of their hits (the default).
    Show,
    /// Replace all rules by those of a file: {"seed": 1, "rules": [{"service": "sqs", "effect": {"type": "throttle"}}]}.
    Set {
        /// A JSON file; `-` is the standard input.
        file: PathBuf,
    },
    /// Remove all rules.
    Clear,
}

impl Command {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<()> {
        let client = Client::new(&self.target)?;
        let answer = match self.action.unwrap_or(Action::Show) {
            Action::Show => client.get("faults"),
            Action::Set { file } => client.send("PUT", "faults", &read(&file)?),
            Action::Clear => client.send("DELETE", "faults", &json!({})),
        };
        writeln!(out, "{}", serde_json::to_string_pretty(&answer?.json()?)?)?;
        Ok(())
    }
}

fn read(file: &PathBuf) -> Result<Value> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        std::io::stdin().read_to_string(&mut text)?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    }
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", file.display()))
}
