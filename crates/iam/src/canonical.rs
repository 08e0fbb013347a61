//! The canonical request and the string to sign: the text both sides of a signature compute.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use http::header::{GetAll, HOST, HeaderValue};
use ring::digest::{SHA256, digest};

use crate::authorization::{Algorithm, Location};
use crate::request::{RequestView, query_pairs};
use crate::signature_pattern::CanonicalHeaders;

/// How a service turns the path into the canonical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PathRule {
    /// S3: the path as it is, percent-encoded once. Object keys may hold `..` and `//`.
    AsSent,
    /// Every other service: dot segments and double slashes removed, then encoded once more.
    NormalizedAndEncodedAgain,
}

impl PathRule {
    /// The rule of a signing name.
    pub fn of_service(signing_name: &str) -> Self {
        if is_s3(signing_name) { Self::AsSent } else { Self::NormalizedAndEncodedAgain }
    }
}

/// True for the signing names that follow S3's rules for paths, payloads and required headers.
pub(crate) fn is_s3(signing_name: &str) -> bool {
    matches!(signing_name, "s3" | "s3express" | "s3-outposts" | "s3-object-lambda")
}

/// What a canonical request is made of beside the request.
pub(crate) struct CanonicalParameters<'a> {
    pub(crate) path_rule: PathRule,
    pub(crate) location: Location,
    /// Header names in the order of the signature, separated by semicolons.
    pub(crate) signed_headers: &'a str,
    /// The lines about headers, where they are known already.
    pub(crate) known_headers: Option<&'a CanonicalHeaders>,
    /// The last line: a hash in hex or one of the literals of `x-amz-content-sha256`.
    pub(crate) payload: &'a str,
}

/// Writes the canonical request.
pub(crate) fn canonical_request(request: &RequestView<'_>, parameters: &CanonicalParameters<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(768 + request.path.len() + 2 * request.query.len());
    out.extend_from_slice(request.method.as_bytes());
    out.push(b'\n');
    match parameters.path_rule {
        PathRule::AsSent => push_path_as_sent(&mut out, request.path),
        PathRule::NormalizedAndEncodedAgain => push_normalized_path(&mut out, request.path),
    }
    out.push(b'\n');
    push_query(&mut out, request.query, parameters.location);
    out.push(b'\n');
    match parameters.known_headers {
        Some(lines) => lines.push(&mut out, request),
        None => {
            for name in parameters.signed_headers.split(';') {
                push_header(&mut out, request, name);
            }
            push_names(&mut out, parameters.signed_headers);
        }
    }
    out.extend_from_slice(parameters.payload.as_bytes());
    out
}

/// The string to sign of a canonical request.
pub(crate) fn string_to_sign(
    algorithm: Algorithm,
    timestamp: &str,
    scope: &str,
    canonical_request: &[u8],
) -> String {
    let hash = sha256_hex(canonical_request);
    let hash = hex_str(&hash);
    let name = algorithm.name();
    let mut out = String::with_capacity(name.len() + timestamp.len() + scope.len() + hash.len() + 3);
    for line in [name, "\n", timestamp, "\n", scope, "\n", hash] {
        out.push_str(line);
    }
    out
}

/// The SHA-256 of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    digest(&SHA256, bytes).as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

/// The SHA-256 of some bytes in lower-case hex.
pub(crate) fn sha256_hex(bytes: &[u8]) -> [u8; 64] {
    hash_hex(&sha256(bytes))
}

/// A hash in lower-case hex.
pub(crate) fn hash_hex(hash: &[u8; 32]) -> [u8; 64] {
    let mut out = [0; 64];
    hex::encode_to_slice(hash, &mut out).expect("64 digits hold 32 bytes");
    out
}

/// The text of hex digits.
pub(crate) fn hex_str(digits: &[u8; 64]) -> &str {
    std::str::from_utf8(digits).expect("hex digits are ASCII")
}

