//! From forms to records. As lenient as AWS: lists and maps are read flattened or not, whatever the model says.

use smallvec::{SmallVec, smallvec};
use virga_model::{Kind, Map, Member, Operation, Record, Shape, Text, Value};

use super::form::{Branch, Form};
use crate::error::DecodeError;
use crate::message::HttpRequest;
use crate::text::read_scalar;

/// Deepest nesting of structures, lists and maps.
const DEEPEST: usize = 64;

/// Which of the two protocols: they differ in names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// awsQuery.
    Query,
    /// ec2Query.
    Ec2,
}

pub(crate) fn decode_request(
    dialect: Dialect,
    operation: Operation,
    request: &HttpRequest<'_>,
) -> Result<Record, DecodeError> {
    let Some(input) = operation.input() else { return Ok(Record::empty()) };
    let body = Text::try_from(request.body.clone())
        .map_err(|_| DecodeError::malformed("The body is not valid UTF-8"))?;
    let query = Text::from(request.query);
    let form = Form::read_both(&query, &body)?;
    Reader { dialect }.structure(input, form.all(), 0)
}

/// The name of a member in forms.
pub(crate) fn form_name(dialect: Dialect, member: Member) -> std::borrow::Cow<'static, str> {
    if let Some(name) = member.query_name() {
        return name.into();
    }
    match dialect {
        Dialect::Ec2 => capitalized(member.wire_name()),
        Dialect::Query => member.wire_name().into(),
    }
}

fn capitalized(name: &'static str) -> std::borrow::Cow<'static, str> {
    if name.starts_with(|first: char| first.is_ascii_uppercase()) {
        return name.into();
    }
    let mut letters = name.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect::<String>()
        .into()
}

/// Every name that a member may have in a form: its own, and that of its elements when it is flattened.
fn candidates(dialect: Dialect, member: Member) -> SmallVec<[std::borrow::Cow<'static, str>; 3]> {
    let own = form_name(dialect, member);
    if dialect == Dialect::Query && member.shape().kind() == Kind::List && member.is_flattened() {
        let element = member.shape().list_member();
        if element.query_name().or(element.location_name()).is_some() {
            return smallvec![form_name(dialect, element), own];
        }
    }
    smallvec![own]
}

struct Reader {
    dialect: Dialect,
}

impl Reader {
    fn structure(&self, shape: Shape, branch: Branch<'_>, depth: usize) -> Result<Record, DecodeError> {
        if depth > DEEPEST {
            return Err(DecodeError::malformed("The request is nested too deeply"));
        }
        let mut record = Record::new(shape);
        for (ordinal, member) in shape.members().enumerate() {
            for name in candidates(self.dialect, member) {
                let value = self.value(member, &name, branch, depth)?;
                if value != Value::Null {
                    record.set(ordinal, value);
                    break;
                }
            }
        }
        Ok(record)
    }

    /// The value under a name of a branch.
    fn value(
        &self,
        member: Member,
        name: &str,
        branch: Branch<'_>,
        depth: usize,
    ) -> Result<Value, DecodeError> {
        let shape = member.shape();
        match shape.kind() {
            Kind::Structure => {
                let below = branch.below(name);
                if below.is_empty() {
                    return Ok(Value::Null);
                }
                Ok(Value::Structure(Box::new(self.structure(shape, below, depth + 1)?)))
            }
            Kind::List => self.list(shape, name, branch, depth),
            Kind::Map => self.map(shape, branch.below(name), depth),
            _ => match branch.value(name) {
                Some(text) => scalar(member, name, text),
                None if !branch.below(name).is_empty() => {
                    Err(DecodeError::unconvertible("LIST", shape.kind()))
                }
                None => Ok(Value::Null),
            },
        }
    }

    fn list(&self, shape: Shape, name: &str, branch: Branch<'_>, depth: usize) -> Result<Value, DecodeError> {
        let element = shape.list_member();
        let below = branch.below(name);
        if below.is_empty() {
            // `Names=` is how clients send an empty list.
            let is_empty_list = branch.value(name).is_some_and(|text| text.is_empty());
            return Ok(if is_empty_list { Value::List(Vec::new()) } else { Value::Null });
        }
        let own = form_name(self.dialect, element);
        let named =
            [&*own, "member"].into_iter().map(|name| below.below(name)).find(|named| !named.is_empty());
        let elements = named.unwrap_or(below);
        let mut items = Vec::new();
        for number in elements.numbers() {
            let item = self.value(element, number, elements, depth + 1)?;
            if item != Value::Null {
                items.push(item);
            }
        }
        Ok(Value::List(items))
    }

    fn map(&self, shape: Shape, below: Branch<'_>, depth: usize) -> Result<Value, DecodeError> {
        if below.is_empty() {
            return Ok(Value::Null);
        }
        let (key_name, value_name) =
            (form_name(self.dialect, shape.map_key()), form_name(self.dialect, shape.map_value()));
        let wrapped = below.below("entry");
        let entries = if wrapped.is_empty() { below } else { wrapped };
        let mut pairs = Vec::new();
        for number in entries.numbers() {
            let entry = entries.below(number);
            let Some(key) = entry.value(&key_name).or_else(|| entry.value("key")) else { continue };
            let mut value = self.value(shape.map_value(), &value_name, entry, depth + 1)?;
            if value == Value::Null && *value_name != *"value" {
                value = self.value(shape.map_value(), "value", entry, depth + 1)?;
            }
            if value != Value::Null {
                pairs.push((key.clone(), value));
            }
        }
        Ok(Value::Map(pairs.into_iter().collect::<Map>()))
    }
}

fn scalar(member: Member, name: &str, text: &Text) -> Result<Value, DecodeError> {
    let shape = member.shape();
    // An empty number, boolean or time is an absent one.
    if text.is_empty() && !matches!(shape.kind(), Kind::String | Kind::Blob) {
        return Ok(Value::Null);
    }
    read_scalar(shape, text, |_| text.clone())
        .ok_or_else(|| DecodeError::unparsable(name, text, shape.kind()))
}
