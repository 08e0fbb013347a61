//! A member of a structure, list or map.

use virga_model_compiler::layout::{header, location, member, member_flag};

use super::{Location, Member, Shape, TimestampFormat};

impl Member {
    #[inline]
    fn word(self, word: usize) -> u32 {
        self.service.row_word(header::MEMBERS, member::WORDS, self.row, word)
    }

    #[inline]
    fn has(self, flag: u32) -> bool {
        self.word(member::FLAGS) & flag != 0
    }

    /// Name in the API.
    pub fn name(self) -> &'static str {
        self.service.text(self.word(member::NAME))
    }

    /// [`Member::name`] as bytes, for those who only compare it.
    #[inline]
    pub fn name_bytes(self) -> &'static [u8] {
        self.service.text_bytes(self.word(member::NAME))
    }

    /// The shape of its value.
    #[inline]
    pub fn shape(self) -> Shape {
        Shape { service: self.service, row: self.word(member::SHAPE) }
    }

    /// Name on the wire: `locationName` or the name. For the query protocols see [`Member::query_name`] first.
    #[inline]
    pub fn wire_name(self) -> &'static str {
        self.service.text(self.word(member::WIRE_NAME))
    }

    /// [`Member::wire_name`] as bytes, for those who only compare or copy it.
    #[inline]
    pub fn wire_name_bytes(self) -> &'static [u8] {
        self.service.text_bytes(self.word(member::WIRE_NAME))
    }

    /// `locationName`, when the model sets one.
    pub fn location_name(self) -> Option<&'static str> {
        self.has(member_flag::NAMED).then(|| self.wire_name())
    }

    /// `queryName`, the name in the query protocols when it differs from all others.
    pub fn query_name(self) -> Option<&'static str> {
        self.service.optional(self.word(member::QUERY_NAME))
    }

    /// Where it travels.
    pub fn location(self) -> Location {
        match self.word(member::LOCATION) {
            location::HEADER => Location::Header,
            location::HEADERS => Location::Headers,
            location::QUERY_STRING => Location::QueryString,
            location::URI => Location::Uri,
            location::STATUS_CODE => Location::StatusCode,
            _ => Location::Body,
        }
    }

    /// Whether it must be present.
    #[inline]
    pub fn is_required(self) -> bool {
        self.has(member_flag::REQUIRED)
    }

    /// Whether it is a streamed body.
    pub fn is_streaming(self) -> bool {
        self.has(member_flag::STREAMING)
    }

    /// Whether its list or map has no element of its own around it.
    pub fn is_flattened(self) -> bool {
        self.has(member_flag::FLATTENED)
    }

    /// Whether it is an attribute of the parent's XML element.
    pub fn is_xml_attribute(self) -> bool {
        self.has(member_flag::XML_ATTRIBUTE)
    }

    /// Whether clients fill it with a random token.
    pub fn is_idempotency_token(self) -> bool {
        self.has(member_flag::IDEMPOTENCY_TOKEN)
    }

    /// Whether it is part of the host name.
    pub fn is_host_label(self) -> bool {
        self.has(member_flag::HOST_LABEL)
    }

    /// Whether it is the payload of an event.
    pub fn is_event_payload(self) -> bool {
        self.has(member_flag::EVENT_PAYLOAD)
    }

    /// Whether it is a header of an event.
    pub fn is_event_header(self) -> bool {
        self.has(member_flag::EVENT_HEADER)
    }

    /// Whether it is JSON inside a string.
    pub fn is_json_value(self) -> bool {
        self.has(member_flag::JSON_VALUE)
    }

    /// Format of a timestamp, from the member or its shape.
    pub fn timestamp_format(self) -> TimestampFormat {
        TimestampFormat::from_number(self.word(member::TIMESTAMP))
    }

    /// XML namespace of the member or its shape: URI and prefix.
    pub fn xml_namespace(self) -> Option<(&'static str, Option<&'static str>)> {
        let uri = self.service.optional(self.word(member::XML_NAMESPACE))?;
        Some((uri, self.service.optional(self.word(member::XML_PREFIX))))
    }
}
