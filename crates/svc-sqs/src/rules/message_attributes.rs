//! Message attributes: names, types and values that a message may carry.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>

use virga_api::sqs as api;
use virga_model::view::Entries;

use super::content::forbidden;
use crate::error::Error;
use crate::records::{Attribute, AttributeValue};

/// The most attributes of a message.
const MOST: usize = 10;
/// The longest name and the longest type.
const LONGEST_NAME: usize = 256;
const TRACE_HEADER: &str = "AWSTraceHeader";

/// The attributes of a message, sorted by name, as their digest needs them.
pub(crate) fn read(given: Option<Entries<'_, &api::MessageAttributeValue>>) -> Result<Vec<Attribute>, Error> {
    let Some(given) = given else { return Ok(Vec::new()) };
    if given.len() > MOST {
        let count = given.len();
        return Err(invalid(format!(
            "Number of message attributes [{count}] exceeds the allowed maximum [{MOST}]."
        )));
    }
    let mut attributes =
        given.iter().map(|(name, value)| attribute(name, value)).collect::<Result<Vec<_>, _>>()?;
    attributes.sort_unstable_by(|one, other| one.name.cmp(&other.name));
    Ok(attributes)
}

/// The trace header among the system attributes; nothing else is known there.
pub(crate) fn trace_header(
    given: Option<Entries<'_, &api::MessageSystemAttributeValue>>,
) -> Result<Option<String>, Error> {
    let mut header = None;
    for (name, value) in given.into_iter().flat_map(Entries::iter) {
        if name != TRACE_HEADER {
            let reason = format!("Message system attribute name '{name}' is invalid.");
            return Err(invalid(reason));
        }
        let text = value.string_value().filter(|text| !text.is_empty() && value.data_type() == "String");
        let text = text.ok_or_else(|| {
            invalid(format!(
                "Message (system) attribute '{name}' must contain a non-empty value of type 'String'."
            ))
        })?;
        header = Some(text.to_owned());
    }
    Ok(header)
}

/// A trace header as an attribute, for its digest.
pub(crate) fn trace_header_attribute(header: &str) -> Attribute {
    Attribute {
        name: TRACE_HEADER.to_owned(),
        data_type: "String".to_owned(),
        value: AttributeValue::Text(header.to_owned()),
    }
}

fn attribute(name: &str, given: &api::MessageAttributeValue) -> Result<Attribute, Error> {
    check_name(name)?;
    let data_type = given.data_type();
    let base = data_type.split('.').next().unwrap_or(data_type);
    if data_type.is_empty() {
        return Err(invalid(format!(
            "The message attribute '{name}' must contain a non-empty message attribute type."
        )));
    }
    if data_type.len() > LONGEST_NAME || !matches!(base, "String" | "Number" | "Binary") {
        return Err(invalid(format!(
            "The type of message (user) attribute '{name}' is invalid. You must use only the following supported type \
             prefixes: Binary, Number, String."
        )));
    }
    let empty = || {
        invalid(format!("Message (user) attribute '{name}' must contain a non-empty value of type '{base}'."))
    };
    let value = if base == "Binary" {
        let bytes = given.binary_value().filter(|bytes| !bytes.is_empty()).ok_or_else(empty)?;
        AttributeValue::Binary(bytes.to_vec())
    } else {
        let text = given.string_value().filter(|text| !text.is_empty()).ok_or_else(empty)?;
        check_text(name, base, text)?;
        AttributeValue::Text(text.to_owned())
    };
    Ok(Attribute { name: name.to_owned(), data_type: data_type.to_owned(), value })
}

fn check_text(name: &str, base: &str, text: &str) -> Result<(), Error> {
    if let Some(character) = forbidden(text) {
        let code = u32::from(character);
        return Err(invalid(format!(
            "Invalid binary character '#x{code:x}' was found in the message attribute '{name}' value, the set of \
             allowed characters is #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF]."
        )));
    }
    if base == "Number" && !is_number(text) {
        let reason = format!("Can't cast the value of message (user) attribute '{name}' to a number.");
        return Err(invalid(reason));
    }
    Ok(())
}

/// Positive and negative decimals with an exponent, up to 10^126; no words, no hexadecimal.
fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E'))
        && text.parse::<f64>().is_ok_and(|number| number.abs() <= 1e126)
}

fn check_name(name: &str) -> Result<(), Error> {
    let lower = name.to_ascii_lowercase();
    let plain = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..");
    if !plain {
        return Err(invalid(format!("Message (user) attribute name '{name}' is invalid.")));
    }
    if lower.starts_with("aws.") || lower.starts_with("amazon.") {
        return Err(invalid(
            "You can't use message attribute names beginning with 'AWS.' or 'Amazon.'. These strings are reserved for \
             internal use."
                .to_owned(),
        ));
    }
    Ok(())
}

fn invalid(reason: String) -> Error {
    Error::InvalidParameterValue { reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, data_type: &str, value: &str, expected: Result<(), &str>) {
        let given = api::MessageAttributeValue::new().with_data_type(data_type).with_string_value(value);
        let message = attribute(name, &given)
            .map(|_| ())
            .map_err(|error| error.into_api().unwrap().message.to_string());
        match (message, expected) {
            (Ok(()), Ok(())) => {}
            (Err(message), Err(part)) => assert!(message.contains(part), "{message}"),
            (message, expected) => panic!("{name} {data_type} {value}: {message:?}, not {expected:?}"),
        }
    }

    #[test]
    fn names_types_and_values_are_checked() {
        check("a.b-c_9", "String", "x", Ok(()));
        check("n", "Number", "-1.5e10", Ok(()));
        check("n", "Number.custom", "12", Ok(()));
        check("n", "Number", "-1e126", Ok(()));
        check("n", "Number", "1e129", Err("Can't cast"));
        check("n", "Number", "nan", Err("Can't cast"));
        check("n", "Number", "0x1", Err("Can't cast"));
        check(
            "ErrorDetails",
            "String",
            "",
            Err("Message (user) attribute 'ErrorDetails' must contain a non-empty value of type 'String'."),
        );
        check("b", "Binary", "text", Err("non-empty value of type 'Binary'"));
        check("t", "Boolean", "true", Err("is invalid. You must use only"));
        check("t", "", "true", Err("non-empty message attribute type"));
        check("v", "String", "\u{1}", Err("Invalid binary character '#x1'"));
        for name in ["", ".a", "a.", "a..b", "a b"] {
            check(name, "String", "x", Err("is invalid."));
        }
        check("AWS.x", "String", "x", Err("reserved"));
        check("amazon.x", "String", "x", Err("reserved"));
    }
}
