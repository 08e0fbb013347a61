//! Arithmetic and order of numbers against decimals written out digit by digit.

use std::cmp::Ordering;

use proptest::prelude::*;
use virga_item::{Number, NumberError};

use crate::strategy;

/// Digits of a decimal from the hundred-and-thirtieth before the point to the two-hundredth behind it and further.
const PLACES: usize = 400;
/// Where the point is.
const POINT: usize = 230;

/// Sign and digits, lowest first.
#[derive(Clone, PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: [u8; PLACES],
}

impl Decimal {
    fn new(number: Number) -> Self {
        let text = number.to_string();
        let unsigned = text.trim_start_matches('-');
        let (whole, part) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let mut digits = [0; PLACES];
        for (at, digit) in whole.bytes().rev().enumerate() {
            digits[POINT + at] = digit - b'0';
        }
        for (at, digit) in part.bytes().enumerate() {
            digits[POINT - 1 - at] = digit - b'0';
        }
        Decimal { negative: text.starts_with('-'), digits }
    }

    fn compare_magnitude(&self, other: &Self) -> Ordering {
        self.digits.iter().rev().cmp(other.digits.iter().rev())
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.compare_magnitude(other),
            (true, true) => other.compare_magnitude(self),
        }
    }

    fn add(&self, other: &Self) -> Self {
        let mut digits = [0; PLACES];
        if self.negative == other.negative {
            let mut carry = 0;
            for (at, digit) in digits.iter_mut().enumerate() {
                let sum = self.digits[at] + other.digits[at] + carry;
                (*digit, carry) = (sum % 10, sum / 10);
            }
            return Decimal { negative: self.negative, digits };
        }
        let (large, small) =
            if self.compare_magnitude(other).is_ge() { (self, other) } else { (other, self) };
        let mut borrow = 0;
        for (at, digit) in digits.iter_mut().enumerate() {
            let difference = 10 + large.digits[at] - small.digits[at] - borrow;
            (*digit, borrow) = (difference % 10, u8::from(difference < 10));
        }
        Decimal { negative: large.negative && digits != [0; PLACES], digits }
    }

    /// The number, if it has one: at most 38 digits within the range.
    fn number(&self) -> Result<Number, NumberError> {
        let text: String = self.digits.iter().rev().map(|digit| char::from(digit + b'0')).collect();
        let (whole, part) = text.split_at(PLACES - POINT);
        format!("{}{whole}.{part}", if self.negative { "-" } else { "" }).parse()
    }
}

proptest! {
    #[test]
    fn sums_are_those_of_written_out_decimals(one in strategy::number(), other in strategy::number()) {
        let sum = Decimal::new(one).add(&Decimal::new(other)).number();
        let expected = sum.map_err(|error| match error {
            NumberError::TooPrecise => NumberError::Overflow,
            error => error,
        });
        prop_assert_eq!(one.checked_add(other), expected);
    }

    #[test]
    fn order_is_that_of_written_out_decimals(one in strategy::number(), other in strategy::number()) {
        let expected = Decimal::new(one).compare(&Decimal::new(other));
        prop_assert_eq!(one.cmp(&other), expected);
        let bytes = |number: Number| {
            let mut out = Vec::new();
            number.put_ordered(&mut out);
            out
        };
        prop_assert_eq!(bytes(one).cmp(&bytes(other)), expected);
        prop_assert_eq!(Number::from_ordered(&bytes(one)), Some(one));
    }

    #[test]
    fn texts_read_back(number in strategy::number()) {
        prop_assert_eq!(number.to_string().parse::<Number>(), Ok(number));
    }
}
