//! The flat form: a header and tables of fixed-size rows of little-endian `u32` words, then strings.
//!
//! A string is named by the byte offset of its entry in the string section: a `u32` length, then UTF-8. Offset 0
//! is the absent string. A reference to another row that may be absent is stored plus one, 0 being absent.

/// First word of every flat model.
pub const MAGIC: u32 = u32::from_le_bytes(*b"vmd1");

/// Words of the header.
pub mod header {
    /// [`super::MAGIC`].
    pub const MAGIC: usize = 0;
    /// String: name of the service, botocore's folder name (`sqs`).
    pub const NAME: usize = 1;
    /// String: `serviceId` (`SQS`).
    pub const SERVICE_ID: usize = 2;
    /// String: `serviceFullName`.
    pub const FULL_NAME: usize = 3;
    /// String: `endpointPrefix`, the first label of the host name.
    pub const ENDPOINT_PREFIX: usize = 4;
    /// String: service name in the credential scope.
    pub const SIGNING_NAME: usize = 5;
    /// String: prefix of `X-Amz-Target`.
    pub const TARGET_PREFIX: usize = 6;
    /// String: `jsonVersion`.
    pub const JSON_VERSION: usize = 7;
    /// String: namespace of XML answers.
    pub const XML_NAMESPACE: usize = 8;
    /// String: `apiVersion`.
    pub const API_VERSION: usize = 9;
    /// String: `globalEndpoint`.
    pub const GLOBAL_ENDPOINT: usize = 10;
    /// Bits of the supported protocols, by [`super::protocol`].
    pub const PROTOCOLS: usize = 11;
    /// The protocol that AWS's own clients use.
    pub const DEFAULT_PROTOCOL: usize = 12;
    /// 1 when errors carry the codes of the query protocol in a header.
    pub const QUERY_COMPATIBLE: usize = 13;
    /// Byte offset and number of rows of the shapes.
    pub const SHAPES: usize = 14;
    /// Byte offset and number of rows of the members.
    pub const MEMBERS: usize = 16;
    /// Byte offset and number of rows of the operations.
    pub const OPERATIONS: usize = 18;
    /// Byte offset and number of words of the lists.
    pub const LISTS: usize = 20;
    /// Byte offset and length of the strings.
    pub const STRINGS: usize = 22;
    /// Size of the header.
    pub const WORDS: usize = 24;
}

/// Words of a shape. Shapes are sorted by name.
pub mod shape {
    /// String: name.
    pub const NAME: usize = 0;
    /// [`super::kind`].
    pub const KIND: usize = 1;
    /// [`super::shape_flag`] bits.
    pub const FLAGS: usize = 2;
    /// First row and number of members; a list has one, a map two (key, value).
    pub const MEMBERS: usize = 3;
    /// First word (in the lists) of the member ordinals sorted by wire name.
    pub const BY_WIRE_NAME: usize = 5;
    /// First word (in the lists) and number of enum values (strings).
    pub const ENUM: usize = 6;
    /// `f64` bits of `min` and `max`, low word first; valid by flag.
    pub const MIN: usize = 8;
    /// See [`MIN`].
    pub const MAX: usize = 10;
    /// String: `pattern`.
    pub const PATTERN: usize = 12;
    /// Ordinal of the payload member, plus one.
    pub const PAYLOAD: usize = 13;
    /// String: error code of the query protocol.
    pub const ERROR_CODE: usize = 14;
    /// HTTP status of an error, 0 when the model names none.
    pub const ERROR_STATUS: usize = 15;
    /// [`super::timestamp`] format of a timestamp.
    pub const TIMESTAMP: usize = 16;
    /// String: locationName of the shape (root element of a payload).
    pub const LOCATION_NAME: usize = 17;
    /// String: XML namespace URI.
    pub const XML_NAMESPACE: usize = 18;
    /// String: XML namespace prefix.
    pub const XML_PREFIX: usize = 19;
    /// First word (in the lists) of the member ordinals sorted by name.
    pub const BY_NAME: usize = 20;
    /// Size of a row.
    pub const WORDS: usize = 21;
}

