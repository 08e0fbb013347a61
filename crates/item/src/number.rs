//! Numbers: up to 38 significant decimal digits, magnitudes from 1E-130 to 9.99…E+125, exact arithmetic.
//!
//! Order and key bytes are in `number_order.rs`.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html>

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Invalid;

/// Most significant digits of a number.
pub(crate) const MAX_DIGITS: u32 = 38;
/// Power of ten of the first digit of the largest numbers.
pub(crate) const MAX_MAGNITUDE: i32 = 125;
/// Power of ten of the first digit of the smallest numbers.
pub(crate) const MIN_MAGNITUDE: i32 = -130;
/// Digits of a number of 64 bits, at most.
const MOST_SMALL_DIGITS: i32 = 19;
/// The first number of more than 38 digits.
const LIMIT: u128 = 10u128.pow(MAX_DIGITS);

/// A number in canonical form: no digits are zeros at the end, so that equal numbers are equal values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    /// The digits with the sign; less than ten to the 38th. Zero's exponent is zero.
    coefficient: i128,
    /// Power of ten of the last digit.
    exponent: i16,
}

/// Why a text or the result of a calculation is no number, in AWS's words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NumberError {
    /// The text is empty, which the older texts tell without a colon.
    #[error("The parameter cannot be converted to a numeric value: ")]
    Empty,
    /// The text is no number.
    #[error("The parameter cannot be converted to a numeric value: {0}")]
    NotNumeric(String),
    /// The magnitude is too large. AWS says so of sums, too, that need more than 38 digits.
    #[error("Number overflow. Attempting to store a number with magnitude larger than supported range")]
    Overflow,
    /// The magnitude is too small.
    #[error("Number underflow. Attempting to store a number with magnitude smaller than supported range")]
    Underflow,
    /// More than 38 significant digits.
    #[error("Attempting to store more than 38 significant digits in a Number")]
    TooPrecise,
}

impl Number {
    /// Zero.
    pub const ZERO: Number = Number { coefficient: 0, exponent: 0 };

    /// Reads a number that a request holds.
    ///
    /// # Errors
    /// It is none. The older texts are of numbers as Java's decimals read them: powers have 32 bits, and what is
    /// calculated with them goes around.
    pub fn read(text: &str) -> Result<Self, Invalid> {
        text.parse().map_err(|error: NumberError| {
            let current = error.to_string();
            let not_numeric = "The parameter cannot be converted to a numeric value";
            match error {
                NumberError::Empty => Invalid::value(not_numeric, current),
                NumberError::Overflow | NumberError::Underflow => match java_magnitude(text) {
                    None => Invalid::value(format!("{not_numeric}: {text}"), current),
                    Some(magnitude) if magnitude < 0 => {
                        Invalid::value(NumberError::Underflow.to_string(), current)
                    }
                    Some(_) => Invalid::value(NumberError::Overflow.to_string(), current),
                },
                NumberError::NotNumeric(_) | NumberError::TooPrecise => {
                    Invalid::value(current.clone(), current)
                }
            }
        })
    }

    /// The number of these digits times a power of ten.
    fn from_parts(negative: bool, digits: u128, exponent: i32) -> Result<Self, NumberError> {
        let (mut digits, mut exponent) = (digits, exponent);
        if digits == 0 {
            return Ok(Number::ZERO);
        }
        while digits.is_multiple_of(10) {
            digits /= 10;
            exponent += 1;
        }
        let magnitude = exponent + digits.ilog10().cast_signed();
        if magnitude > MAX_MAGNITUDE {
            return Err(NumberError::Overflow);
        } else if magnitude < MIN_MAGNITUDE {
            return Err(NumberError::Underflow);
        } else if digits >= LIMIT {
            return Err(NumberError::TooPrecise);
        }
        let coefficient = digits.cast_signed();
        let exponent = i16::try_from(exponent).map_err(|_| NumberError::Underflow)?;
        Ok(Number { coefficient: if negative { -coefficient } else { coefficient }, exponent })
    }

    /// A number from its stored parts; none unless they are canonical.
    pub(crate) fn from_canonical(coefficient: i128, exponent: i16) -> Option<Self> {
        // Most numbers are far from all limits.
        if i32::from(exponent).abs() < MAX_MAGNITUDE - MOST_SMALL_DIGITS
            && let Ok(small) = i64::try_from(coefficient)
            && small % 10 != 0
        {
            return Some(Number { coefficient, exponent });
        }
        let number =
            Number::from_parts(coefficient < 0, coefficient.unsigned_abs(), i32::from(exponent)).ok()?;
        (number.coefficient == coefficient && number.exponent == exponent).then_some(number)
    }

