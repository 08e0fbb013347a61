//! From the parser's tree to expressions that can be evaluated: names become paths, calls become functions, and what
//! S3 Select does not know is refused.

use sqlparser::ast::{
    AccessExpr, BinaryOperator, CastKind, DataType, ExactNumberInfo, Expr, Function as Call, FunctionArg,
    FunctionArgExpr, FunctionArguments, Ident, Subscript, TrimWhereField, UnaryOperator, Value as Literal,
};

use super::{
    Aggregate, AggregateKind, Binary, Expression, Function, Path, Step, Target, TrimSide, unexpected,
};
use crate::{
    Code, Error,
    timestamp::{DatePart, Timestamp},
    value::{Number, Value},
};

/// Most digits of a decimal.
const MOST_DIGITS: u64 = 38;
/// How deep expressions may be nested.
const DEEPEST: usize = 100;

/// What is known while expressions are read.
pub(super) struct Compiler {
    alias: Option<String>,
    /// The last name of the source's path, by which records go that have no alias.
    last_name: Option<String>,
    /// The values that were asked for so far.
    pub(super) paths: Vec<Path>,
    aggregates: Vec<Aggregate>,
    scope: Scope,
    depth: usize,
}

/// Where an expression stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    /// A column, in which aggregate functions may be called.
    Column,
    /// The argument of an aggregate function, or a condition.
    Inner,
}

impl Compiler {
    pub(super) fn new(alias: Option<String>, source: &[Step]) -> Self {
        let last_name = match (&alias, source.last()) {
            (None, Some(Step::Field { name, .. })) => Some(name.clone()),
            _ => None,
        };
        Compiler {
            alias,
            last_name,
            paths: Vec::new(),
            aggregates: Vec::new(),
            scope: Scope::Inner,
            depth: 0,
        }
    }

    /// Whether a name means the record.
    pub(super) fn is_table(&self, name: &str) -> bool {
        self.alias.as_deref().unwrap_or("S3Object").eq_ignore_ascii_case(name)
    }

    /// A column of the result. One that calls aggregate functions may not ask for values of single records as well.
    pub(super) fn column(&mut self, expression: &Expr) -> Result<Expression, Error> {
        self.scope = Scope::Column;
        let result = self.expression(expression);
        self.scope = Scope::Inner;
        result
    }

    /// A condition.
    pub(super) fn without_aggregates(&mut self, expression: &Expr) -> Result<Expression, Error> {
        self.expression(expression)
    }

    pub(super) fn take_aggregates(&mut self) -> Vec<Aggregate> {
        std::mem::take(&mut self.aggregates)
    }

    /// The name that a column has by itself: the last of its path.
    pub(super) fn name_of(&self, expression: &Expression) -> Option<String> {
        let Expression::Path(path) = expression else { return None };
        match self.paths.get(*path)?.0.last() {
            Some(Step::Field { name, .. }) => Some(name.clone()),
            Some(_) => None,
            None => self.last_name.clone(),
        }
    }

    fn boxed(&mut self, expression: &Expr) -> Result<Box<Expression>, Error> {
        self.expression(expression).map(Box::new)
    }

