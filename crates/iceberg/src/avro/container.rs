//! Object container files: a header with the schema, and blocks of records, deflated.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use super::{Decoder, Encoder};
use crate::Error;

const MAGIC: &[u8] = b"Obj\x01";
/// What stands between blocks, so that readers find back. The same in all files: whoever reads has the header.
const SYNC: &[u8] = b"virga avro block";
/// Records of a block.
const RECORDS: usize = 1000;

/// Writes a file of records that are encoded already. `about` is what the header says besides the schema.
pub(crate) fn write(schema: &str, about: &[(&str, String)], records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Encoder::default();
    out.raw(MAGIC);
    out.length(about.len() + 2);
    let known = [("avro.schema", schema), ("avro.codec", "deflate")];
    for (name, value) in known.into_iter().chain(about.iter().map(|(name, value)| (*name, value.as_str()))) {
        out.bytes(name.as_bytes());
        out.bytes(value.as_bytes());
    }
    out.length(0);
    out.raw(SYNC);
    for block in records.chunks(RECORDS) {
        out.length(block.len());
        out.bytes(&deflated(block));
        out.raw(SYNC);
    }
    out.into_bytes()
}

fn deflated(records: &[Vec<u8>]) -> Vec<u8> {
    let mut out = DeflateEncoder::new(Vec::new(), Compression::default());
    let written = records.iter().try_for_each(|record| out.write_all(record));
    written.and_then(|()| out.finish()).expect("a vector takes all that is written")
}

/// Reads a file with this schema: `record` is called for each.
pub(crate) fn read<T>(
    file: &[u8],
    schema: &str,
    mut record: impl FnMut(&mut Decoder<'_>) -> Result<T, Error>,
) -> Result<Vec<T>, Error> {
    let mut input = Decoder::new(file);
    if input.raw(MAGIC.len())? != MAGIC {
        return Err(Error::Damaged("it is not an Avro file"));
    }
    read_header(&mut input, schema)?;
    let mut records = Vec::new();
    while !input.is_empty() {
        let count = input.length()?;
        let mut block = Vec::new();
        let inflated = DeflateDecoder::new(input.bytes()?).read_to_end(&mut block);
        inflated.map_err(|_| Error::Damaged("a block of an Avro file can't be inflated"))?;
        let mut block = Decoder::new(&block);
        for _ in 0..count {
            records.push(record(&mut block)?);
        }
        input.raw(SYNC.len())?;
    }
    Ok(records)
}

fn read_header(input: &mut Decoder<'_>, schema: &str) -> Result<(), Error> {
    loop {
        let length = input.length()?;
        if length == 0 {
            return input.raw(SYNC.len()).map(|_| ());
        }
        for _ in 0..length {
            let (name, value) = (input.bytes()?, input.bytes()?);
            if name == b"avro.schema" && value != schema.as_bytes()
                || name == b"avro.codec" && value != b"deflate"
            {
                return Err(Error::Damaged("an Avro file is of another kind"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let numbers = [0, -1, 1, 63, -64, 64, 8191, -8193, i64::MAX, i64::MIN];
        let records: Vec<Vec<u8>> = (0..2500)
            .map(|number| {
                let mut record = Encoder::default();
                record.long(numbers[number % numbers.len()]);
                record.optional_long((number % 2 == 0).then_some(7));
                record.map(&[(1, 2)], |out, value| out.long(*value));
                record.into_bytes()
            })
            .collect();
        let file = write("\"long\"", &[("more", "x".to_owned())], &records);
        let mut number = 0;
        let read = read(&file, "\"long\"", |record| {
            assert_eq!(record.long()?, numbers[number % numbers.len()]);
            assert_eq!(record.optional_long()?, (number % 2 == 0).then_some(7));
            assert_eq!(record.map(Decoder::long)?, [(1, 2)]);
            number += 1;
            Ok(())
        });
        assert_eq!(read.unwrap().len(), 2500);
    }

    #[test]
    fn damage_is_told() {
        let file = write("\"long\"", &[], &[vec![2]]);
        let long = |record: &mut Decoder<'_>| record.long();
        assert!(read(b"Obj\x02", "\"long\"", long).is_err());
        assert!(read(&file, "\"int\"", long).is_err());
        for end in 0..file.len() {
            // A file that ends after its header has no records; all others are cut.
            let cut = read(&file[..end], "\"long\"", long);
            assert!(cut.map_or(true, |records| records.is_empty()), "{end}");
        }
    }
}
