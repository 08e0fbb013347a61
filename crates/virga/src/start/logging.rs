//! The log: structured, to standard error.

use std::io::IsTerminal as _;
use std::str::FromStr as _;

use anyhow::{Context as _, Result};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::options::LogFormat;

/// Starts logging.
///
/// # Errors
/// When the filter is malformed.
pub(super) fn init(filter: &str, format: LogFormat) -> Result<()> {
    let targets = Targets::from_str(filter).with_context(|| {
        format!("--log {filter}: a level (error, warn, info, debug, trace), or module=level, …")
    })?;
    let registry = tracing_subscriber::registry().with(targets);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Human => {
            let color = std::io::stderr().is_terminal();
            registry.with(layer.with_ansi(color)).init();
        }
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).init(),
    }
    Ok(())
}
