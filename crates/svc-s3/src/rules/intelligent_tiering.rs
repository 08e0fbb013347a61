//! In which tier an object of Intelligent-Tiering is.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html>

use super::midnight::DAY;

/// Days without access after which an object is in the infrequent access tier.
const INFREQUENT_DAYS: i64 = 30;
/// Days without access after which an object is in the archive instant access tier.
const INSTANT_DAYS: i64 = 90;
/// Objects below this size stay in the frequent access tier.
const MINIMUM_BYTES: u64 = 128 << 10;

/// The name of the tier in which an object is that is in no archive.
pub(crate) fn tier(size: u64, accessed: i64, now: i64) -> &'static str {
    let days = now.saturating_sub(accessed) / DAY;
    match days {
        _ if size < MINIMUM_BYTES => "FREQUENT",
        INSTANT_DAYS.. => "ARCHIVE_INSTANT_ACCESS",
        INFREQUENT_DAYS.. => "INFREQUENT",
        _ => "FREQUENT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: u64 = 1 << 20;

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
