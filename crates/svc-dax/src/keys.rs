//! Every key space of DAX. Everything is found by account, region and name; what belongs to one cluster by its id, so that a
//! cluster made anew has nothing of the one before.

use virga_kit::Ctx;
use virga_store::{Key, Range, Space};

use crate::records::{Cluster, Event, ParameterGroup, SubnetGroup, Tags};

static CLUSTERS: Space<Cluster> = Space::new("dax.cluster");
static TAGS: Space<Tags> = Space::new("dax.tags");
static PARAMETER_GROUPS: Space<ParameterGroup> = Space::new("dax.parameter-group");
static SUBNET_GROUPS: Space<SubnetGroup> = Space::new("dax.subnet-group");
static EVENTS: Space<Event> = Space::new("dax.event");

/// A cluster by its name, in lower case.
pub(crate) fn cluster(ctx: &Ctx, name: &str) -> Key<Cluster> {
    CLUSTERS.key((ctx.account(), ctx.region(), name))
}

/// The clusters of the account and region, by name.
pub(crate) fn clusters(ctx: &Ctx) -> Range<Cluster> {
    CLUSTERS.prefix((ctx.account(), ctx.region()))
}

/// The tags of a cluster.
pub(crate) fn tags(cluster: &Cluster) -> Key<Tags> {
    TAGS.key(cluster.id)
}

/// A parameter group by its name.
pub(crate) fn parameter_group(ctx: &Ctx, name: &str) -> Key<ParameterGroup> {
    PARAMETER_GROUPS.key((ctx.account(), ctx.region(), name))
}

/// The parameter groups of the account and region, by name.
pub(crate) fn parameter_groups(ctx: &Ctx) -> Range<ParameterGroup> {
    PARAMETER_GROUPS.prefix((ctx.account(), ctx.region()))
}

/// A subnet group by its name, in lower case.
pub(crate) fn subnet_group(ctx: &Ctx, name: &str) -> Key<SubnetGroup> {
    SUBNET_GROUPS.key((ctx.account(), ctx.region(), name))
}

/// The subnet groups of the account and region, by name.
pub(crate) fn subnet_groups(ctx: &Ctx) -> Range<SubnetGroup> {
    SUBNET_GROUPS.prefix((ctx.account(), ctx.region()))
}

/// An event by its time and a number that grows.
pub(crate) fn event(ctx: &Ctx, at: i64, sequence: u64) -> Key<Event> {
    EVENTS.key((ctx.account(), ctx.region(), at, sequence))
}

/// The events of the account and region, oldest first.
pub(crate) fn events(ctx: &Ctx) -> Range<Event> {
    EVENTS.prefix((ctx.account(), ctx.region()))
}
