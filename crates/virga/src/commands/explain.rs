//! `virga explain`: why a call was allowed or denied, policy by policy.

use std::io::Write;

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::client::{Client, Target, encoded};

#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(flatten)]
    target: Target,
    /// The id of the request, as its answer told it.
    request_id: String,
    /// Everything, as JSON.
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let client = Client::new(&self.target)?;
        let call = client.get(&format!("requests/{}", encoded(&self.request_id)))?.json()?;
        if self.json {
            return Ok(writeln!(out, "{}", serde_json::to_string_pretty(&call)?)?);
        }
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let caller = &call["caller"];
        let who = caller["arn"].as_str().or(caller["account"].as_str()).unwrap_or("-");
        writeln!(
            out,
            "{} {} by {who}: {}",
            text(&call["service"]),
            text(&call["operation"]),
            call["status"]
        )?;
        for access in call["accesses"].as_array().into_iter().flatten() {
            let verdict = if access["allowed"].as_bool().unwrap_or(false) { "allowed" } else { "denied" };
            writeln!(out, "\n{verdict}: {} on {}", text(&access["action"]), resources(access))?;
            writeln!(out, "  {}", text(&access["reason"]))?;
            for (key, values) in access["condition_keys"].as_object().into_iter().flatten() {
                writeln!(out, "  {key} = {values}")?;
            }
            show(out, &access["explanation"])?;
        }
        Ok(())
    }
}

fn resources(access: &Value) -> String {
    let resources: Vec<&str> =
        access["resources"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if resources.is_empty() { "*".to_owned() } else { resources.join(", ") }
}

/// The policies that were looked at, as the admin API has them.
fn show(out: &mut dyn Write, explanation: &Value) -> Result<()> {
    if explanation.is_null() {
        return Ok(());
    }
    for line in serde_json::to_string_pretty(explanation)?.lines() {
        writeln!(out, "  {line}")?;
    }
    Ok(())
}
