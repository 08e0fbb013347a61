//! CSV in and out.

use std::io::Write as _;

use bzip2::{Compression as Bzip2Level, write::BzEncoder};
use flate2::{Compression as GzipLevel, write::GzEncoder};
use virga_select::{
    Code, Compression, CsvInput, CsvOutput, FileHeaderInfo, InputFormat, OutputFormat, QuoteFields,
};

use super::{csv_with_header, events, json_output, on_csv, request, run, run_with_statistics};

const PEOPLE: &str = "Name,Age,City\nAnn,34,\"Paris, France\"\nBob,27,Rome\nCyd,41,\"\"\n";

fn csv_output() -> OutputFormat {
    OutputFormat::Csv(CsvOutput::default())
}

#[test]
fn columns_by_name_and_by_number() {
    assert_eq!(on_csv("SELECT s.name FROM S3Object s WHERE s.age > 30", PEOPLE).as_deref(), Ok("Ann\nCyd\n"));
    assert_eq!(on_csv("SELECT _2, s._1 FROM s3object s LIMIT 1", PEOPLE).as_deref(), Ok("34,Ann\n"));
    assert_eq!(on_csv("SELECT s.\"Name\" FROM S3Object s LIMIT 1", PEOPLE).as_deref(), Ok("Ann\n"));
    let everything = "Ann,34,\"Paris, France\"\nBob,27,Rome\nCyd,41,\n";
    assert_eq!(on_csv("SELECT * FROM S3Object", PEOPLE).as_deref(), Ok(everything));
    assert_eq!(on_csv("SELECT s.* FROM S3Object s", PEOPLE).as_deref(), Ok(everything));
}

#[test]
fn names_that_are_not_there() {
    assert_eq!(on_csv("SELECT s.salary FROM S3Object s", PEOPLE), Err(Code::MissingHeaders));
    assert_eq!(on_csv("SELECT s.\"name\" FROM S3Object s", PEOPLE), Err(Code::MissingHeaders));
    assert_eq!(on_csv("SELECT s.a FROM S3Object s", "a,A\n1,2\n"), Err(Code::AmbiguousFieldName));
    assert_eq!(on_csv("SELECT s._0 FROM S3Object s", PEOPLE), Err(Code::InvalidColumnIndex));
    let no_header =
        request("SELECT s.name FROM S3Object s", InputFormat::Csv(CsvInput::default()), csv_output());
    assert_eq!(run(no_header, PEOPLE.as_bytes()), Err(Code::InvalidColumnIndex));
}

#[test]
fn headers_are_used_or_ignored_or_records() {
    let run = |file_header_info| {
        let input = InputFormat::Csv(CsvInput { file_header_info, ..CsvInput::default() });
        run(request("SELECT * FROM S3Object LIMIT 1", input, json_output()), b"a,b\n1,2\n")
    };
    assert_eq!(run(FileHeaderInfo::Use).as_deref(), Ok("{\"a\":\"1\",\"b\":\"2\"}\n"));
    assert_eq!(run(FileHeaderInfo::Ignore).as_deref(), Ok("{\"_1\":\"1\",\"_2\":\"2\"}\n"));
    assert_eq!(run(FileHeaderInfo::None).as_deref(), Ok("{\"_1\":\"a\",\"_2\":\"b\"}\n"));
}

