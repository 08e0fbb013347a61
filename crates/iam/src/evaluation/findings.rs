//! What the policies of one type say to a request, before the types are weighed against each other.

use crate::policy::{Effect, Grant, Subject};

use super::{
    decision::{DecidingStatement, Decision, Outcome, PolicyType},
    request::AttachedPolicy,
};

/// A statement that applies, without owning anything yet.
#[derive(Clone, Copy)]
pub(super) struct Applied<'a> {
    pub(super) grant: Grant,
    policy: &'a AttachedPolicy,
    statement: usize,
}

impl Applied<'_> {
    pub(super) fn decides(self, outcome: Outcome) -> Decision {
        let decided_by = DecidingStatement { policy: self.policy.clone(), statement: self.statement };
        Decision { outcome, decided_by: Some(decided_by) }
    }
}

/// Looks for the strongest allow in policies of one type.
///
/// # Errors
/// The decision, at the first statement that denies.
pub(super) fn allow_in<'a>(
    policies: impl IntoIterator<Item = &'a AttachedPolicy>,
    policy_type: PolicyType,
    subject: &Subject<'_>,
) -> Result<Option<Applied<'a>>, Decision> {
    let mut allow: Option<Applied<'a>> = None;
    for policy in policies {
        for (position, statement) in policy.policy().statements_about(subject.action) {
            let is_needed = match statement.effect() {
                Effect::Deny => true,
                Effect::Allow => allow.is_none_or(|allow| allow.grant < Grant::Direct),
            };
            let Some(grant) = is_needed.then(|| statement.applies(subject)).flatten() else { continue };
            let applied = Applied { grant, policy, statement: position };
            match statement.effect() {
                Effect::Deny => return Err(applied.decides(Outcome::ExplicitDeny(policy_type))),
                Effect::Allow if allow.is_none_or(|allow| allow.grant < grant) => allow = Some(applied),
                Effect::Allow => {}
            }
        }
    }
    Ok(allow)
}

/// Looks whether every level of an organization allows.
///
/// # Errors
/// The decision, at the first statement that denies.
pub(super) fn every_level_allows(
    levels: &[Vec<AttachedPolicy>],
    policy_type: PolicyType,
    subject: &Subject<'_>,
) -> Result<bool, Decision> {
    let mut all = true;
    for level in levels {
        all &= allow_in(level, policy_type, subject)?.is_some();
    }
    Ok(all)
}
