//! The functions that expressions may call.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-sql-functions.html>

use super::Expression;
use crate::timestamp::DatePart;

/// A function of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    CharLength,
    Coalesce,
    DateAdd(DatePart),
    DateDiff(DatePart),
    Extract(DatePart),
    Lower,
    NullIf,
    Substring,
    ToString,
    ToTimestamp,
    Trim(TrimSide),
    Upper,
    UtcNow,
}

impl Function {
    /// The function of that name and the fewest and most arguments it takes. Those with a syntax of their own are
    /// made where the syntax is read.
    pub(crate) fn named(name: &str) -> Option<(Self, usize, usize)> {
        Some(match name.to_ascii_uppercase().as_str() {
            "CHAR_LENGTH" | "CHARACTER_LENGTH" => (Function::CharLength, 1, 1),
            "COALESCE" => (Function::Coalesce, 1, usize::MAX),
            "LOWER" => (Function::Lower, 1, 1),
            "NULLIF" => (Function::NullIf, 2, 2),
            "TO_STRING" => (Function::ToString, 2, 2),
            "TO_TIMESTAMP" => (Function::ToTimestamp, 1, 1),
            "UPPER" => (Function::Upper, 1, 1),
            "UTCNOW" => (Function::UtcNow, 0, 0),
            _ => return None,
        })
    }
}

/// Where `TRIM` takes characters away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrimSide {
    Both,
    Leading,
    Trailing,
}

/// What an aggregate function makes of all values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AggregateKind {
    Average,
    Count,
    Maximum,
    Minimum,
    Sum,
}

impl AggregateKind {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_uppercase().as_str() {
            "AVG" => AggregateKind::Average,
            "COUNT" => AggregateKind::Count,
            "MAX" => AggregateKind::Maximum,
            "MIN" => AggregateKind::Minimum,
            "SUM" => AggregateKind::Sum,
            _ => return None,
        })
    }
}

/// A call of an aggregate function.
#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    pub(crate) kind: AggregateKind,
    /// What it is called with; none for `COUNT(*)`.
    pub(crate) argument: Option<Expression>,
}
