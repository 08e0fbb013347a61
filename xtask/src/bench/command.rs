//! The command line of `cargo xtask bench`.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Result;
use clap::Subcommand;

use super::{depth, dynamodb, fork, identity, load::Load, many_items, peers, s3, signed, start, throughput};
use crate::subject::{BinaryArgs, Store};

/// Measures speed and size of the release binary against their targets.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    benchmark: Option<Benchmark>,
    #[command(flatten)]
    binary: BinaryArgs,
    #[command(flatten)]
    options: Options,
}

/// How to load and what to do with the result.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Connections with one request under way each.
    #[arg(long, global = true, default_value_t = 64)]
    pub(crate) connections: usize,
    /// Threads of the load tool.
    #[arg(long, global = true, default_value_t = 1)]
    pub(crate) threads: usize,
    /// Length of one load.
    #[arg(long, global = true, default_value_t = 1.0)]
    pub(crate) seconds: f64,
    /// How often reference and subject take turns.
    #[arg(long, global = true, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// End with an error when a target is missed.
    #[arg(long, global = true)]
    pub(crate) enforce: bool,
}

impl Options {
    /// A load as the options say, until its time is over.
    pub(crate) fn load<'a>(&self, address: SocketAddr, requests: &'a [Vec<u8>]) -> Load<'a> {
        Load {
            address,
            connections: self.connections,
            threads: self.threads,
            duration: Duration::from_secs_f64(self.seconds),
            requests,
            most_requests: None,
            full_answer_bytes: 0,
        }
    }
}

#[derive(Subcommand)]
enum Benchmark {
    /// Requests per second of SendMessage and ReceiveMessage, as a share of the health endpoint's (the default).
    Throughput {
        /// The stores to measure; all by default.
        #[arg(long, value_enum)]
        store: Vec<Store>,
    },
    /// Time from exec to the first successful call, idle memory, size of the binary.
    Start,
    /// Receives from a queue of a million messages against one of a thousand.
    Depth {
        /// Messages in the deep queue.
        #[arg(long, default_value_t = 1_000_000)]
        messages: u64,
    },
    /// Requests per second of DynamoDB's hot operations, as a share of the health endpoint's.
    Dynamodb {
        /// The stores to measure; memory and relaxed by default.
        #[arg(long, value_enum)]
        store: Vec<Store>,
        /// The operations to measure; all by default.
        #[arg(long, value_enum)]
        only: Vec<dynamodb::Operation>,
    },
    /// DynamoDB's hot operations against moto's server and dynalite, which are installed into the build folder.
    DynamodbPeers,
    /// A DynamoDB table of ten million items against one of ten thousand.
    DynamodbItems {
        /// Items in the large table.
        #[arg(long, default_value_t = 10_000_000)]
        items: u64,
        /// A folder that keeps the tables, for further runs with the same number of items.
        #[arg(long)]
        data: Option<PathBuf>,
    },
    /// What verifying a signature costs.
    Signed,
    /// What permissions cost.
    Identity,
    /// S3: large objects against nginx and against hashing, small ones against the health endpoint, listings.
    S3 {
        /// Keys of the long listing.
        #[arg(long, default_value_t = 1_000_000)]
        keys: u64,
    },
    /// Whether the memory of S3 stays flat with one large object: whole, in parts, and read.
    S3Memory {
        /// Its size.
        #[arg(long, default_value_t = 5)]
        gibibytes: u64,
    },
    /// The load tool alone: gets a path from any HTTP/1.1 server, each round once.
    Load {
        /// Where the server listens: `127.0.0.1:4566`.
        address: SocketAddr,
        /// What to get.
        #[arg(default_value = "/_virga/health")]
        path: String,
    },
    /// Fork and reset of a world with 100,000 messages.
    Fork {
        /// Messages in the world.
        #[arg(long, default_value_t = 100_000)]
        messages: u64,
    },
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let options = &args.options;
    if let Some(Benchmark::Load { address, path }) = &args.benchmark {
        return throughput::load_alone(*address, path, options);
    }
    let binary = args.binary.path()?;
    let all = [Store::Memory, Store::Relaxed, Store::Strict];
    match &args.benchmark {
        None | Some(Benchmark::Load { .. }) => throughput::run(&binary, options, &all),
        Some(Benchmark::Throughput { store }) if store.is_empty() => throughput::run(&binary, options, &all),
        Some(Benchmark::Throughput { store }) => throughput::run(&binary, options, store),
        Some(Benchmark::Dynamodb { store, only }) if store.is_empty() => {
            dynamodb::run(&binary, options, &[Store::Memory, Store::Relaxed], only)
        }
        Some(Benchmark::Dynamodb { store, only }) => dynamodb::run(&binary, options, store, only),
        Some(Benchmark::DynamodbPeers) => peers::run(&binary, options),
        Some(Benchmark::DynamodbItems { items, data }) => {
            many_items::run(&binary, options, *items, data.as_deref())
        }
        Some(Benchmark::Signed) => signed::run(&binary, options),
        Some(Benchmark::Identity) => identity::run(&binary, options),
        Some(Benchmark::S3 { keys }) => s3::run(&binary, options, *keys),
        Some(Benchmark::S3Memory { gibibytes }) => s3::memory::run(&binary, options, *gibibytes),
        Some(Benchmark::Start) => start::run(&binary, options),
        Some(Benchmark::Depth { messages }) => depth::run(&binary, options, *messages),
        Some(Benchmark::Fork { messages }) => fork::run(&binary, options, *messages),
    }
}
