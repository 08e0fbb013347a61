//! What the signatures of a connection have in common. A client signs the same headers with the same key again and
//! again: its credential, and most of the canonical request, are worked out once.

use std::borrow::Cow;

use http::HeaderName;
use http::header::AUTHORIZATION;

use crate::authorization::{Algorithm, Location, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN, token_header};
use crate::canonical::{push_header, push_names, push_values};
use crate::proven::Proven;
use crate::{AmzDate, CredentialScope, Presented, PresentedSignature, RequestView};

/// Length of a SigV4 signature: 32 bytes in hexadecimal.
pub const SIGNATURE_LENGTH: usize = 64;

/// What the SigV4 signatures have in common of requests whose heads differ in nothing but the path, the signature
/// and the values of some headers.
#[derive(Debug, PartialEq, Eq)]
pub struct SignaturePattern {
    credential: CredentialScope<'static>,
    signed_headers: Box<str>,
    canonical_headers: CanonicalHeaders,
    /// The header that the session token of temporary credentials is in.
    token: Option<HeaderName>,
    /// What the last signature proved; none where more than the date varies of what is signed.
    proven: Option<Proven>,
}

impl SignaturePattern {
    /// The pattern of a signature that ends the Authorization header; `varies` tells whether the value of a header may
    /// be another one in the next request. None for signatures of other kinds.
    pub fn of(
        request: &RequestView<'_>,
        signature: &PresentedSignature<'_>,
        varies: impl Fn(&HeaderName) -> bool,
    ) -> Option<Self> {
        let fits = signature.algorithm == Algorithm::V4
            && signature.location == Location::Header
            && request.headers.contains_key(X_AMZ_DATE)
            && !varies(&X_AMZ_SECURITY_TOKEN)
            && signature.region_set.is_none()
            && signature.signature.len() == SIGNATURE_LENGTH
            && request.header(AUTHORIZATION)?.ends_with(&*signature.signature);
        fits.then(|| SignaturePattern {
            proven: only_the_date(request, &signature.signed_headers, &varies).then(Proven::default),
            canonical_headers: CanonicalHeaders::of(request, &signature.signed_headers, varies),
            token: signature.session_token.as_ref().map(|_| token_header(request, &signature.credential)),
            credential: signature.credential.owned(),
            signed_headers: (*signature.signed_headers).into(),
        })
    }

    /// What a request presents whose head is like the first one's. None when its date can't be read.
    pub fn presented<'a>(&'a self, request: &RequestView<'a>) -> Option<Presented<'a>> {
        let header = request.headers.get(AUTHORIZATION)?.as_bytes();
        let signature = header.get(header.len().checked_sub(SIGNATURE_LENGTH)?..)?;
        Some(Presented::Signed(PresentedSignature {
            algorithm: Algorithm::V4,
            location: Location::Header,
            credential: self.credential.borrowed(),
            signed_headers: Cow::Borrowed(&self.signed_headers),
            signature: Cow::Borrowed(std::str::from_utf8(signature).ok()?),
            signed_at: AmzDate::parse_basic(request.header(X_AMZ_DATE)?)?,
            expires_seconds: None,
            session_token: self.token.as_ref().and_then(|name| request.header(name)).map(Cow::Borrowed),
            region_set: None,
            pattern: Some(self),
        }))
    }

    /// The lines of the canonical request about its headers.
    pub(crate) fn canonical_headers(&self) -> &CanonicalHeaders {
        &self.canonical_headers
    }

    /// What the last signature proved.
    pub(crate) fn proven(&self) -> Option<&Proven> {
        self.proven.as_ref()
    }
}

/// Whether the date is the only signed header whose value varies, and has one value.
fn only_the_date(request: &RequestView<'_>, signed: &str, varies: impl Fn(&HeaderName) -> bool) -> bool {
    let names = signed.split(';').filter_map(|name| HeaderName::try_from(name).ok());
    request.headers.get_all(X_AMZ_DATE).iter().count() == 1 && names.filter(varies).eq([X_AMZ_DATE])
}

/// The lines of a canonical request about its headers, but for the values that vary.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CanonicalHeaders(Vec<Lines>);

#[derive(Debug, PartialEq, Eq)]
enum Lines {
    /// As they are.
    Text(Box<[u8]>),
    /// Rest of the line of a header whose value varies.
    Values(HeaderName),
}

