//! What a connection's requests have in common. A client that keeps its connection open sends the same head again and
//! again, but for the time, the length and the signature: what it means is worked out once and remembered.
//!
//! The comparison is exact, header by header and in order. Where the path has labels, a bucket and a key, it is left out
//! of the comparison: then the route has to be found anew, and only the rest is known. Nothing here says that a signature
//! is right.

use std::sync::Arc;

use ::http::request::Parts;
use ::http::{HeaderName, HeaderValue, Method};
use parking_lot::Mutex;
use virga_iam::{PayloadDeclaration, SIGNATURE_LENGTH};

use crate::heading::Heading;

/// Heads that are remembered: those of the operations that a client has under way at a time.
const MOST_HEADS: usize = 4;
/// Headers of a head that is remembered.
const MOST_HEADERS: usize = 24;
/// Bytes of all header values of a head that is remembered.
const MOST_BYTES: usize = 2048;

/// Headers that change from request to request and that the meaning of a head does not depend on.
const VARYING: [&str; 10] = [
    "x-amz-date",
    "content-length",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "content-md5",
    "x-amz-checksum-crc32",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-crc64nvme",
    "x-amz-checksum-sha1",
    "x-amz-checksum-sha256",
];
/// The hash of the body, or a word for how it is signed. Only hashes vary.
pub(crate) const CONTENT_SHA256: HeaderName = HeaderName::from_static(PayloadDeclaration::HEADER);
/// What stands before the signature in the header `authorization`.
const BEFORE_SIGNATURE: &[u8] = b"Signature=";

/// The heads that one connection has sent last.
#[derive(Default)]
pub struct Memory(Mutex<Heads>);

#[derive(Default)]
struct Heads {
    known: Vec<(Pattern, Arc<Heading>)>,
    /// The place that the next head takes when all are taken.
    oldest: usize,
}

impl Memory {
    /// What this head means, if the connection has sent it before. Where [`Heading::has_labels`] says so, it has sent
    /// all of it but the path.
    pub(crate) fn recall(&self, head: &Parts) -> Option<Arc<Heading>> {
        let heads = self.0.lock();
        let found = heads.known.iter().find(|(pattern, _)| pattern.fits(head));
        found.map(|(_, heading)| Arc::clone(heading))
    }

    /// Remembers what a head means, unless it is too large or has no signature.
    pub(crate) fn keep(&self, head: &Parts, heading: &Arc<Heading>) {
        let Some(pattern) = Pattern::of(head, heading.has_labels()) else { return };
        let known = (pattern, Arc::clone(heading));
        let heads = &mut *self.0.lock();
        if heads.known.len() < MOST_HEADS {
            heads.known.push(known);
        } else {
            heads.known[heads.oldest] = known;
            heads.oldest = (heads.oldest + 1) % MOST_HEADS;
        }
    }
}

/// Everything of a head but what varies.
struct Pattern {
    method: Method,
    authority: Option<Box<str>>,
    /// None where labels make every path another one.
    path: Option<Box<str>>,
    headers: Vec<(HeaderName, Expected)>,
}

/// The value that a header must have.
enum Expected {
    /// This one. A copy: the value itself would keep the whole buffer that it was read into.
    Exactly(Box<[u8]>),
    /// This one, and a signature after it.
    Signed(Box<[u8]>),
    /// A SHA-256 in hexadecimal.
    Hash,
    /// Whatever it is.
    Any,
}

impl Pattern {
    fn of(head: &Parts, has_labels: bool) -> Option<Self> {
        let bytes: usize = head.headers.values().map(HeaderValue::len).sum();
        let signed = head.headers.contains_key(::http::header::AUTHORIZATION);
        if !signed || head.uri.query().is_some() || head.headers.len() > MOST_HEADERS || bytes > MOST_BYTES {
            return None;
        }
        let headers =
            head.headers.iter().map(|(name, value)| Some((name.clone(), Expected::of(name, value)?)));
        Some(Pattern {
            method: head.method.clone(),
            authority: head.uri.authority().map(|authority| authority.as_str().into()),
            path: (!has_labels).then(|| head.uri.path().into()),
            headers: headers.collect::<Option<_>>()?,
        })
    }

    fn fits(&self, head: &Parts) -> bool {
        self.headers.len() == head.headers.len()
            && self.path.as_ref().is_none_or(|path| path.as_bytes() == head.uri.path().as_bytes())
            && head.uri.query().is_none()
            && self.method == head.method
            && self.authority.as_deref() == head.uri.authority().map(::http::uri::Authority::as_str)
            && head
                .headers
                .iter()
                .zip(&self.headers)
                .all(|((name, value), (known, expected))| name == known && expected.fits(value.as_bytes()))
    }
}

impl Expected {
    fn of(name: &HeaderName, value: &HeaderValue) -> Option<Self> {
        if *name == ::http::header::AUTHORIZATION {
            return before_signature(value.as_bytes()).map(|start| Expected::Signed(start.into()));
        }
        Some(match *name == CONTENT_SHA256 {
            true if is_hash(value.as_bytes()) => Expected::Hash,
            false if VARYING.contains(&name.as_str()) => Expected::Any,
            _ => Expected::Exactly(value.as_bytes().into()),
        })
    }

