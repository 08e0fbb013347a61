//! The functions of conditions: what they take.

use crate::expression::condition::{Condition, Operand};
use crate::expression::fault::{Fault, Faults};
use crate::expression::path::Path;
use crate::{AttributeType, AttributeValue, Text};

/// What stands where an operand may stand.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Term {
    Path(Path),
    Value(AttributeValue),
    Function(Call),
}

/// A function with its arguments.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Call {
    pub(crate) name: Text,
    pub(crate) arguments: Vec<Term>,
}

impl Term {
    /// The type that the term has whatever the item is.
    pub(crate) fn known_type(&self) -> Option<AttributeType> {
        match self {
            Term::Path(_) => None,
            Term::Value(value) => Some(value.kind()),
            Term::Function(call) => (call.name == "size").then_some(AttributeType::N),
        }
    }

    /// The operand. A function other than `size` is none, which is noted as a mistake before.
    pub(crate) fn into_operand(self) -> Operand {
        match self {
            Term::Path(path) => Operand::Path(path),
            Term::Value(value) => Operand::Value(value),
            Term::Function(call) => {
                let inner = call.arguments.into_iter().next().map(Term::into_operand);
                Operand::Size(Box::new(inner.unwrap_or(Operand::Value(AttributeValue::Null))))
            }
        }
    }
}

/// Notes functions among operands that only `size` may be.
pub(crate) fn check_operands<'t>(terms: impl IntoIterator<Item = &'t Term>, faults: &mut Faults) {
    for term in terms {
        if let Term::Function(call) = term
            && call.name != "size"
        {
            note_misused(&call.name, faults);
        }
    }
}

pub(crate) fn note_misused(name: &str, faults: &mut Faults) {
    let message = "The function is not allowed to be used this way in an expression; function: ";
    faults.note(Fault::MisusedFunction, || format!("{message}{name}"));
}

/// Notes an operand whose type the operator or function does not take.
pub(crate) fn note_type(name: &str, kind: impl std::fmt::Display, faults: &mut Faults) {
    faults.note(Fault::OperandType, || {
        format!(
            "Incorrect operand type for operator or function; operator or function: {name}, operand type: {kind}"
        )
    });
}

/// Notes two operands that are one path.
pub(crate) fn check_distinct(name: &str, first: &Term, other: &Term, faults: &mut Faults) {
    if let (Term::Path(path), true) = (first, first == other) {
        faults.note(Fault::SameOperands, || {
            format!(
                "The first operand must be distinct from the remaining operands for this operator or function; \
                 operator: {name}, first operand: {path}"
            )
        });
    }
}

/// Notes what is wrong with a function's name, count and types of arguments.
pub(crate) fn check(call: &Call, faults: &mut Faults) {
    check_operands(&call.arguments, faults);
    let wanted = match &*call.name {
        "attribute_exists" | "attribute_not_exists" | "size" => 1,
        "attribute_type" | "begins_with" | "contains" => 2,
        name => {
            faults.note(Fault::UnknownFunction, || format!("Invalid function name; function: {name}"));
            return;
        }
    };
    let count = call.arguments.len();
    if count != wanted {
        faults.note(Fault::OperandCount, || {
            format!(
                "Incorrect number of operands for operator or function; operator or function: {}, number of operands: {count}",
                call.name
            )
        });
        return;
    }
    if let [first, second] = &call.arguments[..] {
        check_distinct(&call.name, first, second, faults);
    }
    check_types(call, faults);
}

fn check_types(call: &Call, faults: &mut Faults) {
    let name = &*call.name;
    match (name, &call.arguments[..]) {
        ("attribute_exists" | "attribute_not_exists", [argument]) if !matches!(argument, Term::Path(_)) => {
            faults.note(Fault::OperandType, || {
                format!("Operator or function requires a document path; operator or function: {name}")
            });
        }
        ("begins_with", arguments) => {
            let types = arguments.iter().filter_map(Term::known_type);
            if let Some(kind) =
                types.into_iter().find(|kind| !matches!(kind, AttributeType::S | AttributeType::B))
            {
                note_type(name, kind, faults);
            }
        }
        ("attribute_type", [_, wanted]) => match wanted {
            Term::Value(AttributeValue::S(kind)) => {
                if AttributeType::from_name(kind).is_none() {
                    faults.note(Fault::OperandType, || {
                        format!(
                            "Invalid attribute type name found; type: {kind}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}"
                        )
                    });
                }
            }
            other => match other.known_type() {
                Some(kind) => note_type(name, kind, faults),
                None => note_type(name, "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}", faults),
            },
        },
        ("size", [argument]) => {
            let sizeless = [AttributeType::N, AttributeType::Bool, AttributeType::Null];
            if let Some(kind) = argument.known_type().filter(|kind| sizeless.contains(kind)) {
                note_type(name, kind, faults);
            }
        }
        _ => {}
    }
}

/// The condition that a function is. One that is none, or is used wrongly, is noted before.
pub(crate) fn condition(call: Call, faults: &mut Faults) -> Condition {
    if call.name == "size" {
        note_misused(&call.name, faults);
    }
    let mut arguments = call.arguments.into_iter();
    match (&*call.name, arguments.next(), arguments.next()) {
        ("attribute_exists", Some(Term::Path(path)), _) => Condition::Exists(path),
        ("attribute_not_exists", Some(Term::Path(path)), _) => Condition::NotExists(path),
        ("attribute_type", Some(one), Some(Term::Value(AttributeValue::S(kind)))) => {
            let kind = AttributeType::from_name(&kind).unwrap_or(AttributeType::Null);
            Condition::Type(one.into_operand(), kind)
        }
        ("begins_with", Some(one), Some(other)) => {
            Condition::BeginsWith(one.into_operand(), other.into_operand())
        }
        ("contains", Some(one), Some(other)) => Condition::Contains(one.into_operand(), other.into_operand()),
        _ => Condition::Exists(Path::of_attribute(Text::new())),
    }
}
