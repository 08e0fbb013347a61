//! In which tier an object of Intelligent-Tiering is.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html>

use super::midnight::{self, DAY};
use crate::ArchiveTier;

/// Days without access after which an object is in the infrequent access tier.
const INFREQUENT_DAYS: i64 = 30;
/// Days without access after which an object is in the archive instant access tier.
const INSTANT_DAYS: i64 = 90;
/// Objects below this size stay in the frequent access tier.
const MINIMUM_BYTES: u64 = 128 << 10;

/// The name of the tier in which an object is that is in no archive.
pub fn tier(size: u64, accessed: i64, now: i64) -> &'static str {
    let days = now.saturating_sub(accessed) / DAY;
    match days {
        _ if size < MINIMUM_BYTES => "FREQUENT",
        INSTANT_DAYS.. => "ARCHIVE_INSTANT_ACCESS",
        INFREQUENT_DAYS.. => "INFREQUENT",
        _ => "FREQUENT",
    }
}

/// The archive in which an object belongs that was read last at some time, and when that will be another one. The
/// archives have the days without a read after which they are meant.
pub fn archive(
    size: u64,
    accessed: i64,
    tierings: &[(ArchiveTier, u32)],
    now: i64,
) -> (Option<ArchiveTier>, Option<i64>) {
    if size < MINIMUM_BYTES {
        return (None, None);
    }
    let due = |days: u32| midnight::after_days(accessed, days);
    let is_deep = |tier: ArchiveTier| tier == ArchiveTier::DeepArchiveAccess;
    let reached = tierings.iter().filter(|(_, days)| due(*days) <= now).map(|(tier, _)| *tier);
    let next = tierings.iter().map(|(_, days)| due(*days)).filter(|due| *due > now).min();
    (reached.max_by_key(|tier| is_deep(*tier)), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: u64 = 1 << 20;

    #[test]
    fn archives_follow_their_days() {
        let tierings = [(ArchiveTier::DeepArchiveAccess, 180), (ArchiveTier::ArchiveAccess, 90)];
        let check = |days, expected, next: Option<i64>| {
            let found = archive(LARGE, 0, &tierings, days * DAY);
            assert_eq!(found, (expected, next.map(|day| day * DAY)), "{days}");
        };
        check(90, None, Some(91));
        check(91, Some(ArchiveTier::ArchiveAccess), Some(181));
        check(181, Some(ArchiveTier::DeepArchiveAccess), None);
        assert_eq!(archive(1000, 0, &tierings, 400 * DAY), (None, None));
    }

    #[test]
    fn tiers_follow_access() {
        let check = |size, days, expected| assert_eq!(tier(size, 0, days * DAY), expected, "{size} {days}");
        check(LARGE, 29, "FREQUENT");
        check(LARGE, 30, "INFREQUENT");
        check(LARGE, 89, "INFREQUENT");
        check(LARGE, 90, "ARCHIVE_INSTANT_ACCESS");
        check(1000, 400, "FREQUENT");
    }
}
