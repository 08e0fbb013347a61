//! Arithmetic on numbers of all kinds, and joining of texts.

use crate::{
    Code, Error,
    sql::Binary,
    value::{Number, Value},
};

/// Longest text that an expression may make.
pub(super) const LONGEST_TEXT: usize = 1 << 20;

/// The operator on two numbers. Integers stay integers, a float makes floats, all else is decimal.
pub(super) fn arithmetic(operator: Binary, left: &Value, right: &Value) -> Result<Value, Error> {
    let (Some(left), Some(right)) = (left.as_number(), right.as_number()) else {
        return Err(Code::InvalidDataType.into());
    };
    match (left, right) {
        (Number::Integer(left), Number::Integer(right)) => integers(operator, left, right),
        _ => match (left.to_decimal(), right.to_decimal()) {
            (Some(left), Some(right)) => {
                let result = match operator {
                    Binary::Add => left.add(right),
                    Binary::Subtract => left.subtract(right),
                    Binary::Multiply => left.multiply(right),
                    Binary::Divide => left.divide(right),
                    _ => left.remainder(right),
                };
                result.map(Value::Decimal).ok_or_else(|| Code::IntegerOverflow.into())
            }
            _ => {
                let (left, right) = (left.to_f64(), right.to_f64());
                Ok(Value::Float(match operator {
                    Binary::Add => left + right,
                    Binary::Subtract => left - right,
                    Binary::Multiply => left * right,
                    Binary::Divide => left / right,
                    _ => left % right,
                }))
            }
        },
    }
}

fn integers(operator: Binary, left: i64, right: i64) -> Result<Value, Error> {
    let result = match operator {
        Binary::Add => left.checked_add(right),
        Binary::Subtract => left.checked_sub(right),
        Binary::Multiply => left.checked_mul(right),
        Binary::Divide => left.checked_div(right),
        _ => left.checked_rem(right),
    };
    match result {
        Some(number) => Ok(Value::Integer(number)),
        None if right == 0 => {
            Err(Error::with(Code::IllegalSqlFunctionArgument, "Division by zero in the SQL expression."))
        }
        None => Err(Code::IntegerOverflow.into()),
    }
}

pub(super) fn negate(value: &Value) -> Result<Value, Error> {
    if value.is_unknown() {
        return Ok(value.clone());
    }
    let negated = match value.as_number().ok_or(Code::InvalidDataType)? {
        Number::Integer(number) => number.checked_neg().map(Value::Integer),
        Number::Decimal(number) => number.negate().map(Value::Decimal),
        Number::Float(number) => Some(Value::Float(-number)),
    };
    negated.ok_or_else(|| Code::IntegerOverflow.into())
}

pub(super) fn concatenate(left: &Value, right: &Value) -> Result<Value, Error> {
    let (Value::String(left), Value::String(right)) = (left, right) else {
        return Err(Code::InvalidDataType.into());
    };
    if left.len() + right.len() > LONGEST_TEXT {
        return Err(Code::ColumnTooLong.into());
    }
    Ok(Value::String(format!("{left}{right}")))
}
