//! Entity tags: how they are written, and whether one is meant.

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

/// An entity tag: an MD5, or a random number where encryption forbids that; with the number of parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct Etag {
    /// The digest.
    pub digest: [u8; 16],
    /// How many parts the object was uploaded in; 0 when it came in one piece.
    pub parts: u16,
}

/// As answers carry it, in quotes.
pub fn quoted(etag: Etag) -> String {
    let mut text = String::with_capacity(40);
    text.push('"');
    write(etag, &mut text);
    text.push('"');
    text
}

/// Without quotes.
pub fn plain(etag: Etag) -> String {
    let mut text = String::with_capacity(38);
    write(etag, &mut text);
    text
}

/// A listing writes a thousand of them.
fn write(etag: Etag, text: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(etag.digest) {
        pair[0] = DIGITS[usize::from(byte >> 4)];
        pair[1] = DIGITS[usize::from(byte & 15)];
    }
    text.push_str(std::str::from_utf8(&digits).expect("hexadecimal digits are ASCII"));
    if etag.parts != 0 {
        text.push('-');
        text.push_str(&etag.parts.to_string());
    }
}

/// The tag of an object in parts, from the digests of these in their order.
pub fn of_parts(digests: impl IntoIterator<Item = [u8; 16]>) -> Etag {
    let (mut all, mut parts) = (Md5::new(), 0_u16);
    for digest in digests {
        all.update(digest);
        parts = parts.saturating_add(1);
    }
    Etag { digest: all.finalize().into(), parts }
}

/// A tag that says nothing of the object.
pub fn random(number: [u64; 2]) -> Etag {
    let mut digest = [0; 16];
    digest[..8].copy_from_slice(&number[0].to_be_bytes());
    digest[8..].copy_from_slice(&number[1].to_be_bytes());
    Etag { digest, parts: 0 }
}

/// The digest in the tag of a part, as a caller writes it.
pub fn digest(text: &str) -> Option<[u8; 16]> {
    hex::decode(unquoted(text)).ok()?.try_into().ok()
}

/// Whether a header with one or several entity tags, or `*`, means this one.
pub fn matches(header: &str, etag: Etag) -> bool {
    let own = plain(etag);
    header.split(',').map(unquoted).any(|wanted| wanted == "*" || wanted == own)
}

/// An entity tag as a caller writes it, without quotes.
pub fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_means_the_tags_it_lists() {
        let etag = Etag { digest: [0xab; 16], parts: 3 };
        let own = plain(etag);
        assert!(own.ends_with("ab-3"));
        for header in [own.clone(), quoted(etag), format!("\"x\", {}", quoted(etag)), "*".to_owned()] {
            assert!(matches(&header, etag), "{header}");
        }
        assert!(!matches("\"x\"", etag) && !matches("", etag) && !matches(&own[..32], etag));
    }
}
