//! `CAST`.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-conversion.html>

use crate::{
    Code, Error,
    decimal::Decimal,
    output,
    sql::Target,
    timestamp::Timestamp,
    value::{Number, Value, parse_bool},
};

/// The value as another type. Unknown values stay what they are.
pub(super) fn cast(value: &Value, target: Target) -> Result<Value, Error> {
    if value.is_unknown() {
        return Ok(value.clone());
    }
    let result = match target {
        Target::Bool => bool_of(value).map(Value::Bool),
        Target::Integer => integer_of(value).map(Value::Integer),
        Target::Float => number_of(value).map(|number| Value::Float(number.to_f64())),
        Target::Decimal(digits) => decimal_of(value, digits).map(Value::Decimal),
        Target::String => Some(Value::String(output::text(value).into_owned())),
        Target::Timestamp => timestamp_of(value).map(Value::Timestamp),
    };
    result.ok_or_else(|| Code::CastFailed.into())
}

/// Numbers, and truth values as one and zero.
fn number_of(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(value) => Some(Number::Integer(i64::from(*value))),
        value => value.as_number(),
    }
}

fn bool_of(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => parse_bool(text.trim()),
        Value::Integer(number) => Some(*number != 0),
        _ => None,
    }
}

fn integer_of(value: &Value) -> Option<i64> {
    match number_of(value)? {
        Number::Integer(number) => Some(number),
        Number::Decimal(number) => number.to_i64(),
        Number::Float(number) => {
            const LIMIT: f64 = 9_223_372_036_854_775_808.0;
            #[expect(clippy::cast_possible_truncation, reason = "the cast takes the whole part, which fits")]
            let whole = number.trunc() as i64;
            (-LIMIT..LIMIT).contains(&number).then_some(whole)
        }
    }
}

fn decimal_of(value: &Value, digits: Option<(u32, u32)>) -> Option<Decimal> {
    let decimal = match number_of(value)? {
        // The shortest text that reads as the same float.
        Number::Float(number) => Decimal::parse(&number.to_string())?,
        number => number.to_decimal()?,
    };
    match digits {
        Some((precision, scale)) => decimal.rescaled(precision, scale),
        None => Some(decimal),
    }
}

fn timestamp_of(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Timestamp(timestamp) => Some(*timestamp),
        Value::String(text) => Timestamp::parse(text.trim()),
        _ => None,
    }
}
