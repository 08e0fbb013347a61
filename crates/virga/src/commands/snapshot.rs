//! `virga snapshot`: the whole state of a world as one file.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use serde_json::json;

use crate::client::{Client, Target};

#[derive(Debug, Args)]
pub(crate) struct Command {
    #[command(flatten)]
    target: Target,
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Save the world.
    Save(Place),
    /// Replace the world by what was saved.
    Load(Place),
    /// List the snapshots in the data folder of the running virga.
    List,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct Place {
    /// A file here.
    file: Option<PathBuf>,
    /// A name in the data folder of the running virga.
    #[arg(long)]
    name: Option<String>,
}

impl Command {
    pub(crate) fn run(&self, out: &mut dyn Write) -> Result<()> {
        let client = Client::new(&self.target)?;
        match &self.action {
            Action::Save(Place { file: Some(file), .. }) => {
                let bytes = download(&client, file)?;
                writeln!(out, "saved: {} ({bytes} bytes)", file.display())?;
            }
            Action::Save(Place { name, .. }) => {
                let saved = client.send("POST", "snapshot/save", &json!({ "name": name }))?.json()?;
                writeln!(out, "saved: {} ({} bytes)", name.as_deref().unwrap_or_default(), saved["bytes"])?;
            }
            Action::Load(Place { file: Some(file), .. }) => {
                let mut archive = File::open(file).with_context(|| file.display().to_string())?;
                client.upload("snapshot/load", archive.metadata()?.len(), &mut archive)?;
                writeln!(out, "loaded: {}", file.display())?;
            }
            Action::Load(Place { name, .. }) => {
                client.send("POST", "snapshot/load", &json!({ "name": name }))?;
                writeln!(out, "loaded: {}", name.as_deref().unwrap_or_default())?;
            }
            Action::List => {
                let snapshots = client.get("snapshot")?.json()?;
                for snapshot in snapshots["snapshots"].as_array().into_iter().flatten() {
                    let name = snapshot["name"].as_str().unwrap_or_default();
                    writeln!(out, "{name}\t{} bytes", snapshot["bytes"])?;
                }
            }
        }
        Ok(())
    }
}

/// Writes the archive so that the file is there whole or not at all; its length in bytes.
fn download(client: &Client, file: &Path) -> Result<u64> {
    let mut draft = file.as_os_str().to_owned();
    draft.push(".draft");
    let draft = PathBuf::from(draft);
    let write = || -> Result<u64> {
        let mut body = client.send("POST", "snapshot/save", &json!({}))?.body();
        let mut out = File::create(&draft).with_context(|| draft.display().to_string())?;
        let bytes = io::copy(&mut body, &mut out).context("the snapshot broke off")?;
        out.sync_all()?;
        fs::rename(&draft, file)?;
        Ok(bytes)
    };
    let written = write();
    if written.is_err() {
        // It may never have been made; the first error is the one to tell.
        drop(fs::remove_file(&draft));
    }
    written
}
