//! `virga iam`: what principals have used, the smallest policy for it, and what policies would deny.

use std::io::{Read as _, Write};

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use serde_json::Value;

use crate::client::{Client, Target, encoded};

#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the smallest policy for the calls that a user or role has made.
    LeastPrivilege {
        #[command(flatten)]
        target: Target,
        /// ARN of the user or role.
        #[arg(long)]
        principal: String,
        /// A JSON document, or a Terraform data source.
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
    },
    /// List what a user or role has used, and when last.
    Usage {
        #[command(flatten)]
        target: Target,
        /// ARN of the user or role.
        #[arg(long)]
        principal: String,
    },
    /// List the recent calls that policies denied, or would have denied under `--auth audit`.
    Denied {
        #[command(flatten)]
        target: Target,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Json,
    Hcl,
}

impl Command {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        match &self.action {
            Action::LeastPrivilege { target, principal, format } => {
                let format = if matches!(format, Format::Hcl) { "hcl" } else { "json" };
                let page = format!("iam/least-privilege?principal={}&format={format}", encoded(principal));
                let mut policy = String::new();
                Client::new(target)?.get(&page)?.body().read_to_string(&mut policy)?;
                writeln!(out, "{}", policy.trim_end())?;
            }
            Action::Usage { target, principal } => {
                let page = format!("iam/usage?principal={}", encoded(principal));
                let answer = Client::new(target)?.get(&page)?.json()?;
                for used in answer["used"].as_array().into_iter().flatten() {
                    let text = |name: &str| used[name].as_str().unwrap_or("-").to_owned();
                    let (at, action) = (text("last_used"), text("action"));
                    writeln!(out, "{at} {action} {} {}", text("region"), text("resource"))?;
                }
            }
            Action::Denied { target } => denied(&Client::new(target)?, out)?,
        }
        Ok(())
    }
}

/// One line per permission that was missing, oldest first.
fn denied(client: &Client, out: &mut dyn Write) -> Result<()> {
    let listed = client.get("requests?denied=true&limit=1000")?.json()?;
    for call in listed["requests"].as_array().into_iter().flatten().rev() {
        let Some(id) = call["request_id"].as_str() else { continue };
        let explained = client.get(&format!("requests/{}", encoded(id)))?.json()?;
        for access in explained["accesses"].as_array().into_iter().flatten() {
            if access["allowed"] == Value::Bool(false) {
                let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
                writeln!(
                    out,
                    "{} {} {id}: {}",
                    text(&call["time"]),
                    call["status"],
                    text(&access["reason"])
                )?;
            }
        }
    }
    Ok(())
}