#[test]
fn aggregates() {
    let cases = [
        ("SELECT COUNT(*) FROM S3Object", "3\n"),
        (
            "SELECT SUM(CAST(s.age AS INT)), MIN(s.name), MAX(CAST(age AS INT)) FROM S3Object s",
            "102,Ann,41\n",
        ),
        ("SELECT AVG(CAST(s.age AS INT)) + 1 FROM S3Object s", "35\n"),
        ("SELECT COUNT(s.age) FROM S3Object s WHERE s.age < 30", "1\n"),
        ("SELECT SUM(CAST(s.age AS INT)) FROM S3Object s WHERE s.age < 0", "\n"),
        ("SELECT COUNT(*) FROM S3Object LIMIT 1", "3\n"),
    ];
    for (expression, expected) in cases {
        assert_eq!(on_csv(expression, PEOPLE).as_deref(), Ok(expected), "{expression}");
    }
    let mixed = on_csv("SELECT s.name, COUNT(*) FROM S3Object s", PEOPLE);
    assert_eq!(mixed, Err(Code::UnsupportedSqlStructure));
    assert_eq!(
        on_csv("SELECT SUM(s.name) FROM S3Object s", PEOPLE),
        Err(Code::IncorrectSqlFunctionArgumentType)
    );
    assert_eq!(on_csv("SELECT SUM(*) FROM S3Object s", PEOPLE), Err(Code::ParseUnsupportedCallWithStar));
}

#[test]
fn delimiters_quotes_and_comments() {
    let input = InputFormat::Csv(CsvInput {
        file_header_info: FileHeaderInfo::None,
        comments: Some(';'),
        quote_escape_character: '\\',
        record_delimiter: "||".to_owned(),
        field_delimiter: "\t".to_owned(),
        quote_character: Some('\''),
        allow_quoted_record_delimiter: true,
    });
    let output = OutputFormat::Csv(CsvOutput {
        quote_fields: QuoteFields::Always,
        quote_escape_character: "/".to_owned(),
        record_delimiter: "!\n".to_owned(),
        field_delimiter: ";".to_owned(),
        quote_character: "'".to_owned(),
    });
    let object = b"; a remark||a\t'it\\'s'||'x||y'\tz||";
    let records = run(request("SELECT * FROM S3Object", input, output), object);
    assert_eq!(records.as_deref(), Ok("'a';'it/'s'!\n'x||y';'z'!\n"));
}

#[test]
fn quoted_record_delimiters_must_be_allowed() {
    let object = "a,b\n1,\"x\ny\"\n";
    assert_eq!(on_csv("SELECT s.b FROM S3Object s", object), Err(Code::CSVEscapingRecordDelimiter));
    let input = InputFormat::Csv(CsvInput { allow_quoted_record_delimiter: true, ..CsvInput::default() });
    let records = run(request("SELECT s._2 FROM S3Object s", input, json_output()), object.as_bytes());
    assert_eq!(records.as_deref(), Ok("{\"_2\":\"b\"}\n{\"_2\":\"x\\ny\"}\n"));
    assert_eq!(on_csv("SELECT * FROM S3Object", "a\n\"x\"y\n"), Err(Code::CSVUnescapedQuote));
}

#[test]
fn lines_may_end_as_on_windows_and_begin_with_a_mark() {
    let object = "\u{feff}name,age\r\nAnn,34\r\n";
    assert_eq!(on_csv("SELECT s.name, s.age FROM S3Object s", object).as_deref(), Ok("Ann,34\n"));
}

#[test]
fn only_utf_8_is_read() {
    let request = request("SELECT * FROM S3Object", InputFormat::Csv(CsvInput::default()), csv_output());
    let error = run_with_statistics(request, b"a,b\nc,\xff\n").expect_err("not UTF-8");
    assert_eq!(error.code, Code::InvalidTextEncoding);
    assert_eq!(error.message, "UTF-8 encoding is required. The text encoding error was found near byte 6.");
}