fn push_path_as_sent(out: &mut Vec<u8>, path: &str) {
    if path.is_empty() {
        out.push(b'/');
    }
    let mut rest = path.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match decode_escape(*byte, tail) {
            // An encoded slash belongs to the key and stays encoded; a bare one separates.
            Some(b'/') => out.extend_from_slice(b"%2F"),
            Some(decoded) => push_encoded(out, decoded),
            None if *byte == b'/' => out.push(b'/'),
            None => push_encoded(out, *byte),
        }
        if *byte == b'%' && is_escape(tail) {
            rest = &tail[2..];
        }
    }
}

fn push_normalized_path(out: &mut Vec<u8>, path: &str) {
    if path.len() <= 1 {
        out.push(b'/');
        return;
    }
    let start = out.len();
    let mut segment_starts: Vec<usize> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => out.truncate(segment_starts.pop().unwrap_or(start)),
            segment => {
                segment_starts.push(out.len());
                out.push(b'/');
                segment.bytes().for_each(|byte| push_encoded(out, byte));
            }
        }
    }
    if out.len() == start || path.ends_with('/') {
        out.push(b'/');
    }
}

fn push_query(out: &mut Vec<u8>, query: &str, location: Location) {
    if query.is_empty() {
        return;
    }
    let signed = |name: &str| location == Location::Header || name != "X-Amz-Signature";
    let mut pairs: Vec<(Vec<u8>, Vec<u8>)> = query_pairs(query)
        .filter(|(name, _)| signed(name))
        .map(|(name, value)| (encoded_component(name), encoded_component(value)))
        .collect();
    pairs.sort_unstable();
    for (position, (name, value)) in pairs.iter().enumerate() {
        if position > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// Decodes a query component and encodes it in the one canonical way; a plus sign is a space.
fn encoded_component(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 8);
    let mut rest = text.as_bytes();
    while let Some((byte, tail)) = rest.split_first() {
        rest = tail;
        match decode_escape(*byte, tail) {
            Some(decoded) => {
                push_encoded(&mut out, decoded);
                rest = &tail[2..];
            }
            None if *byte == b'+' => out.extend_from_slice(b"%20"),
            None => push_encoded(&mut out, *byte),
        }
    }
    out
}

/// Writes what follows the headers: their names, as the signature has them.
pub(crate) fn push_names(out: &mut Vec<u8>, signed_headers: &str) {
    out.push(b'\n');
    out.extend(signed_headers.bytes().map(|byte| byte.to_ascii_lowercase()));
    out.push(b'\n');
}

/// Writes the line of a header.
pub(crate) fn push_header(out: &mut Vec<u8>, request: &RequestView<'_>, name: &str) {
    out.extend(name.bytes().map(|byte| byte.to_ascii_lowercase()));
    out.push(b':');
    if name.eq_ignore_ascii_case(HOST.as_str()) && !request.headers.contains_key(HOST) {
        out.extend_from_slice(request.authority.unwrap_or_default().as_bytes());
    }
    push_values(out, request.headers.get_all(name));
}

/// Writes what stands behind the name of a header.
pub(crate) fn push_values(out: &mut Vec<u8>, values: GetAll<'_, HeaderValue>) {
    for (position, value) in values.into_iter().enumerate() {
        if position > 0 {
            out.push(b',');
        }
        push_collapsed(out, value.as_bytes());
    }
    out.push(b'\n');
}

/// Writes a header value without surrounding blanks and with runs of blanks as one space.
fn push_collapsed(out: &mut Vec<u8>, value: &[u8]) {
    let value = value.trim_ascii();
    let any_run = value.windows(2).fold(false, |any, pair| {
        any | (pair[0].is_ascii_whitespace() & (pair[1].is_ascii_whitespace() | (pair[0] != b' ')))
    });
    if !any_run {
        // Nearly all values are written as they are.
        out.extend_from_slice(value);
        return;
    }
    let mut blank = false;
    for byte in value {
        if byte.is_ascii_whitespace() {
            blank = true;
            continue;
        }
        if blank {
            out.push(b' ');
            blank = false;
        }
        out.push(*byte);
    }
}

/// Writes a byte, percent-encoded unless RFC 3986 calls it unreserved.
pub(crate) fn push_encoded(out: &mut Vec<u8>, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
        out.push(byte);
    } else {
        out.extend_from_slice(&[b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

fn is_escape(tail: &[u8]) -> bool {
    tail.len() >= 2 && tail[0].is_ascii_hexdigit() && tail[1].is_ascii_hexdigit()
}

/// The byte of a percent escape that starts here, if one does.
fn decode_escape(byte: u8, tail: &[u8]) -> Option<u8> {
    if byte != b'%' || !is_escape(tail) {
        return None;
    }
    let mut decoded = [0];
    hex::decode_to_slice(&tail[..2], &mut decoded).ok()?;
    Some(decoded[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(rule: PathRule, path: &str) -> String {
        let mut out = Vec::new();
        match rule {
            PathRule::AsSent => push_path_as_sent(&mut out, path),
            PathRule::NormalizedAndEncodedAgain => push_normalized_path(&mut out, path),
        }
        String::from_utf8(out).expect("ASCII")
    }

    #[test]
    fn paths_of_s3_stay_as_sent() {
        for (sent, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("/a//b/../c", "/a//b/../c"),
            ("/a%20b", "/a%20b"),
            ("/a b+c", "/a%20b%2Bc"),
            ("/a%7Eb~c", "/a~b~c"),
            ("/a%2fb", "/a%2Fb"),
            ("/100%", "/100%25"),
            ("/%zz", "/%25zz"),
        ] {
            assert_eq!(path(PathRule::AsSent, sent), canonical, "{sent}");
        }
    }

    #[test]
    fn other_paths_are_normalized_and_encoded_again() {
        for (sent, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("/./", "/"),
            ("/example/..", "/"),
            ("/example1/example2/../..", "/"),
            ("/./example", "/example"),
            ("//example//", "/example/"),
            ("/example space/", "/example%20space/"),
            ("/\u{1234}", "/%E1%88%B4"),
            ("/functions/arn%3Aaws/invoke", "/functions/arn%253Aaws/invoke"),
            ("/../../x", "/x"),
        ] {
            assert_eq!(path(PathRule::NormalizedAndEncodedAgain, sent), canonical, "{sent}");
        }
    }

    #[test]
    fn queries_are_sorted_and_encoded() {
        for (sent, canonical) in [
            ("", ""),
            ("Param2=value2&Param1=value1", "Param1=value1&Param2=value2"),
            ("a=2&a=1&A=3", "A=3&a=1&a=2"),
            ("lifecycle", "lifecycle="),
            ("&&x&", "x="),
            ("p=a%2fb c+d", "p=a%2Fb%20c%20d"),
            ("\u{1234}=bar", "%E1%88%B4=bar"),
            ("X-Amz-Signature=1&a=b", "a=b"),
        ] {
            let mut out = Vec::new();
            push_query(&mut out, sent, Location::Query);
            assert_eq!(String::from_utf8(out).expect("ASCII"), canonical, "{sent}");
        }
    }

    #[test]
    fn header_values_are_trimmed_collapsed_and_joined() {
        let mut headers = http::HeaderMap::new();
        for value in ["  a   b  c ", "d"] {
            headers.append("my-header", value.parse().expect("a header value"));
        }
        let authority = Some("example.amazonaws.com");
        let request = RequestView { method: "GET", path: "/", query: "", authority, headers: &headers };
        let mut out = Vec::new();
        for name in ["My-Header", "host", "absent"] {
            push_header(&mut out, &request, name);
        }
        let text = String::from_utf8(out).expect("ASCII");
        assert_eq!(text, "my-header:a b c,d\nhost:example.amazonaws.com\nabsent:\n");
    }
}
