//! Updates made on an item.

use crate::expression::path::{Path, Step};
use crate::expression::update::{Action, Update, UpdateOperand};
use crate::{AttributeValue, Invalid, Item, attribute};

/// The item with the changes made.
pub(super) fn apply(update: &Update, item: &Item) -> Result<Item, Invalid> {
    let mut sets = Vec::with_capacity(update.actions.len());
    let mut removals = Vec::new();
    for action in &update.actions {
        match action {
            Action::Set(path, operand) => sets.push((path, evaluate(operand, item)?)),
            Action::Remove(path) => removals.push(path),
            Action::Add(path, value) => sets.push((path, sum(path.get(item), value, update.legacy)?)),
            Action::Delete(path, value) => match difference(path.get(item), value, update.legacy)? {
                Remainder::Absent => check_parent(path, item)?,
                Remainder::Empty => removals.push(path),
                Remainder::Set(rest) => sets.push((path, rest)),
            },
        }
    }
    // Elements behind the end of a list are appended in the order of their indexes; removed elements must not move
    // those that are still to be removed.
    sets.sort_by_key(|(path, _)| *path);
    removals.sort_by_key(|path| std::cmp::Reverse(*path));
    let mut changed = item.clone();
    for (path, value) in sets {
        set(&mut changed, path, value)?;
    }
    for path in removals {
        remove(&mut changed, path)?;
    }
    Ok(changed)
}

fn incorrect_type() -> Invalid {
    Invalid::new("An operand in the update expression has an incorrect data type")
}

fn type_mismatch(legacy: bool) -> Invalid {
    if legacy { Invalid::new("Type mismatch for attribute to update") } else { incorrect_type() }
}

fn invalid_path() -> Invalid {
    Invalid::new("The document path provided in the update expression is invalid for update")
}

fn evaluate(operand: &UpdateOperand, item: &Item) -> Result<AttributeValue, Invalid> {
    let number = |operand| evaluate(operand, item)?.as_n().ok_or_else(incorrect_type);
    Ok(match operand {
        UpdateOperand::Value(value) => value.clone(),
        UpdateOperand::Path(path) => path.get(item).cloned().ok_or_else(|| {
            Invalid::new("The provided expression refers to an attribute that does not exist in the item")
        })?,
        UpdateOperand::IfNotExists(path, other) => match path.get(item) {
            Some(value) => value.clone(),
            None => evaluate(other, item)?,
        },
        UpdateOperand::ListAppend(one, other) => match (evaluate(one, item)?, evaluate(other, item)?) {
            (AttributeValue::L(mut values), AttributeValue::L(more)) => {
                values.extend(more);
                AttributeValue::L(values)
            }
            _ => return Err(incorrect_type()),
        },
        UpdateOperand::Plus(one, other) => AttributeValue::N(number(one)?.checked_add(number(other)?)?),
        UpdateOperand::Minus(one, other) => AttributeValue::N(number(one)?.checked_sub(number(other)?)?),
    })
}

/// What `ADD` makes of a value.
fn sum(
    present: Option<&AttributeValue>,
    added: &AttributeValue,
    legacy: bool,
) -> Result<AttributeValue, Invalid> {
    Ok(match (present, added) {
        (None, added) => added.clone(),
        (Some(AttributeValue::N(number)), AttributeValue::N(added)) => {
            AttributeValue::N(number.checked_add(*added)?)
        }
        (Some(AttributeValue::Ss(set)), AttributeValue::Ss(added)) => AttributeValue::Ss(union(set, added)),
        (Some(AttributeValue::Ns(set)), AttributeValue::Ns(added)) => AttributeValue::Ns(union(set, added)),
        (Some(AttributeValue::Bs(set)), AttributeValue::Bs(added)) => AttributeValue::Bs(union(set, added)),
        (Some(AttributeValue::L(list)), AttributeValue::L(added)) if legacy => {
            AttributeValue::L([&list[..], added].concat())
        }
        _ => return Err(type_mismatch(legacy)),
    })
}

