//! The Python environment of the chores: `.venv`, with the pinned clients of the conformance tests.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};

use crate::process;

/// The environment's Python. It is made once for each state of the requirements.
pub(crate) fn environment() -> Result<PathBuf> {
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

/// The wheel of a pinned package, downloaded once.
pub(crate) fn wheel(package: &str, version: &str) -> Result<PathBuf> {
    let downloads = process::root().join("target/wheels");
    let wheel = downloads.join(format!("{package}-{version}-py3-none-any.whl"));
    if !wheel.exists() {
        fs::create_dir_all(&downloads)?;
        let status = process::command(environment()?)
            .args(["-m", "pip", "download", "--quiet", "--no-deps", "--dest"])
            .arg(&downloads)
            .arg(format!("{package}=={version}"))
            .status()?;
        anyhow::ensure!(status.success(), "pip could not download {package} {version}");
    }
    Ok(wheel)
}
