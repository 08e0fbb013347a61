//! S3's answers, which differ from every other service's in code, wording and details.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>

use super::{Answer, wording};
use crate::refusal::{Malformed, Refusal, Skew, WrongScope};
use crate::verify::MAX_SKEW_SECONDS;

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your key \
     and signing method.";
const UNKNOWN_KEY: &str = "The AWS Access Key Id you provided does not exist in our records.";
const HEADER: &str = "The authorization header is malformed; ";
const QUERY: &str = "Error parsing the X-Amz-Credential parameter; ";
const CREDENTIAL_SHAPE: &str =
    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
const QUERY_PARTS: &str = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
     X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
const TWO_MECHANISMS: &str = "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature \
     query string parameter or the Authorization header should be specified";
const DECLARATIONS: &str = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
     STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, \
     STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 \
     value.";

pub(super) fn answer(refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::MissingAuthenticationToken => new("AccessDenied", 403, "Access Denied"),
        Refusal::Malformed(malformed) => self::malformed(malformed),
        Refusal::SignatureVersion2 => new(
            "InvalidRequest",
            400,
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
        ),
        Refusal::QueryPartsMissing => new(
            "AccessDenied",
            403,
            "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
        ),
        Refusal::UrlExpired { expires_at, now } => new("AccessDenied", 403, "Request has expired")
            .with("Expires", &expires_at.extended())
            .with("ServerTime", &now.extended()),
        Refusal::UnknownAccessKey { access_key_id } | Refusal::TokenRequired { access_key_id } => {
            new("InvalidAccessKeyId", 403, UNKNOWN_KEY).with("AWSAccessKeyId", access_key_id)
        }
        Refusal::SignatureDoesNotMatch(mismatch) => signature_mismatch(
            &mismatch.access_key_id,
            &mismatch.string_to_sign,
            &mismatch.signature_provided,
        )
        .with("CanonicalRequest", &mismatch.canonical_request)
        .with("CanonicalRequestBytes", &spaced_hex(&mismatch.canonical_request)),
        Refusal::ChunkSignatureDoesNotMatch { access_key_id, string_to_sign, signature_provided } => {
            signature_mismatch(access_key_id, string_to_sign, signature_provided)
        }
        Refusal::SignatureExpired(skew) | Refusal::SignatureNotYetCurrent(skew) => skewed(*skew),
        Refusal::PresignedExpired { signed_at, expires_seconds, now } => {
            let expires = signed_at.unix_seconds() + i64::from(*expires_seconds);
            new("AccessDenied", 403, "Request has expired")
                .with("X-Amz-Expires", &expires_seconds.to_string())
                .with("Expires", &crate::AmzDate::from_unix_seconds(expires).extended())
                .with("ServerTime", &now.extended())
        }
        Refusal::HostNotSigned => headers_not_signed("host"),
        Refusal::HeadersNotSigned(headers) => headers_not_signed(&headers.join(", ")),
        Refusal::WrongScope(wrong) => wrong_scope(wrong),
        Refusal::TokenInvalid => {
            new("InvalidToken", 400, "The provided token is malformed or otherwise invalid.")
        }
        Refusal::TokenExpired => new("ExpiredToken", 400, "The provided token has expired."),
        _ => payload(refusal),
    }
}

fn payload(refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::PayloadHashMismatch { declared, computed } => {
            let message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
            new("XAmzContentSHA256Mismatch", 400, message)
                .with("ClientComputedContentSHA256", declared)
                .with("S3ComputedContentSHA256", computed)
        }
        Refusal::PayloadDeclarationInvalid { value } => new("InvalidArgument", 400, DECLARATIONS)
            .with("ArgumentName", "x-amz-content-sha256")
            .with("ArgumentValue", value),
        _ => new("InvalidRequest", 400, "Missing required header for this request: x-amz-content-sha256"),
    }
}

