//! `virga coverage`: what is real, partial and refused. It needs no running virga.

use std::io::Write;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use virga_gateway::admin::Coverage;
use virga_kit::Services;

use crate::services::SERVICES;

#[derive(Debug, Args)]
pub(crate) struct Command {
    /// Form of the report.
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
    /// One service only, by the name of its model (`sqs`).
    #[arg(long)]
    service: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Table,
    Markdown,
    Json,
}

impl Command {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let coverage = Coverage::of(&Services::new(SERVICES), self.service.as_deref());
        if coverage.services.is_empty() {
            bail!("there is no service {}", self.service.as_deref().unwrap_or_default());
        }
        match self.format {
            Format::Table if self.service.is_some() => operations(out, &coverage),
            Format::Table => services(out, &coverage),
            Format::Markdown => Ok(out.write_all(coverage.markdown().as_bytes())?),
            Format::Json => Ok(writeln!(out, "{}", serde_json::to_string_pretty(&coverage)?)?),
        }
    }
}

fn services(out: &mut dyn Write, coverage: &Coverage) -> Result<()> {
    writeln!(out, "{:32} {:>5} {:>8} {:>8}", "SERVICE", "REAL", "PARTIAL", "REFUSED")?;
    let rows = coverage.services.iter().map(|service| (service.name, service.counts));
    for (name, counts) in rows.chain([("all", coverage.totals)]) {
        writeln!(out, "{name:32} {:>5} {:>8} {:>8}", counts.real, counts.partial, counts.refused)?;
    }
    Ok(())
}

fn operations(out: &mut dyn Write, coverage: &Coverage) -> Result<()> {
    writeln!(out, "{:48} {:8} NOT ACTED ON", "OPERATION", "STATUS")?;
    for operation in coverage.services.iter().flat_map(|service| &service.operations) {
        let line = format!(
            "{:48} {:8} {}",
            operation.name,
            operation.status.name(),
            operation.not_acted_on.join(", ")
        );
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}
