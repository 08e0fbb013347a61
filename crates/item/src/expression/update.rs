//! Updates: the actions that `UpdateExpression` and `AttributeUpdates` become.

use crate::expression::path::Path;
use crate::expression::{update_application, update_parser};
use crate::{AttributeValue, Invalid, Item, Placeholders, Projection, Text};

/// Changes of an item.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Update {
    /// What is done, in the order it was written.
    pub actions: Vec<Action>,
    /// Whether the update came as `AttributeUpdates`, whose mistakes have other words, and whose `ADD` takes lists.
    pub legacy: bool,
}

/// One change.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Sets a value.
    Set(Path, UpdateOperand),
    /// Takes a value away.
    Remove(Path),
    /// Adds to a number or a set.
    Add(Path, AttributeValue),
    /// Takes elements out of a set.
    Delete(Path, AttributeValue),
}

/// What a value is set to.
#[derive(Debug, Clone, PartialEq)]
pub enum UpdateOperand {
    /// The value at a path, before the update.
    Path(Path),
    /// A value of the request.
    Value(AttributeValue),
    /// `if_not_exists(path, other)`.
    IfNotExists(Path, Box<UpdateOperand>),
    /// `list_append(one, other)`.
    ListAppend(Box<UpdateOperand>, Box<UpdateOperand>),
    /// `one + other`.
    Plus(Box<UpdateOperand>, Box<UpdateOperand>),
    /// `one - other`.
    Minus(Box<UpdateOperand>, Box<UpdateOperand>),
}

impl Action {
    /// What is changed.
    pub fn path(&self) -> &Path {
        match self {
            Action::Set(path, _) | Action::Remove(path) | Action::Add(path, _) | Action::Delete(path, _) => {
                path
            }
        }
    }
}

impl Update {
    /// Parses an `UpdateExpression`.
    ///
    /// # Errors
    /// What AWS says of it before it looks at the item.
    pub fn parse(text: &str, placeholders: &mut Placeholders) -> Result<Self, Invalid> {
        update_parser::parse(text, placeholders)
    }

    /// The item with the changes made; all operands are read from the item as it was.
    ///
    /// # Errors
    /// Operands that do not exist or are of the wrong type, paths that lead nowhere, numbers out of range, too many
    /// levels.
    pub fn apply(&self, item: &Item) -> Result<Item, Invalid> {
        update_application::apply(self, item)
    }

    /// The attributes that are changed, wholly or in part, each as often as it is.
    pub fn attributes(&self) -> impl Iterator<Item = &Text> {
        self.actions.iter().map(|action| &action.path().attribute)
    }

    /// What `UPDATED_OLD` and `UPDATED_NEW` show of the item before and after.
    pub fn changed(&self) -> Projection {
        Projection::of_paths(self.actions.iter().map(Action::path))
    }
}
