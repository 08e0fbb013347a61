//! The plan of a query: what to read, what to keep, what to write.

use sqlparser::ast::{
    Expr, GroupByExpr, LimitClause, Query, Select, SelectItem, SelectItemQualifiedWildcardKind, SetExpr,
    TableAlias, TableFactor, Value,
};

use super::{Aggregate, Expression, Path, Step, compile::Compiler, syntax};
use crate::{Code, Error};

/// A column of the result.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    /// Its name in JSON.
    pub(crate) name: String,
    pub(crate) expression: Expression,
}

/// What is written for a record.
#[derive(Debug, Clone)]
pub(crate) enum Projection {
    /// The record as it is.
    All,
    /// Columns. With aggregates there is one record, at the end.
    Columns(Vec<Column>),
}

/// A query.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// What of a JSON document is a record.
    pub(crate) source: Vec<Step>,
    pub(crate) projection: Projection,
    pub(crate) filter: Option<Expression>,
    pub(crate) limit: Option<u64>,
    /// The values of records that expressions ask for.
    pub(crate) paths: Vec<Path>,
    pub(crate) aggregates: Vec<Aggregate>,
}

/// Reads an expression.
pub(crate) fn plan(expression: &str) -> Result<Plan, Error> {
    let (query, source) = syntax::parse(expression)?;
    let limit = limit(&query)?;
    let SetExpr::Select(select) = *query.body else { return Err(Code::UnsupportedSqlStructure.into()) };
    check_clauses(&select)?;
    let alias = alias(&select)?;
    let mut compiler = Compiler::new(alias, &source);
    let projection = projection(&mut compiler, &select)?;
    let aggregates = compiler.take_aggregates();
    let filter = match &select.selection {
        Some(filter) => Some(compiler.without_aggregates(filter)?),
        None => None,
    };
    Ok(Plan { source, projection, filter, limit, paths: compiler.paths, aggregates })
}

/// The clauses of SQL that S3 Select does not have.
fn check_clauses(select: &Select) -> Result<(), Error> {
    if !matches!(&select.group_by, GroupByExpr::Expressions(by, more) if by.is_empty() && more.is_empty()) {
        return Err(Code::ParseExpectedIdentForGroupName.into());
    }
    let others = select.distinct.is_some()
        || select.top.is_some()
        || select.having.is_some()
        || select.into.is_some()
        || select.qualify.is_some()
        || select.prewhere.is_some()
        || select.exclude.is_some()
        || select.select_modifiers.is_some()
        || select.value_table_mode.is_some()
        || !select.lateral_views.is_empty()
        || !select.connect_by.is_empty()
        || !select.cluster_by.is_empty()
        || !select.distribute_by.is_empty()
        || !select.sort_by.is_empty()
        || !select.named_window.is_empty();
    if others { Err(Code::UnsupportedSqlStructure.into()) } else { Ok(()) }
}

/// The name that the table goes by.
fn alias(select: &Select) -> Result<Option<String>, Error> {
    let [table] = &*select.from else { return Err(Code::MultipleDataSourcesUnsupported.into()) };
    if !table.joins.is_empty() {
        return Err(Code::ParseMalformedJoin.into());
    }
    let TableFactor::Table { name, alias, args: None, .. } = &table.relation else {
        return Err(Code::UnsupportedSqlStructure.into());
    };
    let [part] = &*name.0 else { return Err(Code::InvalidDataSource.into()) };
    if !part.as_ident().is_some_and(|name| name.value.eq_ignore_ascii_case("S3Object")) {
        return Err(Code::EvaluatorBindingDoesNotExist.into());
    }
    match alias {
        None => Ok(None),
        Some(TableAlias { name, columns, at: None, .. }) if columns.is_empty() => {
            Ok(Some(name.value.clone()))
        }
        Some(_) => Err(Code::UnsupportedSqlStructure.into()),
    }
}

fn limit(query: &Query) -> Result<Option<u64>, Error> {
    let others = query.with.is_some()
        || query.order_by.is_some()
        || query.fetch.is_some()
        || !query.locks.is_empty()
        || query.for_clause.is_some()
        || query.settings.is_some()
        || query.format_clause.is_some()
        || !query.pipe_operators.is_empty();
    if others {
        return Err(Code::UnsupportedSqlStructure.into());
    }
    match &query.limit_clause {
        None => Ok(None),
        Some(LimitClause::LimitOffset { limit: Some(limit), offset: None, limit_by })
            if limit_by.is_empty() =>
        {
            number(limit).map(Some)
        }
        Some(_) => Err(Code::UnsupportedSqlStructure.into()),
    }
}

fn number(limit: &Expr) -> Result<u64, Error> {
    match limit {
        Expr::Value(value) => match &value.value {
            Value::Number(digits, _) => digits.parse().map_err(|_| Code::ParseExpectedNumber.into()),
            _ => Err(Code::ParseExpectedNumber.into()),
        },
        Expr::UnaryOp { .. } => Err(Code::EvaluatorNegativeLimit.into()),
        _ => Err(Code::ParseExpectedNumber.into()),
    }
}

fn projection(compiler: &mut Compiler, select: &Select) -> Result<Projection, Error> {
    if let [item] = &*select.projection
        && is_everything(compiler, item)?
    {
        return Ok(Projection::All);
    }
    let mut columns = Vec::new();
    for (index, item) in select.projection.iter().enumerate() {
        let (expression, alias) = match item {
            SelectItem::UnnamedExpr(expression) => (expression, None),
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias.value.clone())),
            SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..) => {
                return Err(Code::ParseAsteriskIsNotAloneInSelectList.into());
            }
            SelectItem::ExprWithAliases { .. } => return Err(Code::ParseUnsupportedSyntax.into()),
        };
        let expression = compiler.column(expression)?;
        let name =
            alias.or_else(|| compiler.name_of(&expression)).unwrap_or_else(|| format!("_{}", index + 1));
        columns.push(Column { name, expression });
    }
    Ok(Projection::Columns(columns))
}

/// Whether the item is `*`, or `s.*` where the table is `s`.
fn is_everything(compiler: &Compiler, item: &SelectItem) -> Result<bool, Error> {
    match item {
        SelectItem::Wildcard(_) => Ok(true),
        SelectItem::QualifiedWildcard(SelectItemQualifiedWildcardKind::ObjectName(name), _) => match &*name.0
        {
            [part] if part.as_ident().is_some_and(|name| compiler.is_table(&name.value)) => Ok(true),
            _ => Err(Code::UnsupportedSqlStructure.into()),
        },
        SelectItem::QualifiedWildcard(..) => Err(Code::ParseCannotMixSqbAndWildcardInSelectList.into()),
        _ => Ok(false),
    }
}
