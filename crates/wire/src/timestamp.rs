//! Timestamps as text: ISO 8601, seconds since the epoch, RFC 822. Years 1 to 9999.

mod calendar;
mod parse;

use virga_model::{Timestamp, TimestampFormat};

use calendar::Civil;
pub use parse::{parse, parse_iso8601, parse_rfc822, parse_unix};

/// The first and the last moment that can be written.
const RANGE: (i64, i64) = (-62_135_596_800_000_000, 253_402_300_799_999_999);

/// Seconds from the epoch up to which a floating-point number tells microseconds apart: the year 2106.
const MICROS_ARE_EXACT: f64 = 4_294_967_296.0;

/// From seconds since the epoch as a floating-point number; none outside the years 1 to 9999. Far from the epoch, where
/// the number can't tell microseconds apart, milliseconds count.
pub fn from_seconds(seconds: f64) -> Option<Timestamp> {
    // Far beyond the range, so that the conversions below are of numbers that fit; not a number is out as well.
    if seconds.is_nan() || seconds.abs() > 1e12 {
        return None;
    }
    let micros = if seconds.abs() < MICROS_ARE_EXACT {
        (seconds * 1e6).round() as i64
    } else {
        (seconds * 1e3).round() as i64 * 1_000
    };
    (RANGE.0..=RANGE.1).contains(&micros).then(|| Timestamp::from_micros(micros))
}

/// As the format says; [`TimestampFormat::Unspecified`] prints ISO 8601.
pub fn print(time: Timestamp, format: TimestampFormat) -> String {
    match format {
        TimestampFormat::Unix => unix(time),
        TimestampFormat::Rfc822 => rfc822(time),
        TimestampFormat::Iso8601 | TimestampFormat::Unspecified => iso8601(time),
    }
}

/// `2026-01-31T23:59:59Z`, with the fraction if there is one.
pub fn iso8601(time: Timestamp) -> String {
    let mut text = String::with_capacity(27);
    push_iso8601(&mut text, time);
    text
}

/// Appends what [`iso8601`] prints.
pub(crate) fn push_iso8601(out: &mut String, time: Timestamp) {
    let Civil { year, month, day, hour, minute, second, .. } = Civil::of(clamped(time));
    let mut text = *b"0000-00-00T00:00:00";
    let places =
        [(0, year / 100), (2, year % 100), (5, month), (8, day), (11, hour), (14, minute), (17, second)];
    set_digits(&mut text, &places);
    out.push_str(ascii(&text));
    push_fraction(out, time.subsec_micros());
    out.push('Z');
}

/// Sets pairs of digits at their places.
fn set_digits(text: &mut [u8], places: &[(usize, i64)]) {
    for (at, number) in places {
        let number = u8::try_from(number % 100).unwrap_or(0);
        text[*at] = b'0' + number / 10;
        text[at + 1] = b'0' + number % 10;
    }
}

fn ascii(text: &[u8]) -> &str {
    std::str::from_utf8(text).expect("digits and letters are ASCII")
}

/// Seconds since the epoch, with the fraction if there is one: as fine as [`from_seconds`] reads it.
pub fn unix(time: Timestamp) -> String {
    let micros = clamped(time).micros();
    let mut text = String::with_capacity(17);
    if micros < 0 {
        text.push('-');
    }
    let magnitude = micros.unsigned_abs();
    let is_exact = ((magnitude / 1_000_000) as f64) < MICROS_ARE_EXACT;
    let magnitude = if is_exact { magnitude } else { magnitude - magnitude % 1_000 };
    text.push_str(itoa::Buffer::new().format(magnitude / 1_000_000));
    push_fraction(&mut text, (magnitude % 1_000_000) as u32);
    text
}