/// Words of a member.
pub mod member {
    /// String: name in the API.
    pub const NAME: usize = 0;
    /// Row of the target shape.
    pub const SHAPE: usize = 1;
    /// String: name on the wire (JSON key, XML element, header, query key, URI label).
    pub const WIRE_NAME: usize = 2;
    /// String: explicit `queryName` for the query protocols.
    pub const QUERY_NAME: usize = 3;
    /// [`super::location`].
    pub const LOCATION: usize = 4;
    /// [`super::member_flag`] bits.
    pub const FLAGS: usize = 5;
    /// [`super::timestamp`] format when set on the member or its shape.
    pub const TIMESTAMP: usize = 6;
    /// String: XML namespace URI.
    pub const XML_NAMESPACE: usize = 7;
    /// String: XML namespace prefix.
    pub const XML_PREFIX: usize = 8;
    /// Size of a row.
    pub const WORDS: usize = 9;
}

/// Words of an operation. Operations are sorted by name.
pub mod operation {
    /// String: name.
    pub const NAME: usize = 0;
    /// String: HTTP method.
    pub const METHOD: usize = 1;
    /// String: URI template.
    pub const URI: usize = 2;
    /// Row of the input shape, plus one.
    pub const INPUT: usize = 3;
    /// Row of the output shape, plus one.
    pub const OUTPUT: usize = 4;
    /// First word (in the lists) and number of the errors' shape rows.
    pub const ERRORS: usize = 5;
    /// String: element around the result in the query protocol.
    pub const RESULT_WRAPPER: usize = 7;
    /// String: root element of the input in restXml.
    pub const INPUT_NAME: usize = 8;
    /// String: namespace of the input in restXml.
    pub const INPUT_NAMESPACE: usize = 9;
    /// HTTP status of success, 0 when the model names none.
    pub const STATUS: usize = 10;
    /// String: host prefix template.
    pub const HOST_PREFIX: usize = 11;
    /// [`super::operation_flag`] bits.
    pub const FLAGS: usize = 12;
    /// String: name of the input member that names the checksum algorithm.
    pub const CHECKSUM_MEMBER: usize = 13;
    /// First word (in the lists) and number of pagination's input tokens (strings).
    pub const PAGE_INPUT: usize = 14;
    /// First word and number of pagination's output tokens (strings).
    pub const PAGE_OUTPUT: usize = 16;
    /// First word and number of pagination's result keys (strings).
    pub const PAGE_RESULT: usize = 18;
    /// String: pagination's limit key.
    pub const PAGE_LIMIT: usize = 20;
    /// String: pagination's `more_results`.
    pub const PAGE_MORE: usize = 21;
    /// Size of a row.
    pub const WORDS: usize = 22;
}

