//! The command line.

use std::io::Write;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::{commands, start};

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
    /// Print the variables that point AWS's clients here: eval "$(virga env)"
    Env(commands::environment::Command),
    /// Check the surroundings, and say what to do.
    Doctor(commands::doctor::Command),
    /// Show, stop, set and advance the time.
    Clock(commands::clock::Command),
    /// List, fork and delete worlds.
    World(commands::world::Command),
    /// Empty a world: no state, real time, no faults.
    Reset(commands::world::Reset),
    /// Show what is real, partial and refused.
    Coverage(commands::coverage::Command),
    /// Show the recent calls, or explain one.
    Requests(commands::requests::Command),
    /// Explain why a call was allowed or denied.
    Explain(commands::explain::Command),
    /// What principals have used, the smallest policy for it, and what policies would deny.
    Iam(commands::iam::Command),
    /// Save and load the whole state of a world.
    Snapshot(commands::snapshot::Command),
    /// Delay, fail and throttle calls by rules.
    Faults(commands::faults::Command),
    /// Issue access keys.
    Keys(commands::keys::Command),
    /// Trust the certificates of the HTTPS side.
    Tls(commands::tls::Command),
}

impl Cli {
    /// Does what was asked. What it has to say goes to `out`.
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<()> {
        match self.command {
            Command::Start(options) => start::run(&options, out),
            Command::Env(command) => command.run(out),
            Command::Doctor(command) => command.run(out),
            Command::Clock(command) => command.run(out),
            Command::World(command) => command.run(out),
            Command::Reset(command) => command.run(out),
            Command::Coverage(command) => command.run(out),
            Command::Requests(command) => command.run(out),
            Command::Explain(command) => command.run(out),
            Command::Iam(command) => command.run(out),
            Command::Snapshot(command) => command.run(out),
            Command::Faults(command) => command.run(out),
            Command::Keys(command) => command.run(out),
            Command::Tls(command) => command.run(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn command_lines_that_are_understood() {
        for line in [
            "start",
            "start --port 0 --host ::1 --data x --durability strict --auth audit --log debug --log-format json",
            "start --ephemeral --allow-unknown-keys-from-network",
            "env --shell fish --world w",
            "env --proxy",
            "doctor --endpoint http://localhost:1",
            "clock",
            "clock advance 30d --endpoint http://localhost:1",
            "clock set 2030-01-01 --world w",
            "world fork --from empty --id w",
            "world delete w",
            "reset --world w",
            "coverage --format markdown --service sqs",
            "requests --tail --service sqs --errors",
            "requests 5fdb4a43 --json",
            "explain 5fdb4a43 --world w",
            "iam least-privilege --principal arn:aws:iam::000000000000:user/u --format hcl",
            "iam usage --principal arn:aws:iam::000000000000:role/r",
            "iam denied",
            "snapshot save state.virga",
            "snapshot load --name state.virga",
            "faults set -",
            "keys create --account 123456789012",
            "tls ca-path --data x",
        ] {
            let parsed = Cli::try_parse_from(format!("virga {line}").split(' '));
            assert!(parsed.is_ok(), "{line}: {parsed:?}");
        }
    }

    #[test]
    fn command_lines_that_are_refused() {
        for line in [
            "",
            "begin",
            "start --port 70000",
            "start --durability none",
            "start --host example.com",
            "clock advance",
            "snapshot save",
            "snapshot save file --name name",
            "requests id --tail",
            "requests --tail --limit 5",
        ] {
            assert!(Cli::try_parse_from(format!("virga {line}").split(' ')).is_err(), "{line}");
        }
    }
}
