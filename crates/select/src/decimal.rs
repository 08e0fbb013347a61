//! Decimal numbers of up to 38 digits, the `decimal` of the expressions.

use std::{cmp::Ordering, fmt};

/// Most digits.
const DIGITS: u32 = 38;

/// A number: mantissa times ten to the power of minus scale.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Decimal {
    mantissa: i128,
    scale: u32,
}

impl Decimal {
    /// Reads digits with an optional sign and point; none when it is anything else or has too many digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.len() + fraction.len() == 0 || fraction.len() > DIGITS as usize {
            return None;
        }
        let mut mantissa: i128 = 0;
        for digit in whole.bytes().chain(fraction.bytes()) {
            let digit = digit.is_ascii_digit().then(|| i128::from(digit - b'0'))?;
            mantissa = mantissa.checked_mul(10)?.checked_add(digit)?;
        }
        let scale = u32::try_from(fraction.len()).ok()?;
        Some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }

    /// The number with its mantissa and scale as Parquet stores them.
    pub(crate) fn from_parts(mantissa: i128, scale: u32) -> Option<Self> {
        (scale <= DIGITS).then_some(Decimal { mantissa, scale })
    }

    pub(crate) fn to_f64(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "the conversion to a float rounds")]
        let mantissa = self.mantissa as f64;
        mantissa / 10f64.powi(i32::try_from(self.scale).unwrap_or(i32::MAX))
    }

    /// The whole part, if it fits.
    pub(crate) fn to_i64(self) -> Option<i64> {
        i64::try_from(self.mantissa / power_of_ten(self.scale)?).ok()
    }

    /// With that many digits after the point, rounded half up; none when it then has more than `precision` digits.
    pub(crate) fn rescaled(self, precision: u32, scale: u32) -> Option<Self> {
        let mantissa = if scale >= self.scale {
            self.mantissa.checked_mul(power_of_ten(scale - self.scale)?)?
        } else {
            let divisor = power_of_ten(self.scale - scale)?;
            let half = if self.mantissa < 0 { -(divisor / 2) } else { divisor / 2 };
            self.mantissa.checked_add(half)? / divisor
        };
        let limit = power_of_ten(precision.min(DIGITS))?;
        (mantissa.abs() < limit).then_some(Decimal { mantissa, scale })
    }

    pub(crate) fn add(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Decimal { mantissa: left.checked_add(right)?, scale })
    }

    pub(crate) fn subtract(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Decimal { mantissa: left.checked_sub(right)?, scale })
    }

    pub(crate) fn multiply(self, other: Self) -> Option<Self> {
        let product =
            Decimal { mantissa: self.mantissa.checked_mul(other.mantissa)?, scale: self.scale + other.scale };
        if product.scale <= DIGITS { Some(product) } else { product.rescaled(DIGITS, DIGITS) }
    }

    /// The quotient with as many digits as fit; none for a division by zero.
    pub(crate) fn divide(self, other: Self) -> Option<Self> {
        if other.mantissa == 0 {
            return None;
        }
        let (mut dividend, mut scale) = (self.mantissa, self.scale);
        while scale < other.scale + DIGITS
            && let Some(more) = dividend.checked_mul(10)
        {
            dividend = more;
            scale += 1;
        }
        if scale < other.scale {
            return None;
        }
        Some(Decimal { mantissa: dividend / other.mantissa, scale: scale - other.scale }.shortest())
    }

    pub(crate) fn remainder(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.aligned(other)?;
        Some(Decimal { mantissa: left.checked_rem(right)?, scale })
    }

    pub(crate) fn negate(self) -> Option<Self> {
        Some(Decimal { mantissa: self.mantissa.checked_neg()?, scale: self.scale })
    }

    fn shortest(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// Both mantissas at the larger of the two scales.
    fn aligned(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let left = self.mantissa.checked_mul(power_of_ten(scale - self.scale)?)?;
        let right = other.mantissa.checked_mul(power_of_ten(scale - other.scale)?)?;
        Some((left, right, scale))
    }
}

impl From<i64> for Decimal {
    fn from(number: i64) -> Self {
        Decimal { mantissa: i128::from(number), scale: 0 }
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.aligned(*other) {
            Some((left, right, _)) => Some(left.cmp(&right)),
            None => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

fn power_of_ten(exponent: u32) -> Option<i128> {
    10i128.checked_pow(exponent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::parse(text).expect("the test writes numbers")
    }

    #[test]
    fn numbers_keep_their_digits() {
        for text in ["0", "1.10", "-0.05", "12345678901234567890123456789012345678", "0.00"] {
            assert_eq!(decimal(text).to_string(), text);
        }
        for text in ["", ".", "1e3", "abc", "1234567890123456789012345678901234567890", "--1"] {
            assert!(Decimal::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn arithmetic_is_exact() {
        assert_eq!(decimal("0.1").add(decimal("0.2")).expect("fits").to_string(), "0.3");
        assert_eq!(decimal("1.5").multiply(decimal("-2.25")).expect("fits").to_string(), "-3.375");
        assert_eq!(decimal("7").divide(decimal("2")).expect("fits").to_string(), "3.5");
        assert_eq!(decimal("7.5").remainder(decimal("2")).expect("fits").to_string(), "1.5");
        assert!(decimal("1").divide(decimal("0")).is_none());
        assert!(decimal("1.10") == decimal("1.1"));
        assert!(decimal("-1") < decimal("0.5"));
    }

    #[test]
    fn scale_and_precision_are_kept_to() {
        assert_eq!(decimal("1.005").rescaled(10, 2).expect("fits").to_string(), "1.01");
        assert_eq!(decimal("-1.5").rescaled(10, 0).expect("fits").to_string(), "-2");
        assert!(decimal("123.4").rescaled(3, 1).is_none());
    }
}
