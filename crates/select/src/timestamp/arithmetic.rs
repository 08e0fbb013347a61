//! Parts of dates: taking them out, adding to them, and counting them between two times.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html>

use time::{Date, Duration, Month, OffsetDateTime};

use super::{Precision, Timestamp};

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    TimezoneHour,
    TimezoneMinute,
}

impl DatePart {
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "YEAR" => DatePart::Year,
            "MONTH" => DatePart::Month,
            "DAY" => DatePart::Day,
            "HOUR" => DatePart::Hour,
            "MINUTE" => DatePart::Minute,
            "SECOND" => DatePart::Second,
            "TIMEZONE_HOUR" => DatePart::TimezoneHour,
            "TIMEZONE_MINUTE" => DatePart::TimezoneMinute,
            _ => return None,
        })
    }

    /// Whether it can be added and counted.
    pub(crate) fn is_length(self) -> bool {
        !matches!(self, DatePart::TimezoneHour | DatePart::TimezoneMinute)
    }

    /// How exact a time is at least after this was added to it.
    fn precision(self) -> Precision {
        match self {
            DatePart::Year => Precision::Year,
            DatePart::Month => Precision::Month,
            DatePart::Day => Precision::Day,
            DatePart::Second => Precision::Second,
            _ => Precision::Minute,
        }
    }

    fn seconds(self) -> i64 {
        match self {
            DatePart::Day => 86_400,
            DatePart::Hour => 3_600,
            DatePart::Minute => 60,
            _ => 1,
        }
    }
}

impl Timestamp {
    /// The part of it.
    pub(crate) fn part(self, part: DatePart) -> i64 {
        let (hours, minutes, _) = self.instant.offset().as_hms();
        match part {
            DatePart::Year => self.instant.year().into(),
            DatePart::Month => u8::from(self.instant.month()).into(),
            DatePart::Day => self.instant.day().into(),
            DatePart::Hour => self.instant.hour().into(),
            DatePart::Minute => self.instant.minute().into(),
            DatePart::Second => self.instant.second().into(),
            DatePart::TimezoneHour => hours.into(),
            DatePart::TimezoneMinute => minutes.into(),
        }
    }

    /// So much later; none outside the years that can be written.
    pub(crate) fn add(self, part: DatePart, quantity: i64) -> Option<Self> {
        let instant = match part {
            DatePart::Year => add_months(self.instant, quantity.checked_mul(12)?)?,
            DatePart::Month => add_months(self.instant, quantity)?,
            _ => self.instant.checked_add(Duration::seconds(quantity.checked_mul(part.seconds())?))?,
        };
        let precision = self.precision.max(part.precision());
        (0..=9999).contains(&instant.year()).then_some(Timestamp { instant, precision })
    }

    /// How many of the part have passed whole until `later`; negative when it is earlier.
    pub(crate) fn count(self, part: DatePart, later: Self) -> i64 {
        match part {
            DatePart::Year => months_between(self.instant, later.instant) / 12,
            DatePart::Month => months_between(self.instant, later.instant),
            _ => (later.instant - self.instant).whole_seconds() / part.seconds(),
        }
    }
}

fn add_months(instant: OffsetDateTime, months: i64) -> Option<OffsetDateTime> {
    let month = i64::from(u8::from(instant.month())) - 1;
    let months = i64::from(instant.year()).checked_mul(12)?.checked_add(month)?.checked_add(months)?;
    let year = i32::try_from(months.div_euclid(12)).ok()?;
    let month = Month::try_from(u8::try_from(months.rem_euclid(12) + 1).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, instant.day().min(month.length(year))).ok()?;
    Some(instant.replace_date(date))
}

fn months_between(earlier: OffsetDateTime, later: OffsetDateTime) -> i64 {
    if later < earlier {
        return -months_between(later, earlier);
    }
    let later = later.to_offset(earlier.offset());
    let months =
        |instant: OffsetDateTime| i64::from(instant.year()) * 12 + i64::from(u8::from(instant.month()));
    let within = |instant: OffsetDateTime| (instant.day(), instant.time());
    months(later) - months(earlier) - i64::from(within(later) < within(earlier))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn timestamp(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("the test writes times")
    }

    /// The examples of the documentation.
    #[test]
    fn adding() {
        let cases = [
            (DatePart::Year, 5, "2010-01-01T", "2015-01-01T"),
            (DatePart::Month, 1, "2010T", "2010-02T"),
            (DatePart::Month, 13, "2010T", "2011-02T"),
            (DatePart::Day, -1, "2017-01-10T", "2017-01-09T"),
            (DatePart::Hour, 1, "2017T", "2017-01-01T01:00Z"),
            (DatePart::Hour, 1, "2017-01-02T03:04Z", "2017-01-02T04:04Z"),
            (DatePart::Minute, 1, "2017-01-02T03:04:05.006Z", "2017-01-02T03:05:05.006Z"),
            (DatePart::Second, 1, "2017-01-02T03:04:05.006Z", "2017-01-02T03:04:06.006Z"),
            (DatePart::Month, 1, "2017-01-31T", "2017-02-28T"),
        ];
        for (part, quantity, from, expected) in cases {
            assert_eq!(timestamp(from).add(part, quantity).expect("in range").to_string(), expected);
        }
        assert!(timestamp("2017T").add(DatePart::Year, i64::MAX).is_none());
        assert!(timestamp("2017T").add(DatePart::Second, i64::MAX).is_none());
    }

    #[test]
    fn counting() {
        let cases = [
            (DatePart::Year, "2010-01-01T", "2011-01-01T", 1),
            (DatePart::Month, "2010-01-01T", "2010-05T", 4),
            (DatePart::Month, "2010T", "2011T", 12),
            (DatePart::Month, "2011T", "2010T", -12),
            (DatePart::Day, "2010-01-01T23:00Z", "2010-01-02T01:00Z", 0),
            (DatePart::Hour, "2010-01-01T23:00Z", "2010-01-02T01:00Z", 2),
        ];
        for (part, from, until, expected) in cases {
            assert_eq!(timestamp(from).count(part, timestamp(until)), expected, "{from} {until}");
        }
    }
}
