//! A record, and where in it the values of paths are.

use std::borrow::Cow;

use crate::{
    Code, Error,
    sql::{Path, Step},
    value::Value,
};

/// A record.
#[derive(Clone, Copy)]
pub(crate) enum Row<'a> {
    /// No record: the result of aggregate functions has none.
    Nothing,
    /// A JSON document or a part of one, or a row of a Parquet file.
    Document(&'a Value),
    /// A record of CSV.
    Csv(CsvRow<'a>),
}

/// A record of CSV.
#[derive(Clone, Copy)]
pub(crate) struct CsvRow<'a> {
    /// The names of the columns, when the object has them.
    pub(crate) names: Option<&'a [String]>,
    /// For each path the number of its column.
    pub(crate) columns: &'a [Option<usize>],
    /// The text of all fields, one after another, and where each ends.
    pub(crate) text: &'a str,
    pub(crate) ends: &'a [usize],
}

impl<'a> Row<'a> {
    /// The value of a path.
    pub(crate) fn value(self, path: usize, paths: &[Path]) -> Cow<'a, Value> {
        match self {
            Row::Nothing => Cow::Owned(Value::Missing),
            Row::Document(value) => {
                paths.get(path).map_or(Cow::Owned(Value::Missing), |path| walk(value, path))
            }
            Row::Csv(row) => {
                let column = row.columns.get(path).copied().flatten();
                let field = column.and_then(|column| row.field(column));
                Cow::Owned(field.map_or(Value::Missing, |field| Value::String(field.to_owned())))
            }
        }
    }
}

fn walk<'a>(value: &'a Value, path: &Path) -> Cow<'a, Value> {
    let mut value = value;
    for (index, step) in path.0.iter().enumerate() {
        let next = match (step, value) {
            (Step::Field { name, quoted }, Value::Structure(_)) => value.field(name, *quoted),
            // What is no object goes by the name of its only column.
            (Step::Field { name, .. }, _) if index == 0 && name == "_1" => Some(value),
            (Step::Index(index), Value::List(elements)) => elements.get(*index),
            _ => None,
        };
        // `_1` is also the record itself.
        let next = match (next, step) {
            (None, Step::Field { name, .. }) if index == 0 && name == "_1" => Some(value),
            (next, _) => next,
        };
        match next {
            Some(next) => value = next,
            None => return Cow::Owned(Value::Missing),
        }
    }
    Cow::Borrowed(value)
}

impl<'a> CsvRow<'a> {
    /// The text of a field.
    pub(crate) fn field(self, index: usize) -> Option<&'a str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.text.get(start..end)
    }

    /// All fields.
    pub(crate) fn fields(self) -> impl Iterator<Item = &'a str> {
        (0..self.ends.len()).filter_map(move |index| self.field(index))
    }
}

/// The columns that paths mean: by name, or by number as `_1`.
pub(crate) fn columns(paths: &[Path], names: Option<&[String]>) -> Result<Vec<Option<usize>>, Error> {
    paths.iter().map(|path| column(path, names)).collect()
}

fn column(path: &Path, names: Option<&[String]>) -> Result<Option<usize>, Error> {
    let [Step::Field { name, quoted }] = &*path.0 else {
        return Err(Code::InvalidKeyPath.into());
    };
    if let Some(names) = names {
        let same = |known: &String| known == name || !quoted && known.eq_ignore_ascii_case(name);
        let mut found = names.iter().enumerate().filter(|(_, known)| same(known));
        match (found.next(), found.next()) {
            (Some((index, _)), None) => return Ok(Some(index)),
            (Some(_), Some(_)) => return Err(Code::AmbiguousFieldName.into()),
            _ => {}
        }
    }
    match name.strip_prefix('_').map(str::parse::<usize>) {
        Some(Ok(number)) if number > 0 => Ok(Some(number - 1)),
        Some(Ok(_)) => Err(Code::InvalidColumnIndex.into()),
        _ if names.is_some() => Err(Code::MissingHeaders.into()),
        _ => Err(Code::InvalidColumnIndex.into()),
    }
}