/// `Sat, 31 Jan 2026 23:59:59 GMT`. The fraction is dropped, as AWS does.
pub fn rfc822(time: Timestamp) -> String {
    let civil = Civil::of(clamped(time));
    let Civil { year, day, hour, minute, second, .. } = civil;
    let mut text = *b"www, 00 mmm 0000 00:00:00 GMT";
    text[..3].copy_from_slice(civil.weekday_name().as_bytes());
    text[8..11].copy_from_slice(civil.month_name().as_bytes());
    let places = [(5, day), (12, year / 100), (14, year % 100), (17, hour), (20, minute), (23, second)];
    set_digits(&mut text, &places);
    ascii(&text).to_owned()
}

fn push_fraction(text: &mut String, micros: u32) {
    if micros != 0 {
        let digits = format!("{micros:06}");
        text.push('.');
        text.push_str(digits.trim_end_matches('0'));
    }
}

fn clamped(time: Timestamp) -> Timestamp {
    Timestamp::from_micros(time.micros().clamp(RANGE.0, RANGE.1))
}

#[cfg(test)]
mod tests {
    use super::{from_seconds, iso8601, parse, parse_iso8601, parse_rfc822, parse_unix, rfc822, unix};
    use proptest::prelude::*;
    use virga_model::Timestamp;

    #[test]
    fn formats() {
        let time = Timestamp::from_micros(1_398_796_238_120_000);
        assert_eq!(iso8601(time), "2014-04-29T18:30:38.12Z");
        assert_eq!(unix(time), "1398796238.12");
        assert_eq!(rfc822(time), "Tue, 29 Apr 2014 18:30:38 GMT");
        assert_eq!(unix(Timestamp::from_micros(-1_500_000)), "-1.5");
        assert_eq!(iso8601(Timestamp::from_micros(i64::MAX)), "9999-12-31T23:59:59.775807Z");
        assert_eq!(iso8601(Timestamp::from_micros(-1)), "1969-12-31T23:59:59.999999Z");
    }

    #[test]
    fn forms_that_are_read() {
        let expect = |text: &str, micros: i64| {
            assert_eq!(parse(text), Some(Timestamp::from_micros(micros)), "{text}");
        };
        expect("2014-04-29T18:30:38Z", 1_398_796_238_000_000);
        expect("2014-04-29T18:30:38.123+00:00", 1_398_796_238_123_000);
        expect("2014-04-29T19:30:38+01:00", 1_398_796_238_000_000);
        expect("2014-04-29T18:30:38+0000", 1_398_796_238_000_000);
        expect("20140429T183038Z", 1_398_796_238_000_000);
        expect("2014-04-29", 1_398_729_600_000_000);
        expect("Tue, 29 Apr 2014 18:30:38 GMT", 1_398_796_238_000_000);
        expect("Tue, 29 Apr 2014 18:30:38.5 GMT", 1_398_796_238_500_000);
        expect("1398796238.25", 1_398_796_238_250_000);
        expect("1.398796238E9", 1_398_796_238_000_000);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            "x",
            "2014-13-01T00:00:00Z",
            "2014-02-30T00:00:00Z",
            "2014-04-29T24:00:01Z",
            "0000-01-01T00:00:00Z",
            "Tue, 32 Apr 2014 18:30:38 GMT",
            "1e300",
            "NaN",
            "2014-04-29T18:30:38Zé",
            "2014-04-29T18:30:38.",
            "９",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn printed_times_read_back(micros in super::RANGE.0..=super::RANGE.1) {
            let time = Timestamp::from_micros(micros);
            prop_assert_eq!(parse_iso8601(&iso8601(time)), Some(time));
            let read = parse_unix(&unix(time)).expect("what was printed");
            prop_assert!((read.micros() - time.micros()).abs() < 1_000);
            prop_assert_eq!(from_seconds(unix(time).parse().expect("a number")), Some(read));
            let second = Timestamp::from_secs(time.secs());
            prop_assert_eq!(parse_rfc822(&rfc822(time)), Some(second));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = parse(&text);
        }
    }
}
