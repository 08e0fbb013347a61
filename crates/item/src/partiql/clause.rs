//! The clauses of statements.

use crate::expression::{Action, Condition, Path, Step, Update, UpdateOperand};
use crate::partiql::parser::{Parser, unexpected};
use crate::partiql::statement::{
    Column, Delete, Insert, Order, Returning, Select, Statement, UpdateStatement,
};
use crate::partiql::token::{Kind, malformed};
use crate::{AttributeValue, Invalid, Text};

/// Parses a statement with its parameters.
pub(super) fn parse(text: &str, parameters: &[AttributeValue]) -> Result<Statement, Invalid> {
    let mut parser = Parser::new(text, parameters)?;
    let statement = if parser.take_word("SELECT") {
        Statement::Select(parser.select()?)
    } else if parser.take_word("INSERT") {
        Statement::Insert(parser.insert()?)
    } else if parser.take_word("UPDATE") {
        Statement::Update(parser.update()?)
    } else if parser.take_word("DELETE") {
        Statement::Delete(parser.delete()?)
    } else if parser.take_word("FROM") {
        Statement::Update(parser.update_from_first()?)
    } else if parser.take_word("EXISTS") {
        parser.expect_sign("(")?;
        parser.expect_word("SELECT")?;
        let select = parser.select()?;
        parser.expect_sign(")")?;
        Statement::Exists(select)
    } else {
        return Err(malformed("Expected data manipulation"));
    };
    parser.finish()?;
    Ok(statement)
}

