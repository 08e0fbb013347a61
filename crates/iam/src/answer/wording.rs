//! The sentences of the services that are not S3.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::AmzDate;
use crate::canonical::sha256;
use crate::refusal::{ExpiresError, Malformed, MissingParts, SignatureMismatch, Skew, WrongScope};
use crate::verify::MAX_SKEW_SECONDS;

pub(super) const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
     Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
pub(super) const HOST_NOT_SIGNED: &str =
    "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
pub(super) const HEADERS_NOT_SIGNED: &str = "There were headers present in the request which were not signed";

pub(super) fn mismatch(mismatch: &SignatureMismatch) -> String {
    let SignatureMismatch { canonical_request, string_to_sign, .. } = mismatch;
    format!(
        "{MISMATCH}\n\nThe Canonical String for this request should have been\n'{canonical_request}'\n\n\
         The String-to-Sign should have been\n'{string_to_sign}'\n"
    )
}

pub(super) fn expired(signed_at: AmzDate, now: AmzDate, minutes: u32) -> String {
    let oldest = AmzDate::from_unix_seconds(now.unix_seconds() - i64::from(minutes) * 60);
    let (signed_at, oldest, now) = (signed_at.as_str(), oldest.as_str(), now.as_str());
    format!("Signature expired: {signed_at} is now earlier than {oldest} ({now} - {minutes} min.)")
}

pub(super) fn not_yet_current(skew: Skew) -> String {
    let newest = AmzDate::from_unix_seconds(skew.now.unix_seconds() + i64::from(MAX_SKEW_SECONDS));
    let (signed_at, newest, now) = (skew.signed_at.as_str(), newest.as_str(), skew.now.as_str());
    format!("Signature not yet current: {signed_at} is still later than {newest} ({now} + 15 min.)")
}

pub(super) fn unsupported_algorithm(algorithm: &str) -> String {
    format!("Unsupported AWS 'algorithm': '{algorithm}'")
}

pub(super) fn wrong_scope(wrong: &WrongScope) -> String {
    let mut sentences = Vec::new();
    if let Some(region) = &wrong.region {
        sentences.push(format!("Credential should be scoped to a valid region, not '{}'. ", region.given));
    }
    if let Some(service) = &wrong.service {
        sentences.push(format!("Credential should be scoped to correct service: '{}'. ", service.expected));
    }
    if let Some(terminator) = &wrong.terminator {
        sentences.push(format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'. "
        ));
    }
    if let Some((date, signed_at)) = &wrong.date {
        let (day, moment) = (signed_at.date(), signed_at.as_str());
        sentences.push(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '{date}' != '{day}', from '{moment}'."
        ));
    }
    sentences.concat()
}

pub(super) fn malformed(malformed: &Malformed) -> String {
    match malformed {
        Malformed::UnsupportedAlgorithm { algorithm, .. } => unsupported_algorithm(algorithm),
        Malformed::NotKeyValue { header } => format!(
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded \
             with Base64): '{}'.",
            hashed(header)
        ),
        Malformed::HeaderParts { missing, header } => header_parts(*missing, header),
        Malformed::QueryParts(missing) => query_parts(*missing),
        Malformed::Credential { credential, .. } => format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
             '{credential}'"
        ),
        Malformed::Date { date, .. } => format!(
            "Date must be in ISO-8601 'basic format'. Got '{date}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ),
        Malformed::Expires(error) => expires(*error).to_owned(),
        Malformed::TwoMechanisms => "Only one auth mechanism allowed".to_owned(),
    }
}

/// The sentences about `X-Amz-Expires`, the same for S3.
pub(super) fn expires(error: ExpiresError) -> &'static str {
    match error {
        ExpiresError::NotANumber => "X-Amz-Expires should be a number",
        ExpiresError::Negative => "X-Amz-Expires must be non-negative",
        ExpiresError::TooLong => {
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than \
             604800 seconds"
        }
    }
}

fn header_parts(missing: MissingParts, header: &str) -> String {
    let mut text = String::new();
    for (missing, name) in [
        (missing.credential, "Credential"),
        (missing.signature, "Signature"),
        (missing.signed_headers, "SignedHeaders"),
    ] {
        if missing {
            text.push_str(&format!("Authorization header requires '{name}' parameter. "));
        }
    }
    if missing.date {
        text.push_str(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
        );
    }
    text + "(Hashed with SHA-256 and encoded with Base64) Authorization=" + &hashed(header)
}

fn query_parts(missing: MissingParts) -> String {
    let mut text = String::new();
    for (missing, name) in [
        (missing.algorithm, "X-Amz-Algorithm"),
        (missing.credential, "X-Amz-Credential"),
        (missing.signature, "X-Amz-Signature"),
        (missing.signed_headers, "X-Amz-SignedHeaders"),
        (missing.date, "X-Amz-Date"),
    ] {
        if missing {
            text.push_str(&format!("AWS query-string parameters must include '{name}'. "));
        }
    }
    text + "Re-examine the query-string parameters."
}

/// AWS does not repeat the header, which may hold a secret of another system, but its hash.
fn hashed(header: &str) -> String {
    STANDARD.encode(sha256(header.as_bytes()))
}
