//! What Object Lock forbids.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-modes>

use crate::LockMode;
use serde::{Deserialize, Serialize};

/// Retention and legal hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Lock {
    /// Until when it can't be deleted, and who may change that.
    pub retention: Option<Retention>,
    /// Whether it can't be deleted; none when it was never said.
    pub legal_hold: Option<bool>,
}

/// Until when a version can't be deleted, and who may change that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retention {
    /// Who may change it.
    pub mode: LockMode,
    /// Until when.
    pub until: i64,
}

impl Lock {
    /// Whether the version may be deleted for good. `bypasses`: the caller passes governance by, and may. Times in
    /// microseconds.
    pub fn allows_deletion(&self, now: i64, bypasses: bool) -> bool {
        let is_kept = self.retention.is_some_and(|retention| {
            retention.until > now && !(bypasses && retention.mode == LockMode::Governance)
        });
        !is_kept && self.legal_hold != Some(true)
    }

    /// Whether its retention may be replaced. Without `bypasses`, one that has not ended can only be prolonged; that of
    /// the compliance mode in any case.
    pub fn allows_retention(&self, new: Option<Retention>, now: i64, bypasses: bool) -> bool {
        let Some(old) = self.retention.filter(|old| old.until > now) else { return true };
        let prolongs = new.is_some_and(|new| new.mode == old.mode && new.until >= old.until);
        prolongs || (old.mode == LockMode::Governance && bypasses)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use LockMode::{Compliance, Governance};

    const NOW: i64 = 1_000;

    fn lock(mode: LockMode, until: i64) -> Lock {
        Lock { retention: Some(Retention { mode, until }), legal_hold: None }
    }

    #[test]
    fn deletion() {
        let check = |lock: Lock, bypasses, allowed| {
            assert_eq!(lock.allows_deletion(NOW, bypasses), allowed, "{lock:?} {bypasses}");
        };
        check(Lock::default(), false, true);
        check(lock(Governance, NOW + 1), false, false);
        check(lock(Governance, NOW + 1), true, true);
        check(lock(Governance, NOW), false, true);
        check(lock(Compliance, NOW + 1), true, false);
        check(lock(Compliance, NOW - 1), false, true);
        check(Lock { legal_hold: Some(true), ..lock(Governance, NOW - 1) }, true, false);
        check(Lock { legal_hold: Some(false), ..Lock::default() }, false, true);
    }

    #[test]
    fn replacing_a_retention() {
        let new = |mode, until| Some(Retention { mode, until });
        let check = |lock: Lock, new, bypasses, allowed| {
            assert_eq!(lock.allows_retention(new, NOW, bypasses), allowed, "{lock:?} {new:?} {bypasses}");
        };
        check(Lock::default(), new(Compliance, NOW + 1), false, true);
        check(lock(Compliance, NOW + 5), new(Compliance, NOW + 6), false, true);
        check(lock(Compliance, NOW + 5), new(Compliance, NOW + 4), true, false);
        check(lock(Compliance, NOW + 5), new(Governance, NOW + 9), true, false);
        check(lock(Compliance, NOW + 5), None, true, false);
        check(lock(Governance, NOW + 5), new(Governance, NOW + 6), false, true);
        check(lock(Governance, NOW + 5), new(Governance, NOW + 4), false, false);
        check(lock(Governance, NOW + 5), new(Compliance, NOW + 6), false, false);
        check(lock(Governance, NOW + 5), None, false, false);
        check(lock(Governance, NOW + 5), None, true, true);
        check(lock(Governance, NOW - 5), None, false, true);
    }
}
