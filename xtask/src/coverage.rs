//! `cargo xtask coverage`: the table of what virga does, does in part and refuses, as the binary itself knows it.

use std::fs;

use anyhow::{Result, ensure};

use crate::{process, subject::BinaryArgs};

/// The table, relative to the repository's root.
const DOCUMENT: &str = "docs/coverage.md";

/// Writes docs/coverage.md from the running composition, or checks that it is current.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) binary: BinaryArgs,
    /// Only check that the document is current.
    #[arg(long)]
    pub(crate) check: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let binary = args.binary.path()?;
    let table =
        process::output("coverage", process::command(binary).args(["coverage", "--format", "markdown"]))?;
    let document = process::root().join(DOCUMENT);
    if args.check {
        let current = fs::read_to_string(&document).unwrap_or_default();
        ensure!(current == table, "{DOCUMENT} is not what the binary says: run `cargo xtask coverage`");
        return Ok(());
    }
    fs::write(&document, &table)?;
    println!("written to {}", document.display());
    Ok(())
}