impl Parser<'_> {
    fn select(&mut self) -> Result<Select, Invalid> {
        let columns = if self.take_sign("*") { None } else { Some(self.columns()?) };
        self.expect_word("FROM")?;
        let (table, index) = self.table_and_index()?;
        self.no_alias()?;
        let condition = self.where_clause()?;
        let mut order = Vec::new();
        if self.take_word("ORDER") {
            self.expect_word("BY")?;
            order.push(self.order()?);
            while self.take_sign(",") {
                order.push(self.order()?);
            }
        }
        Ok(Select { table, index, columns, condition, order })
    }

    fn columns(&mut self) -> Result<Vec<Column>, Invalid> {
        let mut columns = Vec::new();
        loop {
            if self.at_function() {
                return Err(Invalid::new(format!("Unexpected path component at {}", self.place())));
            }
            let path = self.path()?;
            if self.at_word("AS") {
                return Err(aliasing());
            }
            columns.push(Column { name: shown_name(&path), path });
            if !self.take_sign(",") {
                return Ok(columns);
            }
        }
    }

    fn order(&mut self) -> Result<Order, Invalid> {
        let attribute = self.name()?;
        let descending = self.take_word("DESC");
        if !descending {
            self.take_word("ASC");
        }
        Ok(Order { attribute, descending })
    }

    fn insert(&mut self) -> Result<Insert, Invalid> {
        self.expect_word("INTO")?;
        let table = self.table()?;
        if !self.take_word("VALUE") {
            return Err(malformed("Unexpected token after expression"));
        }
        Ok(Insert { table, item: self.item()? })
    }

    fn update(&mut self) -> Result<UpdateStatement, Invalid> {
        let table = self.table()?;
        self.no_alias()?;
        let update = self.changes()?;
        let condition = self.where_clause()?;
        let returning = self.returning()?;
        Ok(UpdateStatement { table, update, condition, returning })
    }

    /// `FROM … WHERE … SET …`.
    fn update_from_first(&mut self) -> Result<UpdateStatement, Invalid> {
        let table = self.table()?;
        self.no_alias()?;
        let condition = self.where_clause()?;
        let update = self.changes()?;
        let returning = self.returning()?;
        Ok(UpdateStatement { table, update, condition, returning })
    }

    fn delete(&mut self) -> Result<Delete, Invalid> {
        self.expect_word("FROM")?;
        let table = self.table()?;
        self.no_alias()?;
        let condition = self.where_clause()?;
        let returning = self.returning()?;
        if let Some(returning) = returning.filter(|returning| *returning != Returning::AllOld) {
            return Err(Invalid::new(format!(
                "Invalid returning clause: RETURNING {}. Only RETURNING ALL OLD * is allowed in DELETE statements.",
                returning.words()
            )));
        }
        Ok(Delete { table, condition, returning })
    }

    /// A table that is written to, which takes no index.
    fn table(&mut self) -> Result<Text, Invalid> {
        match self.table_and_index()? {
            (table, None) => Ok(table),
            (_, Some(_)) => Err(Invalid::new("This operation is not supported on an index")),
        }
    }

    fn table_and_index(&mut self) -> Result<(Text, Option<Text>), Invalid> {
        let mut parts = vec![self.name()?];
        while self.take_sign(".") {
            parts.push(self.name()?);
        }
        if parts.iter().any(|part| part.is_empty()) {
            return Err(Invalid::new("Path component cannot be an empty string"));
        }
        let mut parts = parts.into_iter();
        match (parts.next(), parts.next(), parts.next()) {
            (Some(table), index, None) => Ok((table, index)),
            _ => Err(Invalid::new("A path may contain at most 2 components in the FROM clause")),
        }
    }

    fn no_alias(&self) -> Result<(), Invalid> {
        let returning = self.at_word("RETURNING");
        if self.at_word("AS") || self.at_name() && !returning { Err(aliasing()) } else { Ok(()) }
    }

    fn where_clause(&mut self) -> Result<Option<Condition>, Invalid> {
        if self.take_word("WHERE") { self.condition().map(Some) } else { Ok(None) }
    }

    fn returning(&mut self) -> Result<Option<Returning>, Invalid> {
        if !self.take_word("RETURNING") {
            return Ok(None);
        }
        let all = self.take_word("ALL");
        if !all {
            self.expect_word("MODIFIED")?;
        }
        let old = self.take_word("OLD");
        if !old {
            self.expect_word("NEW")?;
        }
        self.expect_sign("*")?;
        Ok(Some(match (all, old) {
            (true, true) => Returning::AllOld,
            (false, true) => Returning::ModifiedOld,
            (true, false) => Returning::AllNew,
            (false, false) => Returning::ModifiedNew,
        }))
    }

    /// `SET` and `REMOVE` clauses.
    fn changes(&mut self) -> Result<Update, Invalid> {
        let mut actions = Vec::new();
        loop {
            let removes = if self.take_word("SET") {
                false
            } else if self.take_word("REMOVE") {
                true
            } else {
                break;
            };
            loop {
                let path = self.path()?;
                actions.push(if removes { Action::Remove(path) } else { self.assignment(path)? });
                if !self.take_sign(",") {
                    break;
                }
            }
        }
        if actions.is_empty() {
            return Err(unexpected());
        }
        check_apart(&actions)?;
        Ok(Update { actions, legacy: false })
    }

    fn assignment(&mut self, path: Path) -> Result<Action, Invalid> {
        self.expect_sign("=")?;
        if let (true, Kind::Word(name)) = (self.at_function(), self.next()) {
            let name = name.to_ascii_uppercase();
            if name == "SET_ADD" || name == "SET_DELETE" {
                return self.set_function(path, &name);
            }
        }
        let one = self.assigned_operand()?;
        let sign = match self.next() {
            Kind::Sign(sign @ ("+" | "-")) => *sign,
            _ => return Ok(Action::Set(path, one)),
        };
        self.advance();
        let (one, other) = (Box::new(one), Box::new(self.assigned_operand()?));
        let sum =
            if sign == "+" { UpdateOperand::Plus(one, other) } else { UpdateOperand::Minus(one, other) };
        Ok(Action::Set(path, sum))
    }

    fn assigned_operand(&mut self) -> Result<UpdateOperand, Invalid> {
        if self.at_value() {
            return self.value().map(UpdateOperand::Value);
        } else if !self.at_function() {
            return self.path().map(UpdateOperand::Path);
        }
        let place = self.place();
        let Kind::Word(name) = self.next().clone() else { return Err(unexpected()) };
        self.advance();
        self.expect_sign("(")?;
        self.enter()?;
        let one = self.assigned_operand()?;
        self.expect_sign(",")?;
        let other = self.assigned_operand()?;
        self.expect_sign(")")?;
        self.leave();
        match (&*name.to_ascii_lowercase(), one) {
            ("list_append", one) => Ok(UpdateOperand::ListAppend(Box::new(one), Box::new(other))),
            ("if_not_exists", UpdateOperand::Path(path)) => {
                Ok(UpdateOperand::IfNotExists(path, Box::new(other)))
            }
            (name, _) => Err(Invalid::new(format!("Unrecognized function: {name} at {place}"))),
        }
    }

    /// `path = SET_ADD(path, set)` and `path = SET_DELETE(path, set)`.
    fn set_function(&mut self, path: Path, name: &str) -> Result<Action, Invalid> {
        let function_place = self.place();
        self.advance();
        self.expect_sign("(")?;
        let first_place = self.place();
        let mut operands = vec![self.assigned_operand()?];
        while self.take_sign(",") {
            operands.push(self.assigned_operand()?);
        }
        self.expect_sign(")")?;
        let Ok([first, second]) = <[UpdateOperand; 2]>::try_from(operands) else {
            return Err(Invalid::new(format!("{name} must have exactly two arguments at {function_place}")));
        };
        if first != UpdateOperand::Path(path.clone()) {
            return Err(Invalid::new(format!(
                "The first argument to {name} must equal the assignment value at {function_place}"
            )));
        }
        match second {
            UpdateOperand::Value(set) if set.kind().is_set() => {
                Ok(if name == "SET_ADD" { Action::Add(path, set) } else { Action::Delete(path, set) })
            }
            _ => Err(Invalid::new(format!(
                "The second argument to {name} must be a value with type SET at {first_place}"
            ))),
        }
    }
}

fn aliasing() -> Invalid {
    Invalid::new("Aliasing is not supported")
}

/// The name that a column's value has in an answer: that of its last step.
fn shown_name(path: &Path) -> Text {
    let name = path.steps.iter().rev().find_map(|step| match step {
        Step::Name(name) => Some(name),
        Step::Index(_) => None,
    });
    let name = name.unwrap_or(&path.attribute);
    let indexes: String = path
        .steps
        .iter()
        .rev()
        .map_while(|step| match step {
            Step::Index(index) => Some(format!("[{index}]")),
            Step::Name(_) => None,
        })
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    if indexes.is_empty() { name.clone() } else { Text::from(format!("{name}{indexes}")) }
}

/// Checks that no two changes are of one place, or of one within the other.
fn check_apart(actions: &[Action]) -> Result<(), Invalid> {
    for (at, action) in actions.iter().enumerate() {
        for before in &actions[..at] {
            before.path().check_apart(action.path()).map_err(Invalid::new)?;
        }
    }
    Ok(())
}
