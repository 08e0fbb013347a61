//! Ion text: a structure with the item under the name `Item`; numbers are decimals, sets are lists with an annotation.
//!
//! <https://amazon-ion.github.io/ion-docs/docs/spec.html>

use std::fmt::Write as _;

use crate::attribute::{self, base64};
use crate::interchange::Unreadable;
use crate::interchange::ion_parser::{IonValue, parse};
use crate::{AttributeValue, Item, Number, Text};

/// Begins each record of an export.
const MARKER: &str = "$ion_1_0";

/// A record of an export or import.
pub fn write_line(item: &Item) -> String {
    let mut out = format!("{MARKER} {{Item:");
    write_map(item, &mut out);
    out.push('}');
    out
}

/// A record of an incremental export: several groups of attributes, each under its name.
pub fn write_record(groups: &[(&str, &Item)]) -> String {
    let mut out = format!("{MARKER} {{Record:{{");
    for (at, (name, item)) in groups.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_symbol(name, &mut out);
        out.push(':');
        write_map(item, &mut out);
    }
    out.push_str("}}");
    out
}

fn write_map(map: &Item, out: &mut String) {
    out.push('{');
    for (at, (name, value)) in map.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write_symbol(name, out);
        out.push(':');
        write_value(value, out);
    }
    out.push('}');
}

fn write_list<T>(elements: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (at, element) in elements.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(element, out);
    }
    out.push(']');
}

fn write_value(value: &AttributeValue, out: &mut String) {
    if value.kind().is_set() {
        let _ = write!(out, "$dynamodb_{}::", value.kind());
    }
    let blob = |bytes: &bytes::Bytes, out: &mut String| {
        let _ = write!(out, "{{{{{}}}}}", base64(bytes));
    };
    match value {
        AttributeValue::S(text) => write_quoted(text, '"', out),
        AttributeValue::N(number) => write_number(*number, out),
        AttributeValue::B(bytes) => blob(bytes, out),
        AttributeValue::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        AttributeValue::Null => out.push_str("null"),
        AttributeValue::M(map) => write_map(map, out),
        AttributeValue::L(values) => write_list(values, out, write_value),
        AttributeValue::Ss(texts) => write_list(texts, out, |text, out| write_quoted(text, '"', out)),
        AttributeValue::Ns(numbers) => write_list(numbers, out, |number, out| write_number(*number, out)),
        AttributeValue::Bs(blobs) => write_list(blobs, out, blob),
    }
}

/// A decimal: with a point, or with `d` and the power of ten.
fn write_number(number: Number, out: &mut String) {
    let exponent = number.exponent();
    let _ = match exponent {
        0 => write!(out, "{number}."),
        -40..0 => write!(out, "{number}"),
        _ => write!(out, "{}d{exponent}", number.coefficient()),
    };
}

fn write_symbol(name: &str, out: &mut String) {
    let plain = name.chars().enumerate().all(|(at, char)| {
        matches!(char, 'a'..='z' | 'A'..='Z' | '_' | '$') || at > 0 && char.is_ascii_digit()
    });
    let word = matches!(name, "" | "null" | "true" | "false" | "nan");
    // `$` with digits is a number of a symbol table.
    if plain && !word && !name.starts_with('$') {
        out.push_str(name);
    } else {
        write_quoted(name, '\'', out);
    }
}

fn write_quoted(text: &str, quote: char, out: &mut String) {
    out.push(quote);
    for char in text.chars() {
        match char {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            char if char == quote => out.extend(['\\', char]),
            char if char.is_ascii_control() => {
                let _ = write!(out, "\\x{:02x}", u32::from(char));
            }
            char => out.push(char),
        }
    }
    out.push(quote);
}

/// Reads the records of an import.
///
/// # Errors
/// The text is no Ion, or a record is no structure with an `Item` of values that DynamoDB has.
pub fn read(text: &str) -> Result<Vec<Item>, Unreadable> {
    let records = parse(text)?.into_iter();
    let records = records.filter(|record| !matches!(record, IonValue::Symbol(name) if name == MARKER));
    records
        .map(|record| match record {
            IonValue::Struct(fields) => {
                let item = fields.into_iter().find(|(name, _)| name == "Item").map(|(_, item)| item);
                match item.map(value_of).transpose()? {
                    Some(AttributeValue::M(item)) => Ok(item),
                    _ => Err(Unreadable("the record has no Item".to_owned())),
                }
            }
            _ => Err(Unreadable("a structure expected".to_owned())),
        })
        .collect()
}

/// The value of DynamoDB. The parser has limited how deep values nest.
fn value_of(value: IonValue) -> Result<AttributeValue, Unreadable> {
    Ok(match value {
        IonValue::Null => AttributeValue::Null,
        IonValue::Bool(value) => AttributeValue::Bool(value),
        IonValue::Number(text) => AttributeValue::N(text.parse()?),
        IonValue::String(text) | IonValue::Symbol(text) => AttributeValue::S(Text::from(text)),
        IonValue::Blob(bytes) => AttributeValue::B(bytes),
        IonValue::List(values) => {
            AttributeValue::L(values.into_iter().map(value_of).collect::<Result<_, _>>()?)
        }
        IonValue::Struct(fields) => {
            let fields = fields.into_iter().map(|(name, value)| Ok((Text::from(name), value_of(value)?)));
            AttributeValue::M(fields.collect::<Result<_, Unreadable>>()?)
        }
        IonValue::Annotated(name, inner) => match (&*name, *inner) {
            ("$dynamodb_SS" | "$dynamodb_NS" | "$dynamodb_BS", IonValue::List(members)) => {
                let members = members.into_iter().map(value_of).collect::<Result<Vec<_>, _>>()?;
                attribute::set_of(members)
                    .filter(|set| {
                        set.as_ref().is_ok_and(|set| name.ends_with(set.kind().name())) || set.is_err()
                    })
                    .ok_or_else(|| Unreadable(format!("members of {name} expected")))??
            }
            (_, inner) => value_of(inner)?,
        },
    })
}
