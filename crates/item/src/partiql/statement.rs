//! Statements, parsed.

use crate::expression::{Condition, Path, Update};
use crate::partiql::clause;
use crate::{AttributeValue, Invalid, Item, Text};

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// Reads items.
    Select(Select),
    /// Adds an item that must not exist.
    Insert(Insert),
    /// Changes an item that must exist.
    Update(UpdateStatement),
    /// Takes an item away, if there is one.
    Delete(Delete),
    /// `EXISTS(SELECT …)`: in a transaction, that an item meets a condition.
    Exists(Select),
}

/// `SELECT`.
#[derive(Debug, Clone, PartialEq)]
pub struct Select {
    /// The table, by name or ARN.
    pub table: Text,
    /// The index behind the table's name.
    pub index: Option<Text>,
    /// What is shown; none for `*`.
    pub columns: Option<Vec<Column>>,
    /// What the items must meet.
    pub condition: Option<Condition>,
    /// `ORDER BY`.
    pub order: Vec<Order>,
}

/// What is shown of an item.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Where it is.
    pub path: Path,
    /// Under which name it is shown.
    pub name: Text,
}

/// An attribute that results are ordered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// The attribute.
    pub attribute: Text,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// `INSERT`.
#[derive(Debug, Clone, PartialEq)]
pub struct Insert {
    /// The table, by name or ARN.
    pub table: Text,
    /// The item.
    pub item: Item,
}

/// `UPDATE`.
#[derive(Debug, Clone, PartialEq)]
pub struct UpdateStatement {
    /// The table, by name or ARN.
    pub table: Text,
    /// The changes.
    pub update: Update,
    /// The item's key, and what it must meet.
    pub condition: Option<Condition>,
    /// What is answered.
    pub returning: Option<Returning>,
}

/// `DELETE`.
#[derive(Debug, Clone, PartialEq)]
pub struct Delete {
    /// The table, by name or ARN.
    pub table: Text,
    /// The item's key, and what it must meet.
    pub condition: Option<Condition>,
    /// What is answered: nothing, or [`Returning::AllOld`].
    pub returning: Option<Returning>,
}

/// `RETURNING`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returning {
    /// `ALL OLD *`.
    AllOld,
    /// `MODIFIED OLD *`.
    ModifiedOld,
    /// `ALL NEW *`.
    AllNew,
    /// `MODIFIED NEW *`.
    ModifiedNew,
}

impl Returning {
    /// The clause without its first word.
    pub(super) fn words(self) -> &'static str {
        match self {
            Returning::AllOld => "ALL OLD *",
            Returning::ModifiedOld => "MODIFIED OLD *",
            Returning::AllNew => "ALL NEW *",
            Returning::ModifiedNew => "MODIFIED NEW *",
        }
    }
}

impl Statement {
    /// Parses a statement; each `?` is the next parameter.
    ///
    /// # Errors
    /// What AWS says of it before it looks for the table.
    pub fn parse(text: &str, parameters: &[AttributeValue]) -> Result<Self, Invalid> {
        clause::parse(text, parameters)
    }

    /// The table, by name or ARN.
    pub fn table(&self) -> &Text {
        match self {
            Statement::Select(select) | Statement::Exists(select) => &select.table,
            Statement::Insert(insert) => &insert.table,
            Statement::Update(update) => &update.table,
            Statement::Delete(delete) => &delete.table,
        }
    }

    /// What a statement that writes answers.
    pub fn returning(&self) -> Option<Returning> {
        match self {
            Statement::Update(update) => update.returning,
            Statement::Delete(delete) => delete.returning,
            _ => None,
        }
    }
}

impl Select {
    /// What is shown of an item.
    pub fn project(&self, item: Item) -> Item {
        match &self.columns {
            None => item,
            Some(columns) => columns
                .iter()
                .filter_map(|column| Some((column.name.clone(), column.path.get(&item)?.clone())))
                .collect(),
        }
    }
}
