//! The layered engine: changes in a persistent [`map`] in memory, over a frozen map, over a base on disk.
//!
//! A transaction reads through an [`attempt`]. A commit is checked against the [`recent`] commits, applied to the active layer and appended to the
//! [`log`]. When the active layer has grown, a [`checkpoint`] freezes it and writes it to the [`base`]
//! in one go, in [`runs`] of neighbours, after which the log up to there is dropped. What was written and deleted in between never
//! reaches the base. Until then a scan [merge]s the layers, and [`hints`] lead it past what is deleted; what threads read in order in the base is read [`ahead`]. The memory engine is this engine without log and base.

mod ahead;
mod attempt;
mod base;
mod checkpoint;
mod engine;
mod hints;
mod layers;
mod log;
mod map;
mod merge;
mod names;
mod places;
mod recent;
mod recollection;
mod revisions;
mod runs;
mod slot;
mod state;

pub(crate) use engine::Layered;
