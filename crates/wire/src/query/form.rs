//! A form as sorted pairs: everything below a dotted name is one contiguous range.

use std::borrow::Cow;
use std::cmp::Ordering;

use virga_model::Text;

use crate::error::DecodeError;
use crate::text::push_encoded;

/// Most pairs a form may have.
const MOST_PAIRS: usize = 200_000;

/// Name and value, both percent-decoded.
pub(crate) type Pair<'a> = (Cow<'a, str>, Text);

/// The pairs of a form, sorted by name; of several of the same name the first that came is first.
#[derive(Debug, Default)]
pub(crate) struct Form<'a>(Vec<Pair<'a>>);

impl<'a> Form<'a> {
    /// Reads `name=value&…`, from the query string of the URI and the body together. Values that need no decoding are
    /// slices of their source.
    pub(crate) fn read_both(query: &'a Text, body: &'a Text) -> Result<Self, DecodeError> {
        let mut form = Form::default();
        form.add(body)?;
        form.add(query)?;
        form.sort();
        Ok(form)
    }

    fn add(&mut self, source: &'a Text) -> Result<(), DecodeError> {
        let text: &'a str = source;
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            if self.0.len() >= MOST_PAIRS {
                return Err(DecodeError::malformed("Too many parameters"));
            }
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = match percent_decode(value)? {
                Cow::Borrowed(value) => source.slice_ref(value),
                Cow::Owned(value) => Text::from(value),
            };
            self.0.push((percent_decode(name)?, value));
        }
        Ok(())
    }

    fn sort(&mut self) {
        self.0.sort_by(|(a, _), (b, _)| a.as_bytes().cmp(b.as_bytes()));
    }

    /// All of the form.
    pub(crate) fn all(&self) -> Branch<'_> {
        Branch { pairs: &self.0, depth: 0 }
    }
}

/// The pairs below a dotted name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Branch<'f> {
    pairs: &'f [Pair<'f>],
    /// Bytes of the name, its dot included.
    depth: usize,
}

impl<'f> Branch<'f> {
    fn rest<'p>(self, pair: &'p Pair<'_>) -> &'p [u8] {
        &pair.0.as_bytes()[self.depth..]
    }

    /// Whether there is no pair.
    pub(crate) fn is_empty(self) -> bool {
        self.pairs.is_empty()
    }

    /// The value of a name.
    pub(crate) fn value(self, name: &str) -> Option<&'f Text> {
        let place = self.pairs.partition_point(|pair| self.rest(pair) < name.as_bytes());
        self.pairs.get(place).filter(|pair| self.rest(pair) == name.as_bytes()).map(|pair| &pair.1)
    }

    /// What is below a name.
    pub(crate) fn below(self, name: &str) -> Branch<'f> {
        let order = |pair: &Pair<'_>| compare_to_dotted(self.rest(pair), name.as_bytes());
        let start = self.pairs.partition_point(|pair| order(pair) == Ordering::Less);
        let length = self.pairs[start..].partition_point(|pair| order(pair) == Ordering::Equal);
        Branch { pairs: &self.pairs[start..start + length], depth: self.depth + name.len() + 1 }
    }

    /// The numbers right below, ascending, without repetitions, each as it is spelled.
    pub(crate) fn numbers(self) -> Vec<&'f str> {
        let mut numbers: Vec<(u64, &'f str)> = Vec::new();
        for pair in self.pairs {
            let rest = &pair.0[self.depth..];
            let segment = rest.split_once('.').map_or(rest, |(segment, _)| segment);
            if numbers.last().is_some_and(|(_, last)| *last == segment) {
                continue;
            }
            if let Ok(number) = segment.parse() {
                numbers.push((number, segment));
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers.into_iter().map(|(_, segment)| segment).collect()
    }
}

/// Where `rest` stands to the names that begin with `name` and a dot.
fn compare_to_dotted(rest: &[u8], name: &[u8]) -> Ordering {
    let head = &rest[..rest.len().min(name.len())];
    head.cmp(name).then_with(|| rest.get(name.len()).map_or(Ordering::Less, |byte| byte.cmp(&b'.')))
}

/// Decodes `%41` and `+`. Percent signs without two hexadecimal digits stay.
pub(crate) fn percent_decode(text: &str) -> Result<Cow<'_, str>, DecodeError> {
    if !text.bytes().any(|byte| matches!(byte, b'%' | b'+')) {
        return Ok(Cow::Borrowed(text));
    }
    let spaced = text.replace('+', " ");
    let decoded: Vec<u8> = percent_encoding::percent_decode_str(&spaced).collect();
    String::from_utf8(decoded)
        .map(Cow::Owned)
        .map_err(|_| DecodeError::malformed("Invalid UTF-8 in a parameter"))
}

/// Appends a pair to a form.
pub(crate) fn push_pair(out: &mut String, name: &str, value: &str) {
    if !out.is_empty() {
        out.push('&');
    }
    push_encoded(out, name, false);
    out.push('=');
    push_encoded(out, value, false);
}

/// Decodes `%41` only: in paths a plus sign is a plus sign. None when the result is no UTF-8.
pub(crate) fn percent_decode_label(text: &str) -> Option<Cow<'_, str>> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok()
}

#[cfg(test)]
mod tests {
    use super::{Form, Text};

    #[test]
    fn branches_are_found_by_dotted_names() {
        let source = Text::from("A.1=x&A.10.B=z&A-1=no&A.2.C=y&AB.1=no&A=whole&A.1=second&B=a%20b+c");
        let nothing = Text::new();
        let form = Form::read_both(&nothing, &source).expect("a form");
        let all = form.all();
        assert_eq!(all.value("A").map(|value| &**value), Some("whole"));
        assert_eq!(all.value("B").map(|value| &**value), Some("a b c"));
        let below = all.below("A");
        assert_eq!(below.numbers(), ["1", "2", "10"]);
        assert_eq!(below.value("1").map(|value| &**value), Some("x"));
        assert_eq!(below.below("10").value("B").map(|value| &**value), Some("z"));
        assert!(all.below("Z").is_empty() && below.below("1").is_empty());
    }
}
