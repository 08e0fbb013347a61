//! Auto scaling: provisioned capacity of tables and global indexes that follows its use. What scales is set by
//! `settings`, what is used is counted in `consumption`, and once a minute `scaling` compares the two.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/AutoScaling.html>

mod consumption;
mod operations;
mod scaling;
mod settings;

pub(crate) use consumption::note as note_use;
pub(crate) use operations::{describe_table_replica_auto_scaling, update_table_replica_auto_scaling};
pub(crate) use scaling::scale;
pub(crate) use settings::{Update, begin_as, of, remove, set, shown};
