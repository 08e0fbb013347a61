//! `cargo xtask check-scaffold`: what the scaffolds write compiles without a warning, tried on a copy of the tree.

use std::{env, fs, process::Command};

use anyhow::{Context as _, Result};

use crate::process::{self, ROOT_VARIABLE, cargo};

/// Scaffolds a service and some operations in a copy of the repository and lets clippy look at them.
#[derive(clap::Args)]
pub(crate) struct Args {}

/// One operation of each kind, and two in one file.
const STEPS: [&[&str]; 5] = [
    &["new-service", "ssm"],
    &["new-operation", "ssm", "PutParameter"],
    &["new-operation", "ssm", "GetParameters"],
    &["new-operation", "ssm", "ListTagsForResource", "--resource", "tag"],
    &["new-operation", "ssm", "SendCommand", "--kind", "wait"],
];

pub(crate) fn run(_args: &Args) -> Result<()> {
    let (root, copy) = (process::root(), tempfile::tempdir()?);
    let files = process::output(
        "files of the repository",
        process::command("git").args(["ls-files", "--cached", "--others", "--exclude-standard"]),
    )?;
    for path in files.lines().filter(|path| root.join(path).is_file()) {
        let target = copy.path().join(path);
        fs::create_dir_all(target.parent().context("a file has a folder")?)?;
        fs::copy(root.join(path), target)?;
    }
    let this = env::current_exe()?;
    let in_copy = |command: &mut Command| {
        command.current_dir(copy.path()).env(ROOT_VARIABLE, copy.path());
    };
    for step in STEPS {
        let mut command = process::command(&this);
        in_copy(command.args(step));
        process::run(step.join(" "), &mut command)?;
    }
    let mut clippy = cargo();
    in_copy(
        clippy
            .args(["clippy", "--package", "virga-svc-ssm", "--all-targets", "--target-dir"])
            .arg(process::target_dir()),
    );
    process::run("clippy of the new service", clippy.args(["--", "-D", "warnings"]))?;
    let mut format = cargo();
    in_copy(format.args(["fmt", "--package", "virga-svc-ssm", "--check"]));
    process::run("format of the new service", &mut format)
}
