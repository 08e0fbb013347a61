//! The order of numbers, and bytes that sort in it.
//!
//! The bytes: one for the sign (0 below zero, 1 zero, 2 above), one for the power of ten of the first digit, then the
//! digits in pairs. Below zero all but the sign is complemented, with a final byte that makes more digits smaller.

use std::cmp::Ordering;

use crate::Number;
use crate::number::{MAX_DIGITS, MIN_MAGNITUDE};

const NEGATIVE: u8 = 0;
const ZERO: u8 = 1;
const POSITIVE: u8 = 2;
/// Ends the digits of a number below zero: larger than any complemented pair.
const END: u8 = 0xFF;

impl Number {
    /// Digits moved so that the first of them is the 38th from the right.
    fn aligned(self) -> u128 {
        self.coefficient().unsigned_abs() * 10u128.pow(MAX_DIGITS - self.digits())
    }

    /// Appends bytes whose order is that of the numbers.
    pub fn put_ordered(self, out: &mut Vec<u8>) {
        if self.coefficient() == 0 {
            out.push(ZERO);
            return;
        }
        let power = u8::try_from(self.magnitude() - MIN_MAGNITUDE).unwrap_or(u8::MAX);
        let mut pairs = [0u8; MAX_DIGITS as usize / 2];
        let mut rest = self.aligned();
        for pair in pairs.iter_mut().rev() {
            *pair = u8::try_from(rest % 100).unwrap_or(0);
            rest /= 100;
        }
        let used = pairs.iter().rposition(|pair| *pair != 0).map_or(0, |at| at + 1);
        if self.is_negative() {
            out.extend([NEGATIVE, !power]);
            out.extend(pairs[..used].iter().map(|pair| !pair));
            out.push(END);
        } else {
            out.extend([POSITIVE, power]);
            out.extend(&pairs[..used]);
        }
    }

    /// Reads what [`Number::put_ordered`] wrote; none when it did not write it.
    pub fn from_ordered(bytes: &[u8]) -> Option<Number> {
        let (negative, power, pairs) = match bytes {
            [ZERO] => return Some(Number::ZERO),
            [POSITIVE, power, pairs @ ..] => (false, *power, pairs),
            [NEGATIVE, power, pairs @ .., END] => (true, !*power, pairs),
            _ => return None,
        };
        let mut digits = 0i128;
        for pair in pairs {
            let pair = if negative { !*pair } else { *pair };
            digits = digits.checked_mul(100)?.checked_add(i128::from(pair))?;
            if pair > 99 {
                return None;
            }
        }
        let places = i32::try_from(pairs.len()).ok()? * 2;
        let mut exponent = i32::from(power) + MIN_MAGNITUDE - (places - 1);
        while digits != 0 && digits % 10 == 0 {
            digits /= 10;
            exponent += 1;
        }
        Number::from_canonical(if negative { -digits } else { digits }, i16::try_from(exponent).ok()?)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let signs = self.coefficient().signum().cmp(&other.coefficient().signum());
        let magnitudes = || match self.magnitude().cmp(&other.magnitude()) {
            Ordering::Equal => self.aligned().cmp(&other.aligned()),
            unequal => unequal,
        };
        signs.then_with(|| match self.coefficient() {
            0 => Ordering::Equal,
            1.. => magnitudes(),
            _ => magnitudes().reverse(),
        })
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(number: Number) -> Vec<u8> {
        let mut out = Vec::new();
        number.put_ordered(&mut out);
        out
    }

    #[test]
    fn bytes_sort_as_the_numbers_do() {
        let ascending = [
            "-9.9e125", "-1e125", "-123.4", "-123", "-122.99", "-1", "-0.5", "-1e-130", "0", "1e-130",
            "0.05", "0.5", "0.51", "1", "1.2", "1.23", "9", "10", "11", "99", "100", "1e38", "1e125",
            "9.9e125",
        ]
        .map(|text| text.parse::<Number>().expect("the case is a number"));
        for (at, one) in ascending.iter().enumerate() {
            for (beside, other) in ascending.iter().enumerate() {
                assert_eq!(one.cmp(other), at.cmp(&beside), "{one} {other}");
                assert_eq!(bytes(*one).cmp(&bytes(*other)), at.cmp(&beside), "{one} {other}");
            }
            assert_eq!(Number::from_ordered(&bytes(*one)), Some(*one));
        }
    }

    #[test]
    fn other_bytes_are_no_numbers() {
        for bytes in [&[][..], &[0], &[2, 130, 100], &[2, 130], &[1, 1], &[0, 3, 254], &[9; 40], &[2; 40]] {
            assert_eq!(Number::from_ordered(bytes), None, "{bytes:?}");
        }
    }
}
