//! `cargo xtask tidy`: the rules of the house that a program can check. Each file is one kind of rule and knows
//! nothing of the others; a rule takes the tree and returns findings.

mod architecture;
mod attributes;
mod check;
mod decisions;
mod finding;
mod heads;
mod keys;
mod layers;
mod names;
mod sizes;
mod tree;
mod words;

pub(crate) use check::{Args, run};
