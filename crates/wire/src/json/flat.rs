//! The common case of a body: an object of plain strings and whole numbers, read without a parser. Whatever else comes
//! is left to [`super::read`], which also says what is wrong with it.

use virga_model::json::plain_length;
use virga_model::{Kind, Member, Record, Shape, Text, Value};

use crate::part::Part;
use crate::text::in_range;

/// Digits of a number that certainly fits.
const MOST_DIGITS: usize = 18;

/// Reads the members of an object into a record. None when it is not that simple: then some members may be set already,
/// to what the text says.
pub(super) fn read(record: &mut Record, shape: Shape, json: &Text, part: Part) -> Option<()> {
    let mut flat = Flat { json, at: 0 };
    flat.skip_blank();
    flat.take(b'{')?;
    flat.skip_blank();
    if flat.take(b'}').is_none() {
        while flat.member(record, shape, part)? {}
    }
    flat.skip_blank();
    (flat.at == json.len()).then_some(())
}

struct Flat<'j> {
    json: &'j Text,
    at: usize,
}

impl<'j> Flat<'j> {
    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        (self.peek()? == byte).then(|| self.at += 1)
    }

    fn skip_blank(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// Reads a name and its value, and what comes after. Whether that is another member.
    fn member(&mut self, record: &mut Record, shape: Shape, part: Part) -> Option<bool> {
        let name = self.string()?;
        self.skip_blank();
        self.take(b':')?;
        self.skip_blank();
        let found = shape.member_by_wire_name(name).filter(|(_, member)| part.holds(*member));
        let value = self.value(found.map(|(_, member)| member))?;
        if let Some((ordinal, _)) = found {
            record.set(ordinal, value);
        }
        self.skip_blank();
        let more = self.take(b',').is_some();
        if more {
            self.skip_blank();
        } else {
            self.take(b'}')?;
        }
        Some(more)
    }

    /// Reads the value of a member, or steps over that of an unknown one.
    fn value(&mut self, member: Option<Member>) -> Option<Value> {
        let kind = member.map(|member| member.shape().kind());
        match (self.peek()?, kind) {
            (b'"', Some(Kind::String)) => {
                let text = self.string()?;
                Some(Value::String(self.json.slice_ref(text)))
            }
            (b'"', None) => self.string().map(|_| Value::Null),
            (b'0'..=b'9', Some(kind @ (Kind::Integer | Kind::Long))) => {
                in_range(self.number()?, kind).map(Value::Integer)
            }
            _ => None,
        }
    }

    /// A string without escapes.
    fn string(&mut self) -> Option<&'j str> {
        self.take(b'"')?;
        let start = self.at;
        self.at += plain_length(&self.json.as_bytes()[start..]);
        let text = self.json.get(start..self.at)?;
        self.take(b'"')?;
        Some(text)
    }

    /// A whole number without sign, fraction and exponent.
    fn number(&mut self) -> Option<i64> {
        let rest = &self.json.as_bytes()[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let goes_on = matches!(rest.get(length), Some(b'.' | b'e' | b'E'));
        if length > MOST_DIGITS || goes_on || (length > 1 && rest[0] == b'0') {
            return None;
        }
        self.at += length;
        Some(rest[..length].iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape() -> Shape {
        let sqs = virga_model::services().find(|service| service.name() == "sqs").expect("SQS");
        sqs.operation("SendMessage").and_then(virga_model::Operation::input).expect("an input")
    }

    /// Whether a text is simple; if it is, it reads as the parser reads it.
    fn check(json: &str) -> bool {
        let text = Text::from(json);
        let mut record = Record::new(shape());
        let simple = read(&mut record, shape(), &text, Part::Whole).is_some();
        if simple {
            assert_eq!(super::super::read::parse(shape(), &text).as_ref(), Ok(&record), "{json}");
        }
        simple
    }

    #[test]
    fn plain_strings_and_whole_numbers_are_simple() {
        assert!(check("{}"));
        assert!(check(" {\n} "));
        assert!(check("{\"QueueUrl\":\"http://h/1/q\",\"MessageBody\":\"b\u{e9}\"}"));
        assert!(check("{ \"DelaySeconds\" : 5 ,\r\n\t\"MessageBody\": \"\" }"));
        assert!(check(r#"{"DelaySeconds":0,"Unknown":"x","DelaySeconds":12}"#));
    }

    #[test]
    fn everything_else_is_left_to_the_parser() {
        for other in [
            "",
            "{",
            "[]",
            "{} {}",
            "{,}",
            r#"{"MessageBody"}"#,
            r#"{"MessageBody":"x",}"#,
            r#"{"MessageBody":"x"} y"#,
            r#"{"MessageBody":"\n"}"#,
            "{\"MessageBody\":\"\n\"}",
            r#"{"MessageBody":null}"#,
            r#"{"MessageBody":1}"#,
            r#"{"DelaySeconds":"1"}"#,
            r#"{"DelaySeconds":1.0}"#,
            r#"{"DelaySeconds":1e1}"#,
            r#"{"DelaySeconds":-1}"#,
            r#"{"DelaySeconds":01}"#,
            r#"{"DelaySeconds":3000000000}"#,
            r#"{"MessageAttributes":{}}"#,
            r#"{"DelaySeconds":1234567890123456789}"#,
            r#"{"Unknown":1}"#,
            r#"{"MessageBody":"x"#,
        ] {
            assert!(!check(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_parser_reads(
            parts in proptest::collection::vec(
                prop_oneof![
                    Just("{"), Just("}"), Just(":"), Just(","), Just(" "), Just("\"MessageBody\":"),
                    Just("\"DelaySeconds\":"), Just("\"x\""), Just("\"\\n\""), Just("\"\u{e9}\""), Just("7"), Just("0"),
                    Just("-"), Just("."), Just("null"), Just("\""),
                ],
                0..8,
            ),
        ) {
            check(&parts.concat());
            check(&format!("{{{}}}", parts.concat()));
        }
    }
}