fn malformed(malformed: &Malformed) -> Answer {
    match malformed {
        Malformed::UnsupportedAlgorithm { presigned: true, .. } => query_error(
            "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"".to_owned(),
        ),
        Malformed::UnsupportedAlgorithm { algorithm: value, .. }
        | Malformed::NotKeyValue { header: value } => {
            new("InvalidArgument", 400, "Unsupported Authorization Type")
                .with("ArgumentName", "Authorization")
                .with("ArgumentValue", value)
        }
        Malformed::HeaderParts { missing, .. }
            if missing.date && !missing.credential && !missing.signature && !missing.signed_headers =>
        {
            no_date()
        }
        Malformed::HeaderParts { .. } => header_error(format!(
            "{HEADER}the authorization header requires three components: Credential, SignedHeaders, and Signature."
        )),
        Malformed::QueryParts(_) => query_error(QUERY_PARTS.to_owned()),
        Malformed::Credential { presigned: true, .. } => query_error(format!("{QUERY}{CREDENTIAL_SHAPE}")),
        Malformed::Credential { .. } => header_error(format!("{HEADER}{CREDENTIAL_SHAPE}")),
        Malformed::Date { presigned: true, .. } => {
            query_error("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"".to_owned())
        }
        Malformed::Date { .. } => no_date(),
        Malformed::Expires(error) => query_error(wording::expires(*error).to_owned()),
        Malformed::TwoMechanisms => new("InvalidArgument", 400, TWO_MECHANISMS),
    }
}

/// S3 names the first thing that is wrong.
fn wrong_scope(wrong: &WrongScope) -> Answer {
    let (error, prefix): (fn(String) -> Answer, _) =
        if wrong.presigned { (query_error, QUERY) } else { (header_error, HEADER) };
    if let Some((date, signed_at)) = &wrong.date {
        let well_formed = date.len() == 8 && date.bytes().all(|byte| byte.is_ascii_digit());
        return match (well_formed, wrong.presigned) {
            (false, _) => error(format!(
                "{prefix}incorrect date format \"{date}\". This date in the credential must be in the format \
                 \"yyyyMMdd\"."
            )),
            (true, true) => error(format!(
                "Invalid credential date \"{date}\". This date is not the same as X-Amz-Date: \"{}\".",
                signed_at.date()
            )),
            (true, false) => error(format!(
                "{HEADER}Invalid credential date \"{date}\". This date is not the same as X-Amz-Date: \"{}\".",
                signed_at.date()
            )),
        };
    }
    if let Some(service) = &wrong.service {
        let (given, expected) = (&service.given, &service.expected);
        return error(format!(
            "{prefix}incorrect service \"{given}\". This endpoint belongs to \"{expected}\"."
        ));
    }
    if let Some(terminator) = &wrong.terminator {
        return error(format!(
            "{prefix}incorrect terminal \"{terminator}\". This endpoint uses \"aws4_request\"."
        ));
    }
    match &wrong.region {
        Some(region) => {
            let (given, expected) = (&region.given, &region.expected);
            error(format!("{prefix}the region '{given}' is wrong; expecting '{expected}'"))
                .with("Region", expected)
        }
        None => error(format!("{prefix}{CREDENTIAL_SHAPE}")),
    }
}

fn signature_mismatch(access_key_id: &str, string_to_sign: &str, signature: &str) -> Answer {
    new("SignatureDoesNotMatch", 403, MISMATCH)
        .with("AWSAccessKeyId", access_key_id)
        .with("StringToSign", string_to_sign)
        .with("SignatureProvided", signature)
        .with("StringToSignBytes", &spaced_hex(string_to_sign))
}

fn skewed(skew: Skew) -> Answer {
    let message = "The difference between the request time and the current time is too large.";
    new("RequestTimeTooSkewed", 403, message)
        .with("RequestTime", skew.signed_at.as_str())
        .with("ServerTime", &skew.now.extended())
        .with("MaxAllowedSkewMilliseconds", &(MAX_SKEW_SECONDS * 1000).to_string())
}

fn headers_not_signed(names: &str) -> Answer {
    new("AccessDenied", 403, wording::HEADERS_NOT_SIGNED).with("HeadersNotSigned", names)
}

fn no_date() -> Answer {
    new("AccessDenied", 403, "AWS authentication requires a valid Date or x-amz-date header")
}

fn header_error(message: String) -> Answer {
    Answer { message, ..new("AuthorizationHeaderMalformed", 400, "") }
}

fn query_error(message: String) -> Answer {
    Answer { message, ..new("AuthorizationQueryParametersError", 400, "") }
}

fn new(code: &'static str, status: u16, message: &str) -> Answer {
    Answer { code, query_code: code, status, message: message.to_owned(), details: Vec::new() }
}

impl Answer {
    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.details.push((name, value.to_owned()));
        self
    }
}

/// `47 45 54`, the form of S3's byte dumps.
fn spaced_hex(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&hex::encode([byte]));
    }
    out
}
