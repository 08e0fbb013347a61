//! What can be wrong with a query or with the object it reads: S3 Select's error codes and their texts.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#SelectObjectContentErrorCodeList>

macro_rules! codes {
    ($($code:ident: $text:literal,)+) => {
        /// An error code of S3 Select. All are answered with status 400, but for the last two.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code {
            $(#[doc = $text] $code,)+
        }

        impl Code {
            /// The code as AWS writes it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Code::$code => stringify!($code),)+
                }
            }

            /// The text that says what the code means.
            fn text(self) -> &'static str {
                match self {
                    $(Code::$code => $text,)+
                }
            }
        }
    };
}

codes! {
    AmbiguousFieldName: "Field name matches to multiple fields in the file. Check the SQL expression and the file, and try again.",
    CastFailed: "Attempt to convert from one data type to another using CAST failed in the SQL expression.",
    ColumnTooLong: "The length of a column in the result is greater than maxCharsPerColumn of 1 MB.",
    CSVEscapingRecordDelimiter: "A quoted record delimiter was found in the file. To allow quoted record delimiters, set AllowQuotedRecordDelimiter to 'TRUE'.",
    CSVParsingError: "Encountered an error parsing the CSV file. Check the file and try again.",
    CSVUnescapedQuote: "An unescaped quote was found while parsing the CSV file. To allow quoted record delimiters, set AllowQuotedRecordDelimiter to 'TRUE'.",
    DataSourcePathUnsupported: "Data source paths are only supported for JSON objects.",
    EmptyRequestBody: "Request body cannot be empty.",
    EvaluatorBindingDoesNotExist: "A column name or a path provided does not exist in the SQL expression.",
    EvaluatorInvalidArguments: "Incorrect number of arguments in the function call in the SQL expression.",
    EvaluatorInvalidTimestampFormatPattern: "Invalid time stamp format string in the SQL expression.",
    EvaluatorInvalidTimestampFormatPatternSymbol: "Time stamp format pattern contains an invalid symbol in the SQL expression.",
    EvaluatorLikePatternInvalidEscapeSequence: "Invalid escape sequence in the pattern of the LIKE clause in the SQL expression.",
    EvaluatorNegativeLimit: "LIMIT must not be negative.",
    EvaluatorTimestampFormatPatternHourClockAmPmMismatch: "Time stamp format pattern contains a 12-hour hour of day format symbol but doesn't also contain an AM/PM field, or it contains a 24-hour hour of day format specifier and contains an AM/PM field in the SQL expression.",
    EvaluatorUnterminatedTimestampFormatPatternToken: "Time stamp format pattern contains an unterminated token in the SQL expression.",
    ExpressionTooLong: "The SQL expression is too long: The maximum byte-length for the SQL expression is 256 KB.",
    IllegalSqlFunctionArgument: "Illegal argument was used in the SQL function.",
    IncorrectSqlFunctionArgumentType: "Incorrect type of arguments in function call in the SQL expression.",
    IntegerOverflow: "Integer overflow or underflow in the SQL expression.",
    InvalidColumnIndex: "Column index in the SQL expression is invalid.",
    InvalidCompressionFormat: "The file is not in a supported compression format. Only GZIP and BZIP2 are supported.",
    InvalidDataSource: "Invalid data source type. Only CSV, JSON, and Parquet are supported.",
    InvalidDataType: "The SQL expression contains an invalid data type.",
    InvalidKeyPath: "Key path in the SQL expression is invalid.",
    InvalidRequestParameter: "The value of a parameter in SelectRequest element is invalid. Check the service API documentation and try again.",
    InvalidTextEncoding: "Invalid encoding type. Only UTF-8 encoding is supported.",
    JSONParsingError: "Encountered an error parsing the JSON file. Check the file and try again.",
    LexerInvalidChar: "The SQL expression contains an invalid character.",
    LexerInvalidIONLiteral: "The SQL expression contains an invalid operator.",
    LexerInvalidLiteral: "The SQL expression contains an invalid operator.",
    LikeInvalidInputs: "Invalid argument given to the LIKE clause in the SQL expression.",
    MissingHeaders: "Some headers in the query are missing from the file. Check the file and try again.",
    MultipleDataSourcesUnsupported: "Multiple data sources are not supported.",
    ObjectSerializationConflict: "The SelectRequest entity can contain only one of CSV, JSON or Parquet. Check the service documentation and try again.",
    OverMaxColumn: "The number of columns in the result is greater than the maximum allowable number of columns.",
    OverMaxRecordSize: "The character number in one record is more than our max threshold, maxCharsPerRecord: 1,048,576",
    ParquetParsingError: "Encountered an error parsing the Parquet file. Check the file and try again.",
    ParquetUnsupportedCompressionCodec: "The specified Parquet compression codec is not supported.",
    ParseAsteriskIsNotAloneInSelectList: "Other expressions are not allowed in the SELECT list when '*' is used without dot notation in the SQL expression.",
    ParseCannotMixSqbAndWildcardInSelectList: "Cannot mix [] and * in the same expression in a SELECT list in SQL expression.",
    ParseCastArity: "The SQL expression CAST has incorrect arity.",
    ParseEmptySelect: "The SQL expression contains an empty SELECT.",
    ParseExpectedDatePart: "Did not find the expected date part in the SQL expression.",
    ParseExpectedExpression: "Did not find the expected SQL expression.",
    ParseExpectedIdentForAlias: "Did not find the expected identifier for the alias in the SQL expression.",
    ParseExpectedIdentForGroupName: "GROUP is not supported in the SQL expression.",
    ParseExpectedKeyword: "Did not find the expected keyword in the SQL expression.",
    ParseExpectedNumber: "Did not find the expected number in the SQL expression.",
    ParseExpectedTypeName: "Did not find the expected type name in the SQL expression.",
    ParseInvalidPathComponent: "The SQL expression contains an invalid path component.",
    ParseMalformedJoin: "JOIN is not supported in the SQL expression.",
    ParseSelectMissingFrom: "The SQL expression contains a missing FROM after SELECT list.",
    ParseUnexpectedKeyword: "The SQL expression contains an unexpected keyword.",
    ParseUnexpectedToken: "The SQL expression contains an unexpected token.",
    ParseUnsupportedCallWithStar: "Only COUNT with (*) as a parameter is supported in the SQL expression.",
    ParseUnsupportedSelect: "The SQL expression contains an unsupported use of SELECT.",
    ParseUnsupportedSyntax: "The SQL expression contains unsupported syntax.",
    TruncatedInput: "Object decompression failed. Check that the object is properly compressed using the format specified in the request.",
    UnsupportedFunction: "Encountered an unsupported SQL function.",
    UnsupportedScanRangeInput: "Scan range queries are not supported on this type of object. Supported objects are uncompressed CSV objects, uncompressed JSON objects, and Parquet objects.",
    UnsupportedSqlOperation: "Encountered an unsupported SQL operation.",
    UnsupportedSqlStructure: "Encountered an unsupported SQL structure. Check the SQL Reference.",
    ValueParseFailure: "Time stamp parse failure in the SQL expression.",
    Busy: "The service is unavailable. Try again later.",
    InternalError: "Encountered an internal error.",
}

/// Why a query failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {message}", code.as_str())]
pub struct Error {
    /// AWS's code.
    pub code: Code,
    /// What AWS says about it.
    pub message: String,
}

impl Error {
    /// The code with more exact words than its own.
    pub(crate) fn with(code: Code, message: impl Into<String>) -> Self {
        Error { code, message: message.into() }
    }

    /// The status of the answer when the error is found before the first event.
    pub fn status(&self) -> u16 {
        match self.code {
            Code::Busy => 503,
            Code::InternalError => 500,
            _ => 400,
        }
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Error { code, message: code.text().to_owned() }
    }
}
