//! Messages as an answer shows them, written as JSON when they are received: nearly all callers ask in JSON, and a record
//! of each message would be made to be written and dropped.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::sqs as api;
use virga_model::json::push_string;
use virga_model::view::{ListOf, Put, Structure as _};
use virga_model::{Content, Deferred, Shape, Text, Value};
use virga_wire::json::value_from_json;

use crate::delivery::Delivered;
use crate::records::{Attribute, AttributeValue};
use crate::rules::digest;

/// What an object of one message takes beside its text.
const BESIDE_TEXT: usize = 320;

/// Messages of an answer, one after the other.
#[derive(Default)]
pub(crate) struct Shown {
    json: Vec<u8>,
}

/// One message.
pub(crate) struct ShownMessage<'a> {
    /// The message, and the handle of this receive.
    pub(crate) delivered: &'a Delivered,
    /// Its text, opened.
    pub(crate) text: &'a str,
    /// The system attributes that the caller wants.
    pub(crate) system_attributes: &'a [(&'static str, String)],
    /// The message attributes that the caller wants, in the order of their names.
    pub(crate) attributes: &'a [&'a Attribute],
}

impl Shown {
    pub(crate) fn is_empty(&self) -> bool {
        self.json.is_empty()
    }

    /// Adds a message.
    pub(crate) fn push(&mut self, shown: &ShownMessage<'_>) {
        let ShownMessage { delivered, text, system_attributes, attributes } = shown;
        let json = &mut self.json;
        json.reserve(text.len() + BESIDE_TEXT);
        json.push(if json.is_empty() { b'[' } else { b',' });
        json.push(b'{');
        plain(json, "MessageId", delivered.message.id.as_bytes());
        plain(json, "ReceiptHandle", &delivered.handle.text());
        plain(json, "MD5OfBody", &digest::hex_digits(delivered.message.md5));
        member(json, "Body", |json| push_string(json, text));
        if !system_attributes.is_empty() {
            member(json, "Attributes", |json| {
                object(json, system_attributes, |json, (name, value)| {
                    member(json, name, |json| push_string(json, value));
                });
            });
        }
        if let Some(md5) = digest::md5_of_attributes(attributes.iter().copied()) {
            plain(json, "MD5OfMessageAttributes", &digest::hex_digits(md5));
            member(json, "MessageAttributes", |json| {
                object(json, attributes, |json, one| attribute(json, one));
            });
        }
        json.push(b'}');
    }
}

/// Writes a member, after a comma unless it is the first of its object.
fn member(json: &mut Vec<u8>, name: &str, value: impl FnOnce(&mut Vec<u8>)) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
    push_string(json, name);
    json.push(b':');
    value(json);
}

/// Writes a member whose text is known to need no escapes.
fn plain(json: &mut Vec<u8>, name: &'static str, text: &[u8]) {
    if json.last() != Some(&b'{') {
        json.push(b',');
    }
    let parts: [&[u8]; 5] = [b"\"", name.as_bytes(), b"\":\"", text, b"\""];
    parts.iter().for_each(|part| json.extend_from_slice(part));
}

fn object<T>(json: &mut Vec<u8>, members: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    json.push(b'{');
    members.iter().for_each(|one| write(json, one));
    json.push(b'}');
}

fn attribute(json: &mut Vec<u8>, attribute: &Attribute) {
    let Attribute { name, data_type, value } = attribute;
    member(json, name, |json| {
        json.push(b'{');
        match value {
            AttributeValue::Text(text) => member(json, "StringValue", |json| push_string(json, text)),
            AttributeValue::Binary(bytes) => plain(json, "BinaryValue", STANDARD.encode(bytes).as_bytes()),
        }
        member(json, "DataType", |json| push_string(json, data_type));
        json.push(b'}');
    });
}

impl Put<ListOf<api::Message>> for Shown {
    fn into_value(self) -> Value {
        let mut json = self.json;
        if json.is_empty() {
            return Value::List(Vec::new());
        }
        json.push(b']');
        Value::Deferred(Deferred::new(Written { json }))
    }
}

