//! The layered engine: changes in a persistent map in memory, over a frozen map, over a base on disk.
//!
//! The memory engine is this engine without log and base.

mod engine;
mod layers;
mod recent;

pub(crate) use engine::Layered;
