//! What all listings take: how keys are written, how many entries a page has.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use virga_model::Text;

use crate::Error;

/// Entries of a page.
const LONGEST: i32 = 1000;
/// What is written as it is.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// How a listing writes keys.
#[derive(Clone, Copy)]
pub struct Encoding {
    is_url: bool,
}

impl Encoding {
    /// Reads `encoding-type`.
    pub fn of(text: Option<&str>) -> Result<Self, Error> {
        match text {
            None => Ok(Encoding { is_url: false }),
            Some("url") => Ok(Encoding { is_url: true }),
            Some(other) => {
                Err(Error::argument("Invalid Encoding Method specified in Request", "encoding-type", other))
            }
        }
    }

    /// A key, or a part of one.
    pub fn write(self, text: &str) -> Text {
        if !self.is_url {
            return Text::from(text);
        }
        let mut encoded = String::with_capacity(text.len() + 8);
        for piece in utf8_percent_encode(text, ENCODED) {
            encoded.push_str(piece);
        }
        Text::from(if encoded.contains(' ') { encoded.replace(' ', "+") } else { encoded })
    }
}

/// Entries that a page may have.
pub fn limit(asked: Option<i32>, argument: &str) -> Result<usize, Error> {
    let asked = asked.unwrap_or(LONGEST);
    usize::try_from(asked.min(LONGEST)).map_err(|_| {
        let reason = format!("Argument {argument} must be an integer between 0 and 2147483647");
        Error::argument(reason, argument, asked.to_string())
    })
}

/// The limit as an answer repeats it.
pub fn shown(limit: usize) -> i32 {
    i32::try_from(limit).unwrap_or(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_urls() {
        let url = Encoding::of(Some("url")).ok().unwrap();
        assert_eq!(&*url.write("a b/ü+~-_.*"), "a+b/%C3%BC%2B%7E-_.*");
        assert_eq!(&*Encoding::of(None).ok().unwrap().write("a b"), "a b");
        assert!(Encoding::of(Some("gzip")).is_err());
        assert!(limit(Some(-1), "maxKeys").is_err());
        assert_eq!(limit(Some(5000), "maxKeys").ok(), Some(1000));
    }
}
