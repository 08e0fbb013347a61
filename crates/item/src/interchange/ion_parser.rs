//! As much of Ion's text as items are written in: no symbol tables, no timestamps, no expressions.

use bytes::Bytes;

use crate::attribute;
use crate::interchange::Unreadable;
use crate::interchange::json::from_base64;

/// A value of Ion.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum IonValue {
    Null,
    Bool(bool),
    /// An integer, decimal or float, with `e` before the power of ten.
    Number(String),
    String(String),
    Symbol(String),
    Blob(Bytes),
    List(Vec<IonValue>),
    Struct(Vec<(String, IonValue)>),
    Annotated(String, Box<IonValue>),
}

/// Levels that a record may have: those of a value, the item, and the record around it.
const MAX_DEPTH: usize = attribute::MAX_DEPTH + 2;

/// Parses the values of a text.
pub(super) fn parse(text: &str) -> Result<Vec<IonValue>, Unreadable> {
    let mut parser = IonParser { rest: text };
    let mut values = Vec::new();
    loop {
        parser.skip_blank()?;
        if parser.rest.is_empty() {
            return Ok(values);
        }
        values.push(parser.value(0)?);
    }
}

struct IonParser<'a> {
    rest: &'a str,
}

fn wrong(what: &str) -> Unreadable {
    Unreadable(format!("the text is no Ion: {what}"))
}

impl<'a> IonParser<'a> {
    fn skip_blank(&mut self) -> Result<(), Unreadable> {
        loop {
            let rest = self.rest.trim_start();
            self.rest = if let Some(comment) = rest.strip_prefix("//") {
                comment.find('\n').map_or("", |at| &comment[at..])
            } else if let Some(comment) = rest.strip_prefix("/*") {
                let end = comment.find("*/").ok_or_else(|| wrong("an open comment"))?;
                &comment[end + 2..]
            } else {
                self.rest = rest;
                return Ok(());
            };
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Takes characters as long as they fit.
    fn run(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|char| !fits(char)).unwrap_or(self.rest.len());
        let (run, rest) = self.rest.split_at(end);
        self.rest = rest;
        run
    }

    fn value(&mut self, depth: usize) -> Result<IonValue, Unreadable> {
        if depth > MAX_DEPTH {
            return Err(attribute::too_deep().into());
        }
        if self.take("{{") {
            return self.blob();
        } else if self.take("{") {
            return self.structure(depth);
        } else if self.take("[") {
            return self.list(depth);
        } else if self.rest.starts_with("'''") {
            return self.long_string();
        } else if self.take("\"") {
            return self.quoted('"').map(IonValue::String);
        }
        let first = self.rest.chars().next().unwrap_or(' ');
        if first.is_ascii_digit() || matches!(first, '-' | '+') {
            return self.number();
        }
        let is_quoted = first == '\'';
        let name = self.symbol()?;
        self.skip_blank()?;
        if self.take("::") {
            self.skip_blank()?;
            return Ok(IonValue::Annotated(name, Box::new(self.value(depth + 1)?)));
        }
        Ok(match &*name {
            _ if is_quoted => IonValue::Symbol(name),
            "null" => {
                if self.take(".") {
                    self.run(|char| char.is_ascii_alphabetic());
                }
                IonValue::Null
            }
            "true" => IonValue::Bool(true),
            "false" => IonValue::Bool(false),
            _ => IonValue::Symbol(name),
        })
    }

    /// A name: a word, or anything in single quotes.
    fn symbol(&mut self) -> Result<String, Unreadable> {
        if self.take("'") {
            return self.quoted('\'');
        }
        let word = self.run(|char| char.is_ascii_alphanumeric() || matches!(char, '_' | '$'));
        if word.is_empty() { Err(wrong("a value or name expected")) } else { Ok(word.to_owned()) }
    }

    fn number(&mut self) -> Result<IonValue, Unreadable> {
        let run = self.run(|char| char.is_ascii_alphanumeric() || matches!(char, '+' | '-' | '.' | '_'));
        if run.contains(['x', 'b', 'T', ':']) {
            return Err(wrong("a decimal number expected"));
        }
        Ok(IonValue::Number(run.replace('_', "").replace(['d', 'D'], "e")))
    }

    fn blob(&mut self) -> Result<IonValue, Unreadable> {
        let end = self.rest.find("}}").ok_or_else(|| wrong("an open blob"))?;
        let content: String = self.rest[..end].split_whitespace().collect();
        self.rest = &self.rest[end + 2..];
        from_base64(&content).map(IonValue::Blob)
    }

    fn list(&mut self, depth: usize) -> Result<IonValue, Unreadable> {
        let mut values = Vec::new();
        loop {
            self.skip_blank()?;
            if self.take("]") {
                return Ok(IonValue::List(values));
            }
            values.push(self.value(depth + 1)?);
            self.skip_blank()?;
            if !self.take(",") && !self.rest.starts_with(']') {
                return Err(wrong("a comma or the end of a list expected"));
            }
        }
    }

    fn structure(&mut self, depth: usize) -> Result<IonValue, Unreadable> {
        let mut fields = Vec::new();
        loop {
            self.skip_blank()?;
            if self.take("}") {
                return Ok(IonValue::Struct(fields));
            }
            let name = if self.take("\"") { self.quoted('"')? } else { self.symbol()? };
            self.skip_blank()?;
            if !self.take(":") {
                return Err(wrong("a colon expected"));
            }
            self.skip_blank()?;
            fields.push((name, self.value(depth + 1)?));
            self.skip_blank()?;
            if !self.take(",") && !self.rest.starts_with('}') {
                return Err(wrong("a comma or the end of a structure expected"));
            }
        }
    }

    /// Strings in triple quotes, which follow one another and are one.
    fn long_string(&mut self) -> Result<IonValue, Unreadable> {
        let mut text = String::new();
        while self.take("'''") {
            loop {
                if self.take("'''") {
                    break;
                }
                let char = self.char()?;
                text.extend(char);
            }
            self.skip_blank()?;
        }
        Ok(IonValue::String(text))
    }

    fn quoted(&mut self, quote: char) -> Result<String, Unreadable> {
        let mut text = String::new();
        loop {
            if self.rest.starts_with(quote) {
                self.rest = &self.rest[1..];
                return Ok(text);
            }
            let char = self.char()?;
            text.extend(char);
        }
    }

    /// One character of a text, or what an escape stands for; none for an escaped end of a line.
    fn char(&mut self) -> Result<Option<char>, Unreadable> {
        let mut chars = self.rest.chars();
        let char = chars.next().ok_or_else(|| wrong("an open text"))?;
        self.rest = chars.as_str();
        if char != '\\' {
            return Ok(Some(char));
        }
        let escape = chars.next().ok_or_else(|| wrong("an open text"))?;
        self.rest = chars.as_str();
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let code = self.rest.get(..digits).and_then(|code| u32::from_str_radix(code, 16).ok());
            let char = code.and_then(char::from_u32).ok_or_else(|| wrong("a character's number expected"))?;
            self.rest = &self.rest[digits..];
            return Ok(Some(char));
        }
        Ok(Some(match escape {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            '0' => '\0',
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{C}',
            'v' => '\u{B}',
            '\n' => return Ok(None),
            other => other,
        }))
    }
}
