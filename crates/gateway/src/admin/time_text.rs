//! Times and durations as people write them: ISO 8601, Unix seconds, `1h30m`.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use virga_model::Timestamp;

/// A time in ISO 8601, in UTC, with as many digits of the second as it needs.
pub(super) fn format_time(time: Timestamp) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.micros()) * 1000)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        // Years that the format does not have.
        .unwrap_or_else(|| format!("{}s", time.secs()))
}

/// A time in ISO 8601 with its offset (a date alone is its midnight in UTC), or in Unix seconds.
pub(super) fn parse_time(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<f64>() {
        return time_of_seconds(seconds);
    }
    let midnight = format!("{text}T00:00:00Z");
    let text = if text.contains(['T', 't', ' ']) { text } else { &midnight };
    let nanos = OffsetDateTime::parse(text, &Rfc3339).ok()?.unix_timestamp_nanos();
    i64::try_from(nanos.div_euclid(1000)).ok().map(Timestamp::from_micros)
}

/// Unix seconds as a time.
pub(super) fn time_of_seconds(seconds: f64) -> Option<Timestamp> {
    /// 9999-12-31T23:59:59Z: what the formats of AWS reach.
    const LAST_SECOND: f64 = 253_402_300_799.0;
    (0.0..=LAST_SECOND).contains(&seconds).then(|| Timestamp::from_micros((seconds * 1e6).round() as i64))
}

/// A duration as seconds (`90`), in units (`1h30m`, `30d`, `500ms`), or in ISO 8601 (`PT1H30M`, `P30D`). Months and
/// years have no fixed length and are refused.
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let lower = text.to_ascii_lowercase();
    let Some(iso) = lower.strip_prefix('p') else {
        return if lower.is_empty() { None } else { sum(&lower, unit) };
    };
    let (date, time) = iso.split_once('t').unwrap_or((iso, ""));
    if date.is_empty() && time.is_empty() {
        return None;
    }
    // In the date part `m` would be months.
    let date = sum_or_zero(date, |name| matches!(name, "w" | "d").then(|| unit(name)).flatten())?;
    let time = sum_or_zero(time, |name| matches!(name, "h" | "m" | "s").then(|| unit(name)).flatten())?;
    date.checked_add(time)
}

fn sum_or_zero(text: &str, unit: impl Fn(&str) -> Option<f64>) -> Option<Duration> {
    if text.is_empty() { Some(Duration::ZERO) } else { sum(text, unit) }
}

/// Adds up numbers that are each followed by a unit.
fn sum(mut text: &str, unit: impl Fn(&str) -> Option<f64>) -> Option<Duration> {
    let mut seconds = 0.0;
    while !text.is_empty() {
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, rest) = text.split_at(digits);
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(letters);
        seconds += number.parse::<f64>().ok()? * unit(name)?;
        text = rest;
    }
    Duration::try_from_secs_f64(seconds).ok()
}

/// Seconds of a unit.
fn unit(name: &str) -> Option<f64> {
    Some(match name {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        let check = |text: &str, millis: u64| {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        };
        check("90", 90_000);
        check("1.5", 1500);
        check("30d", 30 * 86_400_000);
        check("1h30m", 5_400_000);
        check("500ms", 500);
        check("2w", 14 * 86_400_000);
        check("PT1H", 3_600_000);
        check("P1DT2H3M4.5S", 93_784_500);
        check("P30D", 30 * 86_400_000);
        for text in ["", "P", "PT", "P1M", "1y", "h", "1h30", "-5", "1.2.3s", "NaN", "inf"] {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }

    #[test]
    fn times() {
        let check = |text: &str, micros: i64| {
            assert_eq!(parse_time(text), Some(Timestamp::from_micros(micros)), "{text}");
        };
        check("1700000000", 1_700_000_000_000_000);
        check("1.5", 1_500_000);
        check("2023-11-14T22:13:20Z", 1_700_000_000_000_000);
        check("2023-11-14T23:13:20.25+01:00", 1_700_000_000_250_000);
        check("1970-01-02", 86_400_000_000);
        for text in ["", "-1", "tomorrow", "2023-11-14T22:13:20", "1e30", "NaN"] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn a_time_is_written_as_it_is_read() {
        for text in ["2023-11-14T22:13:20Z", "2030-01-01T00:00:00.123456Z"] {
            assert_eq!(format_time(parse_time(text).unwrap()), text);
        }
    }
}