#[test]
fn compressed_objects() {
    let mut gzip = GzEncoder::new(Vec::new(), GzipLevel::default());
    gzip.write_all(PEOPLE.as_bytes()).expect("memory takes it");
    let gzip = gzip.finish().expect("memory takes it");
    let mut bzip2 = BzEncoder::new(Vec::new(), Bzip2Level::default());
    bzip2.write_all(PEOPLE.as_bytes()).expect("memory takes it");
    let bzip2 = bzip2.finish().expect("memory takes it");
    let query = |compression| {
        let mut request = request("SELECT COUNT(*) FROM S3Object", csv_with_header(), csv_output());
        request.compression = compression;
        request
    };
    for (compression, object) in [(Compression::Gzip, &gzip), (Compression::Bzip2, &bzip2)] {
        let (records, statistics) =
            run_with_statistics(query(compression), object).expect("it is compressed so");
        assert_eq!(records, "3\n");
        assert_eq!(statistics.scanned, object.len() as u64);
        assert_eq!(statistics.processed, PEOPLE.len() as u64);
        assert_eq!(statistics.returned, 2);
    }
    assert_eq!(run(query(Compression::Gzip), PEOPLE.as_bytes()), Err(Code::InvalidCompressionFormat));
    assert_eq!(run(query(Compression::Bzip2), PEOPLE.as_bytes()), Err(Code::InvalidCompressionFormat));
    assert_eq!(run(query(Compression::Gzip), &gzip[..gzip.len() - 9]), Err(Code::TruncatedInput));
    let twice = [gzip.clone(), gzip].concat();
    assert_eq!(run(query(Compression::Gzip), &twice).as_deref(), Ok("7\n"));
}

/// What is read of a compressed object is longer than the object.
#[test]
fn compressed_objects_are_read_to_their_end() {
    let lines: String = (0..20_000).map(|number| format!("{number},text\n")).collect();
    let documents: String = (0..20_000).map(|number| format!("{{\"n\":{number}}}\n")).collect();
    let gzip = |text: &str| {
        let mut gzip = GzEncoder::new(Vec::new(), GzipLevel::default());
        gzip.write_all(text.as_bytes()).expect("memory takes it");
        gzip.finish().expect("memory takes it")
    };
    let bzip2 = |text: &str| {
        let mut bzip2 = BzEncoder::new(Vec::new(), Bzip2Level::default());
        bzip2.write_all(text.as_bytes()).expect("memory takes it");
        bzip2.finish().expect("memory takes it")
    };
    let csv = InputFormat::Csv(CsvInput::default());
    let inputs = [(csv, &lines), (InputFormat::Json(virga_select::JsonType::Lines), &documents)];
    for (input, text) in inputs {
        let count = |compression, object: &[u8]| {
            let mut request = request("SELECT COUNT(*) FROM S3Object", input.clone(), csv_output());
            request.compression = compression;
            run(request, object)
        };
        let (gzip, bzip2) = (gzip(text), bzip2(text));
        assert!(gzip.len() < text.len() && bzip2.len() < text.len());
        assert_eq!(count(Compression::Gzip, &gzip).as_deref(), Ok("20000\n"));
        assert_eq!(count(Compression::Bzip2, &bzip2).as_deref(), Ok("20000\n"));
        // What is cut or damaged has no count.
        assert_eq!(count(Compression::Gzip, &gzip[..gzip.len() / 2]), Err(Code::TruncatedInput));
        assert_eq!(count(Compression::Gzip, &gzip[..gzip.len() - 4]), Err(Code::TruncatedInput));
        assert_eq!(count(Compression::Bzip2, &bzip2[..bzip2.len() - 100]), Err(Code::TruncatedInput));
        let mut damaged = gzip.clone();
        let sum = damaged.len() - 6;
        damaged[sum] ^= 1;
        assert_eq!(count(Compression::Gzip, &damaged), Err(Code::InvalidCompressionFormat));
    }
}

#[test]
fn large_objects_come_in_pieces_with_progress() {
    let mut object = String::new();
    for number in 0..1_000_000 {
        object.push_str(&format!("{number},some text of the record\n"));
    }
    let mut query = request("SELECT * FROM S3Object", InputFormat::Csv(CsvInput::default()), csv_output());
    query.progress = true;
    let events = events(query, object.as_bytes()).expect("it is CSV");
    let records: usize = events
        .iter()
        .filter_map(|event| match event {
            virga_select::Event::Records(piece) => Some(piece.len()),
            _ => None,
        })
        .sum();
    assert_eq!(records, object.len());
    let progress = events.iter().filter(|event| matches!(event, virga_select::Event::Progress(_))).count();
    assert!(progress > 2, "{progress}");
    assert_eq!(events.last(), Some(&virga_select::Event::End));
}
