//! How the columns of ORC are written: run lengths of the first version, without runs, as everything is compressed
//! afterwards.
//! <https://orc.apache.org/specification/ORCv1/#run-length-encoding>

use std::io::Write as _;

use flate2::Compression;
use flate2::write::DeflateEncoder;

use super::message::varint;

/// Bytes that are compressed together.
pub(super) const BLOCK: usize = 256 << 10;
/// The most values that follow one control byte.
const MOST_LITERALS: usize = 128;
/// What times of ORC are counted from: the first of January 2015.
const EPOCH_SECONDS: i64 = 1_420_070_400;

/// Bits, the highest of a byte first.
pub(super) fn bits(values: impl Iterator<Item = bool>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (place, value) in values.enumerate() {
        if place % 8 == 0 {
            bytes.push(0);
        }
        if let Some(byte) = bytes.last_mut() {
            *byte |= u8::from(value) << (7 - place % 8);
        }
    }
    literals(&bytes, |out, byte| out.push(*byte))
}

/// Numbers that are never negative.
pub(super) fn lengths(values: &[u64]) -> Vec<u8> {
    literals(values, |out, value| varint(out, *value))
}

/// Numbers with a sign, which is their lowest bit.
pub(super) fn numbers(values: &[i64]) -> Vec<u8> {
    literals(values, |out, value| varint(out, ((value << 1) ^ (value >> 63)) as u64))
}

fn literals<T>(values: &[T], write: impl Fn(&mut Vec<u8>, &T)) -> Vec<u8> {
    let mut out = Vec::new();
    for values in values.chunks(MOST_LITERALS) {
        out.push((values.len() as u8).wrapping_neg());
        values.iter().for_each(|value| write(&mut out, value));
    }
    out
}

/// The two streams of times in Unix milliseconds: seconds, and what is left in nanoseconds.
pub(super) fn times(millis: &[i64]) -> (Vec<u8>, Vec<u8>) {
    let seconds: Vec<i64> = millis.iter().map(|millis| millis.div_euclid(1000) - EPOCH_SECONDS).collect();
    let rest: Vec<u64> = millis.iter().map(|millis| nanoseconds(millis.rem_euclid(1000) as u64)).collect();
    (numbers(&seconds), lengths(&rest))
}

/// Milliseconds as nanoseconds: without their zeros at the end, whose number less one is in the lowest three bits.
fn nanoseconds(millis: u64) -> u64 {
    if millis == 0 {
        return 0;
    }
    let (mut digits, mut zeros) = (millis, 6);
    while digits % 10 == 0 {
        digits /= 10;
        zeros += 1;
    }
    (digits << 3) | (zeros - 1)
}

/// Compresses a stream, a block at a time; blocks that would grow stay as they are.
pub(super) fn compressed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut out = Vec::new();
    for block in bytes.chunks(BLOCK) {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(block)?;
        let small = encoder.finish()?;
        let is_original = small.len() >= block.len();
        let kept = if is_original { block } else { &small };
        let header = (kept.len() << 1) | usize::from(is_original);
        out.extend_from_slice(&(header as u32).to_le_bytes()[..3]);
        out.extend_from_slice(kept);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_the_specification() {
        assert_eq!(
            bits([true, false, false, false, false, false, false, false, true].into_iter()),
            [0xfe, 0x80, 0x80]
        );
        assert_eq!(numbers(&[0, -1, 1, -2]), [0xfc, 0, 1, 2, 3]);
        assert_eq!(lengths(&[2, 300]), [0xfe, 2, 0xac, 0x02]);
        // A second after the epoch of ORC, and 500 milliseconds: a five with eight zeros.
        assert_eq!(times(&[1_420_070_401_500]), (vec![0xff, 2], vec![0xff, (5 << 3) | 7]));
        assert_eq!(nanoseconds(1), (1 << 3) | 5);
    }

    #[test]
    fn what_does_not_shrink_is_kept() {
        assert_eq!(compressed(b"abc").unwrap(), [7, 0, 0, b'a', b'b', b'c']);
        assert!(compressed(&[b'a'; 1000]).unwrap().len() < 50);
    }
}
