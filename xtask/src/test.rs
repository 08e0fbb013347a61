//! `cargo xtask test`: every test there is. Rust's own, then the black-box tests against the built binary.

use std::path::Path;

use anyhow::Result;

use crate::{
    clients,
    process::{self, cargo, is_installed},
    python,
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
    let python = python::environment()?;
    clients::install()?;
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

fn conformance_tests(python: &Path, binary: &Path, store: Store, pytest: &[String]) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, store, &folder.path().join("data"))?;
    let endpoint = format!("http://{}", subject.address());
    // Every test has names or a world of its own; most of the time is spent waiting for clients to start.
    let default =
        ["--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile", "conformance"].map(str::to_owned);
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
