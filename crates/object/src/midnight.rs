//! Days as S3 counts them: a moment plus some days, rounded up to the next midnight UTC. All in Unix seconds.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html#intro-lifecycle-rules-number-of-days>

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// The next midnight after a moment.
pub fn after(seconds: i64) -> i64 {
    seconds.div_euclid(DAY).saturating_add(1).saturating_mul(DAY)
}

/// When something is `days` old, in S3's sense.
pub fn after_days(seconds: i64, days: u32) -> i64 {
    after(seconds.saturating_add(i64::from(days) * DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_end_at_midnight() {
        // AWS's example: created at 10:30 UTC on 15 January, three days: 00:00 UTC on 19 January.
        let created = 1_389_781_800;
        assert_eq!(after_days(created, 3), 1_390_089_600);
        assert_eq!(after_days(1_389_744_000, 0), 1_389_744_000 + DAY);
        assert_eq!(after(-1), 0);
    }
}
