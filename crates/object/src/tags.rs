//! Tags of objects: how many, of which letters, and how a header writes them.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>

use percent_encoding::percent_decode_str;

use crate::Error;

/// Tags of an object.
const MOST: usize = 10;
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// Reads `x-amz-tagging`: `key1=value1&key2=value2`.
pub fn of_header(header: &str) -> Result<Vec<(String, String)>, Error> {
    let malformed = || {
        let reason = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.";
        Error::argument(reason, "x-amz-tagging", header)
    };
    let decoded = |text: &str| {
        let spaced = text.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| malformed())
    };
    let mut tags: Vec<(String, String)> = Vec::new();
    for pair in header.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if value.contains('=') {
            return Err(malformed());
        }
        let (key, value) = (decoded(key)?, decoded(value)?);
        if tags.iter().any(|(known, _)| *known == key) {
            return Err(malformed());
        }
        tags.push((key, value));
    }
    check(&tags)?;
    Ok(tags)
}

/// Checks the tags of an object.
pub fn check(tags: &[(String, String)]) -> Result<(), Error> {
    if tags.len() > MOST {
        return Err(Error::TooManyTags);
    }
    for (index, (key, value)) in tags.iter().enumerate() {
        let invalid = |reason: &str| Error::InvalidTag { reason: reason.to_owned(), key: key.clone() };
        if key.is_empty() || key.chars().count() > LONGEST_KEY || !key.chars().all(is_letter) {
            return Err(invalid("The TagKey you have provided is invalid"));
        }
        if key.starts_with("aws:") {
            return Err(invalid("Your TagKey cannot be prefixed with aws:"));
        }
        if value.chars().count() > LONGEST_VALUE || !value.chars().all(is_letter) {
            return Err(Error::InvalidTagValue { key: key.clone(), value: value.clone() });
        }
        if tags[..index].iter().any(|(known, _)| known == key) {
            return Err(invalid("Cannot provide multiple Tags with the same key"));
        }
    }
    Ok(())
}

fn is_letter(letter: char) -> bool {
    letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_lists_tags_once() {
        let check = |header: &str| of_header(header).ok();
        let tags = |tags: &[(&str, &str)]| {
            Some(tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect::<Vec<_>>())
        };
        assert_eq!(check("a=1&b=2%2F"), tags(&[("a", "1"), ("b", "2/")]));
        assert_eq!(check("a"), tags(&[("a", "")]));
        assert_eq!(check(""), tags(&[]));
        let many: String = (0..11).map(|n| format!("k{n}=v&")).collect();
        for wrong in ["a=1&a=2", "a=1,b=2", "a,b=1", "aws:a=1", "=1", &many] {
            assert!(of_header(wrong).is_err(), "{wrong}");
        }
    }
}
