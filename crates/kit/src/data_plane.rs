//! Data planes with ports of their own: what resources of a service listen on, beside the one port of the cloud.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::task::AbortHandle;

use crate::World;

/// Listens on ports of its own for resources of the worlds of a process.
pub trait DataPlane: Send + Sync + 'static {
    /// Opens and closes ports until they are those that the world's resources ask for.
    ///
    /// Called when a world opens or its state is replaced, and after each commit that said so
    /// ([`Ctx::planes_changed`](crate::Ctx::planes_changed)): on the committing thread, so that a resource listens before
    /// anybody hears of it. It must not wait.
    fn refresh(&self, world: &Arc<World>);
}

/// What listens for the resources of a world: facts of this process, which no store keeps.
#[derive(Default)]
pub struct Listeners(Mutex<BTreeMap<String, Listener>>);

struct Listener {
    address: SocketAddr,
    task: AbortHandle,
}

impl Listeners {
    /// Where a resource listens, by its ARN; none when no plane serves it.
    pub fn address(&self, resource: &str) -> Option<SocketAddr> {
        self.0.lock().get(resource).map(|listener| listener.address)
    }

    /// Notes that a task serves a resource at an address.
    pub fn add(&self, resource: &str, address: SocketAddr, task: AbortHandle) {
        let replaced = self.0.lock().insert(resource.to_owned(), Listener { address, task });
        if let Some(replaced) = replaced {
            replaced.task.abort();
        }
    }

    /// Closes what listens for resources whose ARNs begin so, but for those to keep.
    pub fn retain(&self, start: &str, mut keep: impl FnMut(&str) -> bool) {
        self.0.lock().retain(|resource, listener| {
            let stays = !resource.starts_with(start) || keep(resource);
            if !stays {
                listener.task.abort();
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_not_kept_is_closed() {
        let listeners = Listeners::default();
        let address = SocketAddr::from(([127, 0, 0, 1], 8111));
        let tasks: Vec<_> = (0..3).map(|_| tokio::spawn(std::future::pending::<()>())).collect();
        for (name, task) in ["arn:aws:dax:a", "arn:aws:dax:b", "arn:aws:rds:a"].iter().zip(&tasks) {
            listeners.add(name, address, task.abort_handle());
        }
        listeners.retain("arn:aws:dax:", |resource| resource.ends_with('b'));
        let known = ["arn:aws:dax:a", "arn:aws:dax:b", "arn:aws:rds:a"].map(|name| listeners.address(name));
        assert_eq!(known, [None, Some(address), Some(address)]);
        let [closed, ..] = <[_; 3]>::try_from(tasks).expect("three tasks were made");
        assert!(closed.await.is_err_and(|error| error.is_cancelled()));
    }
}
