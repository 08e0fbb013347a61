//! What is asked: the expression, how the object is written down, and how the records are to be written.

use std::{ops::ControlFlow, sync::Arc};

use time::OffsetDateTime;

use crate::{
    Code, Error, Event, Object,
    execution::Execution,
    input,
    sql::{self, Plan},
};

/// Most bytes of an expression.
const LONGEST_EXPRESSION: usize = 256 << 10;

/// A request of SelectObjectContent, without the object.
#[derive(Debug, Clone)]
pub struct Request {
    /// The SQL expression.
    pub expression: String,
    /// How the object is written down.
    pub input: InputFormat,
    /// How it is compressed as a whole.
    pub compression: Compression,
    /// How the records are to be written.
    pub output: OutputFormat,
    /// The part of the object to read; all of it by default.
    pub scan_range: Option<ScanRange>,
    /// Whether to tell how far the query is.
    pub progress: bool,
    /// The time, for `UTCNOW()`.
    pub now: OffsetDateTime,
}

/// How the object is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InputFormat {
    /// Records of fields.
    Csv(CsvInput),
    /// JSON documents, or one in each line.
    Json(JsonType),
    /// Apache Parquet, with columns uncompressed or compressed with GZIP or Snappy.
    Parquet,
}

/// Compression of the whole object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Compression {
    /// None.
    #[default]
    None,
    /// GZIP, of any number of members.
    Gzip,
    /// BZIP2, of any number of streams.
    Bzip2,
}

/// What the first line of a CSV object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FileHeaderInfo {
    /// A record like the others.
    #[default]
    None,
    /// Names, which are not used.
    Ignore,
    /// Names, by which the expression calls the columns.
    Use,
}

/// How CSV is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvInput {
    /// What the first line is.
    pub file_header_info: FileHeaderInfo,
    /// A line that begins so is no record.
    pub comments: Option<char>,
    /// Stands before a quote character that is meant literally.
    pub quote_escape_character: char,
    /// Between records.
    pub record_delimiter: String,
    /// Between fields.
    pub field_delimiter: String,
    /// Around fields; none when fields are never quoted.
    pub quote_character: Option<char>,
    /// Whether quoted fields may contain the record delimiter.
    pub allow_quoted_record_delimiter: bool,
}

impl Default for CsvInput {
    fn default() -> Self {
        CsvInput {
            file_header_info: FileHeaderInfo::None,
            comments: Some('#'),
            quote_escape_character: '"',
            record_delimiter: "\n".to_owned(),
            field_delimiter: ",".to_owned(),
            quote_character: Some('"'),
            allow_quoted_record_delimiter: false,
        }
    }
}

/// How JSON is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonType {
    /// Documents one after another, over any number of lines.
    Document,
    /// One document in each line.
    Lines,
}

/// How the records are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OutputFormat {
    /// As CSV.
    Csv(CsvOutput),
    /// As JSON documents, each followed by a delimiter.
    Json {
        /// After each record.
        record_delimiter: String,
    },
}

/// When fields are quoted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QuoteFields {
    /// Always.
    Always,
    /// Where they would be misread otherwise.
    #[default]
    AsNeeded,
}

/// How CSV is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvOutput {
    /// When fields are quoted.
    pub quote_fields: QuoteFields,
    /// Stands before a quote character within a quoted field.
    pub quote_escape_character: String,
    /// After each record.
    pub record_delimiter: String,
    /// Between fields.
    pub field_delimiter: String,
    /// Around quoted fields.
    pub quote_character: String,
}

impl Default for CsvOutput {
    fn default() -> Self {
        CsvOutput {
            quote_fields: QuoteFields::AsNeeded,
            quote_escape_character: "\"".to_owned(),
            record_delimiter: "\n".to_owned(),
            field_delimiter: ",".to_owned(),
            quote_character: "\"".to_owned(),
        }
    }
}

/// The part of an object that is read: the records that begin in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScanRange {
    /// First byte, counted from zero. Without it `end` is a number of bytes at the end of the object.
    pub start: Option<u64>,
    /// Last byte.
    pub end: Option<u64>,
}

/// A request whose expression was read and whose options agree.
#[derive(Debug)]
pub struct Query {
    pub(crate) request: Request,
    pub(crate) plan: Plan,
}

impl Query {
    /// Reads the expression and checks the options.
    ///
    /// # Errors
    /// What AWS answers before it looks at the object.
    pub fn new(request: Request) -> Result<Self, Error> {
        if request.expression.len() > LONGEST_EXPRESSION {
            return Err(Code::ExpressionTooLong.into());
        }
        input::check(&request)?;
        let plan = sql::plan(&request.expression)?;
        if !plan.source.is_empty() && !matches!(request.input, InputFormat::Json(_)) {
            return Err(Code::DataSourcePathUnsupported.into());
        }
        Ok(Query { request, plan })
    }

    /// Runs the query. Events go to `sink` as they come; when it breaks, the query ends quietly.
    ///
    /// It blocks while it reads the object.
    ///
    /// # Errors
    /// What is wrong with the object, or what the expression makes of it. Events may have gone out before.
    pub fn run(
        &self,
        object: &Arc<dyn Object>,
        sink: &mut dyn FnMut(Event) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let mut execution = Execution::new(self, sink);
        input::read(self, object, &mut execution)?;
        execution.finish()
    }
}
