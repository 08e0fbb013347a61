//! `virga clock`: the time of a world.

use std::io::Write;

use anyhow::Result;
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
    /// Show the time (the default).
    Show,
    /// Stop the time.
    Freeze,
    /// Let the time run on from where it stands.
    Resume,
    /// Set the time; going forward, everything that is due on the way happens.
    Set {
        /// A time in ISO 8601 with its offset, a date in ISO 8601, or Unix seconds.
        time: String,
    },
    /// Let time pass at once: everything that is due in it happens, in order, before the command returns.
    Advance {
        /// Seconds (`90`), units (`1h30m`, `30d`) or ISO 8601 (`PT1H`).
        duration: String,
    },
}

impl Command {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<()> {
        let client = Client::new(&self.target)?;
        let post = |page: &str, body: Value| client.send("POST", page, &body);
        let answer = match self.action.unwrap_or(Action::Show) {
            Action::Show => client.get("clock"),
            Action::Freeze => post("clock/freeze", json!({})),
            Action::Resume => post("clock/resume", json!({})),
            Action::Set { time } => post("clock/set", json!({ "time": time })),
            Action::Advance { duration } => post("clock/advance", json!({ "duration": duration })),
        };
        let clock = answer?.json()?;
        let (now, mode) = (&clock["now"], &clock["mode"]);
        let offset = clock["offset_seconds"].as_f64().unwrap_or_default();
        let shown = format!("{} {}", now.as_str().unwrap_or_default(), mode.as_str().unwrap_or_default());
        if offset.abs() < 1.0 {
            writeln!(out, "{shown}")?;
        } else {
            let side = if offset > 0.0 { "ahead of" } else { "behind" };
            writeln!(out, "{shown} ({:.0} s {side} real time)", offset.abs())?;
        }
        Ok(())
    }
}
