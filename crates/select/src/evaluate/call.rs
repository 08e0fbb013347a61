//! Calls of functions.

use super::{Scope, arithmetic::LONGEST_TEXT};
use crate::{
    Code, Error,
    sql::{Expression, Function, TrimSide},
    timestamp::{self, Timestamp},
    value::{Number, Value},
};

impl<'a> Scope<'a> {
    pub(super) fn call(self, function: Function, arguments: &'a [Expression]) -> Result<Value, Error> {
        match function {
            Function::Coalesce => return self.coalesce(arguments),
            Function::UtcNow => return Ok(Value::Timestamp(Timestamp::milliseconds(self.now))),
            _ => {}
        }
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.evaluate(argument)?);
        }
        if function == Function::NullIf {
            let same = values[0].compare(&values[1]) == Some(std::cmp::Ordering::Equal);
            return Ok(if same { Value::Null } else { values.swap_remove(0).into_owned() });
        }
        if values.iter().any(|value| value.is_unknown()) {
            return Ok(Value::Null);
        }
        let value = |index: usize| values.get(index).map(|value| &**value);
        let argument = |index: usize| value(index).ok_or(Code::EvaluatorInvalidArguments);
        match function {
            Function::Lower => Ok(Value::String(text(argument(0)?)?.to_lowercase())),
            Function::Upper => Ok(Value::String(text(argument(0)?)?.to_uppercase())),
            Function::CharLength => integer(text(argument(0)?)?.chars().count()),
            Function::Substring => substring(text(argument(0)?)?, argument(1)?, value(2)),
            Function::Trim(side) => {
                let characters = value(1).map(text).transpose()?;
                Ok(Value::String(trim(side, text(argument(0)?)?, characters.unwrap_or(" ")).to_owned()))
            }
            Function::Extract(part) => Ok(Value::Integer(time(argument(0)?)?.part(part))),
            Function::DateAdd(part) => {
                let sum = time(argument(1)?)?.add(part, whole(argument(0)?)?);
                sum.map(Value::Timestamp).ok_or_else(|| Code::IllegalSqlFunctionArgument.into())
            }
            Function::DateDiff(part) => {
                Ok(Value::Integer(time(argument(0)?)?.count(part, time(argument(1)?)?)))
            }
            Function::ToString => {
                let written = timestamp::format(time(argument(0)?)?, text(argument(1)?)?)?;
                if written.len() > LONGEST_TEXT {
                    Err(Code::ColumnTooLong.into())
                } else {
                    Ok(Value::String(written))
                }
            }
            Function::ToTimestamp => time(argument(0)?).map(Value::Timestamp),
            Function::Coalesce | Function::NullIf | Function::UtcNow => Err(Code::InternalError.into()),
        }
    }

    /// The first known value.
    fn coalesce(self, arguments: &'a [Expression]) -> Result<Value, Error> {
        for argument in arguments {
            let value = self.evaluate(argument)?;
            if !value.is_unknown() {
                return Ok(value.into_owned());
            }
        }
        Ok(Value::Null)
    }
}

fn text(value: &Value) -> Result<&str, Error> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(Code::IncorrectSqlFunctionArgumentType.into()),
    }
}

/// A time, or a text that is one.
fn time(value: &Value) -> Result<Timestamp, Error> {
    match value {
        Value::Timestamp(timestamp) => Ok(*timestamp),
        Value::String(text) => Timestamp::parse(text.trim()).ok_or_else(|| Code::ValueParseFailure.into()),
        _ => Err(Code::IncorrectSqlFunctionArgumentType.into()),
    }
}

fn whole(value: &Value) -> Result<i64, Error> {
    match value.as_number() {
        Some(Number::Integer(number)) => Ok(number),
        _ => Err(Code::IncorrectSqlFunctionArgumentType.into()),
    }
}

fn integer(number: usize) -> Result<Value, Error> {
    i64::try_from(number).map(Value::Integer).map_err(|_| Code::IntegerOverflow.into())
}

/// Characters are counted from one; a start before them takes from the length.
fn substring(text: &str, start: &Value, length: Option<&Value>) -> Result<Value, Error> {
    let start = whole(start)?;
    let end = match length.map(whole).transpose()? {
        Some(length) if length < 0 => return Err(Code::IllegalSqlFunctionArgument.into()),
        Some(length) => start.saturating_add(length),
        None => i64::MAX,
    };
    let first = usize::try_from(start.saturating_sub(1)).unwrap_or(0);
    let past = usize::try_from(end.saturating_sub(1)).unwrap_or(0);
    Ok(Value::String(text.chars().skip(first).take(past.saturating_sub(first)).collect()))
}

fn trim<'a>(side: TrimSide, text: &'a str, characters: &str) -> &'a str {
    let unwanted = |character| characters.contains(character);
    match side {
        TrimSide::Both => text.trim_matches(unwanted),
        TrimSide::Leading => text.trim_start_matches(unwanted),
        TrimSide::Trailing => text.trim_end_matches(unwanted),
    }
}
