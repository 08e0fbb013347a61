//! Numbers of numeric conditions: integers of any size that fits, and decimals.

use std::cmp::Ordering;

/// A number. Integers are compared exactly.
#[derive(Debug, Clone, Copy)]
pub(super) enum Number {
    Integer(i128),
    Decimal(f64),
}

impl Number {
    /// Reads a number, if it is one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let looks_like_one = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        if !looks_like_one {
            return None;
        }
        let integer = text.parse().ok().map(Self::Integer);
        integer.or_else(|| text.parse().ok().filter(|decimal: &f64| decimal.is_finite()).map(Self::Decimal))
    }

    #[expect(clippy::cast_precision_loss, reason = "only against a decimal, which is no more precise")]
    fn as_decimal(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Decimal(decimal) => decimal,
        }
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(left), Self::Integer(right)) => left.partial_cmp(right),
            _ => self.as_decimal().partial_cmp(&other.as_decimal()),
        }
    }
}
