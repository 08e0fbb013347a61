//! An operation: HTTP binding, input, output, errors, pagination.

use virga_model_compiler::layout::{header, operation, operation_flag};

use super::{Operation, Service, Shape};

/// How an operation pages: expressions (JMESPath) over its input and output.
#[derive(Debug, Clone)]
pub struct Pagination {
    /// Members of the input that take the tokens.
    pub input_tokens: Vec<&'static str>,
    /// Expressions over the output that give the tokens.
    pub output_tokens: Vec<&'static str>,
    /// Expressions over the output that give the items.
    pub result_keys: Vec<&'static str>,
    /// Member of the input that limits a page.
    pub limit_key: Option<&'static str>,
    /// Expression that says whether there is more.
    pub more_results: Option<&'static str>,
}

impl Operation {
    fn word(self, word: usize) -> u32 {
        self.service.row_word(header::OPERATIONS, operation::WORDS, self.row, word)
    }

    fn has(self, flag: u32) -> bool {
        self.word(operation::FLAGS) & flag != 0
    }

    fn target(self, word: usize) -> Option<Shape> {
        self.word(word).checked_sub(1).map(|row| Shape { service: self.service, row })
    }

    fn strings(self, word: usize) -> Vec<&'static str> {
        let service = self.service;
        service.list(self.word(word), self.word(word + 1)).map(|offset| service.text(offset)).collect()
    }

    /// The service it belongs to.
    pub fn service(self) -> Service {
        self.service
    }

    /// Its number in the service: operations are sorted by name.
    pub fn index(self) -> usize {
        self.row as usize
    }

    /// Name.
    pub fn name(self) -> &'static str {
        self.service.text(self.word(operation::NAME))
    }

    /// HTTP method.
    pub fn method(self) -> &'static str {
        self.service.text(self.word(operation::METHOD))
    }

    /// URI template, with a query part for some operations.
    pub fn uri(self) -> &'static str {
        self.service.text(self.word(operation::URI))
    }

    /// Input, if it takes any.
    pub fn input(self) -> Option<Shape> {
        self.target(operation::INPUT)
    }

    /// Output, if it gives any.
    pub fn output(self) -> Option<Shape> {
        self.target(operation::OUTPUT)
    }

    /// Errors that the model lists.
    pub fn errors(self) -> impl ExactSizeIterator<Item = Shape> {
        let service = self.service;
        service
            .list(self.word(operation::ERRORS), self.word(operation::ERRORS + 1))
            .map(move |row| Shape { service, row })
    }

    /// Element around the result in the query protocol.
    pub fn result_wrapper(self) -> Option<&'static str> {
        self.service.optional(self.word(operation::RESULT_WRAPPER))
    }

    /// Root element of the input in restXml.
    pub fn input_name(self) -> Option<&'static str> {
        self.service.optional(self.word(operation::INPUT_NAME))
    }

    /// XML namespace of the input in restXml.
    pub fn input_namespace(self) -> Option<&'static str> {
        self.service.optional(self.word(operation::INPUT_NAMESPACE))
    }

    /// HTTP status of success: 200 unless the model says otherwise.
    pub fn status(self) -> u16 {
        u16::try_from(self.word(operation::STATUS)).ok().filter(|status| *status != 0).unwrap_or(200)
    }

    /// Host prefix template.
    pub fn host_prefix(self) -> Option<&'static str> {
        self.service.optional(self.word(operation::HOST_PREFIX))
    }

    /// Whether it may be called without a signature.
    pub fn is_unsigned(self) -> bool {
        self.has(operation_flag::UNSIGNED)
    }

    /// Whether its payload is not signed.
    pub fn has_unsigned_payload(self) -> bool {
        self.has(operation_flag::UNSIGNED_PAYLOAD)
    }

    /// Whether the request must carry a checksum.
    pub fn is_checksum_required(self) -> bool {
        self.has(operation_flag::CHECKSUM_REQUIRED)
    }

    /// Whether the model marks it as idempotent.
    pub fn is_idempotent(self) -> bool {
        self.has(operation_flag::IDEMPOTENT)
    }

    /// Whether the model marks it as reading only.
    pub fn is_readonly(self) -> bool {
        self.has(operation_flag::READONLY)
    }

    /// Whether clients may send the request compressed, with `Content-Encoding: gzip`.
    pub fn may_be_compressed(self) -> bool {
        self.has(operation_flag::COMPRESSED)
    }

    /// The input member that names the checksum algorithm.
    pub fn checksum_member(self) -> Option<&'static str> {
        self.service.optional(self.word(operation::CHECKSUM_MEMBER))
    }

    /// How it pages; none when it does not.
    pub fn pagination(self) -> Option<Pagination> {
        let input_tokens = self.strings(operation::PAGE_INPUT);
        (!input_tokens.is_empty()).then(|| Pagination {
            input_tokens,
            output_tokens: self.strings(operation::PAGE_OUTPUT),
            result_keys: self.strings(operation::PAGE_RESULT),
            limit_key: self.service.optional(self.word(operation::PAGE_LIMIT)),
            more_results: self.service.optional(self.word(operation::PAGE_MORE)),
        })
    }
}
