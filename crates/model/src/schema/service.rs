//! A service: names, protocols, and its operations and shapes by name or number.

use virga_model_compiler::layout::{self, header};

use super::{Operation, Protocol, Service, Shape};

impl Service {
    /// A model that the build embedded.
    pub(crate) const fn embedded(bytes: &'static [u8]) -> Self {
        Service { bytes }
    }

    /// A model compiled at run time by `virga_model_compiler::flat`, for tests. Its bytes live as long as the process.
    ///
    /// Returns none when the bytes are no flat model.
    pub fn leak(bytes: Vec<u8>) -> Option<Self> {
        let service = Service { bytes: Box::leak(bytes.into_boxed_slice()) };
        (service.bytes.len() >= header::WORDS * 4 && service.word(header::MAGIC) == layout::MAGIC)
            .then_some(service)
    }

    #[inline]
    pub(super) fn word(self, index: usize) -> u32 {
        let start = index * 4;
        let bytes = &self.bytes[start..start + 4];
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    #[inline]
    pub(super) fn row_word(self, section: usize, words: usize, row: u32, word: usize) -> u32 {
        self.word(self.word(section) as usize / 4 + row as usize * words + word)
    }

    #[inline]
    pub(super) fn text_bytes(self, offset: u32) -> &'static [u8] {
        let start = self.word(header::STRINGS) as usize + offset as usize;
        let length = &self.bytes[start..start + 4];
        let length = u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize;
        &self.bytes[start + 4..start + 4 + length]
    }

    #[inline]
    pub(super) fn text(self, offset: u32) -> &'static str {
        std::str::from_utf8(self.text_bytes(offset)).expect("the compiler writes UTF-8")
    }

    #[inline]
    pub(super) fn optional(self, offset: u32) -> Option<&'static str> {
        (offset != 0).then(|| self.text(offset))
    }

    pub(super) fn list(self, start: u32, length: u32) -> impl ExactSizeIterator<Item = u32> + Clone {
        let base = self.word(header::LISTS) as usize / 4;
        (start..start + length).map(move |index| self.word(base + index as usize))
    }

    /// Name by botocore's folder: `sqs`.
    pub fn name(self) -> &'static str {
        self.text(self.word(header::NAME))
    }

    /// `serviceId`: `SQS`.
    pub fn service_id(self) -> &'static str {
        self.text(self.word(header::SERVICE_ID))
    }

    /// `serviceFullName`.
    pub fn full_name(self) -> &'static str {
        self.text(self.word(header::FULL_NAME))
    }

    /// First label of the host name.
    pub fn endpoint_prefix(self) -> &'static str {
        self.text(self.word(header::ENDPOINT_PREFIX))
    }

    /// Service in the credential scope.
    pub fn signing_name(self) -> &'static str {
        self.text(self.word(header::SIGNING_NAME))
    }

    /// Prefix of `X-Amz-Target`, before the dot.
    pub fn target_prefix(self) -> Option<&'static str> {
        self.optional(self.word(header::TARGET_PREFIX))
    }

    /// Version in the JSON content type.
    pub fn json_version(self) -> Option<&'static str> {
        self.optional(self.word(header::JSON_VERSION))
    }

    /// Namespace of XML answers.
    pub fn xml_namespace(self) -> Option<&'static str> {
        self.optional(self.word(header::XML_NAMESPACE))
    }

    /// Date of the API.
    pub fn api_version(self) -> &'static str {
        self.text(self.word(header::API_VERSION))
    }

    /// Host name of a service without regions.
    pub fn global_endpoint(self) -> Option<&'static str> {
        self.optional(self.word(header::GLOBAL_ENDPOINT))
    }

    /// Whether the service answers in this protocol.
    pub fn supports(self, protocol: Protocol) -> bool {
        self.word(header::PROTOCOLS) & protocol.bit() != 0
    }

    /// The protocol of AWS's own clients.
    pub fn default_protocol(self) -> Protocol {
        Protocol::from_number(self.word(header::DEFAULT_PROTOCOL))
    }

    /// Whether errors carry the code of the query protocol in the header `x-amzn-query-error`.
    pub fn is_query_compatible(self) -> bool {
        self.word(header::QUERY_COMPATIBLE) != 0
    }

    /// Number of operations.
    pub fn operation_count(self) -> usize {
        self.word(header::OPERATIONS + 1) as usize
    }

    /// The operation with this number; operations are sorted by name.
    pub fn operation_at(self, index: usize) -> Option<Operation> {
        let row = u32::try_from(index).ok()?;
        (index < self.operation_count()).then_some(Operation { service: self, row })
    }

    /// All operations, sorted by name.
    pub fn operations(self) -> impl ExactSizeIterator<Item = Operation> {
        (0..self.word(header::OPERATIONS + 1)).map(move |row| Operation { service: self, row })
    }

    /// An operation by name.
    pub fn operation(self, name: &str) -> Option<Operation> {
        let row =
            find(self.word(header::OPERATIONS + 1), |row| Operation { service: self, row }.name().cmp(name))?;
        Some(Operation { service: self, row })
    }

    /// All shapes, sorted by name.
    pub fn shapes(self) -> impl ExactSizeIterator<Item = Shape> {
        (0..self.word(header::SHAPES + 1)).map(move |row| Shape { service: self, row })
    }

    /// The shape with this number; shapes are sorted by name.
    pub fn shape_at(self, index: u32) -> Shape {
        Shape { service: self, row: index }
    }

    /// A shape by name.
    pub fn shape(self, name: &str) -> Option<Shape> {
        let row = find(self.word(header::SHAPES + 1), |row| Shape { service: self, row }.name().cmp(name))?;
        Some(Shape { service: self, row })
    }
}

/// Binary search over row numbers.
pub(super) fn find(count: u32, order: impl Fn(u32) -> std::cmp::Ordering) -> Option<u32> {
    let (mut low, mut high) = (0, count);
    while low < high {
        let middle = low + (high - low) / 2;
        match order(middle) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}