fn union<T: Clone + Ord>(set: &[T], added: &[T]) -> Vec<T> {
    let mut sorted: Vec<&T> = set.iter().collect();
    sorted.sort_unstable();
    let new = added.iter().filter(|element| sorted.binary_search(element).is_err());
    set.iter().chain(new).cloned().collect()
}

/// What `DELETE` leaves of a set.
enum Remainder {
    /// There was no set.
    Absent,
    Empty,
    Set(AttributeValue),
}

fn difference(
    present: Option<&AttributeValue>,
    taken: &AttributeValue,
    legacy: bool,
) -> Result<Remainder, Invalid> {
    fn without<T: Clone + Ord>(set: &[T], taken: &[T]) -> Vec<T> {
        let mut sorted: Vec<&T> = taken.iter().collect();
        sorted.sort_unstable();
        set.iter().filter(|element| sorted.binary_search(element).is_err()).cloned().collect()
    }
    let left = match (present, taken) {
        (None, _) => return Ok(Remainder::Absent),
        (Some(AttributeValue::Ss(set)), AttributeValue::Ss(taken)) => AttributeValue::Ss(without(set, taken)),
        (Some(AttributeValue::Ns(set)), AttributeValue::Ns(taken)) => AttributeValue::Ns(without(set, taken)),
        (Some(AttributeValue::Bs(set)), AttributeValue::Bs(taken)) => AttributeValue::Bs(without(set, taken)),
        _ => return Err(type_mismatch(legacy)),
    };
    let empty = match &left {
        AttributeValue::Ss(set) => set.is_empty(),
        AttributeValue::Ns(set) => set.is_empty(),
        AttributeValue::Bs(set) => set.is_empty(),
        _ => false,
    };
    Ok(if empty { Remainder::Empty } else { Remainder::Set(left) })
}

/// The value into which the last step of a path leads, and that step; none for an attribute itself.
fn parent<'i, 'p>(
    item: &'i mut Item,
    path: &'p Path,
) -> Result<Option<(&'i mut AttributeValue, &'p Step)>, Invalid> {
    let Some((last, steps)) = path.steps.split_last() else { return Ok(None) };
    let mut value = item.get_mut(&path.attribute).ok_or_else(invalid_path)?;
    for step in steps {
        value = match (step, value) {
            (Step::Name(name), AttributeValue::M(map)) => map.get_mut(name),
            (Step::Index(index), AttributeValue::L(values)) => values.get_mut(*index),
            _ => None,
        }
        .ok_or_else(invalid_path)?;
    }
    let fits = matches!(
        (&*value, last),
        (AttributeValue::M(_), Step::Name(_)) | (AttributeValue::L(_), Step::Index(_))
    );
    if fits { Ok(Some((value, last))) } else { Err(invalid_path()) }
}

/// Checks that something could be at a path.
fn check_parent(path: &Path, item: &Item) -> Result<(), Invalid> {
    if path.steps.is_empty() {
        return Ok(());
    }
    parent(&mut item.clone(), path).map(drop)
}

fn set(item: &mut Item, path: &Path, value: AttributeValue) -> Result<(), Invalid> {
    if path.steps.len() + value.depth() > attribute::MAX_DEPTH {
        return Err(Invalid::new(attribute::TOO_DEEP));
    }
    match parent(item, path)? {
        None => {
            item.insert(path.attribute.clone(), value);
        }
        Some((AttributeValue::M(map), Step::Name(name))) => {
            map.insert(name.clone(), value);
        }
        Some((AttributeValue::L(values), Step::Index(index))) => match values.get_mut(*index) {
            Some(present) => *present = value,
            None => values.push(value),
        },
        Some(_) => return Err(invalid_path()),
    }
    Ok(())
}

fn remove(item: &mut Item, path: &Path) -> Result<(), Invalid> {
    match parent(item, path)? {
        None => {
            item.remove(&path.attribute);
        }
        Some((AttributeValue::M(map), Step::Name(name))) => {
            map.remove(name);
        }
        Some((AttributeValue::L(values), Step::Index(index))) => {
            if *index < values.len() {
                values.remove(*index);
            }
        }
        Some(_) => return Err(invalid_path()),
    }
    Ok(())
}
