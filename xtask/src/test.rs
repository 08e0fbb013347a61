//! `cargo xtask test`: every test there is. Rust's own, then the black-box tests against the built binary.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{
    process::{self, cargo, is_installed},
    subject::{BinaryArgs, Store, Subject},
};

/// Runs the Rust tests, then the conformance tests against the release binary.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    binary: BinaryArgs,
    /// Leave the Rust tests out.
    #[arg(long)]
    conformance_only: bool,
    /// The store that the binary runs on.
    #[arg(long, value_enum, default_value = "relaxed")]
    store: Store,
    /// Arguments for pytest: `-- conformance/sqs -k fifo`.
    #[arg(last = true)]
    pytest: Vec<String>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    if !args.conformance_only {
        rust_tests()?;
    }
    let python = python_environment()?;
    let binary = args.binary.path()?;
    conformance_tests(&python, &binary, args.store, &args.pytest)
}

/// The tests of the workspace: through nextest where it is installed, which does not run examples in docs.
fn rust_tests() -> Result<()> {
    if is_installed("cargo-nextest", "--version") {
        process::run("Rust tests", cargo().args(["nextest", "run", "--workspace", "--locked"]))?;
        process::run("examples in docs", cargo().args(["test", "--workspace", "--locked", "--doc"]))
    } else {
        process::run("Rust tests", cargo().args(["test", "--workspace", "--locked"]))
    }
}

/// A Python environment with the pinned clients, in `.venv`. Made once for each state of the requirements.
fn python_environment() -> Result<PathBuf> {
    let root = process::root();
    let environment = root.join(".venv");
    let requirements = root.join("conformance/requirements.txt");
    let installed = environment.join("installed-requirements.txt");
    let wanted = fs::read(&requirements).context("conformance/requirements.txt")?;
    if fs::read(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(environment.join("bin/python"));
    }
    process::run(
        "Python environment",
        process::command("python3").args(["-m", "venv", "--clear"]).arg(&environment),
    )?;
    let python = environment.join("bin/python");
    process::run(
        "clients for the conformance tests",
        process::command(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
            .arg(&requirements),
    )?;
    fs::write(&installed, wanted)?;
    Ok(python)
}

fn conformance_tests(python: &Path, binary: &Path, store: Store, pytest: &[String]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, store, &folder.path().join("data"))?;
    let endpoint = format!("http://{}", subject.address());
    let default = ["conformance".to_owned()];
    process::run(
        format!("conformance tests against {endpoint}"),
        process::command(python)
            .args(["-m", "pytest", "--rootdir=conformance", "--config-file=conformance/pytest.ini"])
            .args(if pytest.is_empty() { &default } else { pytest })
            .env("VIRGA_ENDPOINT", &endpoint)
            .env("VIRGA_BINARY", binary),
    )?;
    subject.stop()
}
