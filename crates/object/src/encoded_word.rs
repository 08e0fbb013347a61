//! Encoded words of RFC 2047: how user metadata carries what is not ASCII in headers. It is stored decoded.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html#UserMetadata>

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How an encoded word begins and ends.
const MARKS: (&str, &str) = ("=?", "?=");

/// A text as a header can carry it: what is not ASCII as one encoded word.
pub fn encode(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("=?UTF-8?B?{}?=", STANDARD.encode(text)))
}

/// Decodes the encoded words of a text. Those in character sets other than UTF-8, ASCII and ISO 8859-1 stay, as does what
/// is none.
pub fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(MARKS.0) {
        return Cow::Borrowed(text);
    }
    let (mut decoded, mut rest, mut follows_word) = (String::with_capacity(text.len()), text, false);
    while let Some(start) = rest.find(MARKS.0) {
        let (before, from) = rest.split_at(start);
        let Some((word, after)) = word(from) else {
            let end = start + MARKS.0.len();
            decoded.push_str(&rest[..end]);
            (rest, follows_word) = (&rest[end..], false);
            continue;
        };
        // Space between two words only keeps them apart.
        if !(follows_word && before.trim_matches([' ', '\t']).is_empty()) {
            decoded.push_str(before);
        }
        decoded.push_str(&word);
        (rest, follows_word) = (after, true);
    }
    decoded.push_str(rest);
    Cow::Owned(decoded)
}

/// The word that a text begins with, and what follows it.
fn word(text: &str) -> Option<(String, &str)> {
    let inner = text.strip_prefix(MARKS.0)?;
    let (charset, inner) = inner.split_once('?')?;
    let (encoding, inner) = inner.split_once('?')?;
    let (content, after) = inner.split_once(MARKS.1)?;
    if content.contains([' ', '?']) {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => STANDARD.decode(content).ok()?,
        "Q" | "q" => quoted_printable(content)?,
        _ => return None,
    };
    // A language may follow the character set.
    let charset = charset.split('*').next().unwrap_or(charset);
    let decoded = match &*charset.to_ascii_lowercase() {
        "utf-8" | "us-ascii" => String::from_utf8(bytes).ok()?,
        "iso-8859-1" => bytes.into_iter().map(char::from).collect(),
        _ => return None,
    };
    Some((decoded, after))
}

/// The Q encoding: `=C3` is a byte, `_` a space.
fn quoted_printable(content: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(content.len());
    let mut rest = content.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'=' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? << 4 | digit()?).ok()?
            }
            b'_' => b' ',
            byte => byte,
        });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_decoded_where_they_are_words() {
        let check = |text: &str, expected: &str| assert_eq!(decode(text), expected, "{text}");
        check("plain", "plain");
        check("=?UTF-8?B?SsO2cmc=?=", "Jörg");
        check("=?utf-8?q?J=C3=B6rg_Q=3D?=", "Jörg Q=");
        check("=?ISO-8859-1?Q?J=F6rg?=", "Jörg");
        check("=?UTF-8*de?Q?J=C3=B6rg?=", "Jörg");
        check("from =?UTF-8?Q?J=C3=B6rg?= to =?UTF-8?Q?all?=", "from Jörg to all");
        check("=?UTF-8?Q?a?= =?UTF-8?Q?b?=  =?UTF-8?Q?c?=", "abc");
        check("=?UTF-8?Q?a_?= b", "a  b");
        for none in [
            "=?",
            "=?UTF-8?B?",
            "=?UTF-8?B?!?=",
            "=?UTF-8?X?a?=",
            "=?KOI8-R?Q?a?=",
            "=?UTF-8?Q?a b?=",
            "=?UTF-8?Q?=FF?=",
        ] {
            check(none, none);
        }
    }

    #[test]
    fn what_is_ascii_is_not_encoded() {
        assert_eq!(encode("Joerg"), "Joerg");
        assert_eq!(encode("Jörg"), "=?UTF-8?B?SsO2cmc=?=");
        assert_eq!(decode(&encode("日本 語")), "日本 語");
    }
}