    /// The digits with the sign; they do not end in zeros.
    pub fn coefficient(self) -> i128 {
        self.coefficient
    }

    /// The power of ten of the last digit.
    pub fn exponent(self) -> i16 {
        self.exponent
    }

    /// Number of significant digits; zero has one.
    pub fn digits(self) -> u32 {
        self.coefficient.unsigned_abs().checked_ilog10().map_or(1, |log| log + 1)
    }

    /// Power of ten of the first digit.
    pub(crate) fn magnitude(self) -> i32 {
        i32::from(self.exponent) + self.digits().cast_signed() - 1
    }

    /// Whether the number is below zero.
    pub fn is_negative(self) -> bool {
        self.coefficient < 0
    }

    /// The exact sum.
    ///
    /// # Errors
    /// [`NumberError::Overflow`] when the sum is too large or has more than 38 digits: AWS words both the same.
    pub fn checked_add(self, other: Number) -> Result<Number, NumberError> {
        let (high, low) = if self.exponent >= other.exponent { (self, other) } else { (other, self) };
        if high.coefficient == 0 {
            return Ok(low);
        } else if low.coefficient == 0 {
            return Ok(high);
        }
        let shift = u32::try_from(high.exponent - low.exponent).unwrap_or(0);
        // A sum whose digits do not fit in 128 bits has more than 38: its last one is that of the lower number.
        let power = 10u128.checked_pow(shift).ok_or(NumberError::Overflow)?;
        let high_digits = high.coefficient.unsigned_abs().checked_mul(power).ok_or(NumberError::Overflow)?;
        let low_digits = low.coefficient.unsigned_abs();
        let (negative, digits) = if high.is_negative() == low.is_negative() {
            (high.is_negative(), high_digits.checked_add(low_digits).ok_or(NumberError::Overflow)?)
        } else if high_digits >= low_digits {
            (high.is_negative(), high_digits - low_digits)
        } else {
            (low.is_negative(), low_digits - high_digits)
        };
        Number::from_parts(negative, digits, i32::from(low.exponent)).map_err(|error| match error {
            NumberError::TooPrecise => NumberError::Overflow,
            error => error,
        })
    }

    /// The exact difference.
    ///
    /// # Errors
    /// As for [`Number::checked_add`].
    pub fn checked_sub(self, other: Number) -> Result<Number, NumberError> {
        self.checked_add(-other)
    }

    /// The number as a whole one, if it is one and fits.
    pub fn to_i64(self) -> Option<i64> {
        let power = 10i128.checked_pow(u32::try_from(self.exponent).ok()?)?;
        i64::try_from(self.coefficient.checked_mul(power)?).ok()
    }
}

impl std::ops::Neg for Number {
    type Output = Number;

    fn neg(self) -> Number {
        Number { coefficient: -self.coefficient, ..self }
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number::from_parts(value < 0, u128::from(value.unsigned_abs()), 0)
            .expect("nineteen digits are within all limits")
    }
}

impl FromStr for Number {
    type Err = NumberError;

    /// Reads a decimal number: sign, digits with or without a point, exponent. No spaces, no `NaN`.
    fn from_str(text: &str) -> Result<Self, NumberError> {
        let not_numeric = || NumberError::NotNumeric(text.to_owned());
        if text.is_empty() {
            return Err(NumberError::Empty);
        }
        let (negative, unsigned) = match text.as_bytes() {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] => (false, rest),
            all => (false, all),
        };
        let split = unsigned.iter().position(|byte| matches!(byte, b'e' | b'E'));
        let (mantissa, power) = match split {
            Some(at) => (&unsigned[..at], read_power(&unsigned[at + 1..]).ok_or_else(not_numeric)?),
            None => (unsigned, 0),
        };
        let (digits, exponent) = read_mantissa(mantissa).ok_or_else(not_numeric)?;
        let exponent = i32::try_from(exponent.saturating_add(power)).unwrap_or(if power < 0 {
            i32::MIN / 2
        } else {
            i32::MAX / 2
        });
        match digits {
            // Zero has a magnitude as it is written.
            Digits::Few(0) if exponent > MAX_MAGNITUDE => Err(NumberError::Overflow),
            Digits::Few(0) if exponent < MIN_MAGNITUDE => Err(NumberError::Underflow),
            Digits::Few(digits) => Number::from_parts(negative, digits, exponent),
            Digits::Many { first_at } => {
                let magnitude = i64::from(exponent) + first_at;
                Err(if magnitude > i64::from(MAX_MAGNITUDE) {
                    NumberError::Overflow
                } else if magnitude < i64::from(MIN_MAGNITUDE) {
                    NumberError::Underflow
                } else {
                    NumberError::TooPrecise
                })
            }
        }
    }
}