/// The list, written.
#[derive(Debug)]
struct Written {
    json: Vec<u8>,
}

impl Content for Written {
    fn value(&self) -> Value {
        let members = api::ReceiveMessageResult::shape().into_iter().flat_map(Shape::members);
        let messages = members.zip(Text::try_from(self.json.clone())).next();
        // What was written here is well-formed.
        messages.and_then(|(member, json)| value_from_json(member, &json).ok()).unwrap_or_default()
    }

    fn json(&self) -> &[u8] {
        &self.json
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Body, Message, Place, Receives};
    use crate::rules::ReceiptHandle;

    fn delivered(attributes: Vec<Attribute>) -> Delivered {
        let place = Place { order: 1, tie: 2 };
        let message = Message {
            id: "one".to_owned(),
            body: Body::Plain(String::new()),
            md5: [0xAB; 16],
            attributes,
            sent: 0,
            sender_id: String::new(),
            trace_header: None,
            group_id: None,
            deduplication_id: None,
            dead_letter_source_arn: None,
        };
        let handle = ReceiptHandle { queue: 7, place, lane: 0, due: 5, count: 1 };
        Delivered { place, handle, message, receives: Receives::default() }
    }

    fn read_back(shown: Shown) -> Vec<api::Message> {
        let mut answer = Put::<ListOf<api::Message>>::into_value(shown);
        if let Value::Deferred(deferred) = &answer {
            serde_json::from_slice::<serde_json::Value>(deferred.json()).expect("JSON");
            answer = deferred.value();
        }
        let Value::List(messages) = answer else { panic!("no list: {answer:?}") };
        let record = |message| match message {
            Value::Structure(record) => api::Message::from_record(*record),
            other => panic!("no message: {other:?}"),
        };
        messages.into_iter().map(record).collect()
    }

    #[test]
    fn messages_read_as_they_were_put_together() {
        let text_attribute = Attribute {
            name: "colour".to_owned(),
            data_type: "String.\"x\"".to_owned(),
            value: AttributeValue::Text("r\u{e9}d\n".to_owned()),
        };
        let binary_attribute = Attribute {
            name: "data".to_owned(),
            data_type: "Binary".to_owned(),
            value: AttributeValue::Binary(vec![0, 255, 7]),
        };
        let bare = delivered(Vec::new());
        let full = delivered(vec![text_attribute, binary_attribute]);
        let mut shown = Shown::default();
        let none = ShownMessage { delivered: &bare, text: "", system_attributes: &[], attributes: &[] };
        shown.push(&none);
        let system_attributes = [("SentTimestamp", "12".to_owned()), ("AWSTraceHeader", "a\"b".to_owned())];
        shown.push(&ShownMessage {
            delivered: &full,
            text: "<\"\\\u{1f600}>",
            system_attributes: &system_attributes,
            attributes: &full.message.attributes.iter().collect::<Vec<_>>(),
        });
        let handle = String::from_utf8(bare.handle.text().to_vec()).expect("base64");
        let expected = |text: &str| {
            api::Message::new()
                .with_message_id("one".to_owned())
                .with_receipt_handle(handle.clone())
                .with_md5_of_body("ab".repeat(16))
                .with_body(text.to_owned())
        };
        let string = api::MessageAttributeValue::new()
            .with_string_value("r\u{e9}d\n".to_owned())
            .with_data_type("String.\"x\"".to_owned());
        let binary = api::MessageAttributeValue::new()
            .with_binary_value(vec![0, 255, 7])
            .with_data_type("Binary".to_owned());
        let md5 = digest::md5_of_attributes(&full.message.attributes).map(digest::hex);
        let second = expected("<\"\\\u{1f600}>")
            .with_attributes(system_attributes.map(|(name, value)| (name.to_owned(), value)).to_vec())
            .with_md5_of_message_attributes(md5)
            .with_message_attributes(vec![("colour".to_owned(), string), ("data".to_owned(), binary)]);
        assert_eq!(read_back(shown), [expected(""), second]);
        assert_eq!(read_back(Shown::default()), []);
    }
}
