//! Actions: a service prefix and the name of an action, both compared without regard to case.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html>

use super::{
    error::PolicyError,
    pattern::{Pattern, Syntax},
};

/// Actions have wildcards and no variables.
const SYNTAX: Syntax = Syntax { wildcards: true, variables: false };

/// The `Action` or `NotAction` of a statement.
#[derive(Debug, Clone)]
pub(super) struct ActionElement {
    /// Whether this is `NotAction`.
    pub(super) is_negated: bool,
    /// The actions as they are written.
    pub(super) written: Box<[Box<str>]>,
    patterns: Box<[ActionPattern]>,
}

/// One action of a policy, in lower case.
#[derive(Debug, Clone)]
struct ActionPattern {
    /// The service prefix; none for `*`.
    vendor: Option<Box<str>>,
    name: Pattern,
}

/// An action of a request, in lower case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ActionName<'a> {
    pub(crate) vendor: &'a str,
    pub(crate) name: &'a str,
}

impl<'a> ActionName<'a> {
    /// Splits `sqs:sendmessage`.
    pub(crate) fn new(lower_case: &'a str) -> Self {
        let (vendor, name) = lower_case.split_once(':').unwrap_or(("", lower_case));
        Self { vendor, name }
    }
}

impl ActionElement {
    /// Compiles actions whose form has been checked.
    pub(super) fn new(is_negated: bool, written: Vec<Box<str>>) -> Self {
        let patterns = written.iter().map(|action| ActionPattern::new(action)).collect();
        Self { is_negated, written: written.into(), patterns }
    }

    /// Whether the statement is about the action.
    pub(super) fn matches(&self, action: ActionName<'_>) -> bool {
        self.patterns.iter().any(|pattern| pattern.matches(action)) != self.is_negated
    }

    /// The service prefixes of the actions that the statement may be about; none if these are all.
    pub(super) fn vendors(&self) -> Option<Vec<&str>> {
        if self.is_negated {
            return None;
        }
        self.patterns.iter().map(|pattern| pattern.vendor.as_deref()).collect()
    }

    /// Whether every action is one that trust policies may have.
    pub(super) fn is_about_assuming_roles(&self) -> bool {
        const OTHERS: [&str; 3] = ["tagsession", "setsourceidentity", "setcontext"];
        !self.is_negated
            && self.patterns.iter().all(|pattern| {
                let is_sts = pattern.vendor.as_deref() == Some("sts");
                is_sts
                    && match &pattern.name {
                        Pattern::Anything => true,
                        Pattern::Exact(name) => name.starts_with("assumerole") || OTHERS.contains(&&**name),
                        name => ["assumerole", "assumerolewithsaml", "assumerolewithwebidentity"]
                            .iter()
                            .chain(&OTHERS)
                            .any(|action| name.matches_plain(action)),
                    }
            })
    }
}

impl ActionPattern {
    fn new(action: &str) -> Self {
        let action = action.to_ascii_lowercase();
        match action.split_once(':') {
            Some((vendor, name)) => {
                Self { vendor: (vendor != "*").then(|| vendor.into()), name: Pattern::new(name, SYNTAX) }
            }
            None => Self { vendor: None, name: Pattern::new(&action, SYNTAX) },
        }
    }

    fn matches(&self, action: ActionName<'_>) -> bool {
        self.vendor.as_deref().is_none_or(|vendor| vendor == action.vendor)
            && self.name.matches_plain(action.name)
    }
}

/// Checks the form of an action.
pub(super) fn check(action: &str) -> Result<(), PolicyError> {
    if action == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = action.split_once(':') else { return Err(PolicyError::NoVendor) };
    if name.contains(':') {
        return Err(PolicyError::SeveralColons);
    }
    let is_valid =
        vendor.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    if (is_valid && !vendor.is_empty()) || vendor == "*" {
        Ok(())
    } else {
        Err(PolicyError::Vendor { vendor: vendor.to_owned() })
    }
}
