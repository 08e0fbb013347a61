//! Chores of the repository: `cargo xtask <task>`. One file or folder per task; this file only lists them.

mod bench;
mod ci;
mod crash;
mod http;
mod models;
mod process;
mod sqs;
mod subject;
mod tidy;

use clap::{Parser, Subcommand};

/// Chores of the virga repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Xtask {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    Tidy(tidy::Args),
    Bench(bench::Args),
    Models(models::Args),
    Crash(crash::Args),
    Ci(ci::Args),
}

fn main() -> anyhow::Result<()> {
    match Xtask::parse().task {
        Task::Tidy(args) => tidy::run(&args),
        Task::Bench(args) => bench::run(&args),
        Task::Models(args) => models::run(&args),
        Task::Crash(args) => crash::run(&args),
        Task::Ci(args) => ci::run(&args),
    }
}
