//! Points in time of date conditions: ISO 8601 as the W3C profiles it, or seconds since 1970.
//! <https://www.w3.org/TR/NOTE-datetime>

use time::{Date, Month};

/// A point in time, in nanoseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment(i128);

const NANOSECONDS: i128 = 1_000_000_000;

impl Moment {
    /// Reads a date, with as much of the time as there is, or whole seconds.
    ///
    /// IAM is generous: parts may have fewer digits than they should, and all after the year may be missing.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if digits.len() != 4 && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse::<i64>().ok().map(|seconds| Self(i128::from(seconds) * NANOSECONDS));
        }
        let (date, time) = match text.split_once(['T', 't']) {
            Some((date, time)) => (date, time),
            None => (text, ""),
        };
        let midnight = i128::from(days(date)?) * 86_400 * NANOSECONDS;
        Some(Self(midnight + time_of_day(time)?))
    }
}

/// The days since 1970 of `2026`, `2026-07` or `2026-07-01`.
fn days(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let year = number(parts.next()?, 4)?;
    let month = parts.next().map_or(Some(1), |month| number(month, 2))?;
    let day = parts.next().map_or(Some(1), |day| number(day, 2))?;
    if parts.next().is_some() {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
    Some((date - Date::from_ordinal_date(1970, 1).ok()?).whole_days())
}

/// The nanoseconds since midnight UTC of `13:20`, `13:20:15.5Z` or `13:20:15+02:00`.
fn time_of_day(text: &str) -> Option<i128> {
    let (clock, offset) = match text.find(['Z', 'z', '+', '-']) {
        None => (text, 0),
        Some(at) if text[at..].eq_ignore_ascii_case("z") => (&text[..at], 0),
        Some(at) => {
            let minutes = offset_minutes(&text[at + 1..])?;
            (&text[..at], if text.as_bytes()[at] == b'-' { -minutes } else { minutes })
        }
    };
    if clock.is_empty() {
        return Some(-i128::from(offset) * 60 * NANOSECONDS);
    }
    let (clock, fraction) = match clock.split_once('.') {
        None => (clock, 0),
        Some((clock, fraction)) => (clock, nanoseconds(fraction)?),
    };
    let mut parts = clock.split(':');
    let mut part = |limit| match parts.next() {
        None => Some(0),
        Some(text) => number(text, 2).filter(|value| *value <= limit),
    };
    let seconds = part(24)? * 3600 + part(59)? * 60 + part(60)? - offset * 60;
    parts.next().is_none().then_some(i128::from(seconds) * NANOSECONDS + i128::from(fraction))
}

/// The minutes of `02:00`, `0200` or `02`.
fn offset_minutes(text: &str) -> Option<i64> {
    if !text.is_ascii() || text.len() < 2 {
        return None;
    }
    let (hours, minutes) = text.split_at(2);
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let minutes = if minutes.is_empty() { 0 } else { number(minutes, 2)? };
    Some(number(hours, 2)? * 60 + minutes)
}

fn nanoseconds(fraction: &str) -> Option<i64> {
    let digits = i32::try_from(fraction.len()).ok()?;
    Some(number(fraction, 9)? * 10_i64.pow(u32::try_from(9 - digits).ok()?))
}

/// A number of one to so many digits.
fn number(text: &str, most_digits: usize) -> Option<i64> {
    let fits = (1..=most_digits).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if fits { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_seconds() {
        let second = |seconds: i128| Some(Moment(seconds * NANOSECONDS));
        for (text, moment) in [
            ("1970-01-01T00:00:00Z", second(0)),
            ("1970", second(0)),
            ("1971", second(31_536_000)),
            ("1970-02", second(31 * 86_400)),
            ("1970-01-02", second(86_400)),
            ("1970-01-02T01:00Z", second(90_000)),
            ("1970-01-01T02:00:00+02:00", second(0)),
            ("1970-01-01T00:00:00-0130", second(5_400)),
            ("1970-01-01T00:00:00.5Z", Some(Moment(NANOSECONDS / 2))),
            ("2026-11-22T16:00:00Z", second(1_795_363_200)),
            ("1795363200", second(1_795_363_200)),
            ("-292275054", second(-292_275_054)),
            ("0", second(0)),
            ("", None),
            ("-", None),
            ("sdfdsf", None),
            ("234-13", None),
            ("2016-02-30", None),
            ("2016-12-13T25:00:00Z", None),
            ("2016-12-13T00:00:00+1", None),
            ("2016-12-13T00:00:00.1999999999Z", None),
            ("9223372036854775808", None),
        ] {
            assert_eq!(Moment::parse(text), moment, "{text}");
        }
    }
}
