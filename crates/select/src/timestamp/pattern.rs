//! Format patterns of `TO_STRING`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-date.html>

use std::fmt::Write as _;

use super::{Timestamp, offset};
use crate::{Code, Error};

/// Writes a time by a pattern: `MMMM d, y h:m a`.
pub(crate) fn format(timestamp: Timestamp, pattern: &str) -> Result<String, Error> {
    let mut out = String::new();
    let mut rest = pattern;
    let (mut hour_of_12, mut hour_of_24, mut half) = (false, false, false);
    while let Some(first) = rest.chars().next() {
        if first == '\'' {
            rest = quoted(&rest[1..], &mut out)?;
        } else if first.is_ascii_alphabetic() {
            let length = rest.chars().take_while(|next| *next == first).count();
            hour_of_12 |= first == 'h';
            hour_of_24 |= first == 'H';
            half |= first == 'a';
            symbol(&mut out, timestamp, first, length)?;
            rest = &rest[length..];
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    if hour_of_12 && !half || hour_of_24 && half {
        return Err(Code::EvaluatorTimestampFormatPatternHourClockAmPmMismatch.into());
    }
    Ok(out)
}

/// Copies text up to the closing quote; two quotes are one. What comes after it.
fn quoted<'a>(rest: &'a str, out: &mut String) -> Result<&'a str, Error> {
    let end = rest.find('\'').ok_or(Code::EvaluatorUnterminatedTimestampFormatPatternToken)?;
    out.push_str(if end == 0 { "'" } else { &rest[..end] });
    Ok(&rest[end + 1..])
}

fn symbol(out: &mut String, timestamp: Timestamp, symbol: char, length: usize) -> Result<(), Error> {
    let instant = timestamp.instant;
    let padded = |out: &mut String, number: u32| write!(out, "{number:0length$}");
    let month = u32::from(u8::from(instant.month()));
    let name = instant.month().to_string();
    let hour = u32::from(instant.hour());
    let result = match (symbol, length) {
        ('y', 1) => write!(out, "{}", instant.year()),
        ('y', 2) => write!(out, "{:02}", instant.year().rem_euclid(100)),
        ('y', 4) => write!(out, "{:04}", instant.year()),
        ('M', 1 | 2) => padded(out, month),
        ('M', 3) => out.write_str(&name[..3]),
        ('M', 4) => out.write_str(&name),
        ('M', 5) => out.write_str(&name[..1]),
        ('d', 1 | 2) => padded(out, instant.day().into()),
        ('a', 1) => out.write_str(if hour < 12 { "AM" } else { "PM" }),
        ('h', 1 | 2) => padded(out, (hour + 11) % 12 + 1),
        ('H', 1 | 2) => padded(out, hour),
        ('m', 1 | 2) => padded(out, instant.minute().into()),
        ('s', 1 | 2) => padded(out, instant.second().into()),
        ('S', 1..=9) => out.write_str(&format!("{:09}", instant.nanosecond())[..length]),
        ('n', 1) => write!(out, "{}", instant.nanosecond()),
        ('X', 1..=5) => out.write_str(&zone(timestamp, length, true)),
        ('x', 1..=5) => out.write_str(&zone(timestamp, length, false)),
        _ => return Err(Code::EvaluatorInvalidTimestampFormatPatternSymbol.into()),
    };
    result.map_err(|_| Code::InternalError.into())
}

/// The offset: hours, hours and minutes, or both with a colon. The large letter writes `Z` for UTC.
fn zone(timestamp: Timestamp, length: usize, z_for_utc: bool) -> String {
    let zone = timestamp.instant.offset();
    let between = if matches!(length, 3 | 5) { ":" } else { "" };
    let text = match offset(zone, between) {
        text if text == "Z" && z_for_utc => return text,
        text if text == "Z" => format!("+00{between}00"),
        text => text,
    };
    if length == 1 { text[..3].to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(timestamp: &str, pattern: &str) -> Result<String, Code> {
        let timestamp = Timestamp::parse(timestamp).expect("the test writes times");
        format(timestamp, pattern).map_err(|error| error.code)
    }

    /// The examples of the documentation.
    #[test]
    fn patterns() {
        let cases = [
            ("1969-07-20T20:18Z", "MMMM d, y", "July 20, 1969"),
            ("1969-07-20T20:18Z", "MMM d, yyyy", "Jul 20, 1969"),
            ("1969-07-20T20:18Z", "M-d-yy", "7-20-69"),
            ("1969-07-20T20:18Z", "MM-d-y", "07-20-1969"),
            ("1969-07-20T20:18Z", "MMMM d, y h:m a", "July 20, 1969 8:18 PM"),
            ("1969-07-20T20:18Z", "y-MM-dd'T'H:m:ssX", "1969-07-20T20:18:00Z"),
            ("1969-07-20T20:18+08:00", "y-MM-dd'T'H:m:ssXXXX", "1969-07-20T20:18:00+0800"),
            ("1969-07-20T20:18:03.5-08:30", concat!("ss.SSS XX", "X x"), "03.500 -08:30 -08"),
        ];
        for (timestamp, pattern, expected) in cases {
            assert_eq!(check(timestamp, pattern).as_deref(), Ok(expected), "{pattern}");
        }
    }

    #[test]
    fn wrong_patterns() {
        let time = "1969-07-20T20:18Z";
        assert_eq!(check(time, "yQ"), Err(Code::EvaluatorInvalidTimestampFormatPatternSymbol));
        assert_eq!(check(time, "y'T"), Err(Code::EvaluatorUnterminatedTimestampFormatPatternToken));
        assert_eq!(check(time, "h:m"), Err(Code::EvaluatorTimestampFormatPatternHourClockAmPmMismatch));
    }
}
