//! Which objects of Intelligent-Tiering are archived, and when.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_IntelligentTieringConfiguration.html>

use virga_api::s3 as api;

use super::ObjectFilter;
use crate::ArchiveTier;

/// A configuration of the archives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TieringConfiguration {
    /// Whether it is acted on.
    pub is_enabled: bool,
    /// What it is about.
    pub filter: ObjectFilter,
    /// After how many days without a read objects are in which archive.
    pub tierings: Vec<(ArchiveTier, u32)>,
}

impl TieringConfiguration {
    /// Reads what the caller gave.
    pub fn read(given: &api::IntelligentTieringConfiguration) -> Self {
        let filter = given.filter();
        let and = filter.and_then(api::IntelligentTieringFilter::and);
        let prefix = filter.and_then(api::IntelligentTieringFilter::prefix);
        let tierings = given.tierings().iter().filter_map(|tiering| {
            Some((ArchiveTier::parse(tiering.access_tier())?, u32::try_from(tiering.days()).ok()?))
        });
        TieringConfiguration {
            is_enabled: given.status() == "Enabled",
            filter: ObjectFilter::read(
                prefix.or(and.and_then(api::IntelligentTieringAndOperator::prefix)),
                filter.and_then(api::IntelligentTieringFilter::tag),
                and.and_then(api::IntelligentTieringAndOperator::tags),
            ),
            tierings: tierings.collect(),
        }
    }
}
