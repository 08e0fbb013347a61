//! S3 Select: an expression on the first line, an object behind it, read as CSV, as JSON and as Parquet.

#![no_main]

use std::{io, ops::ControlFlow, sync::Arc};

use libfuzzer_sys::fuzz_target;
use time::OffsetDateTime;
use virga_select::{
    Compression, CsvInput, CsvOutput, FileHeaderInfo, InputFormat, JsonType, Object, OutputFormat, Query,
    Request,
};

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

fuzz_target!(|input: &[u8]| {
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let Ok(expression) = std::str::from_utf8(&input[..end]) else { return };
    let object: Arc<dyn Object> = Arc::new(Memory(input.get(end + 1..).unwrap_or_default().to_vec()));
    let csv = CsvInput {
        file_header_info: FileHeaderInfo::Use,
        allow_quoted_record_delimiter: true,
        ..CsvInput::default()
    };
    let json = || OutputFormat::Json { record_delimiter: "\n".to_owned() };
    let forms = [
        (InputFormat::Csv(csv), OutputFormat::Csv(CsvOutput::default())),
        (InputFormat::Json(JsonType::Document), json()),
        (InputFormat::Json(JsonType::Lines), OutputFormat::Csv(CsvOutput::default())),
        (InputFormat::Parquet, json()),
    ];
    for (input, output) in forms {
        let request = Request {
            expression: expression.to_owned(),
            input,
            compression: Compression::None,
            output,
            scan_range: None,
            progress: false,
            now: OffsetDateTime::UNIX_EPOCH,
        };
        if let Ok(query) = Query::new(request) {
            let _ = query.run(&object, &mut |_| ControlFlow::Continue(()));
        }
    }
});
