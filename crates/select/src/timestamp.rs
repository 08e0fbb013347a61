//! Points in time with the precision they were written with, in the text form of Amazon Ion.
//! <https://amazon-ion.github.io/ion-docs/docs/spec.html#timestamp>

mod arithmetic;
mod pattern;

use std::fmt;

use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset};

pub(crate) use arithmetic::DatePart;
pub(crate) use pattern::format;

/// How exactly a point in time is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
    Minute,
    Second,
    /// That many digits of a fraction of a second.
    Fraction(u8),
}

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Timestamp {
    pub(crate) instant: OffsetDateTime,
    pub(crate) precision: Precision,
}

impl Timestamp {
    /// A time that is known to the millisecond.
    pub(crate) fn milliseconds(instant: OffsetDateTime) -> Self {
        Timestamp { instant, precision: Precision::Fraction(3) }
    }

    /// Reads `2007T`, `2007-02T`, `2007-02-23` and `2007-02-23T20:14:33.079-08:00`, with and without the parts after
    /// the minute.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut rest = Scanner(text);
        let year = i32::try_from(rest.digits(4)?).ok()?;
        let at_midnight =
            |date: Date, precision| Some(Timestamp { instant: date.midnight().assume_utc(), precision });
        if rest.0 == "T" {
            return at_midnight(Date::from_calendar_date(year, Month::January, 1).ok()?, Precision::Year);
        }
        rest.skip('-')?;
        let month = Month::try_from(u8::try_from(rest.digits(2)?).ok()?).ok()?;
        if rest.0 == "T" {
            return at_midnight(Date::from_calendar_date(year, month, 1).ok()?, Precision::Month);
        }
        rest.skip('-')?;
        let date = Date::from_calendar_date(year, month, u8::try_from(rest.digits(2)?).ok()?).ok()?;
        if rest.0.is_empty() || rest.0 == "T" {
            return at_midnight(date, Precision::Day);
        }
        rest.skip('T')?;
        let (time, precision) = rest.time()?;
        let offset = rest.offset()?;
        let instant = PrimitiveDateTime::new(date, time).assume_offset(offset);
        Some(Timestamp { instant, precision })
    }
}

/// What is left of a text that is being read.
struct Scanner<'a>(&'a str);

impl Scanner<'_> {
    fn digits(&mut self, count: usize) -> Option<u32> {
        let digits = self.0.get(..count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.0 = &self.0[count..];
        digits.parse().ok()
    }

    fn skip(&mut self, character: char) -> Option<()> {
        self.0 = self.0.strip_prefix(character)?;
        Some(())
    }

    fn time(&mut self) -> Option<(Time, Precision)> {
        let hour = u8::try_from(self.digits(2)?).ok()?;
        self.skip(':')?;
        let minute = u8::try_from(self.digits(2)?).ok()?;
        if self.skip(':').is_none() {
            return Some((Time::from_hms(hour, minute, 0).ok()?, Precision::Minute));
        }
        let second = u8::try_from(self.digits(2)?).ok()?;
        if self.skip('.').is_none() {
            return Some((Time::from_hms(hour, minute, second).ok()?, Precision::Second));
        }
        let count = self.0.bytes().take_while(u8::is_ascii_digit).count().min(9);
        let digits = u8::try_from(count).ok().filter(|count| *count > 0)?;
        let nanosecond = self.digits(count)? * 10u32.pow(9 - u32::from(digits));
        Some((Time::from_hms_nano(hour, minute, second, nanosecond).ok()?, Precision::Fraction(digits)))
    }

    fn offset(&mut self) -> Option<UtcOffset> {
        if self.0 == "Z" {
            return Some(UtcOffset::UTC);
        }
        let sign = match self.0.as_bytes().first()? {
            b'+' => 1,
            b'-' => -1,
            _ => return None,
        };
        self.0 = &self.0[1..];
        let hours = i8::try_from(self.digits(2)?).ok()?;
        self.skip(':')?;
        let minutes = i8::try_from(self.digits(2)?).ok()?;
        if !self.0.is_empty() {
            return None;
        }
        UtcOffset::from_hms(sign * hours, sign * minutes, 0).ok()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instant = self.instant;
        write!(f, "{:04}", instant.year())?;
        if self.precision >= Precision::Month {
            write!(f, "-{:02}", u8::from(instant.month()))?;
        }
        if self.precision >= Precision::Day {
            write!(f, "-{:02}", instant.day())?;
        }
        f.write_str("T")?;
        if self.precision < Precision::Minute {
            return Ok(());
        }
        write!(f, "{:02}:{:02}", instant.hour(), instant.minute())?;
        if self.precision >= Precision::Second {
            write!(f, ":{:02}", instant.second())?;
        }
        if let Precision::Fraction(digits) = self.precision {
            let nanoseconds = format!("{:09}", instant.nanosecond());
            write!(f, ".{}", &nanoseconds[..usize::from(digits).min(9)])?;
        }
        f.write_str(&offset(instant.offset(), ":"))
    }
}

/// `Z` or an offset as hours and minutes.
fn offset(offset: UtcOffset, between: &str) -> String {
    let (hours, minutes, _) = offset.as_hms();
    if offset.is_utc() {
        return "Z".to_owned();
    }
    let sign = if offset.is_negative() { '-' } else { '+' };
    format!("{sign}{:02}{between}{:02}", hours.unsigned_abs(), minutes.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_written_with_their_precision() {
        for text in [
            "2007T",
            "2007-02T",
            "2007-02-23T",
            "2007-02-23T12:14Z",
            "2007-02-23T12:14:33Z",
            "2007-02-23T12:14:33.079-08:00",
            "2007-02-23T12:14:33.123456789+05:30",
        ] {
            assert_eq!(Timestamp::parse(text).expect(text).to_string(), text);
        }
        assert_eq!(Timestamp::parse("2007-02-23").expect("a day").to_string(), "2007-02-23T");
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in
            ["", "2007", "2007-13T", "2007-02-30", "2007-02-23T12:14", "2007-02-23T25:00Z", "x", "20é7T"]
        {
            assert!(Timestamp::parse(text).is_none(), "{text}");
        }
    }
}
