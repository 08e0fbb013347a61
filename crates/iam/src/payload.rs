//! What a request says about its body in `x-amz-content-sha256`.

use http::HeaderName;

use crate::hex_digits;
use crate::request::RequestView;

const CONTENT_SHA256: HeaderName = HeaderName::from_static(PayloadDeclaration::HEADER);

/// The declaration of a body's signature.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadDeclaration {
    /// No `x-amz-content-sha256`.
    Absent,
    /// The SHA-256 of the body.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`.
    Unsigned,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: aws-chunked with a trailer, no signatures.
    ChunkedUnsigned,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD[-TRAILER]`.
    ChunkedV4 {
        /// A signed trailer follows the last chunk.
        trailer: bool,
    },
    /// `STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD[-TRAILER]`.
    ChunkedV4A {
        /// A signed trailer follows the last chunk.
        trailer: bool,
    },
    /// `STREAMING-AWS4-HMAC-SHA256-EVENTS`: an event stream whose messages are signed one by one.
    Events,
    /// Something else.
    Invalid,
}

impl PayloadDeclaration {
    /// The name of the header, and in other case of the query parameter.
    pub const HEADER: &'static str = "x-amz-content-sha256";

    /// What the request declares: in the header, or for presigned requests in the query.
    pub fn of_request(request: &RequestView<'_>) -> Self {
        Self::of(declared(request))
    }

    /// Reads a declaration, if there is one.
    pub(crate) fn of(declared: Option<&str>) -> Self {
        declared.map_or(Self::Absent, Self::parse)
    }

    /// Reads a declaration.
    pub fn parse(text: &str) -> Self {
        match text {
            "UNSIGNED-PAYLOAD" => Self::Unsigned,
            "STREAMING-UNSIGNED-PAYLOAD-TRAILER" => Self::ChunkedUnsigned,
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => Self::ChunkedV4 { trailer: false },
            "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => Self::ChunkedV4 { trailer: true },
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD" => Self::ChunkedV4A { trailer: false },
            "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER" => Self::ChunkedV4A { trailer: true },
            "STREAMING-AWS4-HMAC-SHA256-EVENTS" => Self::Events,
            _ => hex_digits::decode(text).map_or(Self::Invalid, Self::Sha256),
        }
    }

    /// True when the body is in aws-chunked encoding.
    pub fn is_chunked(self) -> bool {
        matches!(self, Self::ChunkedUnsigned | Self::ChunkedV4 { .. } | Self::ChunkedV4A { .. })
    }
}

/// The text of the declaration as sent: the last line of the canonical request.
pub(crate) fn declared<'a>(request: &RequestView<'a>) -> Option<&'a str> {
    request.header(CONTENT_SHA256).or_else(|| request.query_parameter("X-Amz-Content-Sha256"))
}
