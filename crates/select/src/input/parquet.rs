//! Parquet: rows of typed columns, row group by row group. Only the columns that the expression asks for are read.

use std::{
    io::{self, BufReader, Read},
    sync::Arc,
};

use bytes::Bytes;
use parquet::{
    basic::Compression as Codec,
    data_type::Decimal as ParquetDecimal,
    errors::ParquetError,
    file::{
        reader::{ChunkReader, FileReader, Length, RowGroupReader},
        serialized_reader::SerializedFileReader,
    },
    record::{Field, Row as ParquetRow},
    schema::types::Type,
};
use time::{Duration, OffsetDateTime};

use super::{Object, bounds, source::Sequential};
use crate::{
    Code, Error, Query,
    decimal::Decimal,
    evaluate::Row,
    execution::{Counter, Execution, Wanted},
    sql::{Path, Projection, Step},
    timestamp::{Precision, Timestamp},
    value::Value,
};

/// Largest piece of the object that is read at once: a page or the description of the file.
const LARGEST_PIECE: usize = 512 << 20;

/// Reads the rows of an object.
pub(super) fn read(
    query: &Query,
    object: &Arc<dyn Object>,
    execution: &mut Execution<'_>,
) -> Result<(), Error> {
    let scanned = execution.scanned.clone();
    let Some((start, end)) = bounds(&query.request, object.length()) else {
        return Err(Code::ParquetParsingError.into());
    };
    let file = File { object: object.clone(), scanned, processed: execution.processed.clone() };
    let file = SerializedFileReader::new(file).map_err(|error| failure(&error))?;
    let schema = file.metadata().file_metadata().schema();
    let projection = projection(query, schema)?;
    for index in 0..file.num_row_groups() {
        let group = file.get_row_group(index).map_err(|error| failure(&error))?;
        // A row group belongs to the range in which it begins.
        let begin = group.metadata().file_offset().and_then(|offset| u64::try_from(offset).ok());
        let begin = begin.or_else(|| group.metadata().columns().first().map(|column| column.byte_range().0));
        if begin.is_some_and(|begin| begin < start || begin > end) {
            continue;
        }
        check_codecs(&*group)?;
        for row in group.get_row_iter(projection.clone()).map_err(|error| failure(&error))? {
            let value = structure(row.map_err(|error| failure(&error))?)?;
            if execution.record(Row::Document(&value))? == Wanted::NoMore {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn failure(error: &ParquetError) -> Error {
    match error {
        ParquetError::NYI(_) => Code::ParquetUnsupportedCompressionCodec.into(),
        _ => Code::ParquetParsingError.into(),
    }
}

fn check_codecs(group: &dyn RowGroupReader) -> Result<(), Error> {
    let known = |codec| matches!(codec, Codec::UNCOMPRESSED | Codec::SNAPPY | Codec::GZIP(_));
    if group.metadata().columns().iter().all(|column| known(column.compression())) {
        Ok(())
    } else {
        Err(Code::ParquetUnsupportedCompressionCodec.into())
    }
}

/// The columns that the expression asks for; all when it asks for the whole record or for none.
fn projection(query: &Query, schema: &Type) -> Result<Option<Type>, Error> {
    if matches!(query.plan.projection, Projection::All) {
        return Ok(None);
    }
    let names = |path: &Path| match path.0.first() {
        Some(Step::Field { name, quoted }) => Some((name.clone(), *quoted)),
        _ => None,
    };
    let Some(wanted) = query.plan.paths.iter().map(names).collect::<Option<Vec<_>>>() else {
        return Ok(None);
    };
    let is_wanted = |field: &&Arc<Type>| {
        wanted
            .iter()
            .any(|(name, quoted)| field.name() == name || !quoted && field.name().eq_ignore_ascii_case(name))
    };
    let fields: Vec<_> = schema.get_fields().iter().filter(is_wanted).cloned().collect();
    if fields.is_empty() {
        return Ok(None);
    }
    Type::group_type_builder(schema.name())
        .with_fields(fields)
        .build()
        .map(Some)
        .map_err(|error| failure(&error))
}

fn structure(row: ParquetRow) -> Result<Value, Error> {
    let fields = row.into_columns().into_iter();
    let fields = fields.map(|(name, field)| Ok((name, value(field)?)));
    fields.collect::<Result<_, Error>>().map(Value::Structure)
}

fn value(field: Field) -> Result<Value, Error> {
    Ok(match field {
        Field::Null => Value::Null,
        Field::Bool(value) => Value::Bool(value),
        Field::Byte(number) => Value::Integer(number.into()),
        Field::Short(number) => Value::Integer(number.into()),
        Field::Int(number) | Field::TimeMillis(number) => Value::Integer(number.into()),
        Field::Long(number) | Field::TimeMicros(number) => Value::Integer(number),
        Field::UByte(number) => Value::Integer(number.into()),
        Field::UShort(number) => Value::Integer(number.into()),
        Field::UInt(number) => Value::Integer(number.into()),
        Field::ULong(number) => match i64::try_from(number) {
            Ok(number) => Value::Integer(number),
            Err(_) => Value::Decimal(Decimal::from_parts(number.into(), 0).ok_or(Code::IntegerOverflow)?),
        },
        Field::Float16(number) => Value::Float(number.into()),
        // The digits that the narrower float has, not those that it gets as a wider one.
        Field::Float(number) => Value::Float(number.to_string().parse().unwrap_or_else(|_| number.into())),
        Field::Double(number) => Value::Float(number),
        Field::Decimal(number) => decimal(&number)?,
        Field::Str(text) => Value::String(text),
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Value::String(text.to_owned()),
            Err(_) => return Err(Code::InvalidTextEncoding.into()),
        },
        Field::Date(days) => time(Duration::days(days.into()), Precision::Day)?,
        Field::TimestampMillis(number) => time(Duration::milliseconds(number), Precision::Fraction(3))?,
        Field::TimestampMicros(number) => time(Duration::microseconds(number), Precision::Fraction(6))?,
        Field::Group(row) => structure(row)?,
        Field::ListInternal(list) => {
            Value::List(list.elements().iter().cloned().map(value).collect::<Result<_, _>>()?)
        }
        Field::MapInternal(map) => {
            let entry = |(name, entry): &(Field, Field)| Ok((name.to_string(), value(entry.clone())?));
            Value::Structure(map.entries().iter().map(entry).collect::<Result<_, Error>>()?)
        }
    })
}

fn time(since_epoch: Duration, precision: Precision) -> Result<Value, Error> {
    let instant = OffsetDateTime::UNIX_EPOCH.checked_add(since_epoch).ok_or(Code::ValueParseFailure)?;
    Ok(Value::Timestamp(Timestamp { instant, precision }))
}

/// A decimal is stored as the bytes of its mantissa, the highest first.
fn decimal(number: &ParquetDecimal) -> Result<Value, Error> {
    let bytes = number.data();
    let negative = bytes.first().is_some_and(|first| *first >= 0x80);
    let extended = bytes
        .iter()
        .fold(if negative { -1_i128 } else { 0 }, |mantissa, byte| mantissa << 8 | i128::from(*byte));
    if bytes.len() > 16 {
        return Err(Code::IntegerOverflow.into());
    }
    let scale = u32::try_from(number.scale()).ok();
    let decimal = scale.and_then(|scale| Decimal::from_parts(extended, scale));
    decimal.map(Value::Decimal).ok_or_else(|| Code::IntegerOverflow.into())
}

/// The object as the field's reader of Parquet wants it.
struct File {
    object: Arc<dyn Object>,
    scanned: Counter,
    processed: Counter,
}

impl Length for File {
    fn len(&self) -> u64 {
        self.object.length()
    }
}

impl ChunkReader for File {
    type T = BufReader<Sequential>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(BufReader::new(Sequential { object: self.object.clone(), offset: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = start.checked_add(length as u64);
        if length > LARGEST_PIECE || end.is_none_or(|end| end > self.object.length()) {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into());
        }
        let mut bytes = vec![0; length];
        Sequential { object: self.object.clone(), offset: start }.read_exact(&mut bytes)?;
        self.scanned.add(length);
        self.processed.add(length);
        Ok(bytes.into())
    }
}
