//! Expressions as they are evaluated.

use super::Function;
use crate::value::Value;

/// A step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// An element of an object. Quoted names are found in exactly that case.
    Field { name: String, quoted: bool },
    /// An element of an array, counted from zero.
    Index(usize),
    /// Each element of an array. In `FROM` only.
    EveryElement,
    /// Each element of an object. In `FROM` only.
    EveryField,
}

/// Where in the record a value is; the record itself when it has no steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Path(pub(crate) Vec<Step>);

/// An operator between two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Concatenate,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What `CAST` makes of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Bool,
    Integer,
    Float,
    /// Digits in all and after the point.
    Decimal(Option<(u32, u32)>),
    String,
    Timestamp,
}

/// An expression.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    Literal(Value),
    /// A value of the record, by its number among the plan's paths.
    Path(usize),
    /// The result of an aggregate function, by its number among the plan's.
    Aggregate(usize),
    Negate(Box<Expression>),
    Not(Box<Expression>),
    And(Vec<Expression>),
    Or(Vec<Expression>),
    Binary(Binary, Box<Expression>, Box<Expression>),
    IsNull(Box<Expression>),
    IsMissing(Box<Expression>),
    In(Box<Expression>, Vec<Expression>),
    /// Value, lowest, highest.
    Between(Box<[Expression; 3]>),
    /// Text, pattern and the character that makes a wildcard literal.
    Like(Box<[Expression; 2]>, Option<Box<Expression>>),
    Cast(Box<Expression>, Target),
    Call(Function, Vec<Expression>),
    /// The value that is compared, conditions with results, and what else.
    Case {
        operand: Option<Box<Expression>>,
        branches: Vec<(Expression, Expression)>,
        otherwise: Option<Box<Expression>>,
    },
}
