//! Numbers as bytes that sort as the numbers do: the form of numeric sort keys.
//!
//! A header byte holds the sign and the power of ten of the number written as `0.ddd… × 10^e`; outside of -62…61 the
//! power follows in four bytes. The digits come in groups of three, ten bits each: `12 + group`, or `1011 - group` for
//! negative numbers. A last group of 0, 1 or 2 (1023, 1022, 1021) ends them and says how many digits of the group before
//! count, less one. Zero is the byte `80`.

use virga_item::Number;

const ZERO: u8 = 0x80;
/// Powers of ten that fit into the header.
const SHORT: std::ops::Range<i32> = -62..62;
const POSITIVE_BASE: i32 = 0xc0;
const NEGATIVE_BASE: i32 = 0x3f;

/// The bytes of a number.
pub(crate) fn encode(number: Number) -> Vec<u8> {
    if number == Number::ZERO {
        return vec![ZERO];
    }
    let is_negative = number.is_negative();
    let mut digits = number.coefficient().unsigned_abs().to_string();
    let power = i32::try_from(digits.len()).unwrap_or(0) + i32::from(number.exponent());
    let mut out = header(is_negative, power);
    let last = (digits.len() - 1) % 3;
    digits.extend(std::iter::repeat_n('0', 2 - last));
    let mut bits = Bits::default();
    for group in digits.as_bytes().chunks(3) {
        let value = group.iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0'));
        bits.push(if is_negative { 1011 - value } else { 12 + value }, &mut out);
    }
    let end = u16::try_from(last).unwrap_or(0);
    bits.push(if is_negative { 1023 - end } else { end }, &mut out);
    bits.finish(&mut out);
    out
}

fn header(is_negative: bool, power: i32) -> Vec<u8> {
    if SHORT.contains(&power) {
        let byte = if is_negative { NEGATIVE_BASE - power } else { POSITIVE_BASE + power };
        return vec![byte.to_le_bytes()[0]];
    }
    let (first, mask) = match (is_negative, power < 0) {
        (true, true) => (0x7e, 0x7fff_ffff),
        (true, false) => (0x01, 0x7fff_ffff),
        (false, true) => (0x81, 0x8000_0000u32),
        (false, false) => (0xfe, 0x8000_0000),
    };
    let mut out = vec![first];
    out.extend_from_slice(&(power.cast_unsigned() ^ mask).to_be_bytes());
    out
}

/// Groups of ten bits, written as bytes.
#[derive(Default)]
struct Bits {
    waiting: u32,
    count: u32,
}

impl Bits {
    fn push(&mut self, group: u16, out: &mut Vec<u8>) {
        self.waiting = (self.waiting << 10) | u32::from(group);
        self.count += 10;
        while self.count >= 8 {
            self.count -= 8;
            out.push((self.waiting >> self.count).to_le_bytes()[0]);
        }
        self.waiting &= (1 << self.count) - 1;
    }

    fn finish(self, out: &mut Vec<u8>) {
        if self.count > 0 {
            out.push((self.waiting << (8 - self.count)).to_le_bytes()[0]);
        }
    }
}

/// The number of these bytes; none when they are those of no number that DynamoDB has.
pub(crate) fn decode(bytes: &[u8]) -> Option<Number> {
    let (&first, rest) = bytes.split_first()?;
    let long = |mask: u32| {
        let (power, rest) = rest.split_first_chunk::<4>()?;
        Some(((u32::from_be_bytes(*power) ^ mask).cast_signed(), rest))
    };
    let (is_negative, (power, digits)) = match first {
        0x7f | ZERO => return Some(Number::ZERO),
        0x00 | 0xff => return None,
        0x01 | 0x7e => (true, long(0x7fff_ffff)?),
        0x81 | 0xfe => (false, long(0x8000_0000)?),
        0x82.. => (false, (i32::from(first) - POSITIVE_BASE, rest)),
        _ => (true, (NEGATIVE_BASE - i32::from(first), rest)),
    };
    let text = read_digits(digits, is_negative)?;
    let exponent = i64::from(power) - i64::try_from(text.len()).ok()?;
    format!("{}{text}E{exponent}", if is_negative { "-" } else { "" }).parse().ok()
}

fn read_digits(bytes: &[u8], is_negative: bool) -> Option<String> {
    let mut digits = String::new();
    let (mut waiting, mut count) = (0u32, 0);
    for byte in bytes {
        waiting = (waiting << 8) | u32::from(*byte);
        count += 8;
        if count < 10 {
            continue;
        }
        count -= 10;
        let group = waiting >> count;
        waiting &= (1 << count) - 1;
        let end = if is_negative { 1023 - group } else { group };
        if end < 3 {
            // The last group counts in part.
            let spare = usize::try_from(2 - end).ok()?;
            let length = digits.len().checked_sub(spare)?;
            digits.truncate(length);
            return (!digits.is_empty()).then_some(digits);
        }
        let value = if is_negative { 1011u32.checked_sub(group)? } else { group.checked_sub(12)? };
        digits.push_str(&format!("{:03}", Some(value).filter(|value| *value < 1000)?));
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn number(text: &str) -> Number {
        text.parse().expect("a number")
    }

    #[test]
    fn the_bytes_are_those_of_the_clients() {
        for (text, expected) in [
            ("0", "80"),
            ("1", "c11c0000"),
            ("-1", "3ee3fff0"),
            ("12.5", "c2224020"),
            ("-123456.789", "39de22b37bfd"),
            ("1E100", "fe800000651c0000"),
            ("-1E-100", "7e80000062e3fff0"),
            ("99999999999999999999999999999999999999", "e6fcff3fcff3fcff3fcff3fcff3fcff3fa8010"),
            ("1E-130", "817fffff7f1c0000"),
        ] {
            let bytes: String = encode(number(text)).iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(bytes, expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn numbers_come_back_and_sort(a in -10i64.pow(15)..10i64.pow(15), b in -10i64.pow(15)..10i64.pow(15), e in -120..100i32, f in -120..100i32) {
            let (one, other) = (number(&format!("{a}E{e}")), number(&format!("{b}E{f}")));
            prop_assert_eq!(decode(&encode(one)), Some(one));
            let by_bytes = encode(one).cmp(&encode(other));
            let by_value = one.cmp(&other);
            prop_assert_eq!(by_bytes, by_value);
        }

        #[test]
        fn any_bytes_are_a_number_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = decode(&bytes);
        }
    }
}
