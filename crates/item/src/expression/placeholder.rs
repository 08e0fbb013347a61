//! `ExpressionAttributeNames` and `ExpressionAttributeValues`: what stands behind `#name` and `:value`.

use virga_model::{Map, Value};

use crate::{AttributeValue, Invalid, Text, attribute};

/// Most bytes of all values together.
const MAX_VALUES_BYTES: usize = 2 * 1024 * 1024;
/// Most bytes of a placeholder.
const MAX_PLACEHOLDER: usize = 255;

/// The placeholders of a request, and which of them its expressions have used.
#[derive(Debug, Default)]
pub struct Placeholders {
    names: Vec<(Text, Text, bool)>,
    values: Vec<(Text, AttributeValue, bool)>,
}

impl Placeholders {
    /// Reads and checks the maps of a request.
    ///
    /// # Errors
    /// A map without entries, a placeholder that is none, a value that is none.
    pub fn read(names: Option<&Map>, values: Option<&Map>) -> Result<Self, Invalid> {
        let mut placeholders = Placeholders::default();
        if let Some(names) = names {
            check_keys(names, '#', "ExpressionAttributeNames")?;
            for (placeholder, name) in names {
                if let Value::String(name) = name {
                    placeholders.names.push((placeholder.clone(), name.clone(), false));
                }
            }
        }
        if let Some(values) = values {
            check_keys(values, ':', "ExpressionAttributeValues")?;
            let mut size = 0;
            for (placeholder, value) in values {
                let value = attribute::read_value(value).map_err(|error| {
                    let before = "ExpressionAttributeValues contains invalid value: ";
                    error.wrapped(|error| format!("{before}{error} for key {placeholder}"))
                })?;
                size += placeholder.len() + crate::size::value(&value);
                placeholders.values.push((placeholder.clone(), value, false));
            }
            if size > MAX_VALUES_BYTES {
                return Err(Invalid::new(
                    "ExpressionAttributeValues exceeds max size; the maximum size is 2097152 bytes",
                ));
            }
        }
        Ok(placeholders)
    }

    /// The same of plain pairs, for callers that have no request.
    pub fn from_pairs(
        names: impl IntoIterator<Item = (Text, Text)>,
        values: impl IntoIterator<Item = (Text, AttributeValue)>,
    ) -> Self {
        Placeholders {
            names: names.into_iter().map(|(placeholder, name)| (placeholder, name, false)).collect(),
            values: values.into_iter().map(|(placeholder, value)| (placeholder, value, false)).collect(),
        }
    }

    /// The name behind `#name`.
    pub(super) fn name(&mut self, placeholder: &str) -> Option<Text> {
        let (_, name, used) = self.names.iter_mut().find(|(known, ..)| known == placeholder)?;
        *used = true;
        Some(name.clone())
    }

    /// The value behind `:value`.
    pub(super) fn value(&mut self, placeholder: &str) -> Option<AttributeValue> {
        let (_, value, used) = self.values.iter_mut().find(|(known, ..)| known == placeholder)?;
        *used = true;
        Some(value.clone())
    }

    /// Checks that the expressions that were parsed have used every placeholder.
    ///
    /// # Errors
    /// Some were not used.
    pub fn all_used(&self) -> Result<(), Invalid> {
        let unused = |what: &str, keys: Vec<&str>| match keys[..] {
            [] => Ok(()),
            _ => Err(Invalid::new(format!(
                "Value provided in {what} unused in expressions: keys: {{{}}}",
                keys.join(", ")
            ))),
        };
        let names = self.names.iter().filter(|(.., used)| !used).map(|(key, ..)| &**key).collect();
        unused("ExpressionAttributeNames", names)?;
        let values = self.values.iter().filter(|(.., used)| !used).map(|(key, ..)| &**key).collect();
        unused("ExpressionAttributeValues", values)
    }
}

fn check_keys(map: &Map, first: char, what: &str) -> Result<(), Invalid> {
    if map.is_empty() {
        return Err(Invalid::new(format!("{what} must not be empty")));
    }
    for (key, _) in map {
        let rest = key.strip_prefix(first).unwrap_or_default();
        if rest.is_empty() || !rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(Invalid::new(format!("{what} contains invalid key: Syntax error; key: \"{key}\"")));
        } else if key.len() > MAX_PLACEHOLDER {
            return Err(Invalid::new(format!(
                "{what} contains invalid key: The expression attribute key is too long; key: \"{key}\""
            )));
        }
    }
    Ok(())
}
