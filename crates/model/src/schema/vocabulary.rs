//! The words of the models: protocols, kinds of shapes, locations, timestamp formats.

use virga_model_compiler::layout::{protocol, timestamp};

/// An AWS protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// awsJson 1.0 and 1.1; the version is the service's [`Service::json_version`](crate::Service::json_version).
    Json,
    /// awsQuery.
    Query,
    /// ec2Query.
    Ec2,
    /// restJson1.
    RestJson,
    /// restXml.
    RestXml,
    /// Smithy RPC v2 CBOR.
    Cbor,
}

impl Protocol {
    const ALL: [(Protocol, u32); 6] = [
        (Protocol::Json, protocol::JSON),
        (Protocol::Query, protocol::QUERY),
        (Protocol::Ec2, protocol::EC2),
        (Protocol::RestJson, protocol::REST_JSON),
        (Protocol::RestXml, protocol::REST_XML),
        (Protocol::Cbor, protocol::CBOR),
    ];

    pub(super) fn bit(self) -> u32 {
        Self::ALL.iter().find(|(known, _)| *known == self).map_or(0, |(_, number)| 1 << number)
    }

    pub(super) fn from_number(number: u32) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == number).map_or(Protocol::Json, |(protocol, _)| *protocol)
    }
}

/// What a shape is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Structure or union.
    Structure,
    /// List; its one member is the element.
    List,
    /// Map; its members are key and value.
    Map,
    /// String or enum.
    String,
    /// 32-bit integer.
    Integer,
    /// 64-bit integer.
    Long,
    /// 32-bit float.
    Float,
    /// 64-bit float.
    Double,
    /// Boolean.
    Boolean,
    /// Timestamp.
    Timestamp,
    /// Blob.
    Blob,
    /// Document, a value without a schema.
    Document,
}

/// Where a member of an input or output travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Location {
    /// In the body.
    Body,
    /// In the header of the wire name.
    Header,
    /// In all headers that begin with the wire name.
    Headers,
    /// In the query string.
    QueryString,
    /// In a label of the URI.
    Uri,
    /// As the HTTP status.
    StatusCode,
}

/// How a timestamp is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TimestampFormat {
    /// As the protocol and the place say.
    Unspecified,
    /// `2026-01-31T23:59:59Z`, with a fraction if there is one.
    Iso8601,
    /// Seconds since the epoch, with a fraction if there is one.
    Unix,
    /// `Sat, 31 Jan 2026 23:59:59 GMT`.
    Rfc822,
}

impl TimestampFormat {
    pub(super) fn from_number(number: u32) -> Self {
        match number {
            timestamp::ISO8601 => TimestampFormat::Iso8601,
            timestamp::UNIX => TimestampFormat::Unix,
            timestamp::RFC822 => TimestampFormat::Rfc822,
            _ => TimestampFormat::Unspecified,
        }
    }
}
