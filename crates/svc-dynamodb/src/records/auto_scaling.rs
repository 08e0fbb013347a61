//! Auto scaling of a table and its global indexes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use virga_store::stored;

use crate::item::Use;

/// What scales of a table, by the name of the index (none is the table itself) and what it is used for.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct AutoScaling(pub(crate) BTreeMap<(Option<String>, Use), Scalable>);
stored!(AutoScaling, 1);

/// Capacity that scales.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(crate) struct Scalable {
    /// Units at least.
    pub(crate) minimum: i64,
    /// Units at most.
    pub(crate) maximum: i64,
    /// `AutoScalingRoleArn`, when one was given.
    pub(crate) role: Option<String>,
    pub(crate) policy: Option<TargetTracking>,
    /// Units per second that were used in the last minutes, oldest first; none for a minute in which nothing was used.
    pub(crate) points: Vec<Option<f64>>,
    /// When it grew last.
    pub(crate) scaled_out: Option<i64>,
    /// When it shrank last.
    pub(crate) scaled_in: Option<i64>,
}

/// The policy by which capacity scales.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct TargetTracking {
    pub(crate) name: String,
    /// Per cent of the capacity that are to be used.
    pub(crate) target: f64,
    pub(crate) disable_scale_in: Option<bool>,
    /// Seconds between two decreases.
    pub(crate) in_cooldown: Option<i32>,
    /// Seconds between two increases.
    pub(crate) out_cooldown: Option<i32>,
}
