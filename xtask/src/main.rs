//! Chores of the repository: `cargo xtask <task>`. One file or folder per task; this file only lists them.

mod bench;
mod ci;
<<<<<<< HEAD
mod http;
=======
mod models;
>>>>>>> b222e3d (Compile AWS's models to a flat form that is read in place)
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
<<<<<<< HEAD
    Bench(bench::Args),
=======
    Models(models::Args),
>>>>>>> b222e3d (Compile AWS's models to a flat form that is read in place)
    Ci(ci::Args),
}

fn main() -> anyhow::Result<()> {
    match Xtask::parse().task {
        Task::Tidy(args) => tidy::run(&args),
<<<<<<< HEAD
        Task::Bench(args) => bench::run(&args),
=======
        Task::Models(args) => models::run(&args),
>>>>>>> b222e3d (Compile AWS's models to a flat form that is read in place)
        Task::Ci(args) => ci::run(&args),
    }
}
