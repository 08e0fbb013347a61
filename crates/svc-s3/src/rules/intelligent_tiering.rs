//! In which tier an object of Intelligent-Tiering is.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intelligent-tiering-overview.html>

use super::configured::{ArchiveTier, IntelligentTieringConfiguration};
use super::midnight::DAY;
use super::object_filter::Subject;

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

/// The archive in which an object belongs that was last accessed then, by these configurations.
pub(crate) fn archive(
    configurations: &[IntelligentTieringConfiguration],
    subject: Subject<'_>,
    accessed: i64,
    now: i64,
) -> Option<ArchiveTier> {
    if subject.size.is_none_or(|size| size < MINIMUM_BYTES) {
        return None;
    }
    let days = now.saturating_sub(accessed) / DAY;
    let matching = configurations
        .iter()
        .filter(|configuration| configuration.is_enabled && configuration.filter.matches(subject));
    matching
        .flat_map(|configuration| &configuration.tierings)
        .filter(|(_, after)| days >= i64::from(*after))
        .map(|(tier, _)| *tier)
        .max()
}

impl ArchiveTier {
    /// The tier with AWS's name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "ARCHIVE_ACCESS" => Some(ArchiveTier::Archive),
            "DEEP_ARCHIVE_ACCESS" => Some(ArchiveTier::DeepArchive),
            _ => None,
        }
    }

    /// AWS's name.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            ArchiveTier::Archive => "ARCHIVE_ACCESS",
            ArchiveTier::DeepArchive => "DEEP_ARCHIVE_ACCESS",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::configured::ObjectFilter;

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

    #[test]
    fn archives_are_opted_into() {
        let configuration = IntelligentTieringConfiguration {
            filter: ObjectFilter { prefix: Some("x/".to_owned()), ..ObjectFilter::default() },
            is_enabled: true,
            tierings: vec![(ArchiveTier::Archive, 90), (ArchiveTier::DeepArchive, 180)],
        };
        let check = |key, size, days, expected| {
            let subject = Subject { key, size: Some(size), tags: &[] };
            let found = archive(std::slice::from_ref(&configuration), subject, 0, days * DAY);
            assert_eq!(found, expected, "{key} {size} {days}");
        };
        check("x/a", LARGE, 89, None);
        check("x/a", LARGE, 90, Some(ArchiveTier::Archive));
        check("x/a", LARGE, 180, Some(ArchiveTier::DeepArchive));
        check("y/a", LARGE, 180, None);
        check("x/a", 10, 180, None);
    }
}