    fn all<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expr>) -> Result<Vec<Expression>, Error> {
        expressions.into_iter().map(|expression| self.expression(expression)).collect()
    }

    fn expression(&mut self, expression: &Expr) -> Result<Expression, Error> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(unexpected::too_deep());
        }
        let compiled = self.compile(expression);
        self.depth -= 1;
        compiled
    }

    fn compile(&mut self, expression: &Expr) -> Result<Expression, Error> {
        Ok(match expression {
            Expr::Nested(inner) => self.expression(inner)?,
            Expr::Value(value) => Expression::Literal(literal(&value.value)?),
            Expr::Identifier(name) if name.quote_style == Some('`') => {
                Expression::Literal(ion_literal(&name.value)?)
            }
            Expr::Identifier(name) => self.path(std::slice::from_ref(name), &[])?,
            Expr::CompoundIdentifier(names) => self.path(names, &[])?,
            Expr::CompoundFieldAccess { root, access_chain } => match &**root {
                Expr::Identifier(name) => self.path(std::slice::from_ref(name), access_chain)?,
                Expr::CompoundIdentifier(names) => self.path(names, access_chain)?,
                _ => return Err(Code::ParseInvalidPathComponent.into()),
            },
            Expr::UnaryOp { op, expr } => self.unary(*op, expr)?,
            Expr::BinaryOp { left, op, right } => self.binary(op, left, right)?,
            Expr::IsNull(_)
            | Expr::IsNotNull(_)
            | Expr::IsUnknown(_)
            | Expr::IsNotUnknown(_)
            | Expr::InList { .. }
            | Expr::Between { .. }
            | Expr::Like { any: false, .. } => self.predicate(expression)?,
            Expr::Cast { kind: CastKind::Cast, expr, data_type, format: None } => {
                Expression::Cast(self.boxed(expr)?, target(data_type)?)
            }
            Expr::Case { operand, conditions, else_result, .. } => Expression::Case {
                operand: operand.as_deref().map(|operand| self.boxed(operand)).transpose()?,
                branches: conditions
                    .iter()
                    .map(|when| Ok((self.expression(&when.condition)?, self.expression(&when.result)?)))
                    .collect::<Result<_, Error>>()?,
                otherwise: else_result.as_deref().map(|otherwise| self.boxed(otherwise)).transpose()?,
            },
            Expr::Extract { field, expr, .. } => {
                let part = DatePart::parse(&field.to_string()).ok_or(Code::ParseExpectedDatePart)?;
                Expression::Call(Function::Extract(part), vec![self.expression(expr)?])
            }
            Expr::Substring { expr, substring_from, substring_for, .. } => {
                let arguments = [Some(&**expr), substring_from.as_deref(), substring_for.as_deref()];
                if substring_from.is_none() {
                    return Err(Code::EvaluatorInvalidArguments.into());
                }
                Expression::Call(Function::Substring, self.all(arguments.into_iter().flatten())?)
            }
            Expr::Trim { trim_where, trim_what, expr, trim_characters: None } => {
                let side = match trim_where {
                    None | Some(TrimWhereField::Both) => TrimSide::Both,
                    Some(TrimWhereField::Leading) => TrimSide::Leading,
                    Some(TrimWhereField::Trailing) => TrimSide::Trailing,
                };
                let arguments = [Some(&**expr), trim_what.as_deref()];
                Expression::Call(Function::Trim(side), self.all(arguments.into_iter().flatten())?)
            }
            Expr::Function(call) => self.call(call)?,
            Expr::Subquery(_) | Expr::Exists { .. } | Expr::InSubquery { .. } => {
                return Err(Code::UnsupportedSqlStructure.into());
            }
            _ => return Err(Code::ParseUnsupportedSyntax.into()),
        })
    }

    fn unary(&mut self, operator: UnaryOperator, expression: &Expr) -> Result<Expression, Error> {
        match operator {
            UnaryOperator::Not => Ok(Expression::Not(self.boxed(expression)?)),
            UnaryOperator::Minus => Ok(Expression::Negate(self.boxed(expression)?)),
            UnaryOperator::Plus => self.expression(expression),
            _ => Err(Code::ParseUnsupportedSyntax.into()),
        }
    }

    fn binary(&mut self, operator: &BinaryOperator, left: &Expr, right: &Expr) -> Result<Expression, Error> {
        let operator = match operator {
            BinaryOperator::And => return Ok(Expression::And(self.all(chain(operator, left, right))?)),
            BinaryOperator::Or => return Ok(Expression::Or(self.all(chain(operator, left, right))?)),
            BinaryOperator::Plus => Binary::Add,
            BinaryOperator::Minus => Binary::Subtract,
            BinaryOperator::Multiply => Binary::Multiply,
            BinaryOperator::Divide => Binary::Divide,
            BinaryOperator::Modulo => Binary::Remainder,
            BinaryOperator::StringConcat => Binary::Concatenate,
            BinaryOperator::Eq => Binary::Equal,
            BinaryOperator::NotEq => Binary::NotEqual,
            BinaryOperator::Lt => Binary::Less,
            BinaryOperator::LtEq => Binary::LessOrEqual,
            BinaryOperator::Gt => Binary::Greater,
            BinaryOperator::GtEq => Binary::GreaterOrEqual,
            _ => return Err(Code::ParseUnsupportedSyntax.into()),
        };
        Ok(Expression::Binary(operator, self.boxed(left)?, self.boxed(right)?))
    }

    fn predicate(&mut self, expression: &Expr) -> Result<Expression, Error> {
        let (predicate, negated) = match expression {
            Expr::IsNull(inner) => (Expression::IsNull(self.boxed(inner)?), false),
            Expr::IsNotNull(inner) => (Expression::IsNull(self.boxed(inner)?), true),
            Expr::IsUnknown(inner) => (Expression::IsMissing(self.boxed(inner)?), false),
            Expr::IsNotUnknown(inner) => (Expression::IsMissing(self.boxed(inner)?), true),
            Expr::InList { expr, list, negated } => {
                (Expression::In(self.boxed(expr)?, self.all(list)?), *negated)
            }
            Expr::Between { expr, negated, low, high } => {
                let parts = [self.expression(expr)?, self.expression(low)?, self.expression(high)?];
                (Expression::Between(Box::new(parts)), *negated)
            }
            Expr::Like { negated, expr, pattern, escape_char, .. } => {
                let parts = [self.expression(expr)?, self.expression(pattern)?];
                let escape = escape_char.as_deref().map(|escape| self.boxed(escape)).transpose()?;
                (Expression::Like(Box::new(parts), escape), *negated)
            }
            _ => return Err(Code::ParseUnsupportedSyntax.into()),
        };
        Ok(if negated { Expression::Not(Box::new(predicate)) } else { predicate })
    }

    /// A path: names, then names and indexes. A first name that is the table's means the record.
    fn path(&mut self, names: &[Ident], chain: &[AccessExpr]) -> Result<Expression, Error> {
        let mut steps: Vec<Step> = Vec::with_capacity(names.len() + chain.len());
        for name in names {
            steps.push(field(name)?);
        }
        for access in chain {
            steps.push(match access {
                AccessExpr::Dot(Expr::Identifier(name)) => field(name)?,
                AccessExpr::Subscript(Subscript::Index { index }) => subscript(index)?,
                _ => return Err(Code::ParseInvalidPathComponent.into()),
            });
        }
        if steps.len() == 1
            && let Some(Step::Field { name, quoted: false }) = steps.first()
            && name.eq_ignore_ascii_case("MISSING")
        {
            return Ok(Expression::Literal(Value::Missing));
        }
        if let Some(Step::Field { name, .. }) = steps.first()
            && (self.is_table(name) || self.last_name.as_deref() == Some(name))
        {
            steps.remove(0);
        }
        if self.scope == Scope::Column && !self.aggregates.is_empty() {
            return Err(Code::UnsupportedSqlStructure.into());
        }
        let path = Path(steps);
        let known = self.paths.iter().position(|known| *known == path);
        Ok(Expression::Path(known.unwrap_or_else(|| {
            self.paths.push(path);
            self.paths.len() - 1
        })))
    }

    fn call(&mut self, call: &Call) -> Result<Expression, Error> {
        let [part] = &*call.name.0 else { return Err(Code::UnsupportedFunction.into()) };
        let name = part.as_ident().map_or("", |name| name.value.as_str());
        let FunctionArguments::List(arguments) = &call.args else {
            return Err(Code::UnsupportedFunction.into());
        };
        let plain = call.filter.is_none()
            && call.over.is_none()
            && call.within_group.is_empty()
            && call.null_treatment.is_none()
            && matches!(call.parameters, FunctionArguments::None)
            && arguments.clauses.is_empty()
            && arguments.duplicate_treatment.is_none();
        if !plain {
            return Err(Code::UnsupportedSqlOperation.into());
        }
        if let Some(kind) = AggregateKind::named(name) {
            return self.aggregate(kind, &arguments.args);
        }
        let arguments = arguments.args.iter().map(argument).collect::<Result<Vec<_>, _>>()?;
        if name.eq_ignore_ascii_case("DATE_ADD") || name.eq_ignore_ascii_case("DATE_DIFF") {
            let [part, first, second] = *arguments else {
                return Err(Code::EvaluatorInvalidArguments.into());
            };
            let Expr::Identifier(part) = part else { return Err(Code::ParseExpectedDatePart.into()) };
            let part = DatePart::parse(&part.value).filter(|part| part.is_length());
            let part = part.ok_or(Code::ParseExpectedDatePart)?;
            let is_add = name.eq_ignore_ascii_case("DATE_ADD");
            let function = if is_add { Function::DateAdd(part) } else { Function::DateDiff(part) };
            return Ok(Expression::Call(function, self.all([first, second])?));
        }
        let (function, fewest, most) = Function::named(name).ok_or(Code::UnsupportedFunction)?;
        if !(fewest..=most).contains(&arguments.len()) {
            return Err(Code::EvaluatorInvalidArguments.into());
        }
        Ok(Expression::Call(function, self.all(arguments)?))
    }

    fn aggregate(&mut self, kind: AggregateKind, arguments: &[FunctionArg]) -> Result<Expression, Error> {
        if self.scope != Scope::Column {
            return Err(Code::UnsupportedSqlOperation.into());
        }
        if self.aggregates.is_empty() && !self.paths.is_empty() {
            return Err(Code::UnsupportedSqlStructure.into());
        }
        self.scope = Scope::Inner;
        let argument = match arguments {
            [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] if kind == AggregateKind::Count => None,
            [FunctionArg::Unnamed(FunctionArgExpr::Wildcard)] => {
                return Err(Code::ParseUnsupportedCallWithStar.into());
            }
            [one] => Some(self.expression(argument(one)?)?),
            _ => return Err(Code::EvaluatorInvalidArguments.into()),
        };
        self.scope = Scope::Column;
        self.aggregates.push(Aggregate { kind, argument });
        Ok(Expression::Aggregate(self.aggregates.len() - 1))
    }
}

