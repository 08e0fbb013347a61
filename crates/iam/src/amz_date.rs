//! The moment a request says it was signed: `X-Amz-Date` and the date of the credential scope.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

/// A moment to the second with its ISO-8601 basic form, `20130524T000000Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AmzDate {
    unix_seconds: i64,
    text: [u8; 16],
}

impl AmzDate {
    /// The moment of a Unix time. Times outside the years 0 to 9999 are clamped to the Unix epoch.
    pub fn from_unix_seconds(unix_seconds: i64) -> Self {
        let moment = OffsetDateTime::from_unix_timestamp(unix_seconds)
            .ok()
            .filter(|moment| (0..=9999).contains(&moment.year()))
            .unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let year = u32::try_from(moment.year()).expect("the year was checked to be 0 to 9999");
        let mut text = *b"00000000T000000Z";
        write_digits(&mut text[0..4], year);
        write_digits(&mut text[4..6], u32::from(u8::from(moment.month())));
        write_digits(&mut text[6..8], u32::from(moment.day()));
        write_digits(&mut text[9..11], u32::from(moment.hour()));
        write_digits(&mut text[11..13], u32::from(moment.minute()));
        write_digits(&mut text[13..15], u32::from(moment.second()));
        Self { unix_seconds: moment.unix_timestamp(), text }
    }

    /// Reads the ISO-8601 basic form, the only one AWS takes in `X-Amz-Date`.
    pub fn parse_basic(text: &str) -> Option<Self> {
        let bytes: [u8; 16] = text.as_bytes().try_into().ok()?;
        if bytes[8] != b'T' || bytes[15] != b'Z' {
            return None;
        }
        let month = time::Month::try_from(u8::try_from(digits(&bytes[4..6])?).ok()?).ok()?;
        let year = i32::try_from(digits(&bytes[0..4])?).ok()?;
        let date = time::Date::from_calendar_date(year, month, small(&bytes[6..8])?).ok()?;
        let time =
            time::Time::from_hms(small(&bytes[9..11])?, small(&bytes[11..13])?, small(&bytes[13..15])?)
                .ok()?;
        let unix_seconds = date.with_time(time).assume_utc().unix_timestamp();
        Some(Self { unix_seconds, text: bytes })
    }

    /// Reads the value of a `Date` header: an HTTP date, or the ISO-8601 basic form, which some signers put there.
    pub fn parse_http(text: &str) -> Option<Self> {
        Self::parse_basic(text).or_else(|| {
            let moment = OffsetDateTime::parse(text, &Rfc2822).ok()?;
            Some(Self::from_unix_seconds(moment.unix_timestamp()))
        })
    }

    /// Seconds since the Unix epoch.
    pub fn unix_seconds(&self) -> i64 {
        self.unix_seconds
    }

    /// `20130524T000000Z`.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.text).expect("only ASCII digits, T and Z are stored")
    }

    /// `20130524`, the date of a credential scope.
    pub fn date(&self) -> &str {
        &self.as_str()[..8]
    }

    /// `2013-05-24T00:00:00Z`, the form of S3's error details.
    pub fn extended(&self) -> String {
        let text = self.as_str();
        format!(
            "{}-{}-{}T{}:{}:{}Z",
            &text[0..4],
            &text[4..6],
            &text[6..8],
            &text[9..11],
            &text[11..13],
            &text[13..15]
        )
    }
}

fn write_digits(slot: &mut [u8], mut value: u32) {
    for digit in slot.iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).expect("a remainder of ten fits a byte");
        value /= 10;
    }
}

fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + u32::from(byte - b'0')))
}

fn small(text: &[u8]) -> Option<u8> {
    digits(text).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_form_round_trips() {
        for seconds in [0, 1_369_353_600, 951_782_400, 4_102_444_799] {
            let date = AmzDate::from_unix_seconds(seconds);
            assert_eq!(AmzDate::parse_basic(date.as_str()), Some(date));
            assert_eq!(date.unix_seconds(), seconds);
        }
        assert_eq!(AmzDate::from_unix_seconds(1_369_353_600).extended(), "2013-05-24T00:00:00Z");
    }

    #[test]
    fn other_forms() {
        let date = AmzDate::parse_http("Fri, 24 May 2013 00:00:00 GMT").map(|date| date.as_str().to_owned());
        assert_eq!(date.as_deref(), Some("20130524T000000Z"));
        for wrong in
            ["", "20130524", "20130524T000000", "20131324T000000Z", "20130524T250000Z", "2013052éT00000Z"]
        {
            assert_eq!(AmzDate::parse_basic(wrong), None, "{wrong}");
        }
    }
}
