//! Scan ranges: together they give every record once.

use proptest::prelude::*;
use virga_select::{
    Code, Compression, CsvInput, CsvOutput, InputFormat, JsonType, OutputFormat, Request, ScanRange,
};

use super::{csv_with_header, request, run};

fn ranged(input: InputFormat, start: Option<u64>, end: Option<u64>) -> Request {
    let mut request = request("SELECT * FROM S3Object", input, OutputFormat::Csv(CsvOutput::default()));
    request.scan_range = Some(ScanRange { start, end });
    request
}

#[test]
fn records_belong_to_the_range_in_which_they_begin() {
    let object = b"aa,1\nbb,2\ncc,3\ndd,4\n";
    let run = |start, end| run(ranged(InputFormat::Csv(CsvInput::default()), start, end), object);
    assert_eq!(run(Some(0), Some(4)).as_deref(), Ok("aa,1\n"));
    assert_eq!(run(Some(0), Some(5)).as_deref(), Ok("aa,1\nbb,2\n"));
    assert_eq!(run(Some(1), Some(9)).as_deref(), Ok("bb,2\n"));
    assert_eq!(run(Some(10), None).as_deref(), Ok("cc,3\ndd,4\n"));
    assert_eq!(run(None, Some(7)).as_deref(), Ok("dd,4\n"));
    assert_eq!(run(None, Some(1_000)).as_deref(), Ok("aa,1\nbb,2\ncc,3\ndd,4\n"));
    assert_eq!(run(Some(1_000), None).as_deref(), Ok(""));
}

#[test]
fn the_header_is_read_in_any_range() {
    let object = b"name,age\nAnn,34\nBob,27\n";
    let mut request = ranged(csv_with_header(), Some(16), None);
    request.expression = "SELECT s.name FROM S3Object s".to_owned();
    assert_eq!(run(request, object).as_deref(), Ok("Bob\n"));
}

#[test]
fn ranges_that_are_refused() {
    let csv = || InputFormat::Csv(CsvInput::default());
    assert_eq!(run(ranged(csv(), Some(2), Some(1)), b"a\n"), Err(Code::InvalidRequestParameter));
    assert_eq!(run(ranged(csv(), None, None), b"a\n"), Err(Code::InvalidRequestParameter));
    let mut compressed = ranged(csv(), Some(1), None);
    compressed.compression = Compression::Gzip;
    assert_eq!(run(compressed, b"a\n"), Err(Code::UnsupportedScanRangeInput));
    let documents = ranged(InputFormat::Json(JsonType::Document), Some(1), None);
    assert_eq!(run(documents, b"{}"), Err(Code::UnsupportedScanRangeInput));
    let quoted = CsvInput { allow_quoted_record_delimiter: true, ..CsvInput::default() };
    let quoted = ranged(InputFormat::Csv(quoted), Some(1), None);
    assert_eq!(run(quoted, b"a\n"), Err(Code::UnsupportedScanRangeInput));
}

proptest! {
    /// Ranges that follow each other give the records of the whole object.
    #[test]
    fn ranges_share_the_records(lengths in prop::collection::vec(0_usize..20, 0..30), cut in 1_u64..60, json: bool) {
        let record = |length: &usize| match json {
            true => format!("{{\"a\":\"{}\"}}\n", "x".repeat(*length)),
            false => format!("{}\n", "x".repeat(*length)),
        };
        let object: String = lengths.iter().map(record).collect();
        let input = || match json {
            true => InputFormat::Json(JsonType::Lines),
            false => InputFormat::Csv(CsvInput::default()),
        };
        let whole = run(
            request("SELECT * FROM S3Object", input(), OutputFormat::Csv(CsvOutput::default())),
            object.as_bytes(),
        );
        let mut parts = String::new();
        let mut start = 0;
        while start < object.len() as u64 {
            let part = run(ranged(input(), Some(start), Some(start + cut - 1)), object.as_bytes());
            parts.push_str(&part.expect("the object is well-formed"));
            start += cut;
        }
        prop_assert_eq!(whole.expect("the object is well-formed"), parts);
    }
}
