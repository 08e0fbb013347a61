//! The options of `virga start`, each with its environment variable.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use virga_gateway::cloud::Exposure;
use virga_iam::AuthMode;

/// How to start.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Port for HTTP and HTTPS; 0 takes a free one.
    #[arg(long, env = "VIRGA_PORT", default_value_t = 4566)]
    pub(super) port: u16,
    /// Address to listen on. Any but a loopback address needs `--auth strict` or `--allow-unknown-keys-from-network`.
    #[arg(long, env = "VIRGA_HOST", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    pub(super) host: IpAddr,
    /// Folder for everything that is to be kept.
    #[arg(long, env = "VIRGA_DATA", default_value = "./.virga")]
    pub(super) data: PathBuf,
    /// Keep everything in memory and leave nothing behind.
    #[arg(long, env = "VIRGA_EPHEMERAL", value_parser = FalseyValueParser::new())]
    pub(super) ephemeral: bool,
    /// When an acknowledged write is on the disk.
    #[arg(long, env = "VIRGA_DURABILITY", value_enum, default_value_t = Durability::Relaxed)]
    pub(super) durability: Durability,
    /// What to do with access keys that this cloud did not issue.
    #[arg(long, env = "VIRGA_AUTH", value_enum, default_value_t = Auth::Permissive)]
    pub(super) auth: Auth,
    /// Seconds of the cloud's clock that changes of keys, roles and policies take to have an effect, as in AWS.
    #[arg(long, env = "VIRGA_IAM_PROPAGATION_SECONDS", default_value_t = 0)]
    pub(super) iam_propagation_seconds: u32,
    /// Throttle calls at the rates that AWS allows, to test how a program bears it.
    #[arg(long, env = "VIRGA_ENFORCE_QUOTAS", value_parser = FalseyValueParser::new())]
    pub(super) enforce_quotas: bool,
    /// Milliseconds of the cloud's clock by which eventually consistent reads of DynamoDB may be behind, to test how a
    /// program bears it.
    #[arg(long, env = "VIRGA_STALE_READS_MILLIS", default_value_t = 0)]
    pub(super) stale_reads_millis: u32,
    /// Seed of how far each of these reads is behind.
    #[arg(long, env = "VIRGA_STALE_READS_SEED", default_value_t = 0)]
    pub(super) stale_reads_seed: u64,
    /// What to log to standard error: a level, or levels by module (`info,virga_gateway=debug`).
    #[arg(long, env = "VIRGA_LOG", default_value = "info")]
    pub(super) log: String,
    /// Form of the log.
    #[arg(long, env = "VIRGA_LOG_FORMAT", value_enum, default_value_t = LogFormat::Human)]
    pub(super) log_format: LogFormat,
    /// Serve a network as if it were this machine: whoever can reach the port is root of every account.
    #[arg(long, env = "VIRGA_ALLOW_UNKNOWN_KEYS_FROM_NETWORK", value_parser = FalseyValueParser::new())]
    pub(super) allow_unknown_keys_from_network: bool,
}

/// When an acknowledged write is on the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Durability {
    /// Survives the death of the process; at most 100 ms are lost when the machine itself dies.
    Relaxed,
    /// Survives the death of the machine.
    Strict,
}

/// What to do with access keys that this cloud did not issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Auth {
    /// They are the root user of the account they name, or of 000000000000.
    Permissive,
    /// They are refused.
    Strict,
    /// They are let through, and what would have been refused is recorded.
    Audit,
}

/// Form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Lines to read.
    Human,
    /// One JSON object per line.
    Json,
}

impl Options {
    /// The address of all ports.
    pub(super) fn host(&self) -> IpAddr {
        self.host
    }

    /// Where to listen.
    pub(super) fn address(&self) -> SocketAddr {
        SocketAddr::new(self.host, self.port)
    }

    /// Who will be able to reach the listener.
    ///
    /// # Errors
    /// When a network would be served without a decision about its callers.
    pub(super) fn exposure(&self) -> Result<Exposure> {
        if self.host.is_loopback() {
            Ok(Exposure::Loopback)
        } else if self.allow_unknown_keys_from_network {
            Ok(Exposure::TrustedNetwork)
        } else if self.auth == Auth::Strict {
            Ok(Exposure::Network)
        } else {
            bail!(
                "{} can be reached from the network, and unknown access keys act as root. Choose one:\n  \
                 --auth strict                        only keys that this cloud issued are let in\n  \
                 --allow-unknown-keys-from-network    whoever can reach the port is trusted",
                self.host
            )
        }
    }
}

impl From<Durability> for virga_store::Durability {
    fn from(durability: Durability) -> Self {
        match durability {
            Durability::Relaxed => Self::Relaxed,
            Durability::Strict => Self::Strict,
        }
    }
}

impl From<Auth> for AuthMode {
    fn from(auth: Auth) -> Self {
        match auth {
            Auth::Permissive => Self::Permissive,
            Auth::Strict => Self::Strict,
            Auth::Audit => Self::Audit,
        }
    }
}