    fn fits(&self, value: &[u8]) -> bool {
        match self {
            Expected::Any => true,
            Expected::Exactly(known) => **known == *value,
            Expected::Signed(start) => value.strip_prefix(&**start).is_some_and(is_hash),
            Expected::Hash => is_hash(value),
        }
    }
}

/// Whether heads may be alike with other values of this header.
pub(crate) fn varies(name: &HeaderName) -> bool {
    *name == CONTENT_SHA256 || VARYING.contains(&name.as_str())
}

/// A value up to its signature; none when it does not end in one.
fn before_signature(value: &[u8]) -> Option<&[u8]> {
    let (start, signature) = value.split_at_checked(value.len().checked_sub(SIGNATURE_LENGTH)?)?;
    (start.ends_with(BEFORE_SIGNATURE) && is_hash(signature)).then_some(start)
}

/// Whether this is a SHA-256 in hexadecimal: of a body, or of what a signature covers.
fn is_hash(text: &[u8]) -> bool {
    text.len() == SIGNATURE_LENGTH && text.iter().fold(true, |all, byte| all & byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNED: &str =
        "AWS4-HMAC-SHA256 Credential=k/20200101/r/sqs/aws4_request, SignedHeaders=host, Signature=";

    fn head(path: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = ::http::Request::builder().method("POST").uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).expect("a request").into_parts().0
    }

    fn authorization(digit: &str) -> String {
        format!("{SIGNED}{}", digit.repeat(SIGNATURE_LENGTH))
    }

    #[test]
    fn a_head_fits_whatever_its_time_length_and_signature() {
        let (one, other) = (authorization("0"), authorization("f"));
        let known = head("/", &[("host", "h"), ("x-amz-date", "1"), ("authorization", &one)]);
        let pattern = Pattern::of(&known, false).expect("a head to remember");
        let check = |path, headers: &[(&str, &str)], fits| {
            assert_eq!(pattern.fits(&head(path, headers)), fits, "{path} {headers:?}");
        };
        check("/", &[("host", "h"), ("x-amz-date", "2"), ("authorization", &other)], true);
        check("/a", &[("host", "h"), ("x-amz-date", "2"), ("authorization", &other)], false);
        check("/?a", &[("host", "h"), ("x-amz-date", "2"), ("authorization", &other)], false);
        check("/", &[("host", "H"), ("x-amz-date", "2"), ("authorization", &other)], false);
        check("/", &[("host", "h"), ("date", "2"), ("authorization", &other)], false);
        check("/", &[("host", "h"), ("authorization", &other)], false);
        check("/", &[("x-amz-date", "2"), ("host", "h"), ("authorization", &other)], false);
        let more = format!("{other}0");
        let else_signed = other.replace("Credential=k", "Credential=l");
        let no_digits = other.replace('f', ",");
        for wrong in [&more, &else_signed, &no_digits] {
            check("/", &[("host", "h"), ("x-amz-date", "2"), ("authorization", wrong)], false);
        }
    }

    #[test]
    fn a_head_fits_whatever_the_hash_of_its_body_but_not_another_way_of_signing_it() {
        let signature = authorization("0");
        let (one, other) = ("0".repeat(SIGNATURE_LENGTH), "f".repeat(SIGNATURE_LENGTH));
        let declaring =
            |payload| head("/", &[("x-amz-content-sha256", payload), ("authorization", &signature)]);
        for (known, other, fits) in [
            (&*one, &*other, true),
            (&one, "UNSIGNED-PAYLOAD", false),
            ("UNSIGNED-PAYLOAD", &one, false),
            ("UNSIGNED-PAYLOAD", "UNSIGNED-PAYLOAD", true),
            ("UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", false),
        ] {
            let pattern = Pattern::of(&declaring(known), false).expect("a head to remember");
            assert_eq!(pattern.fits(&declaring(other)), fits, "{known} {other}");
        }
    }

    #[test]
    fn a_head_with_labels_fits_whatever_its_path() {
        let signature = authorization("0");
        let headers = |length| [("host", "h"), ("content-length", length), ("authorization", &*signature)];
        let pattern = Pattern::of(&head("/bucket/a", &headers("1")), true).expect("a head to remember");
        assert!(pattern.fits(&head("/bucket/b", &headers("2"))));
        assert!(!pattern.fits(&head("/bucket/b?acl", &headers("2"))));
        let other = [("host", "o"), ("content-length", "2"), ("authorization", &*signature)];
        assert!(!pattern.fits(&head("/bucket/b", &other)));
    }

    #[test]
    fn heads_without_a_plain_signature_are_not_remembered() {
        let is_kept =
            |path: &str, headers: &[(&str, &str)]| Pattern::of(&head(path, headers), false).is_some();
        let signed = authorization("0");
        let long = "x".repeat(MOST_BYTES);
        assert!(!is_kept("/", &[("host", "h")]));
        assert!(!is_kept("/", &[("authorization", SIGNED)]));
        assert!(!is_kept("/", &[("authorization", "Bearer x")]));
        assert!(!is_kept("/?a", &[("authorization", &signed)]));
        assert!(!is_kept("/", &[("authorization", &signed), ("user-agent", &long)]));
    }
}
