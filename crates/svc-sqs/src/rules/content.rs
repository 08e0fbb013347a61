//! What a message may hold: characters, size, ids, delay.

use crate::error::Error;
use crate::records::{Attribute, AttributeValue};

/// The longest delay of a message.
pub(crate) const LONGEST_DELAY_SECONDS: i32 = 900;
/// The most that the messages of a batch may have together.
pub(crate) const LONGEST_BATCH_BYTES: usize = 1_048_576;
/// The longest `MessageGroupId` and `MessageDeduplicationId`.
const LONGEST_ID: usize = 128;

/// Bytes that count towards the size of a message: body, names, types and values of attributes.
pub(crate) fn size(body: &str, attributes: &[Attribute]) -> usize {
    let of_attribute = |attribute: &Attribute| {
        let value = match &attribute.value {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Binary(bytes) => bytes.len(),
        };
        attribute.name.len() + attribute.data_type.len() + value
    };
    body.len() + attributes.iter().map(of_attribute).sum::<usize>()
}

/// Refuses an empty body and characters that XML does not allow.
pub(crate) fn check_body(body: &str) -> Result<(), Error> {
    if body.is_empty() {
        return Err(Error::MissingParameter { parameter: "MessageBody".into() });
    }
    match forbidden(body) {
        None => Ok(()),
        Some(character) => Err(Error::InvalidMessageContents {
            reason: format!(
                "Invalid binary character '#x{:x}' was found in the message body, the set of allowed characters is \
                 #x9 | #xA | #xD | [#x20-#xD7FF] | [#xE000-#xFFFD] | [#x10000-#x10FFFF].",
                u32::from(character)
            ),
        }),
    }
}

/// The first character that XML 1.0 does not allow.
pub(crate) fn forbidden(text: &str) -> Option<char> {
    // Bytes below 0x20 and the lead byte of U+FFFE and U+FFFF are rare: most texts are done after one pass, which has no
    // branches so that it takes many bytes at a time.
    let suspicious =
        |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xEF);
    if !text.bytes().fold(false, |any, byte| any | suspicious(byte)) {
        return None;
    }
    text.chars().find(|character| {
        let code = u32::from(*character);
        !matches!(code, 0x9 | 0xA | 0xD | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..=0x10_FFFF)
    })
}

/// Refuses a message that is longer than its queue allows. AWS has two wordings.
pub(crate) fn check_size(length: usize, limit: u32, in_batch: bool) -> Result<(), Error> {
    if length <= limit as usize {
        return Ok(());
    }
    let what = if in_batch { "cannot be validated" } else { "are invalid" };
    let reason =
        format!("One or more parameters {what}. Reason: Message must be shorter than {limit} bytes.");
    Err(Error::InvalidParameterValue { reason })
}

/// The delay of a message: the given one or the queue's. A FIFO queue has but its own.
pub(crate) fn delay(given: Option<i32>, of_queue: u32, fifo: bool) -> Result<u32, Error> {
    match given {
        None => Ok(of_queue),
        Some(0) if fifo => Ok(of_queue),
        Some(seconds) if fifo => Err(Error::invalid_value(
            seconds,
            "DelaySeconds",
            "The request include parameter that is not valid for this queue type.",
        )),
        Some(seconds) => {
            u32::try_from(seconds).ok().filter(|_| seconds <= LONGEST_DELAY_SECONDS).ok_or_else(|| {
                let reason = format!("DelaySeconds must be >= 0 and <= {LONGEST_DELAY_SECONDS}.");
                Error::invalid_value(seconds, "DelaySeconds", reason)
            })
        }
    }
}

/// Refuses a group or deduplication id with other characters than letters, digits and punctuation.
pub(crate) fn check_id(parameter: &str, id: &str) -> Result<(), Error> {
    if !id.is_empty() && id.len() <= LONGEST_ID && id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    let reason = format!(
        "{parameter} can only include alphanumeric and punctuation characters. 1 to {LONGEST_ID} in length."
    );
    Err(Error::invalid_value(id, parameter, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(error: Error) -> String {
        error.into_api().unwrap().message.to_string()
    }

    #[test]
    fn characters_are_those_of_xml() {
        for text in ["a", "\t\n\r ", "\u{d7ff}\u{e000}\u{fffd}\u{10000}\u{10ffff}"] {
            assert!(check_body(text).is_ok(), "{text:?}");
        }
        for (text, code) in
            [("a\u{0}", "#x0"), ("\u{1f}", "#x1f"), ("ok\u{fffe}", "#xfffe"), ("\u{ffff}", "#xffff")]
        {
            let text = message(check_body(text).unwrap_err());
            assert!(text.starts_with(&format!("Invalid binary character '{code}'")), "{text}");
        }
        assert_eq!(
            message(check_body("").unwrap_err()),
            "The request must contain the parameter MessageBody."
        );
    }

    #[test]
    fn attributes_count_towards_the_size() {
        let attributes = [Attribute {
            name: "ab".into(),
            data_type: "Binary".into(),
            value: AttributeValue::Binary(vec![0; 10]),
        }];
        assert_eq!(size("body", &attributes), 4 + 2 + 6 + 10);
        assert!(check_size(1024, 1024, false).is_ok());
        assert_eq!(
            message(check_size(1025, 1024, true).unwrap_err()),
            "One or more parameters cannot be validated. Reason: Message must be shorter than 1024 bytes."
        );
    }

    #[test]
    fn a_fifo_queue_has_one_delay_for_all_messages() {
        let check = |given, fifo| delay(given, 5, fifo).ok();
        assert_eq!(check(None, false), Some(5));
        assert_eq!(check(Some(0), false), Some(0));
        assert_eq!(check(Some(900), false), Some(900));
        assert_eq!(check(Some(901), false), None);
        assert_eq!(check(Some(-1), false), None);
        assert_eq!(check(Some(0), true), Some(5));
        assert_eq!(check(Some(2), true), None);
    }

    #[test]
    fn ids_are_printable_ascii() {
        assert!(check_id("MessageGroupId", "a!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~9").is_ok());
        let long = "a".repeat(129);
        for id in ["", "group 123", "é", &long] {
            assert_eq!(
                message(check_id("MessageGroupId", id).unwrap_err()),
                format!(
                    "Value {id} for parameter MessageGroupId is invalid. Reason: MessageGroupId can only include \
                     alphanumeric and punctuation characters. 1 to 128 in length."
                )
            );
        }
    }
}
