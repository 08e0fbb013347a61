//! Child processes and where they run: the repository's root, cargo, steps that must succeed.

use std::{
    env,
    ffi::OsStr,
    fmt::Display,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// Names another tree to work on: the check of the scaffolds has a copy.
pub(crate) const ROOT_VARIABLE: &str = "VIRGA_XTASK_ROOT";

/// The repository's root folder.
pub(crate) fn root() -> PathBuf {
    if let Some(root) = variable(ROOT_VARIABLE) {
        return PathBuf::from(root);
    }
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().expect("xtask is a folder of the repository").to_owned()
}

/// A command that runs in the repository's root.
#[expect(clippy::disallowed_methods, reason = "xtask's work is to start other programs")]
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The cargo that runs this xtask.
pub(crate) fn cargo() -> Command {
    command(variable("CARGO").unwrap_or_else(|| "cargo".to_owned()))
}

/// An environment variable, when it is set and not empty.
#[expect(clippy::disallowed_methods, reason = "xtask is a command-line program of its own")]
pub(crate) fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

/// The folder that cargo builds into.
pub(crate) fn target_dir() -> PathBuf {
    variable("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Runs a command with its output on the terminal; anything but success is an error that names the step.
pub(crate) fn run(step: impl Display, command: &mut Command) -> Result<()> {
    println!("==> {step}");
    let status =
        command.status().with_context(|| format!("{step}: cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{step}: {status}");
    }
    Ok(())
}

/// Runs a command and returns what it wrote to standard output.
pub(crate) fn output(step: impl Display, command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{step}: cannot start {:?}", command.get_program()))?;
    if !output.status.success() {
        bail!("{step}: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{step}: the output is not UTF-8"))
}

/// Whether a program can be started at all.
pub(crate) fn is_installed(program: &str, version_flag: &str) -> bool {
    command(program)
        .arg(version_flag)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