/// The place of the first digit of a number as Java's decimals calculate it; none when they cannot hold it: their
/// scale, the digits behind the point less the power, has 32 bits.
fn java_magnitude(text: &str) -> Option<i32> {
    let (mantissa, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let behind = mantissa.split_once('.').map_or(0, |(_, behind)| behind.len());
    let scale = i64::try_from(behind).ok()?.checked_sub(i64::from(power.parse::<i32>().ok()?))?;
    let digits = mantissa.trim_start_matches(['+', '-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    Some(i32::try_from(digits.max(1)).ok()?.wrapping_sub(i32::try_from(scale).ok()?))
}

/// Whether Java's decimals can hold a number.
pub(crate) fn has_a_scale(digits: &str) -> bool {
    java_magnitude(digits).is_some()
}

/// The power behind an `e`: 64 bits.
fn read_power(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"+").or(text.strip_prefix(b"-")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = digits
        .iter()
        .try_fold(0i64, |value, digit| value.checked_mul(10)?.checked_add(i64::from(digit - b'0')))?;
    Some(if text[0] == b'-' { -value } else { value })
}

/// The significant digits of a mantissa.
enum Digits {
    /// As one number.
    Few(u128),
    /// More than 38; the first one's place counted from the last one's.
    Many { first_at: i64 },
}

/// Reads digits with at most one point among them: the significant digits and the power of ten of the last of them.
fn read_mantissa(text: &[u8]) -> Option<(Digits, i64)> {
    let (mut value, mut count, mut zeros) = (0u128, 0u32, 0u32);
    let (mut places, mut point, mut last, mut first) = (0i64, None, 0i64, 0i64);
    for byte in text {
        match byte {
            b'.' if point.is_none() => {
                point = Some(places);
                continue;
            }
            b'0' if count == 0 => {}
            b'0' => zeros = zeros.saturating_add(1),
            b'1'..=b'9' => {
                if count == 0 {
                    first = places;
                }
                count = count.saturating_add(zeros).saturating_add(1);
                if count <= MAX_DIGITS {
                    value = value * 10u128.pow(zeros + 1) + u128::from(byte - b'0');
                }
                (zeros, last) = (0, places);
            }
            _ => return None,
        }
        places += 1;
    }
    if places == 0 {
        return None;
    }
    let exponent = point.unwrap_or(places) - 1 - last;
    if count > MAX_DIGITS {
        return Some((Digits::Many { first_at: last - first }, exponent));
    }
    // The last digit of zero is the last of its zeros.
    let exponent = if count == 0 { point.map_or(0, |point| point - places) } else { exponent };
    Some((Digits::Few(value), exponent))
}

impl Number {
    /// The number without its sign, if it is whole and fits.
    fn small_and_whole(self) -> Option<u64> {
        let power = 10_u64.checked_pow(u32::try_from(self.exponent).ok()?)?;
        u64::try_from(self.coefficient.unsigned_abs()).ok()?.checked_mul(power)
    }
}

impl Number {
    /// Appends what [`fmt::Display`] shows.
    pub(crate) fn put_text(self, out: &mut Vec<u8>) {
        match self.small_and_whole() {
            Some(whole) => {
                if self.is_negative() {
                    out.push(b'-');
                }
                out.extend_from_slice(itoa::Buffer::new().format(whole).as_bytes());
            }
            None => out.extend_from_slice(self.to_string().as_bytes()),
        }
    }
}

impl fmt::Display for Number {
    /// All digits, without an exponent: as DynamoDB answers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_negative() {
            f.write_str("-")?;
        }
        let digits = self.coefficient.unsigned_abs();
        // Most numbers are small and whole, and need no 128 bits.
        if let Some(whole) = self.small_and_whole() {
            return f.write_str(itoa::Buffer::new().format(whole));
        }
        if self.exponent >= 0 {
            write!(f, "{digits}")?;
            return write!(f, "{:0<width$}", "", width = usize::try_from(self.exponent).unwrap_or(0));
        }
        let behind = u32::from(self.exponent.unsigned_abs());
        let width = usize::try_from(behind).unwrap_or(0);
        match 10u128.checked_pow(behind) {
            Some(power) => write!(f, "{}.{:0>width$}", digits / power, digits % power),
            None => write!(f, "0.{digits:0>width$}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_one_canonical_form() {
        let nines = "9".repeat(38);
        let cases = [
            ("0", "0"),
            ("-0", "0"),
            ("0e125", "0"),
            ("0.00", "0"),
            ("+3", "3"),
            (".123", "0.123"),
            ("5.", "5"),
            ("0001.2300", "1.23"),
            ("1e+5", "100000"),
            ("-17.4E37", &format!("-174{}", "0".repeat(36))),
            ("1e-3", "0.001"),
            ("123e-2", "1.23"),
            ("1e125", &format!("1{}", "0".repeat(125))),
            ("1e-130", &format!("0.{}1", "0".repeat(129))),
            (&nines, &nines),
            (&format!("{nines}000"), &format!("{nines}000")),
            (&format!("0.{nines}"), &format!("0.{nines}")),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Number>().map(|n| n.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_is_refused_in_awss_words() {
        let not_numeric = |text: &str| NumberError::NotNumeric(text.to_owned());
        let cases = [
            ("", NumberError::Empty),
            ("dog", not_numeric("dog")),
            ("NaN", not_numeric("NaN")),
            ("-Infinity", not_numeric("-Infinity")),
            (" 1", not_numeric(" 1")),
            ("1 ", not_numeric("1 ")),
            ("1e", not_numeric("1e")),
            ("1.2.3", not_numeric("1.2.3")),
            (".", not_numeric(".")),
            ("1_0", not_numeric("1_0")),
            ("1e9223372036854775808", not_numeric("1e9223372036854775808")),
            ("1e126", NumberError::Overflow),
            ("0e126", NumberError::Overflow),
            ("0e-131", NumberError::Underflow),
            ("1e99999999999", NumberError::Overflow),
            ("-1e-99999999999", NumberError::Underflow),
            ("11e125", NumberError::Overflow),
            ("1.0e100000000", NumberError::Overflow),
            ("1e-131", NumberError::Underflow),
            ("0.9e-130", NumberError::Underflow),
            ("3.14159265358979323846264338327950288419", NumberError::TooPrecise),
            ("314159265358979323846264338327950288419e30", NumberError::TooPrecise),
            ("314159265358979323846264338327950288419e100", NumberError::Overflow),
        ];
        for (text, expected) in cases {
            assert_eq!(text.parse::<Number>(), Err(expected), "{text}");
        }
    }

    #[test]
    fn the_older_words_are_of_java_s_decimals() {
        let not_numeric = "The parameter cannot be converted to a numeric value";
        let echoed = |text: &str| format!("{not_numeric}: {text}");
        let (overflow, underflow) = (NumberError::Overflow.to_string(), NumberError::Underflow.to_string());
        let cases = [
            ("", not_numeric.to_owned(), echoed("")),
            ("abc", echoed("abc"), echoed("abc")),
            ("1e126", overflow.clone(), overflow.clone()),
            ("1e-131", underflow.clone(), underflow.clone()),
            ("1e2147483647", underflow.clone(), overflow.clone()),
            ("1e2147483648", echoed("1e2147483648"), overflow.clone()),
            ("1e-2147483648", echoed("1e-2147483648"), underflow.clone()),
        ];
        for (text, older, current) in cases {
            let error = Number::read(text).expect_err(text);
            assert_eq!(error.into_texts(), (older, Some(current)), "{text}");
        }
    }

    #[test]
    fn sums_are_exact_or_refused() {
        let cases = [
            ("1", "10000000000000000000000", Ok("10000000000000000000001")),
            ("0.1", "0.2", Ok("0.3")),
            ("1", "-1", Ok("0")),
            ("99999999999999999999999999999999999999", "1", Ok("100000000000000000000000000000000000000")),
            (
                "180000000000000000000000000000000000000",
                "-90000000000000000000000000000000000001",
                Ok("89999999999999999999999999999999999999"),
            ),
            ("1e50", "1", Err(NumberError::Overflow)),
            ("9e125", "9e125", Err(NumberError::Overflow)),
            ("1e-130", "-1e-130", Ok("0")),
            ("0", "1e-130", Ok("1e-130")),
        ];
        for (one, other, expected) in cases {
            let number = |text: &str| text.parse::<Number>().expect("the case is a number");
            let expected = expected.map(number);
            assert_eq!(number(one).checked_add(number(other)), expected, "{one} + {other}");
            assert_eq!(number(other).checked_add(number(one)), expected, "{other} + {one}");
            assert_eq!(number(one).checked_sub(-number(other)), expected, "{one} - -{other}");
        }
    }
}
