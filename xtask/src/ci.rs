//! `cargo xtask ci`: what the continuous integration runs, step by step.

use anyhow::Result;
use clap::Parser as _;

use crate::{
    Xtask,
    process::{self, cargo},
};

/// Runs everything that CI runs.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only what needs no built binary: format, clippy, tidy, generated files, docs.
    #[arg(long)]
    quick: bool,
}

/// The chores of this program that need no built binary.
const QUICK_CHORES: [&str; 4] =
    ["tidy", "models --check", "authorization --check", "managed-policies --check"];

/// The chores that build or run the binary: the README's test command first.
const CHORES: [&str; 6] = [
    "test",
    "check-scaffold",
    "coverage --check",
    "fuzz --seconds 5",
    "crash --rounds 5",
    "crash --s3 --rounds 3",
];

/// Runs the steps in order and stops at the first that fails.
pub(crate) fn run(args: &Args) -> Result<()> {
    process::run("format", cargo().args(["fmt", "--all", "--check"]))?;
    run_chores(&QUICK_CHORES)?;
    process::run(
        "clippy",
        cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    )?;
    process::run(
        "docs",
        cargo().env("RUSTDOCFLAGS", "-D warnings").args([
            "doc",
            "--workspace",
            "--no-deps",
            "--locked",
            "--document-private-items",
        ]),
    )?;
    if args.quick { Ok(()) } else { run_chores(&CHORES) }
}

fn run_chores(chores: &[&str]) -> Result<()> {
    chores.iter().try_for_each(|chore| {
        println!("==> cargo xtask {chore}");
        let arguments = ["cargo xtask"].into_iter().chain(chore.split(' '));
        Xtask::try_parse_from(arguments)?.run()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_chore_exists() {
        for chore in QUICK_CHORES.iter().chain(&CHORES) {
            let arguments = ["cargo xtask"].into_iter().chain(chore.split(' '));
            assert!(Xtask::try_parse_from(arguments).is_ok(), "cargo xtask {chore}");
        }
    }
}
