//! `virga keys`: access keys of root users, to begin with under `--auth strict`.

use std::io::Write;

use anyhow::Result;
use clap::{Args, Subcommand};
use serde_json::json;

use crate::client::{Client, Target};

#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Issue an access key of an account's root user. Its secret is shown this once.
    Create {
        /// Account: twelve digits.
        #[arg(long, default_value = "000000000000")]
        account: String,
    },
}

impl Command {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<()> {
        let Action::Create { account } = self.action;
        let client = Client::new(&self.target)?;
        let key = client.send("POST", "keys", &json!({ "account": account }))?.json()?;
        let text = |name: &str| key[name].as_str().unwrap_or_default();
        writeln!(out, "export AWS_ACCESS_KEY_ID='{}'", text("access_key_id"))?;
        writeln!(out, "export AWS_SECRET_ACCESS_KEY='{}'", text("secret_access_key"))?;
        Ok(())
    }
}