/// The parts of a chain of one operator, which the parser gives as a tree as deep as the chain is long.
fn chain<'a>(operator: &BinaryOperator, left: &'a Expr, right: &'a Expr) -> Vec<&'a Expr> {
    let mut parts = vec![right];
    let mut rest = left;
    while let Expr::BinaryOp { left, op, right } = rest
        && op == operator
    {
        parts.push(right);
        rest = left;
    }
    parts.push(rest);
    parts.reverse();
    parts
}

fn argument(argument: &FunctionArg) -> Result<&Expr, Error> {
    match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expression)) => Ok(expression),
        FunctionArg::Unnamed(_) => Err(Code::ParseUnsupportedCallWithStar.into()),
        _ => Err(Code::ParseUnsupportedSyntax.into()),
    }
}

fn field(name: &Ident) -> Result<Step, Error> {
    match name.quote_style {
        None | Some('"') => Ok(Step::Field { name: name.value.clone(), quoted: name.quote_style.is_some() }),
        Some(_) => Err(Code::ParseInvalidPathComponent.into()),
    }
}

fn subscript(index: &Expr) -> Result<Step, Error> {
    let Expr::Value(value) = index else { return Err(Code::ParseInvalidPathComponent.into()) };
    match &value.value {
        Literal::Number(digits, _) => {
            digits.parse().map(Step::Index).map_err(|_| Code::ParseInvalidPathComponent.into())
        }
        Literal::SingleQuotedString(name) => Ok(Step::Field { name: name.clone(), quoted: true }),
        _ => Err(Code::ParseInvalidPathComponent.into()),
    }
}

