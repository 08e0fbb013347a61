//! When access keys and permissions were last used: for `GetAccessKeyLastUsed`, service-last-accessed reports and
//! least-privilege policies. Written at most once a minute per key, action and resource, so that it costs a call little.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use virga_iam::Principal;
use virga_store::{Direction, Fault, Reader, Space, stored};

use crate::{Ctx, LoggedAccess};

/// How long a use is not written again, in seconds of the world's clock.
const WRITTEN_EVERY: i64 = 60;
/// Uses that are remembered as written; past that, all are forgotten.
const REMEMBERED: usize = 16_384;

/// The last use of an access key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUse {
    /// When, in Unix seconds.
    pub at: i64,
    /// The service, by the prefix of its actions.
    pub service: String,
    /// The region.
    pub region: String,
}
stored!(KeyUse, 1);

/// The last use of an action on a resource, as stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct ActionUse {
    at: i64,
    region: String,
}
stored!(ActionUse, 1);

/// The last use of an action on a resource by a user or role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedAction {
    /// The action with its prefix, say `sqs:SendMessage`.
    pub action: String,
    /// The ARN of the resource; `*` for an action that has none.
    pub resource: String,
    /// When, in Unix seconds.
    pub at: i64,
    /// The region.
    pub region: String,
}

/// By access key id.
static KEYS: Space<KeyUse> = Space::new("kit.key-use");
/// By (ARN of user or role, action, resource).
static ACTIONS: Space<ActionUse> = Space::new("kit.action-use");

/// What has been written lately.
#[derive(Debug, Default)]
pub struct Usage {
    hasher: RandomState,
    written: Mutex<HashMap<u64, i64>>,
}

impl Usage {
    /// Whether a use at this time is to be written, because its last writing is a minute ago.
    fn is_due(&self, use_of: (&str, &str, &str, &str), now: i64) -> bool {
        let hash = self.hasher.hash_one(use_of);
        let mut written = self.written.lock();
        if written.get(&hash).is_some_and(|at| (0..WRITTEN_EVERY).contains(&(now - at))) {
            return false;
        }
        if written.len() >= REMEMBERED {
            written.clear();
        }
        written.insert(hash, now);
        true
    }

    pub(crate) fn forget(&self) {
        self.written.lock().clear();
    }
}

/// Notes the uses of a call that succeeded. What can't be written is lost: the call itself has been answered.
pub(crate) fn note(ctx: &Ctx, accesses: &[LoggedAccess]) {
    let caller = ctx.caller();
    let known = accesses.iter().any(|access| access.decision.is_some());
    if !known && caller.principal == Principal::Root {
        return;
    }
    let Some(access_key_id) = &caller.access_key_id else { return };
    let now = ctx.now().secs();
    let uses = accesses.iter().flat_map(|access| {
        let any = access.resources.is_empty().then_some("*");
        access.resources.iter().map(String::as_str).chain(any).map(move |resource| (access, resource))
    });
    let is_due = |(access, resource): &(&LoggedAccess, &str)| {
        ctx.world().usage().is_due((access_key_id, access.prefix, &access.action, resource), now)
    };
    // Most calls are repeated within the minute: nothing is put together for them.
    let due: Vec<(String, &str)> =
        uses.filter(is_due).map(|(access, resource)| (access.full_action(), resource)).collect();
    let Some((first, _)) = due.first() else { return };
    let Some(arn) = caller.identity_arn() else { return };
    let key_use = KeyUse {
        at: now,
        service: first.split(':').next().unwrap_or_default().to_owned(),
        region: ctx.region().to_owned(),
    };
    let written = ctx.world().store().write(|txn| {
        txn.put(&KEYS.key(access_key_id.as_str()), &key_use)?;
        for (action, resource) in &due {
            let one = ActionUse { at: now, region: ctx.region().to_owned() };
            txn.put(&ACTIONS.key((arn.as_str(), action.as_str(), *resource)), &one)?;
        }
        Ok::<(), Fault>(())
    });
    if let Err(fault) = written {
        tracing::error!(request_id = ctx.request_id(), "the use of a key can't be noted: {fault}");
    }
}

impl Usage {
    /// The last use of an access key.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_key(txn: &impl Reader, access_key_id: &str) -> Result<Option<KeyUse>, Fault> {
        txn.get(&KEYS.key(access_key_id))
    }

    /// The last uses of a user or role, by action and resource; at most `limit`.
    ///
    /// # Errors
    /// When the store fails.
    pub fn of_principal(txn: &impl Reader, arn: &str, limit: usize) -> Result<Vec<UsedAction>, Fault> {
        let found = txn.scan(&ACTIONS.prefix(arn), Direction::Forward, limit)?;
        found
            .into_iter()
            .map(|(key, ActionUse { at, region })| {
                let (_, action, resource): (String, String, String) = key.parts()?;
                Ok(UsedAction { action, resource, at, region })
            })
            .collect()
    }
}
