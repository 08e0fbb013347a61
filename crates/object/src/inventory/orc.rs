//! An inventory as a file of Apache ORC: stripes of some rows, compressed with zlib.
//! <https://orc.apache.org/specification/ORCv1/>

mod encoding;
mod message;

use std::io;

use virga_store::Fault;

use self::encoding::{BLOCK, bits, compressed, lengths, numbers, times};
use self::message::Message;
use super::{Cell, ColumnType, column_type, snake};

const MAGIC: &[u8] = b"ORC";
/// The number of compression with zlib.
const ZLIB: u64 = 1;
/// The number of the type of a row.
const STRUCT: u64 = 12;

/// The streams of a column, by their numbers.
#[derive(Debug, Clone, Copy)]
enum Stream {
    Present = 0,
    Data = 1,
    Length = 2,
    Secondary = 5,
}

/// A file that is being written.
pub(super) struct Writer {
    out: Vec<u8>,
    stripes: Vec<Message>,
    rows: usize,
    /// How many values there are in each column.
    values: Vec<usize>,
}

impl Writer {
    /// Begins a file with these columns.
    pub(super) fn begin(columns: &[&str]) -> Self {
        Writer { out: MAGIC.to_vec(), stripes: Vec::new(), rows: 0, values: vec![0; columns.len()] }
    }

    /// Adds rows, as a stripe.
    pub(super) fn add(&mut self, rows: &[Vec<Option<Cell>>], columns: &[&str]) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        self.stripes.push(stripe(&mut self.out, rows, columns).map_err(failed)?);
        self.rows += rows.len();
        for (place, count) in self.values.iter_mut().enumerate() {
            *count += cells(rows, place).flatten().count();
        }
        Ok(())
    }

    /// Bytes so far.
    pub(super) fn length(&self) -> usize {
        self.out.len()
    }

    /// The file.
    pub(super) fn finish(mut self, columns: &[&str]) -> Result<Vec<u8>, Fault> {
        let end = footer(&self, columns).map_err(failed)?;
        self.out.extend_from_slice(&end);
        Ok(self.out)
    }
}

fn failed(error: io::Error) -> Fault {
    Fault::with_source("an inventory can't be written as ORC", error)
}

/// What comes after the stripes.
fn footer(file: &Writer, columns: &[&str]) -> io::Result<Vec<u8>> {
    let mut footer = Message::new().number(1, MAGIC.len() as u64);
    for stripe in &file.stripes {
        footer = footer.message(3, stripe);
    }
    footer = footer.number(2, file.out.len() as u64);
    for kind in types(columns) {
        footer = footer.message(4, &kind);
    }
    footer = footer.number(6, file.rows as u64);
    for statistics in statistics(file) {
        footer = footer.message(7, &statistics);
    }
    // There are no indexes, hence no rows between their entries.
    let mut out = compressed(&footer.number(8, 0).finish())?;
    let postscript = Message::new()
        .number(1, out.len() as u64)
        .number(2, ZLIB)
        .number(3, BLOCK as u64)
        .packed(4, [0, 12].into_iter())
        .number(5, 0)
        .number(6, 1)
        .bytes(8000, MAGIC)
        .finish();
    out.extend_from_slice(&postscript);
    out.push(postscript.len() as u8);
    Ok(out)
}

/// The type of a row, and those of its columns.
fn types(columns: &[&str]) -> Vec<Message> {
    let mut row = Message::new().number(1, STRUCT).packed(2, 1..=columns.len() as u64);
    for column in columns {
        row = row.bytes(3, snake(column).as_bytes());
    }
    let mut types = vec![row];
    types.extend(columns.iter().map(|column| Message::new().number(1, type_number(column_type(column)))));
    types
}

fn type_number(kind: ColumnType) -> u64 {
    match kind {
        ColumnType::Boolean => 0,
        ColumnType::Number => 4,
        ColumnType::Text => 7,
        ColumnType::Time => 9,
    }
}

/// How many values there are in all rows, and in each column.
fn statistics(file: &Writer) -> Vec<Message> {
    let of = |count: usize| Message::new().number(1, count as u64).number(10, u64::from(count < file.rows));
    let mut statistics = vec![of(file.rows)];
    statistics.extend(file.values.iter().map(|count| of(*count)));
    statistics
}

fn cells(rows: &[Vec<Option<Cell>>], place: usize) -> impl Iterator<Item = Option<&Cell>> + Clone {
    rows.iter().map(move |row| row.get(place).and_then(Option::as_ref))
}

/// Writes a stripe with these rows; its description.
fn stripe(out: &mut Vec<u8>, rows: &[Vec<Option<Cell>>], columns: &[&str]) -> io::Result<Message> {
    let offset = out.len();
    let mut footer = Message::new();
    for (place, column) in columns.iter().enumerate() {
        for (stream, bytes) in streams(cells(rows, place), column_type(column)) {
            let bytes = compressed(&bytes)?;
            let described = Message::new()
                .number(1, stream as u64)
                .number(2, place as u64 + 1)
                .number(3, bytes.len() as u64);
            footer = footer.message(1, &described);
            out.extend_from_slice(&bytes);
        }
    }
    // The row and each of its columns are written directly.
    for _ in 0..=columns.len() {
        footer = footer.message(2, &Message::new().number(1, 0));
    }
    let data = out.len() - offset;
    let footer = compressed(&footer.bytes(3, b"UTC").finish())?;
    out.extend_from_slice(&footer);
    Ok(Message::new()
        .number(1, offset as u64)
        .number(2, 0)
        .number(3, data as u64)
        .number(4, footer.len() as u64)
        .number(5, rows.len() as u64))
}

fn streams<'a>(
    cells: impl Iterator<Item = Option<&'a Cell>> + Clone,
    kind: ColumnType,
) -> Vec<(Stream, Vec<u8>)> {
    let mut streams = Vec::new();
    if cells.clone().any(|cell| cell.is_none()) {
        streams.push((Stream::Present, bits(cells.clone().map(|cell| cell.is_some()))));
    }
    let cells = cells.flatten();
    match kind {
        ColumnType::Boolean => streams.push((Stream::Data, bits(cells.filter_map(Cell::boolean)))),
        ColumnType::Number => {
            streams.push((Stream::Data, numbers(&cells.filter_map(Cell::number).collect::<Vec<_>>())));
        }
        ColumnType::Time => {
            let (seconds, rest) = times(&cells.filter_map(Cell::time).collect::<Vec<_>>());
            streams.extend([(Stream::Data, seconds), (Stream::Secondary, rest)]);
        }
        ColumnType::Text => {
            let texts = cells.filter_map(Cell::text);
            let (data, sizes): (Vec<&[u8]>, Vec<u64>) =
                texts.map(|text| (text.as_bytes(), text.len() as u64)).unzip();
            streams.extend([(Stream::Data, data.concat()), (Stream::Length, lengths(&sizes))]);
        }
    }
    streams
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_ends_with_its_postscript() {
        let row = vec![Some(Cell::Text("b".to_owned())), None];
        let mut writer = Writer::begin(&["Bucket", "Size"]);
        writer.add(&[row], &["Bucket", "Size"]).unwrap();
        let file = writer.finish(&["Bucket", "Size"]).unwrap();
        assert_eq!(&file[..3], MAGIC);
        assert_eq!(&file[file.len() - 4..file.len() - 1], MAGIC);
        let postscript = usize::from(file[file.len() - 1]);
        // The length of the footer is the first of it.
        let footer = usize::from(file[file.len() - 1 - postscript + 1]);
        assert!(footer > 0 && footer + postscript < file.len());
    }
}
