//! What Object Lock puts on the new versions of a bucket. What is on a version is kept with it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use virga_api::s3 as api;

use crate::records::LockMode;

/// How long new versions are kept when their request does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RetentionPeriod {
    /// `Days`.
    Days(u32),
    /// `Years`.
    Years(u32),
}

/// The default retention of a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DefaultRetention {
    /// Who may shorten it.
    pub(crate) mode: LockMode,
    /// How long it lasts.
    pub(crate) period: RetentionPeriod,
}

impl DefaultRetention {
    /// Reads what the caller gave; none without a rule.
    pub(crate) fn read(given: &api::ObjectLockConfiguration) -> Option<Self> {
        let given = given.rule()?.default_retention()?;
        let days = given.days().and_then(|days| u32::try_from(days).ok()).map(RetentionPeriod::Days);
        let years = given.years().and_then(|years| u32::try_from(years).ok()).map(RetentionPeriod::Years);
        Some(DefaultRetention { mode: LockMode::parse(given.mode()?)?, period: days.or(years)? })
    }
}
