//! Aggregate functions: what they have seen so far, and their result. They pass over unknown values.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-select-sql-reference-aggregate.html>

use std::cmp::Ordering;

use super::{Scope, arithmetic::arithmetic};
use crate::{
    Code, Error,
    decimal::Decimal,
    sql::{Aggregate, AggregateKind, Binary},
    value::Value,
};

/// An aggregate function at work.
#[derive(Debug)]
pub(crate) struct Accumulator<'a> {
    aggregate: &'a Aggregate,
    count: i64,
    /// The sum, or the least or greatest value.
    value: Option<Value>,
}

impl<'a> Accumulator<'a> {
    pub(crate) fn new(aggregate: &'a Aggregate) -> Self {
        Accumulator { aggregate, count: 0, value: None }
    }

    /// Takes a record in.
    pub(crate) fn add<'b>(&mut self, scope: Scope<'b>) -> Result<(), Error>
    where
        'a: 'b,
    {
        let Some(argument) = &self.aggregate.argument else {
            self.count += 1;
            return Ok(());
        };
        let value = scope.evaluate(argument)?;
        if value.is_unknown() {
            return Ok(());
        }
        self.count += 1;
        match self.aggregate.kind {
            AggregateKind::Count => {}
            AggregateKind::Sum | AggregateKind::Average => self.sum(&value)?,
            AggregateKind::Minimum => self.keep(value.into_owned(), Ordering::Less)?,
            AggregateKind::Maximum => self.keep(value.into_owned(), Ordering::Greater)?,
        }
        Ok(())
    }

    fn sum(&mut self, value: &Value) -> Result<(), Error> {
        let number: Value = value.as_number().ok_or(Code::IncorrectSqlFunctionArgumentType)?.into();
        self.value = Some(match &self.value {
            Some(sum) => arithmetic(Binary::Add, sum, &number)?,
            None => number,
        });
        Ok(())
    }

    fn keep(&mut self, value: Value, when: Ordering) -> Result<(), Error> {
        let better = match &self.value {
            Some(kept) => value.compare(kept).ok_or(Code::IncorrectSqlFunctionArgumentType)? == when,
            None => true,
        };
        if better {
            self.value = Some(value);
        }
        Ok(())
    }

    /// The result. The average of integers is a decimal; without values there is none.
    pub(crate) fn result(self) -> Result<Value, Error> {
        match (self.aggregate.kind, self.value) {
            (AggregateKind::Count, _) => Ok(Value::Integer(self.count)),
            (_, None) => Ok(Value::Null),
            (AggregateKind::Average, Some(sum)) => {
                arithmetic(Binary::Divide, &sum, &Value::Decimal(Decimal::from(self.count)))
            }
            (_, Some(value)) => Ok(value),
        }
    }
}
