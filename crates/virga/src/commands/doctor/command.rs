//! Runs the checks and shows what they have found.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use super::checks;
use super::finding::Grade;
use crate::client::Target;

#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(flatten)]
    target: Target,
    /// Data folder to check.
    #[arg(long, env = "VIRGA_DATA", default_value = "./.virga")]
    data: PathBuf,
}

impl Command {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let findings = [
            checks::server(&self.target),
            checks::data_folder(&self.data),
            checks::disk_space(&self.data),
            checks::clock(),
            checks::names(),
            checks::proxies(&|name| std::env::var_os(name)),
            checks::aws_cli(std::env::var_os("PATH")),
            checks::clients(&self.target, &|name| std::env::var_os(name)),
        ];
        for finding in &findings {
            writeln!(out, "{finding}")?;
        }
        match findings.iter().filter(|finding| finding.grade == Grade::Fail).count() {
            0 => Ok(()),
            failed => bail!("{failed} of {} checks failed", findings.len()),
        }
    }
}
