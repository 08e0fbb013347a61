//! The values of a condition, compiled for its operator.

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::policy::{
    context::ConditionContext,
    error::PolicyError,
    pattern::{Pattern, Syntax},
};

use super::{
    date::Moment,
    network::Network,
    number::Number,
    operator::{Order, Test},
};

/// A value that a policy wants. What cannot be read as the operator wants it matches nothing.
#[derive(Debug, Clone)]
pub(super) enum Wanted {
    Text(Pattern),
    /// Without regard to case; the variables of the pattern are resolved at each evaluation.
    TextIgnoringCase(Pattern),
    Number(Order, Option<Number>),
    Date(Order, Moment),
    Binary(Option<Box<[u8]>>),
    Network(Option<Network>),
    Arn(Pattern),
    /// Of `Null`: whether the key must be absent.
    Absence(Option<bool>),
}

impl Wanted {
    /// Compiles a value.
    ///
    /// # Errors
    /// When a date is none: the only values that IAM looks at.
    pub(super) fn new(test: Test, value: &str, variables: bool) -> Result<Self, PolicyError> {
        let plain = Syntax { wildcards: false, variables };
        let wild = Syntax { wildcards: true, variables };
        Ok(match test {
            Test::StringEquals => Self::Text(Pattern::new(value, plain)),
            Test::StringLike => Self::Text(Pattern::new(value, wild)),
            Test::StringEqualsIgnoreCase | Test::Bool => Self::TextIgnoringCase(Pattern::new(value, plain)),
            Test::Numeric(order) => Self::Number(order, Number::parse(value)),
            Test::Date(order) => Self::Date(order, Moment::parse(value).ok_or(PolicyError::LegacyParsing)?),
            Test::Binary => Self::Binary(STANDARD.decode(value).ok().map(Into::into)),
            Test::IpAddress => Self::Network(Network::parse(value)),
            Test::Arn => Self::Arn(Pattern::new(value, wild)),
            Test::Null => Self::Absence(if value.eq_ignore_ascii_case("true") {
                Some(true)
            } else {
                value.eq_ignore_ascii_case("false").then_some(false)
            }),
        })
    }

    /// Whether a value of the request is as wanted.
    pub(super) fn matches(&self, found: &str, context: &dyn ConditionContext) -> bool {
        match self {
            Self::Text(pattern) => pattern.matches(found, context),
            Self::TextIgnoringCase(Pattern::Exact(text)) => is_same_ignoring_case(text, found),
            Self::TextIgnoringCase(pattern) => pattern.resolved(context).is_some_and(|text| {
                std::str::from_utf8(&text).is_ok_and(|text| is_same_ignoring_case(text, found))
            }),
            Self::Number(order, wanted) => match (Number::parse(found), wanted) {
                (Some(found), Some(wanted)) => order.holds(&found, wanted),
                _ => false,
            },
            Self::Date(order, wanted) => {
                Moment::parse(found).is_some_and(|found| order.holds(&found, wanted))
            }
            Self::Binary(wanted) => {
                wanted.is_some() && STANDARD.decode(found).ok().as_deref() == wanted.as_deref()
            }
            Self::Network(network) => network.is_some_and(|network| network.contains(found)),
            Self::Arn(pattern) => pattern.matches_arn(found, context),
            Self::Absence(_) => false,
        }
    }

    /// Whether the variables of the value have values.
    pub(super) fn is_resolvable(&self, context: &dyn ConditionContext) -> bool {
        match self {
            Self::Text(pattern) | Self::TextIgnoringCase(pattern) | Self::Arn(pattern) => {
                pattern.is_resolvable(context)
            }
            _ => true,
        }
    }

    /// The pattern, of a value that may have variables.
    pub(super) fn pattern(&self) -> Option<&Pattern> {
        match self {
            Self::Text(pattern) | Self::TextIgnoringCase(pattern) | Self::Arn(pattern) => Some(pattern),
            _ => None,
        }
    }
}

fn is_same_ignoring_case(left: &str, right: &str) -> bool {
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    left.chars().flat_map(char::to_lowercase).eq(right.chars().flat_map(char::to_lowercase))
}
