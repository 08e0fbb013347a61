//! Which bytes of an object a request wants: `Range`, part numbers, the range of a copied part.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>

use std::ops::Range;

use crate::Error;
use serde::{Deserialize, Serialize};

/// A part of a multipart object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartSize {
    /// Its number: parts need not be numbered without gaps.
    pub number: u16,
    /// Bytes.
    pub size: u64,
    /// Its checksum in base64, where the object has a composite one.
    pub checksum: Option<String>,
}

/// The bytes that a `Range` header means. None for all of them: what is no range of bytes, or several, is not looked at.
pub fn of_header(header: &str, size: u64) -> Result<Option<Range<u64>>, Error> {
    let Some(spec) = header.trim().strip_prefix("bytes=").filter(|spec| !spec.contains(',')) else {
        return Ok(None);
    };
    let Some((first, last)) = spec.trim().split_once('-') else { return Ok(None) };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().unwrap_or(u64::MAX))
    };
    let range = match (first.is_empty(), number(first), number(last), last.is_empty()) {
        (true, _, Some(suffix), _) => size.saturating_sub(suffix)..size,
        (false, Some(first), _, true) => first..size,
        (false, Some(first), Some(last), _) if first <= last => first..last.saturating_add(1).min(size),
        _ => return Ok(None),
    };
    if range.is_empty() {
        return Err(Error::InvalidRange { range: header.to_owned(), size: size.to_string() });
    }
    Ok(Some(range))
}

/// The bytes of a part of an object; an object that came in one piece is its first part.
pub fn of_part(number: i32, parts: &[PartSize], size: u64) -> Result<Range<u64>, Error> {
    if !(1..=10_000).contains(&number) {
        return Err(part_number(number));
    }
    if parts.is_empty() && number == 1 {
        return Ok(0..size);
    }
    let index = usize::try_from(number - 1).unwrap_or(usize::MAX);
    let Some(part) = parts.get(index) else {
        let count = parts.len().max(1).to_string();
        return Err(Error::InvalidPartNumber { part: number.to_string(), parts: count });
    };
    let start = parts[..index].iter().map(|part| part.size).sum();
    Ok(start..start + part.size)
}

/// A part number that no part can have.
pub fn part_number(number: i32) -> Error {
    Error::argument(
        "Part number must be an integer between 1 and 10000, inclusive",
        "partNumber",
        number.to_string(),
    )
}

/// The bytes of a source that a part takes.
pub fn of_copy_source(header: &str, size: u64) -> Result<Range<u64>, Error> {
    let number = |text: &str| text.parse::<u64>().ok();
    let spec = header.strip_prefix("bytes=").and_then(|spec| spec.split_once('-'));
    let bounds = spec.and_then(|(first, last)| Some((number(first)?, number(last)?)));
    let Some((first, last)) = bounds.filter(|(first, last)| first <= last) else {
        let reason = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy";
        return Err(Error::argument(reason, "x-amz-copy-source-range", header));
    };
    if first >= size {
        return Err(Error::request("The specified copy range is invalid for the source object size"));
    }
    if last >= size {
        let reason = format!("Range specified is not valid for source object of size: {size}");
        return Err(Error::argument(reason, "x-amz-copy-source-range", header));
    }
    Ok(first..last + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_means_bytes_or_nothing() {
        let check = |header: &str, size: u64| of_header(header, size).ok();
        assert_eq!(check("bytes=0-8", 10), Some(Some(0..9)));
        assert_eq!(check("bytes=5-", 10), Some(Some(5..10)));
        assert_eq!(check("bytes=-3", 10), Some(Some(7..10)));
        assert_eq!(check("bytes=-30", 10), Some(Some(0..10)));
        assert_eq!(check("bytes=5-99", 10), Some(Some(5..10)));
        for ignored in ["0-8", "bytes=8-0", "bytes=a-b", "bytes=0-1,3-4", "bytes=-", "bytes=--1", "bytes=1"] {
            assert_eq!(check(ignored, 10), Some(None), "{ignored}");
        }
        for (unsatisfiable, size) in [("bytes=10-", 10), ("bytes=-0", 10), ("bytes=0-0", 0), ("bytes=-1", 0)]
        {
            assert_eq!(check(unsatisfiable, size), None, "{unsatisfiable}");
        }
    }

    #[test]
    fn a_part_has_its_place() {
        let part = |number, size| PartSize { number, size, checksum: None };
        let parts = [part(1, 5), part(7, 3)];
        assert_eq!(of_part(2, &parts, 8).ok(), Some(5..8));
        assert_eq!(of_part(1, &[], 8).ok(), Some(0..8));
        assert!(of_part(3, &parts, 8).is_err() && of_part(0, &[], 8).is_err() && of_part(2, &[], 8).is_err());
    }

    #[test]
    fn the_range_of_a_copied_part_is_exact() {
        assert_eq!(of_copy_source("bytes=0-8", 10).ok(), Some(0..9));
        for wrong in ["0-8", "bytes=-", "bytes=1-0", "bytes=-8", "bytes=0-10", "bytes=10-11"] {
            assert!(of_copy_source(wrong, 10).is_err(), "{wrong}");
        }
    }
}
