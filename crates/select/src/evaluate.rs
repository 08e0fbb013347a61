//! What expressions say about a record. Unknown values (missing and null) make results unknown, except where an
//! operator asks for them.

mod aggregate;
mod arithmetic;
mod call;
mod cast;
mod like;
mod row;

use std::{borrow::Cow, cmp::Ordering};

use time::OffsetDateTime;

use crate::{
    Error,
    sql::{Binary, Expression, Path},
    value::Value,
};

pub(crate) use aggregate::Accumulator;
pub(crate) use row::{CsvRow, Row, columns};

/// What expressions are evaluated with.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) row: Row<'a>,
    /// The paths of the plan.
    pub(crate) paths: &'a [Path],
    /// The results of the aggregate functions; empty before the end.
    pub(crate) aggregates: &'a [Value],
    pub(crate) now: OffsetDateTime,
}

impl<'a> Scope<'a> {
    /// Whether a condition holds. Unknown is no.
    pub(crate) fn holds(self, condition: &'a Expression) -> Result<bool, Error> {
        Ok(*self.evaluate(condition)? == Value::Bool(true))
    }

    /// The value of an expression.
    pub(crate) fn evaluate(self, expression: &'a Expression) -> Result<Cow<'a, Value>, Error> {
        let value = match expression {
            Expression::Literal(value) => return Ok(Cow::Borrowed(value)),
            Expression::Path(path) => return Ok(self.row.value(*path, self.paths)),
            Expression::Aggregate(number) => {
                return Ok(self.aggregates.get(*number).map_or(Cow::Owned(Value::Null), Cow::Borrowed));
            }
            Expression::Negate(inner) => arithmetic::negate(&*self.evaluate(inner)?)?,
            Expression::Not(inner) => match &*self.evaluate(inner)? {
                Value::Bool(value) => Value::Bool(!value),
                _ => Value::Null,
            },
            Expression::And(parts) => self.junction(parts, false)?,
            Expression::Or(parts) => self.junction(parts, true)?,
            Expression::Binary(operator, left, right) => {
                let (left, right) = (self.evaluate(left)?, self.evaluate(right)?);
                binary(*operator, &left, &right)?
            }
            Expression::IsNull(inner) => Value::Bool(self.evaluate(inner)?.is_unknown()),
            Expression::IsMissing(inner) => Value::Bool(*self.evaluate(inner)? == Value::Missing),
            Expression::In(inner, list) => self.is_in(inner, list)?,
            Expression::Between(parts) => {
                let [value, low, high] = &**parts;
                let (value, low, high) = (self.evaluate(value)?, self.evaluate(low)?, self.evaluate(high)?);
                match (value.compare(&low), value.compare(&high)) {
                    (Some(low), Some(high)) => Value::Bool(low.is_ge() && high.is_le()),
                    _ => Value::Null,
                }
            }
            Expression::Like(parts, escape) => self.like(parts, escape.as_deref())?,
            Expression::Cast(inner, target) => cast::cast(&*self.evaluate(inner)?, *target)?,
            Expression::Call(function, arguments) => self.call(*function, arguments)?,
            Expression::Case { operand, branches, otherwise } => {
                return self.case(operand.as_deref(), branches, otherwise.as_deref());
            }
        };
        Ok(Cow::Owned(value))
    }

    /// `AND` and `OR`: one value decides, otherwise all must be known.
    fn junction(self, parts: &'a [Expression], decisive: bool) -> Result<Value, Error> {
        let mut all_known = true;
        for part in parts {
            match *self.evaluate(part)? {
                Value::Bool(value) if value == decisive => return Ok(Value::Bool(decisive)),
                Value::Bool(_) => {}
                _ => all_known = false,
            }
        }
        Ok(if all_known { Value::Bool(!decisive) } else { Value::Null })
    }

    fn is_in(self, value: &'a Expression, list: &'a [Expression]) -> Result<Value, Error> {
        let value = self.evaluate(value)?;
        if value.is_unknown() {
            return Ok(Value::Null);
        }
        let mut unknown = false;
        for other in list {
            let other = self.evaluate(other)?;
            if value.compare(&other) == Some(Ordering::Equal) {
                return Ok(Value::Bool(true));
            }
            unknown |= other.is_unknown();
        }
        Ok(if unknown { Value::Null } else { Value::Bool(false) })
    }

    fn like(self, parts: &'a [Expression; 2], escape: Option<&'a Expression>) -> Result<Value, Error> {
        let (text, pattern) = (self.evaluate(&parts[0])?, self.evaluate(&parts[1])?);
        let escape = escape.map(|escape| self.evaluate(escape)).transpose()?;
        like::like(&text, &pattern, escape.as_deref())
    }

    fn case(
        self,
        operand: Option<&'a Expression>,
        branches: &'a [(Expression, Expression)],
        otherwise: Option<&'a Expression>,
    ) -> Result<Cow<'a, Value>, Error> {
        let operand = operand.map(|operand| self.evaluate(operand)).transpose()?;
        for (condition, result) in branches {
            let condition = self.evaluate(condition)?;
            let applies = match &operand {
                Some(operand) => {
                    operand.compare(&condition) == Some(Ordering::Equal) && !operand.is_unknown()
                }
                None => *condition == Value::Bool(true),
            };
            if applies {
                return self.evaluate(result);
            }
        }
        otherwise.map_or(Ok(Cow::Owned(Value::Null)), |otherwise| self.evaluate(otherwise))
    }
}

fn binary(operator: Binary, left: &Value, right: &Value) -> Result<Value, Error> {
    if left.is_unknown() || right.is_unknown() {
        let missing = *left == Value::Missing || *right == Value::Missing;
        return Ok(if missing { Value::Missing } else { Value::Null });
    }
    let ordering = || left.compare(right);
    let compared =
        |holds: fn(Ordering) -> bool| ordering().map_or(Value::Null, |found| Value::Bool(holds(found)));
    Ok(match operator {
        // Values that cannot be compared are not equal.
        Binary::Equal => Value::Bool(ordering() == Some(Ordering::Equal)),
        Binary::NotEqual => Value::Bool(ordering() != Some(Ordering::Equal)),
        Binary::Less => compared(Ordering::is_lt),
        Binary::LessOrEqual => compared(Ordering::is_le),
        Binary::Greater => compared(Ordering::is_gt),
        Binary::GreaterOrEqual => compared(Ordering::is_ge),
        Binary::Concatenate => arithmetic::concatenate(left, right)?,
        Binary::Add | Binary::Subtract | Binary::Multiply | Binary::Divide | Binary::Remainder => {
            arithmetic::arithmetic(operator, left, right)?
        }
    })
}
