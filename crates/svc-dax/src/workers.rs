//! What happens later: clusters become what they were asked to be.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use virga_kit::{Ctx, Failure, Timer, TimerHandler, TimerKind};
use virga_store::{Reader as _, Write};

use crate::error::Error;
use crate::records::{Cluster, NodeStatus, Status};
use crate::{cluster, event, keys};

const SERVICE: &str = "dax";
const SETTLE: &str = "settle";
/// How long a cluster is created, changed or deleted. AWS takes some minutes; nobody is served by waiting as long.
const SETTLING: Duration = Duration::from_secs(2);

/// The timers of DAX.
pub(crate) static TIMERS: &[TimerKind] =
    &[TimerKind { name: SETTLE, handler: TimerHandler::Transaction(settle) }];

/// What the timer of a cluster knows.
#[derive(Serialize, Deserialize)]
struct OfCluster {
    name: String,
    id: u64,
}

/// Lets a cluster become what it was asked to be.
pub(crate) fn settle_later(ctx: &Ctx, txn: &mut Write, cluster: &Cluster) -> Result<(), Error> {
    let of = OfCluster { name: cluster.name.clone(), id: cluster.id };
    let id = format!("{:016x}", cluster.id);
    let due = ctx.now().plus(SETTLING);
    Ok(ctx.schedule(txn, &Timer::new(SERVICE, SETTLE, id, due, &of)?)?)
}

fn settle(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let of: OfCluster = timer.read()?;
    let found = txn.get(&keys::cluster(ctx, &of.name))?.filter(|cluster| cluster.id == of.id);
    let Some(mut cluster) = found else { return Ok(()) };
    if cluster.status == Status::Deleting {
        return Ok(cluster::remove(ctx, txn, &cluster)?);
    }
    if cluster.status == Status::Creating {
        event::of_cluster(ctx, txn, &cluster, "Cluster created.".to_owned())?;
    }
    let mut happened = Vec::new();
    for node in &mut cluster.nodes {
        match node.status {
            NodeStatus::Available => {}
            NodeStatus::Creating => {
                node.created = Some(ctx.now().micros());
                happened.push(format!("Added node {}.", node.id));
            }
            NodeStatus::Rebooting => happened.push(format!("Rebooted node {}.", node.id)),
            NodeStatus::Deleting => happened.push(format!("Removed node {}.", node.id)),
        }
    }
    if cluster.status == Status::Modifying {
        for message in happened {
            event::of_cluster(ctx, txn, &cluster, message)?;
        }
    }
    cluster.nodes.retain(|node| node.status != NodeStatus::Deleting);
    for node in &mut cluster.nodes {
        node.status = NodeStatus::Available;
    }
    cluster.status = Status::Available;
    Ok(cluster::store(ctx, txn, &cluster)?)
}
