//! `virga tls`: the local certificate authority, for clients to trust.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args, Subcommand};
use virga_gateway::http::Tls;

/// File of the authority's certificate in a data folder.
const CERTIFICATE: &str = "tls/ca.pem";
/// Name of the certificate among those that the system trusts.
const INSTALLED_NAME: &str = "virga-local-ca.crt";

/// Where systems keep the certificates that they trust besides their own, and what makes them notice a new one.
const STORES: [(&str, &[&str]); 3] = [
    ("/usr/local/share/ca-certificates", &["update-ca-certificates"]),
    ("/etc/pki/ca-trust/source/anchors", &["update-ca-trust", "extract"]),
    ("/etc/ca-certificates/trust-source/anchors", &["trust", "extract-compat"]),
];

#[derive(Debug, Args)]
pub(crate) struct Command {
    /// Data folder of the virga whose authority is meant.
    #[arg(long, global = true, env = "VIRGA_DATA", default_value = "./.virga")]
    data: PathBuf,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Print the path of the authority's certificate; it is made if it is not there yet.
    CaPath,
    /// Make this machine trust the authority. Needs root; without it, prints the command.
    Install,
}

impl Command {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let certificate = authority(&self.data)?;
        match self.action {
            Action::CaPath => {
                writeln!(out, "{}", certificate.display())?;
                // Standard output is the path alone, for scripts.
                eprintln!("AWS CLI and SDKs: export AWS_CA_BUNDLE='{}'", certificate.display());
                eprintln!("the whole system: {}", system_command(&certificate));
                Ok(())
            }
            Action::Install => install(&certificate, out),
        }
    }
}

/// The certificate's path; the authority is made when the folder has none.
fn authority(data: &Path) -> Result<PathBuf> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    runtime.block_on(Tls::in_folder(data.join("tls")).authority_pem())?;
    let path = data.join(CERTIFICATE);
    fs::canonicalize(&path).with_context(|| path.display().to_string())
}

fn system_store() -> Option<(&'static Path, &'static [&'static str])> {
    STORES.iter().map(|(folder, update)| (Path::new(*folder), *update)).find(|(folder, _)| folder.is_dir())
}

fn system_command(certificate: &Path) -> String {
    let certificate = certificate.display();
    if cfg!(target_os = "macos") {
        return format!(
            "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain '{certificate}'"
        );
    }
    match system_store() {
        Some((folder, update)) => format!(
            "sudo cp '{certificate}' {} && sudo {}",
            folder.join(INSTALLED_NAME).display(),
            update.join(" ")
        ),
        None => format!("add '{certificate}' to the certificates that your system trusts"),
    }
}

fn install(certificate: &Path, out: &mut dyn Write) -> Result<()> {
    let by_hand = system_command(certificate);
    let Some((folder, update)) = system_store().filter(|_| !cfg!(target_os = "macos")) else {
        bail!("run this yourself: {by_hand}");
    };
    match fs::copy(certificate, folder.join(INSTALLED_NAME)) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            bail!("only root may do that: {by_hand}")
        }
        Err(error) => return Err(error).context(by_hand),
    }
    #[expect(clippy::disallowed_methods, reason = "the user asked for the system's own tool to be run")]
    let status = std::process::Command::new(update[0]).args(&update[1..]).status().context(update[0])?;
    if !status.success() {
        bail!("{} failed: {status}", update[0]);
    }
    writeln!(out, "this machine trusts {}", certificate.display())?;
    writeln!(
        out,
        "Python's clients (AWS CLI, boto3) have a list of their own: export AWS_CA_BUNDLE='{}'",
        certificate.display()
    )?;
    Ok(())
}
