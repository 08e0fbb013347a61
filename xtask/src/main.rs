//! Chores of the repository: `cargo xtask <task>`. One file or folder per task; this file only lists them.

mod authorization;
mod bench;
mod ci;
mod clients;
mod coverage;
mod crash;
mod dynamodb;
mod fuzz;
mod http;
mod managed_policies;
mod models;
mod process;
mod python;
mod s3;
mod s3_documents;
mod scaffold;
mod sqs;
mod subject;
mod test;
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
    Ci(ci::Args),
    Test(test::Args),
    Tidy(tidy::Args),
    Models(models::Args),
    Authorization(authorization::Args),
    ManagedPolicies(managed_policies::Args),
    NewService(scaffold::NewService),
    NewOperation(scaffold::NewOperation),
    CheckScaffold(scaffold::CheckScaffold),
    Coverage(coverage::Args),
    Bench(bench::Args),
    Crash(crash::Args),
    Fuzz(fuzz::Args),
}

impl Xtask {
    fn run(&self) -> anyhow::Result<()> {
        match &self.task {
            Task::Ci(args) => ci::run(args),
            Task::Test(args) => test::run(args),
            Task::Tidy(args) => tidy::run(args),
            Task::Models(args) => models::run(args),
            Task::Authorization(args) => authorization::run(args),
            Task::ManagedPolicies(args) => managed_policies::run(args),
            Task::NewService(args) => scaffold::new_service(args),
            Task::NewOperation(args) => scaffold::new_operation(args),
            Task::CheckScaffold(args) => scaffold::check_scaffold(args),
            Task::Coverage(args) => coverage::run(args),
            Task::Bench(args) => bench::run(args),
            Task::Crash(args) => crash::run(args),
            Task::Fuzz(args) => fuzz::run(args),
        }
    }
}

fn main() -> anyhow::Result<()> {
    Xtask::parse().run()
}
