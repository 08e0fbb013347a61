//! What Object Lock forbids.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-modes>

use super::configured::{DefaultRetention, RetentionPeriod};
use super::midnight::DAY;
use crate::records::{Lock, LockMode, Retention};

const MICROS: i64 = 1_000_000;
/// Days of a year, as default retentions count.
const YEAR_DAYS: i64 = 365;

impl Lock {
    /// Whether the version may be deleted for good. `bypasses`: the caller passes governance by, and may. Times in
    /// microseconds.
    pub(crate) fn allows_deletion(&self, now: i64, bypasses: bool) -> bool {
        let is_kept = self.retention.is_some_and(|retention| {
            retention.until > now && !(bypasses && retention.mode == LockMode::Governance)
        });
        !is_kept && self.legal_hold != Some(true)
    }

    /// Whether its retention may be replaced. Without `bypasses`, one that has not ended can only be prolonged; that of
    /// the compliance mode in any case.
    pub(crate) fn allows_retention(&self, new: Option<Retention>, now: i64, bypasses: bool) -> bool {
        let Some(old) = self.retention.filter(|old| old.until > now) else { return true };
        let prolongs = new.is_some_and(|new| new.mode == old.mode && new.until >= old.until);
        prolongs || (old.mode == LockMode::Governance && bypasses)
    }

    /// Whether replacing its retention is something that only those may who may pass governance by.
    pub(crate) fn retention_needs_bypass(&self, new: Option<Retention>, now: i64) -> bool {
        !self.allows_retention(new, now, false)
    }
}

/// Until when a version made `now` is kept by default, in microseconds.
pub(crate) fn default_retention(default: DefaultRetention, now: i64) -> Retention {
    let days = match default.period {
        RetentionPeriod::Days(days) => i64::from(days),
        RetentionPeriod::Years(years) => i64::from(years) * YEAR_DAYS,
    };
    Retention { mode: default.mode, until: now.saturating_add(days * DAY * MICROS) }
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

    #[test]
    fn default_retentions_count_days_and_years() {
        let until = |period| default_retention(DefaultRetention { mode: Governance, period }, 0).until;
        assert_eq!(until(RetentionPeriod::Days(2)), 2 * DAY * MICROS);
        assert_eq!(until(RetentionPeriod::Years(1)), 365 * DAY * MICROS);
    }
}
