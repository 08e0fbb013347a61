//! Reading timestamps. AWS accepts any of its formats nearly everywhere, so [`parse`] does too.

use virga_model::Timestamp;

use super::calendar::{Civil, month_by_name};

/// Any of the formats.
pub fn parse(text: &str) -> Option<Timestamp> {
    parse_iso8601(text).or_else(|| parse_unix(text)).or_else(|| parse_rfc822(text))
}

/// Seconds since the epoch, with or without fraction or exponent.
pub fn parse_unix(text: &str) -> Option<Timestamp> {
    let plain = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = plain.split_once('.').unwrap_or((plain, "0"));
    if let (Some(seconds), Some(micros)) = (number(whole, 12), micros_of(fraction)) {
        let magnitude = seconds * 1_000_000 + micros;
        let micros = if plain.len() < text.len() { -magnitude } else { magnitude };
        return (super::RANGE.0..=super::RANGE.1).contains(&micros).then(|| Timestamp::from_micros(micros));
    }
    plain.starts_with(|first: char| first.is_ascii_digit()).then_some(())?;
    super::from_seconds(text.parse().ok()?)
}

/// `2026-01-31T23:59:59Z` with an optional fraction and any offset; also without dashes and colons, and a date alone.
pub fn parse_iso8601(text: &str) -> Option<Timestamp> {
    let mut rest = Scanner(text);
    let year = rest.digits(4)?;
    rest.skip('-');
    let month = rest.digits(2)?;
    rest.skip('-');
    let day = rest.digits(2)?;
    let date = Civil { year, month, day, hour: 0, minute: 0, second: 0, micros: 0 };
    if rest.0.is_empty() {
        return date.time(0);
    }
    if !(rest.skip('T') || rest.skip('t') || rest.skip(' ')) {
        return None;
    }
    let hour = rest.digits(2)?;
    rest.skip(':');
    let minute = rest.digits(2)?;
    rest.skip(':');
    let second = rest.digits(2)?;
    let micros = rest.fraction()?;
    let offset = rest.offset()?;
    Civil { hour, minute, second, micros, ..date }.time(offset)
}

/// `Sat, 31 Jan 2026 23:59:59 GMT`, with an optional fraction; the weekday is not checked.
pub fn parse_rfc822(text: &str) -> Option<Timestamp> {
    let mut words = text.split_once(',').map_or(text, |(_, rest)| rest).split_ascii_whitespace();
    let day = number(words.next()?, 2)?;
    let month = month_by_name(words.next()?)?;
    let year = words.next().filter(|year| year.len() == 4).and_then(|year| number(year, 4))?;
    let (clock, zone) = (words.next()?, words.next()?);
    let mut rest = Scanner(clock);
    let hour = rest.digits(2)?;
    rest.skip(':').then_some(())?;
    let minute = rest.digits(2)?;
    rest.skip(':').then_some(())?;
    let second = rest.digits(2)?;
    let micros = rest.fraction()?;
    let offset = if matches!(zone, "GMT" | "UTC" | "Z") { 0 } else { Scanner(zone).offset()? };
    (rest.0.is_empty() && words.next().is_none()).then_some(())?;
    Civil { year, month, day, hour, minute, second, micros }.time(offset)
}

struct Scanner<'a>(&'a str);

impl Scanner<'_> {
    fn digits(&mut self, count: usize) -> Option<i64> {
        let digits = self.0.get(..count)?;
        self.0 = &self.0[count..];
        number(digits, count)
    }

    fn skip(&mut self, wanted: char) -> bool {
        match self.0.strip_prefix(wanted) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Microseconds of an optional fraction.
    fn fraction(&mut self) -> Option<i64> {
        if !self.skip('.') {
            return Some(0);
        }
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at(end);
        self.0 = rest;
        micros_of(digits)
    }

    /// Seconds east of UTC; the rest of the text must be the offset.
    fn offset(&mut self) -> Option<i64> {
        if self.0.is_empty() || self.0 == "Z" || self.0 == "z" {
            return Some(0);
        }
        let sign = if self.skip('+') { 1 } else { self.skip('-').then_some(-1)? };
        let hours = self.digits(2)?;
        self.skip(':');
        let minutes = if self.0.is_empty() { 0 } else { self.digits(2)? };
        (self.0.is_empty() && hours < 24 && minutes < 60).then_some(sign * (hours * 3_600 + minutes * 60))
    }
}

/// Digits only, at least one and at most `longest`.
fn number(digits: &str, longest: usize) -> Option<i64> {
    let proper =
        !digits.is_empty() && digits.len() <= longest && digits.bytes().all(|byte| byte.is_ascii_digit());
    if proper { digits.parse().ok() } else { None }
}

/// Microseconds of the digits behind the point; what is finer is cut off.
fn micros_of(digits: &str) -> Option<i64> {
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = &digits[..digits.len().min(6)];
    let scale = 10_i64.pow(6 - u32::try_from(kept.len()).ok()?);
    number(kept, 6).map(|value| value * scale)
}