/// Declares numbered constants with a table of their names in the models.
macro_rules! names {
    ($($(#[$doc:meta])* $module:ident { $($name:ident = $value:literal $text:literal,)* })*) => {$(
        $(#[$doc])*
        pub mod $module {
            $(#[doc = concat!("`", $text, "`.")] pub const $name: u32 = $value;)*
            /// The names in the models.
            pub const NAMES: &[(&str, u32)] = &[$(($text, $name)),*];
        }
    )*};
}

names! {
    /// Protocols, as numbers and as bit positions.
    protocol {
        JSON = 0 "json",
        QUERY = 1 "query",
        EC2 = 2 "ec2",
        REST_JSON = 3 "rest-json",
        REST_XML = 4 "rest-xml",
        CBOR = 5 "smithy-rpc-v2-cbor",
    }
    /// Kinds of shapes.
    kind {
        STRUCTURE = 0 "structure",
        LIST = 1 "list",
        MAP = 2 "map",
        STRING = 3 "string",
        INTEGER = 4 "integer",
        LONG = 5 "long",
        FLOAT = 6 "float",
        DOUBLE = 7 "double",
        BOOLEAN = 8 "boolean",
        TIMESTAMP = 9 "timestamp",
        BLOB = 10 "blob",
        DOCUMENT = 11 "document",
    }
    /// Where a member travels.
    location {
        BODY = 0 "body",
        HEADER = 1 "header",
        HEADERS = 2 "headers",
        QUERY_STRING = 3 "querystring",
        URI = 4 "uri",
        STATUS_CODE = 5 "statusCode",
    }
    /// Timestamp formats.
    timestamp {
        UNSPECIFIED = 0 "",
        ISO8601 = 1 "iso8601",
        UNIX = 2 "unixTimestamp",
        RFC822 = 3 "rfc822",
    }
}

/// Bits of a shape.
pub mod shape_flag {
    /// `min` is set.
    pub const MIN: u32 = 1;
    /// `max` is set.
    pub const MAX: u32 = 1 << 1;
    /// An error.
    pub const EXCEPTION: u32 = 1 << 2;
    /// An error of the server.
    pub const FAULT: u32 = 1 << 3;
    /// The sender is to blame.
    pub const SENDER_FAULT: u32 = 1 << 4;
    /// A structure of which one member is set.
    pub const UNION: u32 = 1 << 5;
    /// Not to be logged.
    pub const SENSITIVE: u32 = 1 << 6;
    /// A list or map without an element of its own around it.
    pub const FLATTENED: u32 = 1 << 7;
    /// An event stream.
    pub const EVENT_STREAM: u32 = 1 << 8;
    /// A blob that is streamed.
    pub const STREAMING: u32 = 1 << 9;
    /// An event of an event stream.
    pub const EVENT: u32 = 1 << 10;
    /// Members keep their place in a query-compatible wrapper.
    pub const WRAPPER: u32 = 1 << 11;
    /// `pattern` is set.
    pub const PATTERN: u32 = 1 << 12;
    /// `enum` is set.
    pub const ENUM: u32 = 1 << 13;
    /// Any constraint on the value itself.
    pub const CONSTRAINED: u32 = MIN | MAX | PATTERN | ENUM;
}

/// Bits of a member.
pub mod member_flag {
    /// Must be present.
    pub const REQUIRED: u32 = 1;
    /// Streamed body.
    pub const STREAMING: u32 = 1 << 1;
    /// List or map without an element of its own around it.
    pub const FLATTENED: u32 = 1 << 2;
    /// Travels as an attribute of the parent element.
    pub const XML_ATTRIBUTE: u32 = 1 << 3;
    /// Clients fill it with a random token.
    pub const IDEMPOTENCY_TOKEN: u32 = 1 << 4;
    /// Part of the host name.
    pub const HOST_LABEL: u32 = 1 << 5;
    /// Payload of an event.
    pub const EVENT_PAYLOAD: u32 = 1 << 6;
    /// Header of an event.
    pub const EVENT_HEADER: u32 = 1 << 7;
    /// JSON inside a string.
    pub const JSON_VALUE: u32 = 1 << 8;
    /// The wire name is set by the model, not just the member's name.
    pub const NAMED: u32 = 1 << 9;
}

/// Bits of an operation.
pub mod operation_flag {
    /// May be called without a signature.
    pub const UNSIGNED: u32 = 1;
    /// The payload is not signed.
    pub const UNSIGNED_PAYLOAD: u32 = 1 << 1;
    /// A checksum of the request is required.
    pub const CHECKSUM_REQUIRED: u32 = 1 << 2;
    /// Idempotent.
    pub const IDEMPOTENT: u32 = 1 << 3;
    /// Reads only.
    pub const READONLY: u32 = 1 << 4;
    /// Clients may compress the request.
    pub const COMPRESSED: u32 = 1 << 5;
}
