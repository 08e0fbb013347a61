//! Configurations of buckets as those see them who act on them.

mod analytics;
mod intelligent_tiering;
mod lifecycle;
mod notification;
mod replication;
mod reports;
mod selection;

pub use analytics::{AnalyticsConfiguration, AnalyticsDestination};
pub use intelligent_tiering::TieringConfiguration;
pub use lifecycle::{Expiration, LifecycleConfiguration, LifecycleRule, TransitionMinimumSize, When};
pub use lifecycle::{NoncurrentExpiration, NoncurrentTransition, Transition};
pub use notification::{KeyFilter, NotificationConfiguration, NotificationTarget, TargetKind};
pub use replication::ReplicationDestination;
pub use replication::{ReplicationConfiguration, ReplicationRule};
pub use reports::InventoryDestination;
pub use reports::{
    InventoryConfiguration, InventoryEncryption, InventoryFormat, LogKeyFormat, LoggingConfiguration,
};
pub use selection::ObjectFilter;