impl CanonicalHeaders {
    fn of(request: &RequestView<'_>, signed_headers: &str, varies: impl Fn(&HeaderName) -> bool) -> Self {
        let (mut lines, mut text) = (Vec::new(), Vec::new());
        for name in signed_headers.split(';') {
            match HeaderName::try_from(name).ok().filter(&varies) {
                Some(name) => {
                    text.extend_from_slice(name.as_str().as_bytes());
                    text.push(b':');
                    lines.extend([Lines::Text(std::mem::take(&mut text).into()), Lines::Values(name)]);
                }
                None => push_header(&mut text, request, name),
            }
        }
        push_names(&mut text, signed_headers);
        lines.push(Lines::Text(text.into()));
        CanonicalHeaders(lines)
    }

    /// Writes the lines for a request.
    pub(crate) fn push(&self, out: &mut Vec<u8>, request: &RequestView<'_>) {
        for lines in &self.0 {
            match lines {
                Lines::Text(text) => out.extend_from_slice(text),
                Lines::Values(name) => push_values(out, request.headers.get_all(name)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::*;
    use crate::sign::{Body, Credentials, Signer, Unsigned};
    use crate::{Expected, Payload, Refusal, SigningKeys, verify};

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    /// The headers of a signed POST.
    fn signed(path: &str, at: i64, body: &str, token: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("amz-sdk-invocation-id", HeaderValue::from(at));
        with_signature(headers, path, at, body, token)
    }

    /// The headers of a signed POST of which only the date varies.
    fn steady_headers(at: i64, path: &str, body: &str) -> HeaderMap {
        with_signature(HeaderMap::new(), path, at, body, None)
    }

    fn with_signature(
        mut headers: HeaderMap,
        path: &str,
        at: i64,
        body: &str,
        token: Option<&str>,
    ) -> HeaderMap {
        let credentials =
            Credentials { access_key_id: "AKIDEXAMPLE", secret_access_key: SECRET, session_token: token };
        let signer =
            Signer::new(Algorithm::V4, credentials, "us-east-1", "sqs", AmzDate::from_unix_seconds(at));
        for (name, value) in [("host", "h"), ("my-header", " a   b "), ("content-length", "7")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let request = Unsigned { method: "POST", path, query: "", body: Body::Bytes(body.as_bytes()) };
        signer.sign(&request, &mut headers).expect("a request to sign");
        headers
    }

    fn view<'a>(path: &'a str, headers: &'a HeaderMap) -> RequestView<'a> {
        RequestView { method: "POST", path, query: "", authority: None, headers }
    }

    fn varies(name: &HeaderName) -> bool {
        matches!(name.as_str(), "x-amz-date" | "amz-sdk-invocation-id")
    }

    fn pattern(request: &RequestView<'_>) -> SignaturePattern {
        let Presented::Signed(signature) = Presented::of(request) else { panic!("no signature") };
        SignaturePattern::of(request, &signature, varies).expect("a pattern")
    }

    fn check(
        presented: &Presented<'_>,
        request: &RequestView<'_>,
        body: &str,
        now: i64,
    ) -> Result<(), Refusal> {
        let Presented::Signed(signature) = presented else { panic!("no signature") };
        let payload = Payload::Bytes(body.as_bytes());
        let expected = Expected { service: "sqs", region: Some("us-east-1") };
        verify::check_claims(signature, request, &expected, now)?;
        verify::check_signature(signature, request, SECRET, payload, &SigningKeys::default()).map(|_| ())
    }

    /// The pattern of requests with nothing but a date that varies.
    fn steady(request: &RequestView<'_>) -> SignaturePattern {
        let Presented::Signed(signature) = Presented::of(request) else { panic!("no signature") };
        SignaturePattern::of(request, &signature, |name| *name == X_AMZ_DATE).expect("a pattern")
    }

    #[test]
    fn later_requests_present_by_the_pattern_what_they_present_by_themselves() {
        for token in [None, Some("session")] {
            let first = signed("/a", 1_700_000_000, "one", token);
            let pattern = pattern(&view("/a", &first));
            let second = signed("/b/c", 1_700_000_060, "another", token);
            let request = view("/b/c", &second);
            let presented = pattern.presented(&request).expect("a date that can be read");
            let Presented::Signed(known) = &presented else { panic!("no signature") };
            assert!(known.pattern.is_some());
            let without = PresentedSignature { pattern: None, ..known.clone() };
            assert_eq!(Presented::Signed(without), Presented::of(&request));
            assert_eq!(check(&presented, &request, "another", 1_700_000_060), Ok(()));
        }
    }

    #[test]
    fn a_wrong_signature_is_refused_with_the_same_explanation() {
        let first = signed("/", 1_700_000_000, "one", None);
        let pattern = pattern(&view("/", &first));
        let mut second = signed("/", 1_700_000_060, "one", None);
        second.insert("amz-sdk-invocation-id", HeaderValue::from_static("changed"));
        let request = view("/", &second);
        let presented = pattern.presented(&request).expect("a date that can be read");
        let refusal = check(&presented, &request, "one", 1_700_000_060);
        assert!(matches!(refusal, Err(Refusal::SignatureDoesNotMatch(_))), "{refusal:?}");
        assert_eq!(refusal, check(&Presented::of(&request), &request, "one", 1_700_000_060));
    }

    #[test]
    fn what_was_proved_helps_only_those_who_are_alike() {
        let now = 1_700_000_000;
        let first = steady_headers(now, "/", "one");
        let pattern = steady(&view("/", &first));
        let mut forged = steady_headers(now, "/", "three");
        let text = forged[AUTHORIZATION].to_str().expect("text").to_owned();
        let last = if text.ends_with('0') { "1" } else { "0" };
        let text = format!("{}{last}", &text[..text.len() - 1]);
        forged.insert(AUTHORIZATION, HeaderValue::try_from(text).expect("a header"));
        for (path, headers, body, is_right) in [
            ("/", &first, "one", true),
            ("/", &first, "two", false),
            ("/", &steady_headers(now, "/", "three"), "three", true),
            ("/", &forged, "three", false),
            ("/", &steady_headers(now + 1, "/", "three"), "three", true),
            ("/", &steady_headers(now, "/", "one"), "one", true),
            ("/a", &steady_headers(now, "/", "one"), "one", false),
            ("/a", &steady_headers(now, "/a", "one"), "one", true),
            ("/", &steady_headers(now, "/", "one"), "one", true),
        ] {
            let request = view(path, headers);
            let presented = pattern.presented(&request).expect("a date that can be read");
            let Presented::Signed(known) = &presented else { panic!("no signature") };
            assert!(known.pattern.is_some_and(|pattern| pattern.proven().is_some()));
            let found = check(&presented, &request, body, now);
            assert_eq!(found.is_ok(), is_right, "{path} {body}");
            assert_eq!(found, check(&Presented::of(&request), &request, body, now));
        }
    }

    #[test]
    fn another_secret_proves_nothing_for_this_one() {
        let first = signed("/", 1_700_000_000, "", None);
        let request = view("/", &first);
        let Presented::Signed(signature) = Presented::of(&request) else { panic!("no signature") };
        let pattern =
            SignaturePattern::of(&request, &signature, |name| *name == X_AMZ_DATE).expect("a pattern");
        for (secret, is_right) in [(SECRET, true), ("another", false), (SECRET, true)] {
            let presented = pattern.presented(&request).expect("a date that can be read");
            let Presented::Signed(signature) = &presented else { panic!("no signature") };
            let payload = Payload::Bytes(b"");
            let keys = SigningKeys::default();
            let found = verify::check_signature(signature, &request, secret, payload, &keys);
            assert_eq!(found.is_ok(), is_right);
        }
    }

    #[test]
    fn a_scope_of_yesterday_is_refused() {
        let first = signed("/", 1_700_000_000, "", None);
        let pattern = pattern(&view("/", &first));
        let second = signed("/", 1_700_086_400, "", None);
        let request = view("/", &second);
        let presented = pattern.presented(&request).expect("a date that can be read");
        let refusal = check(&presented, &request, "", 1_700_086_400);
        assert!(matches!(refusal, Err(Refusal::WrongScope(_))), "{refusal:?}");
    }

    #[test]
    fn what_the_pattern_does_not_cover_is_read_anew() {
        let headers = signed("/", 1_700_000_000, "", None);
        let pattern = pattern(&view("/", &headers));
        for date in ["", "20231114", "2023-11-14T22:13:20Z"] {
            let mut headers = headers.clone();
            headers.insert("x-amz-date", HeaderValue::from_static(date));
            assert_eq!(pattern.presented(&view("/", &headers)), None, "{date}");
        }
        let mut other = headers.clone();
        other.append("x-amz-region-set", HeaderValue::from_static("*"));
        let request = view("/", &other);
        let Presented::Signed(signature) = Presented::of(&request) else { panic!("no signature") };
        assert!(SignaturePattern::of(&request, &signature, varies).is_none());
        let request = view("/", &headers);
        let Presented::Signed(signature) = Presented::of(&request) else { panic!("no signature") };
        assert!(SignaturePattern::of(&request, &signature, |_| true).is_none());
    }
}
