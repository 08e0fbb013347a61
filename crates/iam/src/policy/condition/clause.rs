//! One condition of a statement, and whether it holds.

use crate::policy::{
    context::{ConditionContext, Values, present},
    error::PolicyError,
    pattern::glob_text,
};

use super::{
    operator::{Operator, Qualifier, Test},
    wanted::Wanted,
};

/// An operator with one of its keys and the values wanted.
#[derive(Debug, Clone)]
pub struct Condition {
    operator: Operator,
    written_operator: Box<str>,
    key: Box<str>,
    /// The key in lower case, as contexts are asked for it.
    asked_key: Box<str>,
    written_values: Box<[Box<str>]>,
    wanted: Box<[Wanted]>,
}

impl Condition {
    /// Compiles a condition.
    ///
    /// # Errors
    /// When there is no such operator, or a date is none.
    pub(in crate::policy) fn new(
        written_operator: &str,
        written_key: &str,
        values: &[&str],
        variables: bool,
    ) -> Result<Self, PolicyError> {
        let operator = Operator::of(written_operator).ok_or(PolicyError::Syntax)?;
        let wanted = values.iter().map(|value| Wanted::new(operator.test, value, variables));
        Ok(Self {
            operator,
            written_operator: written_operator.into(),
            key: written_key.into(),
            asked_key: written_key.to_ascii_lowercase().into(),
            written_values: values.iter().copied().map(Into::into).collect(),
            wanted: wanted.collect::<Result<_, _>>()?,
        })
    }

    /// The operator as it is written.
    pub fn operator(&self) -> &str {
        &self.written_operator
    }

    /// The key as it is written.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The values as they are written.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.written_values.iter().map(|value| &**value)
    }

    /// The set operator before the operator.
    pub fn qualifier(&self) -> Option<Qualifier> {
        self.operator.qualifier
    }

    /// The values with those of their variables; as written where a variable has none.
    pub fn resolved_values(&self, context: &dyn ConditionContext) -> Vec<String> {
        let resolved = self.wanted.iter().zip(&self.written_values).map(|(wanted, written)| {
            let glob = wanted.pattern().and_then(|pattern| pattern.resolved(context));
            glob.map_or_else(|| written.to_string(), |glob| glob_text(&glob))
        });
        resolved.collect()
    }

    /// The values that the request has.
    pub fn found<'a>(&self, context: &'a dyn ConditionContext) -> Option<Values<'a>> {
        present(context, &self.asked_key)
    }

    /// Whether the condition holds.
    pub fn holds(&self, context: &dyn ConditionContext) -> bool {
        let found = self.found(context);
        if self.operator.test == Test::Null {
            let is_absent = found.is_none();
            return self
                .wanted
                .iter()
                .any(|wanted| matches!(wanted, Wanted::Absence(Some(absent)) if *absent == is_absent));
        }
        let Some(found) = found else { return self.operator.holds_without_key() };
        // To a set operator a key with nothing but empty text is an empty set.
        let is_empty = found.as_slice().iter().all(|value| value.is_empty());
        if let Some(qualifier) = self.operator.qualifier.filter(|_| is_empty) {
            return qualifier == Qualifier::ForAllValues;
        }
        let mut values = found.as_slice().iter();
        match (self.operator.qualifier, self.operator.is_negated) {
            (Some(Qualifier::ForAnyValue), _) | (None, false) => {
                values.any(|value| self.is_satisfied_by(value, context))
            }
            (Some(Qualifier::ForAllValues), _) | (None, true) => {
                values.all(|value| self.is_satisfied_by(value, context))
            }
        }
    }

    /// Whether one value of the request is as the operator wants it. A variable without a value satisfies neither
    /// an operator nor its negation.
    fn is_satisfied_by(&self, value: &str, context: &dyn ConditionContext) -> bool {
        if self.operator.is_negated {
            self.wanted.iter().all(|wanted| wanted.is_resolvable(context) && !wanted.matches(value, context))
        } else {
            self.wanted.iter().any(|wanted| wanted.matches(value, context))
        }
    }
}
