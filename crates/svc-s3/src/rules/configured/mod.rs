//! Configurations of buckets as those see them who act on them.

mod analytics;
mod intelligent_tiering;
mod lifecycle;
mod notification;
mod replication;
mod reports;
mod selection;

pub(crate) use analytics::AnalyticsConfiguration;
pub(crate) use intelligent_tiering::TieringConfiguration;
pub(crate) use lifecycle::{Expiration, LifecycleConfiguration, LifecycleRule, TransitionMinimumSize, When};
#[cfg(test)]
pub(crate) use lifecycle::{NoncurrentExpiration, NoncurrentTransition, Transition};
pub(crate) use notification::{KeyFilter, NotificationConfiguration, NotificationTarget, TargetKind};
#[cfg(test)]
pub(crate) use replication::ReplicationDestination;
pub(crate) use replication::{ReplicationConfiguration, ReplicationRule};
#[cfg(test)]
pub(crate) use reports::InventoryDestination;
pub(crate) use reports::{
    InventoryConfiguration, InventoryEncryption, InventoryFormat, LogKeyFormat, LoggingConfiguration,
};
pub(crate) use selection::ObjectFilter;
