//! CSV, for imports: a row is an item, a column an attribute. All attributes are strings, but for those of keys, whose
//! types the table tells. Empty fields are no attributes.

use crate::interchange::Unreadable;
use crate::interchange::json::from_base64;
use crate::{AttributeType, AttributeValue, Item, Text};

/// Reads the rows of a text.
#[derive(Debug, Clone)]
pub struct Rows<'a> {
    rest: &'a str,
    delimiter: char,
}

impl<'a> Rows<'a> {
    /// The rows of a text, with this sign between their fields.
    pub fn new(text: &'a str, delimiter: char) -> Self {
        Rows { rest: text, delimiter }
    }

    /// A field, and whether the row goes on behind it.
    fn field(&mut self) -> Result<(String, bool), Unreadable> {
        let mut field = String::new();
        if let Some(rest) = self.rest.strip_prefix('"') {
            self.rest = rest;
            loop {
                let end = self.rest.find('"').ok_or_else(|| Unreadable("an open quote".to_owned()))?;
                field.push_str(&self.rest[..end]);
                self.rest = &self.rest[end + 1..];
                let Some(rest) = self.rest.strip_prefix('"') else { break };
                field.push('"');
                self.rest = rest;
            }
        }
        let end = self.rest.find([self.delimiter, '\n']).unwrap_or(self.rest.len());
        let (content, rest) = self.rest.split_at(end);
        field.push_str(content.strip_suffix('\r').unwrap_or(content));
        let goes_on = rest.starts_with(self.delimiter);
        self.rest = rest.get(if goes_on { self.delimiter.len_utf8() } else { 1 }..).unwrap_or("");
        Ok((field, goes_on))
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<Vec<String>, Unreadable>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let mut fields = Vec::new();
        loop {
            match self.field() {
                Ok((field, goes_on)) => {
                    fields.push(field);
                    if !goes_on {
                        return Some(Ok(fields));
                    }
                }
                Err(error) => {
                    self.rest = "";
                    return Some(Err(error));
                }
            }
        }
    }
}

/// The item of a row. `kind` tells the types of key attributes.
///
/// # Errors
/// More fields than columns, or a key attribute that is not of its type.
pub fn item(
    columns: &[String],
    fields: Vec<String>,
    kind: impl Fn(&str) -> Option<AttributeType>,
) -> Result<Item, Unreadable> {
    if fields.len() > columns.len() {
        return Err(Unreadable(format!("{} fields in {} columns", fields.len(), columns.len())));
    }
    let present = columns.iter().zip(fields).filter(|(_, field)| !field.is_empty());
    let attributes = present.map(|(name, field)| {
        let value = match kind(name) {
            Some(AttributeType::N) => AttributeValue::N(field.parse()?),
            Some(AttributeType::B) => AttributeValue::B(from_base64(&field)?),
            _ => AttributeValue::S(Text::from(field)),
        };
        Ok((Text::from(name.as_str()), value))
    });
    attributes.collect()
}
