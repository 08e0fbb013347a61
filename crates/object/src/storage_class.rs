//! Which way objects may move between storage classes, and how restoring from the archives goes.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects-retrieval-options.html>

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::StorageClass;

/// How cold a class is. Lifecycle rules move objects to colder classes only.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>
pub fn coldness(class: StorageClass) -> u8 {
    match class {
        // What is in a directory bucket never moves.
        StorageClass::Standard | StorageClass::ReducedRedundancy | StorageClass::ExpressOnezone => 0,
        StorageClass::StandardIa => 1,
        StorageClass::IntelligentTiering => 2,
        StorageClass::OnezoneIa => 3,
        StorageClass::GlacierIr => 4,
        StorageClass::Glacier => 5,
        StorageClass::DeepArchive => 6,
    }
}

/// The archive of a class, from which objects must be restored before they can be read.
pub fn archive(class: StorageClass) -> Option<Archive> {
    match class {
        StorageClass::Glacier => Some(Archive::Flexible),
        StorageClass::DeepArchive => Some(Archive::Deep),
        _ => None,
    }
}

/// How fast an archived object comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RestoreTier {
    /// Up to half a day, or two.
    Bulk,
    /// Hours.
    Standard,
    /// Minutes.
    Expedited,
}

impl RestoreTier {
    /// The tier with AWS's name.
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "Bulk" => Some(RestoreTier::Bulk),
            "Standard" => Some(RestoreTier::Standard),
            "Expedited" => Some(RestoreTier::Expedited),
            _ => None,
        }
    }
}

/// Where an object sleeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// Glacier Flexible Retrieval, or the Archive Access tier.
    Flexible,
    /// Glacier Deep Archive, or the Deep Archive Access tier.
    Deep,
}

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

/// How long restoring takes: the upper end of what AWS promises. None when the archive does not offer the tier.
pub fn restore_time(archive: Archive, tier: RestoreTier) -> Option<Duration> {
    let seconds = match (archive, tier) {
        (Archive::Flexible, RestoreTier::Expedited) => 5 * MINUTE,
        (Archive::Flexible, RestoreTier::Standard) => 5 * HOUR,
        (Archive::Flexible, RestoreTier::Bulk) => 12 * HOUR,
        (Archive::Deep, RestoreTier::Expedited) => return None,
        (Archive::Deep, RestoreTier::Standard) => 12 * HOUR,
        (Archive::Deep, RestoreTier::Bulk) => 48 * HOUR,
    };
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tiers_take_their_time() {
        let hours = |archive, tier| restore_time(archive, tier).map(|time| time.as_secs() / HOUR);
        assert_eq!(hours(Archive::Flexible, RestoreTier::Standard), Some(5));
        assert_eq!(hours(Archive::Deep, RestoreTier::Bulk), Some(48));
        assert_eq!(hours(Archive::Deep, RestoreTier::Expedited), None);
    }
}
