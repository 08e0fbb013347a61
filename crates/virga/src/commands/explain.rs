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

/// The policies that were looked at, statement by statement.
fn show(out: &mut dyn Write, explanation: &Value) -> Result<()> {
    for policy in explanation["policies"].as_array().into_iter().flatten() {
        let text = |name: &str| policy[name].as_str().unwrap_or("-");
        writeln!(out, "  {} {} of {}", text("policy_type"), text("id"), text("source"))?;
        for statement in policy["statements"].as_array().into_iter().flatten() {
            let name =
                statement["sid"].as_str().map_or_else(|| statement["position"].to_string(), str::to_owned);
            let effect = statement["effect"].as_str().unwrap_or("-");
            writeln!(out, "    {effect} (statement {name}): {}", verdict(statement))?;
            for condition in statement["conditions"].as_array().into_iter().flatten() {
                writeln!(out, "      {condition}")?;
            }
        }
    }
    Ok(())
}

/// Whether a statement applies, and what keeps it from it.
fn verdict(statement: &Value) -> String {
    if statement["applies"] == Value::Bool(true) {
        return "applies".to_owned();
    }
    let parts =
        [("action_matches", "action"), ("resource_matches", "resource"), ("principal_matches", "principal")];
    let missed: Vec<&str> = parts
        .into_iter()
        .filter(|(key, _)| statement[*key] == Value::Bool(false))
        .map(|(_, name)| name)
        .collect();
    if missed.is_empty() {
        "does not apply: its conditions do not hold".to_owned()
    } else {
        format!("does not apply: another {}", missed.join(" and "))
    }
}
