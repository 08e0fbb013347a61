//! AWS's answers to callers it refuses: code, status and wording per protocol.
//!
//! Codes and statuses are those of the services' "Common Errors" pages, for example
//! <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html> (query),
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html> (EC2) and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html> (S3, in `s3.rs`). The wording is what the
//! services send.

mod s3;
mod wording;

use crate::refusal::Refusal;

/// The family of error answers a service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorStyle {
    /// awsQuery: STS, IAM, SNS, SQS in its old protocol.
    Query,
    /// ec2Query.
    Ec2,
    /// awsJson 1.0 and 1.1, rpcv2Cbor.
    Json,
    /// restJson1.
    RestJson,
    /// restXml without S3: Route 53, CloudFront.
    RestXml,
    /// S3.
    S3,
}

/// What to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The error code in the style's own spelling.
    pub code: &'static str,
    /// The code in query spelling, for the `x-amzn-query-error` header of query-compatible services.
    pub query_code: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The message.
    pub message: String,
    /// Further members of S3's error document, in order.
    pub details: Vec<(&'static str, String)>,
}

/// AWS's answer to a refused caller.
pub fn answer(refusal: &Refusal, style: ErrorStyle) -> Answer {
    match style {
        ErrorStyle::S3 => s3::answer(refusal),
        ErrorStyle::Ec2 => ec2(refusal),
        _ => {
            let (kind, message) = common(refusal);
            let message = match (kind, style) {
                (Kind::MissingToken, ErrorStyle::RestJson) => "Missing Authentication Token".to_owned(),
                _ => message,
            };
            let (code, status) = kind.code(style);
            Answer { code, query_code: kind.code(ErrorStyle::Query).0, status, message, details: Vec::new() }
        }
    }
}

/// The errors that all services but EC2 and S3 share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    MissingToken,
    Incomplete,
    UnknownKey,
    Mismatch,
    ExpiredToken,
}

impl Kind {
    fn code(self, style: ErrorStyle) -> (&'static str, u16) {
        let (query, query_status, json) = match self {
            Self::MissingToken => ("MissingAuthenticationToken", 403, "MissingAuthenticationTokenException"),
            Self::Incomplete => ("IncompleteSignature", 400, "IncompleteSignatureException"),
            Self::UnknownKey => ("InvalidClientTokenId", 403, "UnrecognizedClientException"),
            Self::Mismatch => ("SignatureDoesNotMatch", 403, "InvalidSignatureException"),
            Self::ExpiredToken => ("ExpiredToken", 403, "ExpiredTokenException"),
        };
        match style {
            ErrorStyle::Json => (json, 400),
            ErrorStyle::RestJson => (json, 403),
            _ => (query, query_status),
        }
    }
}

fn common(refusal: &Refusal) -> (Kind, String) {
    match refusal {
        Refusal::MissingAuthenticationToken => {
            (Kind::MissingToken, "Request is missing Authentication Token".to_owned())
        }
        Refusal::Malformed(malformed) => (Kind::Incomplete, wording::malformed(malformed)),
        // Only S3 takes such signatures at all.
        Refusal::SignatureVersion2 | Refusal::QueryPartsMissing | Refusal::UrlExpired { .. } => {
            (Kind::Incomplete, wording::unsupported_algorithm("AWS"))
        }
        // The service's own wording ends in a full stop for an unknown key and in none for a bad token.
        Refusal::UnknownAccessKey { .. } | Refusal::TokenRequired { .. } => {
            (Kind::UnknownKey, "The security token included in the request is invalid.".to_owned())
        }
        Refusal::TokenInvalid => {
            (Kind::UnknownKey, "The security token included in the request is invalid".to_owned())
        }
        Refusal::TokenExpired => {
            (Kind::ExpiredToken, "The security token included in the request is expired".to_owned())
        }
        Refusal::SignatureDoesNotMatch(mismatch) => (Kind::Mismatch, wording::mismatch(mismatch)),
        Refusal::ChunkSignatureDoesNotMatch { .. }
        | Refusal::PayloadHashMismatch { .. }
        | Refusal::PayloadHashMissing
        | Refusal::PayloadDeclarationInvalid { .. } => (Kind::Mismatch, wording::MISMATCH.to_owned()),
        Refusal::SignatureExpired(skew) => (Kind::Mismatch, wording::expired(skew.signed_at, skew.now, 15)),
        Refusal::SignatureNotYetCurrent(skew) => (Kind::Mismatch, wording::not_yet_current(*skew)),
        Refusal::PresignedExpired { signed_at, expires_seconds, now } => {
            (Kind::Mismatch, wording::expired(*signed_at, *now, expires_seconds / 60))
        }
        Refusal::HostNotSigned => (Kind::Mismatch, wording::HOST_NOT_SIGNED.to_owned()),
        Refusal::HeadersNotSigned(_) => (Kind::Mismatch, wording::HEADERS_NOT_SIGNED.to_owned()),
        Refusal::WrongScope(wrong) => (Kind::Mismatch, wording::wrong_scope(wrong)),
    }
}

/// EC2 tells little: whatever is wrong with a credential is an authentication failure.
fn ec2(refusal: &Refusal) -> Answer {
    let (code, status, message) = match refusal {
        Refusal::MissingAuthenticationToken => {
            ("MissingParameter", 400, "The request must contain the parameter AWSAccessKeyId")
        }
        Refusal::SignatureExpired(_)
        | Refusal::SignatureNotYetCurrent(_)
        | Refusal::PresignedExpired { .. }
        | Refusal::TokenExpired => ("RequestExpired", 400, "Request has expired."),
        _ => ("AuthFailure", 401, "AWS was not able to validate the provided access credentials"),
    };
    Answer { code, query_code: code, status, message: message.to_owned(), details: Vec::new() }
}
