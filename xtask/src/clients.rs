//! The programs that the conformance tests run and that Python's packages do not bring: from Debian's packages.

use std::process::Stdio;

use anyhow::Result;

use crate::process::{self, is_installed};

/// The package, which has the name of its program, and the word that makes it tell its version.
const CLIENTS: [(&str, &str); 3] = [("rclone", "version"), ("restic", "version"), ("chromium", "--version")];

/// Installs the clients that are missing. Without apt, or without the right to use it, the tests that need them say that
/// they did not run.
pub(crate) fn install() -> Result<()> {
    install_node_clients();
    let missing: Vec<&str> = CLIENTS
        .iter()
        .filter(|(name, version)| !is_installed(name, version))
        .map(|(name, _)| *name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    if !is_installed("apt-get", "--version") {
        println!("==> {} must be installed by hand: there is no apt-get here", missing.join(" and "));
        return Ok(());
    }
    let installed = apt_get(&["update", "--quiet"]).and_then(|()| {
        apt_get(&[&["install", "--yes", "--quiet", "--no-install-recommends"], &*missing].concat())
    });
    if let Err(error) = installed {
        println!("==> {} could not be installed: {error:#}", missing.join(" and "));
    }
    Ok(())
}

/// Installs the clients of npm where there is npm.
fn install_node_clients() {
    let folder = process::root().join("conformance/dax/node");
    if folder.join("node_modules").is_dir() {
        return;
    }
    if !is_installed("npm", "--version") {
        println!("==> the DAX client of npm is not installed: there is no npm here");
        return;
    }
    let mut npm = process::command("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--ignore-scripts"]).current_dir(folder);
    if let Err(error) = process::run("clients of npm for the conformance tests", &mut npm) {
        println!("==> the DAX client of npm could not be installed: {error:#}");
    }
}

/// Runs apt-get as root, through sudo where that needs no password and somebody else is running this.
fn apt_get(arguments: &[&str]) -> Result<()> {
    let user = process::output("who is running this", process::command("id").arg("-u"))?;
    let mut command = if user.trim() == "0" {
        process::command("apt-get")
    } else {
        let mut sudo = process::command("sudo");
        sudo.args(["--non-interactive", "apt-get"]);
        sudo
    };
    process::run("clients for the conformance tests", command.args(arguments).stdin(Stdio::null()))
}
