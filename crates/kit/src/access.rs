//! What a call needs permission for.

use std::borrow::Cow;

use virga_iam::AccountId;
use virga_iam::evaluation::ResourceRule;
use virga_model::Record;
use virga_store::Fault;

use crate::{Arn, Ctx};

/// A condition key with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Condition {
    /// `aws:ResourceTag/team`, `sqs:…`; compared without regard to case.
    pub key: String,
    /// One value, or the several of a multivalued key.
    pub values: Vec<String>,
}

impl Condition {
    /// A key with one value.
    pub fn new(key: impl Into<String>, value: impl Into<String>) -> Self {
        Condition { key: key.into(), values: vec![value.into()] }
    }

    /// A multivalued key.
    pub fn multivalued(key: impl Into<String>, values: Vec<String>) -> Self {
        Condition { key: key.into(), values }
    }
}

/// Finds the conditions that need a look into the store, for a resource of the access. It is asked only when a policy
/// names a key that is not known otherwise.
pub type ConditionLookup = fn(&Ctx, &Record, &str) -> Vec<Condition>;

/// Whether the service itself allows what no policy does, such as a grant of KMS does. Gets the resource.
pub type GrantLookup = fn(&Ctx, &Access, &Record, &str) -> Result<bool, Fault>;

/// One action on some resources, with the service's condition keys.
#[derive(Debug, Clone)]
pub struct Access {
    /// Name of the action without the service's prefix, say `SendMessage`; of another service's with it, say
    /// `iam:PassRole`.
    pub action: Cow<'static, str>,
    /// ARNs of the resources, all of which must be allowed; empty for an action that has none.
    pub resources: Vec<String>,
    /// Condition keys that the input tells, say `aws:RequestTag/team`.
    pub conditions: Vec<Condition>,
    /// Finds the others, say `aws:ResourceTag/team`.
    pub lookup: Option<ConditionLookup>,
    /// Whose account the resources are in, where their ARNs do not tell.
    pub owner: Option<AccountId>,
    /// The ARN under which the resource policy is kept, when it is not the resource's own: the bucket of an object.
    pub policy_holder: Option<String>,
    /// The policy that the resource will have, where naming a resource makes it: nothing is stored yet.
    pub coming_policy: Option<String>,
    /// What the resource policy means.
    pub rule: ResourceRule,
    /// What allows besides policies.
    pub grants: Option<GrantLookup>,
    /// What somebody outside the account of the resource reads when refused, instead of the reasons.
    pub refusal_to_others: Option<&'static str>,
}

impl Access {
    /// An action on one resource.
    pub fn to(action: impl Into<Cow<'static, str>>, resource: impl Into<String>) -> Self {
        Access { resources: vec![resource.into()], ..Access::without_resource(action) }
    }

    /// An action that has no resource.
    pub fn without_resource(action: impl Into<Cow<'static, str>>) -> Self {
        Access {
            action: action.into(),
            resources: Vec::new(),
            conditions: Vec::new(),
            lookup: None,
            owner: None,
            policy_holder: None,
            coming_policy: None,
            rule: ResourceRule::Ordinary,
            grants: None,
            refusal_to_others: None,
        }
    }

    /// With the lookup of further conditions.
    #[must_use]
    pub fn looking_up(mut self, lookup: ConditionLookup) -> Self {
        self.lookup = Some(lookup);
        self
    }

    /// With one more condition key.
    #[must_use]
    pub fn with(mut self, condition: Condition) -> Self {
        self.conditions.push(condition);
        self
    }

    /// The account that a resource is in, if it can be told.
    pub(crate) fn account_of(&self, resource: &str) -> Option<AccountId> {
        Arn::parse(resource).and_then(|arn| arn.account.parse().ok()).or(self.owner)
    }
}
