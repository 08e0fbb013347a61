//! `virga world` and `virga reset`: clouds beside the main one.

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::{Map, Value, json};

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
    /// List the worlds with their endpoints (the default).
    List,
    /// Make a world with the state of another one, in memory, and print its endpoint.
    Fork {
        /// World to copy; `empty` for a world with nothing in it. By default the one addressed.
        #[arg(long)]
        from: Option<String>,
        /// Id of the new world, a label of a host name; random by default.
        #[arg(long)]
        id: Option<String>,
    },
    /// Delete a world with everything in it.
    Delete {
        /// Id of the world.
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Reset {
    #[command(flatten)]
    target: Target,
}

impl Command {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<()> {
        let client = Client::new(&self.target)?;
        match self.action.unwrap_or(Action::List) {
            Action::List => {
                let worlds = client.get("worlds")?.json()?;
                for world in worlds["worlds"].as_array().into_iter().flatten() {
                    show(out, world)?;
                }
            }
            Action::Fork { from, id } => {
                let given = [("from", from), ("id", id)];
                let body: Map<String, Value> = given
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), value?.into())))
                    .collect();
                show(out, &client.send("POST", "worlds", &body.into())?.json()?)?;
            }
            Action::Delete { id } => {
                client.send("DELETE", &format!("worlds/{id}"), &json!({}))?;
                writeln!(out, "{id} is deleted")?;
            }
        }
        Ok(())
    }
}

impl Reset {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let world = Client::new(&self.target)?.send("POST", "reset", &json!({}))?.json()?;
        writeln!(out, "{} is empty", world["id"].as_str().unwrap_or_default())?;
        Ok(())
    }
}

fn show(out: &mut dyn Write, world: &Value) -> Result<()> {
    let text = |name: &str| world[name].as_str().unwrap_or_default();
    writeln!(out, "{}\t{}", text("id"), text("endpoint"))?;
    Ok(())
}
