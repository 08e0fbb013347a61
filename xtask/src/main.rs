//! Chores: models, tidy, scaffolding, benchmarks, crash and fuzz runs, CI.
fn main() {}
