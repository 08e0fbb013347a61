//! `virga requests`: the recent calls, a tail of them, or one explained.

use std::io::{BufRead as _, Write};

use anyhow::Result;
use clap::Args;
use serde_json::Value;

use crate::client::{Client, Target, encoded};

#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(flatten)]
    target: Target,
    /// A call to explain: what it needed permission for, and why it was decided so.
    #[arg(conflicts_with_all = ["tail", "service", "operation", "status", "errors", "caller", "since", "limit"])]
    request_id: Option<String>,
    /// Show calls as they come.
    #[arg(long, short, conflicts_with = "limit")]
    tail: bool,
    /// Calls of one service (`sqs`).
    #[arg(long)]
    service: Option<String>,
    /// Calls of one operation (`SendMessage`).
    #[arg(long)]
    operation: Option<String>,
    /// Calls that were answered with a status (`404`) or a class of them (`4xx`).
    #[arg(long)]
    status: Option<String>,
    /// Calls that were answered with an error.
    #[arg(long)]
    errors: bool,
    /// Calls of an account, an access key, or a caller whose ARN contains this.
    #[arg(long)]
    caller: Option<String>,
    /// Calls since a time, in ISO 8601 or Unix seconds.
    #[arg(long)]
    since: Option<String>,
    /// Show so many calls, the newest.
    #[arg(long)]
    limit: Option<usize>,
    /// One JSON object per line, with everything.
    #[arg(long)]
    json: bool,
}

impl Command {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let client = Client::new(&self.target)?;
        if let Some(id) = &self.request_id {
            let call = client.get(&format!("requests/{}", encoded(id)))?.json()?;
            writeln!(out, "{}", serde_json::to_string_pretty(&call)?)?;
        } else if self.tail {
            let answer = client.get(&format!("requests/tail?{}", self.query()))?;
            for line in answer.body().lines() {
                self.show(out, &serde_json::from_str(&line?)?)?;
                out.flush()?;
            }
        } else {
            let answer = client.get(&format!("requests?{}", self.query()))?.json()?;
            // Oldest first, as a tail would have shown them.
            for call in answer["requests"].as_array().into_iter().flatten().rev() {
                self.show(out, call)?;
            }
        }
        Ok(())
    }

    fn query(&self) -> String {
        let errors = self.errors.then(|| "true".to_owned());
        let limit = self.limit.map(|limit| limit.to_string());
        let parameters = [
            ("service", &self.service),
            ("operation", &self.operation),
            ("status", &self.status),
            ("error", &errors),
            ("caller", &self.caller),
            ("since", &self.since),
            ("limit", &limit),
        ];
        let given = parameters.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?)));
        given.map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&")
    }

    fn show(&self, out: &mut dyn Write, call: &Value) -> Result<()> {
        if self.json {
            return Ok(writeln!(out, "{call}")?);
        }
        if let Some(missed) = call["missed"].as_u64() {
            return Ok(writeln!(out, "... {missed} calls missed")?);
        }
        let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
        let millis = call["took_micros"].as_f64().unwrap_or_default() / 1000.0;
        write!(
            out,
            "{} {} {} {} {millis:.1}ms {} {}",
            text(&call["time"]),
            call["status"],
            text(&call["service"]),
            text(&call["operation"]),
            text(&call["caller"]["account"]),
            text(&call["request_id"]),
        )?;
        if call["error"].is_object() {
            write!(out, " {}: {}", text(&call["error"]["code"]), text(&call["error"]["message"]))?;
        }
        Ok(writeln!(out)?)
    }
}
