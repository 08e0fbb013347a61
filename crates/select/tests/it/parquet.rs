//! Parquet in.

use std::sync::Arc;

use parquet::{
    basic::{Compression as Codec, GzipLevel},
    data_type::{ByteArray, ByteArrayType, DoubleType, Int32Type, Int64Type},
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::parser::parse_message_type,
};
use virga_select::{Code, Compression, CsvOutput, InputFormat, OutputFormat, ScanRange};

use super::{json_output, request, run, run_with_statistics};

const SCHEMA: &str = "message people {
    required binary name (STRING);
    optional int64 age;
    required double height;
    required int32 born (DATE);
    required int64 seen (TIMESTAMP(MILLIS, true));
    required int32 balance (DECIMAL(9, 2));
}";

/// A file of so many row groups of two people each.
fn file(codec: Codec, groups: i64) -> Vec<u8> {
    let schema = Arc::new(parse_message_type(SCHEMA).expect("the schema is right"));
    let properties = Arc::new(WriterProperties::builder().set_compression(codec).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).expect("memory takes it");
    for group in 0..groups {
        let mut row_group = writer.next_row_group().expect("memory takes it");
        let names = [ByteArray::from("Ann"), ByteArray::from("Bob")];
        let mut column = row_group.next_column().expect("the schema has it").expect("the schema has it");
        column.typed::<ByteArrayType>().write_batch(&names, None, None).expect("memory takes it");
        column.close().expect("memory takes it");
        let mut column = row_group.next_column().expect("the schema has it").expect("the schema has it");
        column.typed::<Int64Type>().write_batch(&[30 + group], Some(&[1, 0]), None).expect("memory takes it");
        column.close().expect("memory takes it");
        let mut column = row_group.next_column().expect("the schema has it").expect("the schema has it");
        column.typed::<DoubleType>().write_batch(&[1.75, 1.8], None, None).expect("memory takes it");
        column.close().expect("memory takes it");
        let mut column = row_group.next_column().expect("the schema has it").expect("the schema has it");
        column.typed::<Int32Type>().write_batch(&[0, 365], None, None).expect("memory takes it");
        column.close().expect("memory takes it");
        let mut column = row_group.next_column().expect("the schema has it").expect("the schema has it");
        column.typed::<Int64Type>().write_batch(&[0, 1_500], None, None).expect("memory takes it");
        column.close().expect("memory takes it");
        let mut column = row_group.next_column().expect("the schema has it").expect("the schema has it");
        column.typed::<Int32Type>().write_batch(&[-5, 12_345], None, None).expect("memory takes it");
        column.close().expect("memory takes it");
        row_group.close().expect("memory takes it");
    }
    writer.into_inner().expect("memory takes it")
}

#[test]
fn rows() {
    for codec in [Codec::UNCOMPRESSED, Codec::SNAPPY, Codec::GZIP(GzipLevel::default())] {
        let query = request("SELECT * FROM S3Object s", InputFormat::Parquet, json_output());
        let expected = concat!(
            "{\"name\":\"Ann\",\"age\":30,\"height\":1.75,\"born\":\"1970-01-01T\",",
            "\"seen\":\"1970-01-01T00:00:00.000Z\",\"balance\":-0.05}\n",
            "{\"name\":\"Bob\",\"age\":null,\"height\":1.8,\"born\":\"1971-01-01T\",",
            "\"seen\":\"1970-01-01T00:00:01.500Z\",\"balance\":123.45}\n",
        );
        assert_eq!(run(query, &file(codec, 1)).as_deref(), Ok(expected));
    }
}

#[test]
fn columns_and_conditions() {
    let csv = || OutputFormat::Csv(CsvOutput::default());
    let object = file(Codec::SNAPPY, 3);
    let cases = [
        ("SELECT s.name FROM S3Object s WHERE s.age > 30", "Ann\nAnn\n"),
        ("SELECT COUNT(*), SUM(s.age) FROM S3Object s", "6,93\n"),
        ("SELECT COUNT(*) FROM S3Object s WHERE s.age IS NULL", "3\n"),
        ("SELECT s.name FROM S3Object s WHERE s.born > `1970-06T` LIMIT 1", "Bob\n"),
        ("SELECT SUM(s.balance) FROM S3Object s", "370.20\n"),
        ("SELECT s.unknown FROM S3Object s LIMIT 1", "\n"),
    ];
    for (expression, expected) in cases {
        let records = run(request(expression, InputFormat::Parquet, csv()), &object);
        assert_eq!(records.as_deref(), Ok(expected), "{expression}");
    }
    let scanned = |expression| {
        let request = request(expression, InputFormat::Parquet, csv());
        run_with_statistics(request, &object).expect("it is Parquet").1.scanned
    };
    let (one, all) = (scanned("SELECT s.name FROM S3Object s"), scanned("SELECT * FROM S3Object s"));
    assert!(one < all, "{one} {all}");
}

#[test]
fn ranges_choose_row_groups() {
    let object = file(Codec::UNCOMPRESSED, 4);
    let count = |start, end| {
        let mut request = request("SELECT COUNT(*) FROM S3Object s", InputFormat::Parquet, json_output());
        request.scan_range = Some(ScanRange { start, end });
        run(request, &object)
    };
    assert_eq!(count(Some(0), Some(4)).as_deref(), Ok("{\"_1\":2}\n"));
    assert_eq!(count(Some(5), None).as_deref(), Ok("{\"_1\":6}\n"));
}

#[test]
fn what_is_no_parquet() {
    let query = || request("SELECT * FROM S3Object s", InputFormat::Parquet, json_output());
    let object = file(Codec::SNAPPY, 1);
    for broken in [&b""[..], b"PAR1", &object[..object.len() - 3], b"name,age\nAnn,34\n"] {
        assert_eq!(run(query(), broken), Err(Code::ParquetParsingError));
    }
    let mut compressed = query();
    compressed.compression = Compression::Gzip;
    assert_eq!(run(compressed, &object), Err(Code::InvalidCompressionFormat));
}
