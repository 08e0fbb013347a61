//! The query that a request asks for.

use time::OffsetDateTime;
use virga_api::s3 as api;
use virga_model::{ApiError, Timestamp};
use virga_select::{
    Compression, CsvInput, CsvOutput, FileHeaderInfo, InputFormat, JsonType, OutputFormat, QuoteFields,
    Request, ScanRange,
};

use crate::Error;

/// The query of SelectObjectContent.
pub fn of_operation(now: Timestamp, input: &api::SelectObjectContentRequest) -> Result<Request, Error> {
    let scan_range = input.scan_range().map(|range| {
        let place = |place: Option<i64>| {
            place.map(|place| u64::try_from(place).map_err(|_| bad_parameter())).transpose()
        };
        Ok::<_, Error>(ScanRange { start: place(range.start())?, end: place(range.end())? })
    });
    let mut request = of_parts(
        now,
        (input.expression_type(), input.expression()),
        input.input_serialization(),
        input.output_serialization(),
    )?;
    request.scan_range = scan_range.transpose()?;
    request.progress = input.request_progress().and_then(api::RequestProgress::enabled).unwrap_or(false);
    Ok(request)
}

/// The query of an expression with its two formats.
pub fn of_parts(
    now: Timestamp,
    (expression_type, expression): (&str, &str),
    input: &api::InputSerialization,
    output: &api::OutputSerialization,
) -> Result<Request, Error> {
    if expression_type != "SQL" {
        return Err(error(
            "InvalidExpressionType",
            "The ExpressionType is invalid. Only SQL expressions are supported.",
        ));
    }
    let now = OffsetDateTime::from_unix_timestamp_nanos(i128::from(now.micros()) * 1_000);
    Ok(Request {
        expression: expression.to_owned(),
        input: input_format(input)?,
        compression: compression(input.compression_type())?,
        output: output_format(output)?,
        scan_range: None,
        progress: false,
        now: now.unwrap_or(OffsetDateTime::UNIX_EPOCH),
    })
}

fn compression(name: Option<&str>) -> Result<Compression, Error> {
    match name {
        None | Some("NONE" | "") => Ok(Compression::None),
        Some("GZIP") => Ok(Compression::Gzip),
        Some("BZIP2") => Ok(Compression::Bzip2),
        Some(_) => Err(error(
            "InvalidCompressionFormat",
            "The file is not in a supported compression format. Only GZIP and BZIP2 are supported.",
        )),
    }
}

fn input_format(input: &api::InputSerialization) -> Result<InputFormat, Error> {
    match (input.csv(), input.json(), input.parquet()) {
        (Some(csv), None, None) => csv_input(csv).map(InputFormat::Csv),
        (None, Some(json), None) => match json.r#type() {
            Some("DOCUMENT") => Ok(InputFormat::Json(JsonType::Document)),
            Some("LINES") => Ok(InputFormat::Json(JsonType::Lines)),
            _ => Err(error(
                "InvalidJsonType",
                "The JsonType is invalid. Only DOCUMENT and LINES are supported.",
            )),
        },
        (None, None, Some(_)) => Ok(InputFormat::Parquet),
        (None, None, None) => Err(missing_parameter()),
        _ => Err(error(
            "ObjectSerializationConflict",
            "InputSerialization specifies more than one format (CSV, JSON, or Parquet). Only one is allowed.",
        )),
    }
}

fn csv_input(csv: &api::CSVInput) -> Result<CsvInput, Error> {
    let usual = CsvInput::default();
    let file_header_info = match csv.file_header_info() {
        None | Some("NONE" | "") => FileHeaderInfo::None,
        Some("USE") => FileHeaderInfo::Use,
        Some("IGNORE") => FileHeaderInfo::Ignore,
        Some(_) => {
            let text = "The FileHeaderInfo is invalid. Only NONE, USE, and IGNORE are supported.";
            return Err(error("InvalidFileHeaderInfo", text));
        }
    };
    let quote_character = match csv.quote_character() {
        // An empty character turns quoting off.
        Some("") => None,
        Some(text) => Some(character(text)?),
        None => usual.quote_character,
    };
    Ok(CsvInput {
        file_header_info,
        comments: csv
            .comments()
            .filter(|text| !text.is_empty())
            .map(character)
            .transpose()?
            .or(usual.comments),
        quote_escape_character: match csv.quote_escape_character().filter(|text| !text.is_empty()) {
            Some(text) => character(text)?,
            None => usual.quote_escape_character,
        },
        record_delimiter: csv.record_delimiter().map_or(usual.record_delimiter, ToOwned::to_owned),
        field_delimiter: csv.field_delimiter().map_or(usual.field_delimiter, ToOwned::to_owned),
        quote_character,
        allow_quoted_record_delimiter: csv.allow_quoted_record_delimiter().unwrap_or(false),
    })
}

fn character(text: &str) -> Result<char, Error> {
    let mut characters = text.chars();
    match (characters.next(), characters.next()) {
        (Some(character), None) => Ok(character),
        _ => Err(bad_parameter()),
    }
}

fn output_format(output: &api::OutputSerialization) -> Result<OutputFormat, Error> {
    match (output.csv(), output.json()) {
        (Some(csv), None) => csv_output(csv).map(OutputFormat::Csv),
        (None, Some(json)) => {
            Ok(OutputFormat::Json { record_delimiter: json.record_delimiter().unwrap_or("\n").to_owned() })
        }
        (None, None) => Err(missing_parameter()),
        (Some(_), Some(_)) => Err(error(
            "ObjectSerializationConflict",
            "OutputSerialization specifies both CSV and JSON. Only one is allowed.",
        )),
    }
}

fn csv_output(csv: &api::CSVOutput) -> Result<CsvOutput, Error> {
    let usual = CsvOutput::default();
    let quote_fields = match csv.quote_fields() {
        None | Some("ASNEEDED" | "") => QuoteFields::AsNeeded,
        Some("ALWAYS") => QuoteFields::Always,
        Some(_) => {
            let text = "The QuoteFields is invalid. Only ALWAYS and ASNEEDED are supported.";
            return Err(error("InvalidQuoteFields", text));
        }
    };
    let text = |given: Option<&str>, usual: String| given.map_or(usual, ToOwned::to_owned);
    Ok(CsvOutput {
        quote_fields,
        quote_escape_character: text(csv.quote_escape_character(), usual.quote_escape_character),
        record_delimiter: text(csv.record_delimiter(), usual.record_delimiter),
        field_delimiter: text(csv.field_delimiter(), usual.field_delimiter),
        quote_character: text(csv.quote_character(), usual.quote_character),
    })
}

fn error(code: &'static str, text: &'static str) -> Error {
    ApiError::common(code, 400, text).into()
}

fn bad_parameter() -> Error {
    error(
        "InvalidRequestParameter",
        "The value of a parameter in SelectRequest element is invalid. Check the service API documentation and try again.",
    )
}

fn missing_parameter() -> Error {
    error(
        "MissingRequiredParameter",
        "The SelectRequest entity is missing a required parameter. Check the service documentation and try again.",
    )
}
