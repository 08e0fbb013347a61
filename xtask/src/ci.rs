//! `cargo xtask ci`: what the continuous integration runs, step by step.

use anyhow::Result;

use crate::{
    process::{self, cargo, is_installed},
    tidy,
};

/// Runs everything that CI runs.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// Runs the steps in order and stops at the first that fails.
pub(crate) fn run(_args: &Args) -> Result<()> {
    process::run("format", cargo().args(["fmt", "--all", "--check"]))?;
    tidy::run(&tidy::Args {})?;
    process::run(
        "clippy",
        cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]),
    )?;
    rust_tests()?;
    process::run(
        "docs",
        cargo().env("RUSTDOCFLAGS", "-D warnings").args([
            "doc",
            "--workspace",
            "--no-deps",
            "--locked",
            "--document-private-items",
        ]),
    )
}

/// The tests of the workspace: through nextest where it is installed, which does not run examples in docs.
fn rust_tests() -> Result<()> {
    if is_installed("cargo-nextest", "--version") {
        process::run(
            "tests",
            cargo().args(["nextest", "run", "--workspace", "--locked", "--no-tests=pass"]),
        )?;
        process::run("examples in docs", cargo().args(["test", "--workspace", "--locked", "--doc"]))
    } else {
        process::run("tests", cargo().args(["test", "--workspace", "--locked"]))
    }
}
