//! What can go wrong between bytes and records, and how each protocol says so.

use std::borrow::Cow;

use virga_model::{ApiError, Kind, Protocol};

/// Why bytes are no input (or, for a client, no output) of an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes are no JSON, XML, CBOR or form at all; says what is wrong with them.
    Malformed(Cow<'static, str>),
    /// A value is of another type than its member.
    Unconvertible(Unconvertible),
}

/// A value that does not fit its member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unconvertible {
    /// What came, in AWS's words: `STRING_VALUE`, `NUMBER_VALUE`, `TRUE_VALUE`, `FALSE_VALUE`, `LIST`, `STRUCTURE`.
    pub found: &'static str,
    /// What the member is.
    pub expected: Kind,
    /// The member and the text that came, where the protocol has them.
    pub place: Option<(String, String)>,
}

impl DecodeError {
    pub(crate) fn malformed(what: impl Into<Cow<'static, str>>) -> Self {
        DecodeError::Malformed(what.into())
    }

    pub(crate) fn unconvertible(found: &'static str, expected: Kind) -> Self {
        DecodeError::Unconvertible(Unconvertible { found, expected, place: None })
    }

    /// A text in a form, header, label or element that is no value of its member.
    pub(crate) fn unparsable(member: &str, text: &str, expected: Kind) -> Self {
        let place = Some((member.to_owned(), text.to_owned()));
        DecodeError::Unconvertible(Unconvertible { found: "STRING_VALUE", expected, place })
    }

    /// The answer of this protocol.
    pub fn to_api_error(&self, protocol: Protocol) -> ApiError {
        match protocol {
            Protocol::Json | Protocol::RestJson | Protocol::Cbor => {
                ApiError::common("SerializationException", 400, self.to_string())
                    .with_query_code("MalformedInput")
            }
            Protocol::Query => ApiError::common("MalformedInput", 400, self.to_string()),
            Protocol::Ec2 => match self {
                DecodeError::Unconvertible(Unconvertible { place: Some((member, text)), .. }) => {
                    let message = format!("Invalid value '{text}' for {member}");
                    ApiError::common("InvalidParameterValue", 400, message)
                }
                _ => ApiError::common("MalformedInput", 400, self.to_string()),
            },
            // https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
            Protocol::RestXml => match self {
                DecodeError::Unconvertible(Unconvertible { place: Some((member, text)), .. }) => {
                    let message = format!("Provided {member} not an integer or within integer range: {text}");
                    ApiError::common("InvalidArgument", 400, message)
                }
                _ => ApiError::common(
                    "MalformedXML",
                    400,
                    "The XML you provided was not well-formed or did not validate against our published schema",
                ),
            },
        }
    }
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DecodeError::Malformed(what) => f.write_str(what),
            DecodeError::Unconvertible(unconvertible) => unconvertible.fmt(f),
        }
    }
}

impl std::fmt::Display for Unconvertible {
    /// AWS's words, as its JSON services give them.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let found = self.found;
        match (found, self.expected) {
            ("STRUCTURE", _) => f.write_str("Start of structure or map found where not expected."),
            ("LIST", _) => f.write_str("Start of list found where not expected"),
            (_, Kind::Structure | Kind::List | Kind::Map) => f.write_str("Unexpected field type"),
            (_, kind) => write!(f, "{found} can not be converted to {}", with_article(kind)),
        }
    }
}

fn with_article(kind: Kind) -> &'static str {
    match kind {
        Kind::Integer => "an Integer",
        Kind::Long => "a Long",
        Kind::Float => "a Float",
        Kind::Double => "a Double",
        Kind::Boolean => "a Boolean",
        Kind::Timestamp => "a Date",
        Kind::Blob => "a Blob",
        _ => "a String",
    }
}

impl std::error::Error for DecodeError {}

/// Why a record could not be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EncodeError {
    /// A member that the URI needs is absent or empty; carries its name.
    MissingLabel(&'static str),
    /// The member's value is of another kind than the model says.
    WrongKind(&'static str),
    /// A value can't be written in a header; carries the member's name.
    NotAHeader(&'static str),
}

impl std::fmt::Display for EncodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            EncodeError::MissingLabel(member) => write!(f, "{member} is needed in the URI"),
            EncodeError::WrongKind(member) => write!(f, "{member} holds a value of another kind"),
            EncodeError::NotAHeader(member) => write!(f, "{member} can't be written in a header"),
        }
    }
}

impl std::error::Error for EncodeError {}
