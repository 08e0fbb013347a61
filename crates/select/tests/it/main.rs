//! Queries as a caller runs them: an expression, an object, and the records that come out.

mod csv;
mod errors;
mod expressions;
mod json;
mod parquet;
mod ranges;

use std::{io, ops::ControlFlow, sync::Arc};

use time::macros::datetime;
use virga_select::{
    Code, Compression, CsvInput, CsvOutput, Error, Event, FileHeaderInfo, InputFormat, JsonType, Object,
    OutputFormat, Query, Request, Statistics,
};

/// An object in memory.
struct Memory(Vec<u8>);

impl Object for Memory {
    fn length(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

fn json_output() -> OutputFormat {
    OutputFormat::Json { record_delimiter: "\n".to_owned() }
}

fn request(expression: &str, input: InputFormat, output: OutputFormat) -> Request {
    Request {
        expression: expression.to_owned(),
        input,
        compression: Compression::None,
        output,
        scan_range: None,
        progress: false,
        now: datetime!(2024-02-29 12:30:45.678 UTC),
    }
}

fn csv_with_header() -> InputFormat {
    InputFormat::Csv(CsvInput { file_header_info: FileHeaderInfo::Use, ..CsvInput::default() })
}

/// The events of a query.
fn events(request: Request, object: &[u8]) -> Result<Vec<Event>, Error> {
    let object: Arc<dyn Object> = Arc::new(Memory(object.to_vec()));
    let mut events = Vec::new();
    Query::new(request)?.run(&object, &mut |event| {
        events.push(event);
        ControlFlow::Continue(())
    })?;
    Ok(events)
}

/// The records of a query, and its statistics.
fn run_with_statistics(request: Request, object: &[u8]) -> Result<(String, Statistics), Error> {
    let mut records = Vec::new();
    let mut statistics = Statistics::default();
    for event in events(request, object)? {
        match event {
            Event::Records(piece) => records.extend_from_slice(&piece),
            Event::Stats(all) => statistics = all,
            _ => {}
        }
    }
    Ok((String::from_utf8(records).expect("records are text"), statistics))
}

fn run(request: Request, object: &[u8]) -> Result<String, Code> {
    run_with_statistics(request, object).map(|(records, _)| records).map_err(|error| error.code)
}

/// Runs an expression on CSV with a header and writes CSV.
fn on_csv(expression: &str, object: &str) -> Result<String, Code> {
    run(request(expression, csv_with_header(), OutputFormat::Csv(CsvOutput::default())), object.as_bytes())
}

/// Runs an expression on JSON documents and writes JSON.
fn on_json(expression: &str, object: &str) -> Result<String, Code> {
    run(request(expression, InputFormat::Json(JsonType::Document), json_output()), object.as_bytes())
}

/// The value of an expression, as CSV writes it.
fn value(expression: &str) -> Result<String, Code> {
    let expression = format!("SELECT {expression} FROM S3Object s");
    let request = request(
        &expression,
        InputFormat::Json(JsonType::Document),
        OutputFormat::Csv(CsvOutput { quote_character: String::new(), ..CsvOutput::default() }),
    );
    let record = r#"{"text": "word", "number": 7, "nothing": null, "price": 1.10, "list": [1, [2]]}"#;
    run(request, record.as_bytes()).map(|records| records.trim_end_matches('\n').to_owned())
}