fn literal(literal: &Literal) -> Result<Value, Error> {
    match literal {
        Literal::Number(digits, false) => {
            Number::parse(digits).map(Value::from).ok_or_else(|| Code::LexerInvalidLiteral.into())
        }
        Literal::SingleQuotedString(text) => Ok(Value::String(text.clone())),
        Literal::Boolean(value) => Ok(Value::Bool(*value)),
        Literal::Null => Ok(Value::Null),
        _ => Err(Code::LexerInvalidLiteral.into()),
    }
}

/// A literal of Amazon Ion, in backticks: times, and what SQL can write as well.
fn ion_literal(text: &str) -> Result<Value, Error> {
    let text = text.trim();
    if let Some(timestamp) = Timestamp::parse(text) {
        return Ok(Value::Timestamp(timestamp));
    }
    match text {
        "null" => Ok(Value::Null),
        "true" => Ok(Value::Bool(true)),
        "false" => Ok(Value::Bool(false)),
        _ => Number::parse(text).map(Value::from).ok_or_else(|| Code::LexerInvalidIONLiteral.into()),
    }
}

fn target(data_type: &DataType) -> Result<Target, Error> {
    Ok(match data_type {
        DataType::Bool | DataType::Boolean => Target::Bool,
        DataType::Int(None) | DataType::Integer(None) | DataType::SmallInt(None) | DataType::BigInt(None) => {
            Target::Integer
        }
        DataType::Float(_) | DataType::Real | DataType::DoublePrecision | DataType::Double(_) => {
            Target::Float
        }
        DataType::Decimal(size) | DataType::Numeric(size) | DataType::Dec(size) => {
            Target::Decimal(digits(size)?)
        }
        DataType::String(None)
        | DataType::Char(_)
        | DataType::Character(_)
        | DataType::Varchar(_)
        | DataType::CharacterVarying(_)
        | DataType::CharVarying(_) => Target::String,
        DataType::Timestamp(None, _) => Target::Timestamp,
        _ => return Err(Code::ParseExpectedTypeName.into()),
    })
}

fn digits(size: &ExactNumberInfo) -> Result<Option<(u32, u32)>, Error> {
    let (precision, scale) = match size {
        ExactNumberInfo::None => return Ok(None),
        ExactNumberInfo::Precision(precision) => (*precision, 0),
        ExactNumberInfo::PrecisionAndScale(precision, scale) => (*precision, *scale),
    };
    let sizes = u32::try_from(precision).ok().zip(u32::try_from(scale).ok());
    let fits =
        (1..=MOST_DIGITS).contains(&precision) && sizes.is_some_and(|(precision, scale)| scale <= precision);
    if fits { Ok(sizes) } else { Err(Code::InvalidDataType.into()) }
}
