//! What IAM stores. Times are seconds since the epoch by the world's clock: IAM shows no fractions.

pub(crate) mod account;
pub(crate) mod credential;
pub(crate) mod delegation;
pub(crate) mod last_accessed;
pub(crate) mod provider;

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// The kinds of identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Kind {
    User,
    Group,
    Role,
}

/// A tag.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tag {
    /// Its key.
    pub(crate) key: String,
    /// Its value.
    pub(crate) value: String,
}

/// What the unique id of a user, group or role stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EntityName {
    /// Which kind.
    pub(crate) kind: Kind,
    /// Its name.
    pub(crate) name: String,
}
stored!(EntityName, 1);

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct User {
    /// `/`, or `/division/`.
    pub(crate) path: String,
    /// As it was given.
    pub(crate) name: String,
    /// `AIDA…`.
    pub(crate) id: String,
    /// When it was created.
    pub(crate) created: i64,
    /// ARN of the permissions boundary.
    pub(crate) boundary: Option<String>,
    /// In the order they were set.
    pub(crate) tags: Vec<Tag>,
    /// ARNs of attached managed policies, in the order they were attached.
    pub(crate) attached: Vec<String>,
    /// When the password was last used.
    pub(crate) password_last_used: Option<i64>,
}
stored!(User, 1);

/// A group of users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Group {
    /// `/`, or `/division/`.
    pub(crate) path: String,
    /// As it was given.
    pub(crate) name: String,
    /// `AGPA…`.
    pub(crate) id: String,
    /// When it was created.
    pub(crate) created: i64,
    /// ARNs of attached managed policies, in the order they were attached.
    pub(crate) attached: Vec<String>,
}
stored!(Group, 1);

/// A role. Its trust policy is the resource policy of its ARN.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Role {
    /// `/`, or `/division/`; `/aws-service-role/…` for roles that belong to a service.
    pub(crate) path: String,
    /// As it was given.
    pub(crate) name: String,
    /// `AROA…`.
    pub(crate) id: String,
    /// When it was created.
    pub(crate) created: i64,
    /// `AssumeRolePolicyDocument`, as it was given.
    pub(crate) trust_policy: String,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// `MaxSessionDuration`.
    pub(crate) max_session_seconds: i32,
    /// ARN of the permissions boundary.
    pub(crate) boundary: Option<String>,
    /// In the order they were set.
    pub(crate) tags: Vec<Tag>,
    /// ARNs of attached managed policies, in the order they were attached.
    pub(crate) attached: Vec<String>,
}
stored!(Role, 1);

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InstanceProfile {
    /// `/`, or `/division/`.
    pub(crate) path: String,
    /// As it was given.
    pub(crate) name: String,
    /// `AIPA…`.
    pub(crate) id: String,
    /// When it was created.
    pub(crate) created: i64,
    /// Name of its role.
    pub(crate) role: Option<String>,
    /// In the order they were set.
    pub(crate) tags: Vec<Tag>,
}
stored!(InstanceProfile, 1);

/// An inline policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct InlinePolicy {
    /// The text, as it was given.
    pub(crate) document: String,
}
stored!(InlinePolicy, 1);

/// A managed policy of the account. Its texts are in its [`PolicyVersion`]s.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ManagedPolicy {
    /// `/`, or `/division/`.
    pub(crate) path: String,
    /// As it was given.
    pub(crate) name: String,
    /// `ANPA…`.
    pub(crate) id: String,
    /// When it was created.
    pub(crate) created: i64,
    /// When a version was last created, or made the default.
    pub(crate) updated: i64,
    /// What it is for.
    pub(crate) description: Option<String>,
    /// Number of the version that counts.
    pub(crate) default_version: u32,
    /// Number of the version that was created last; none is given out again.
    pub(crate) last_version: u32,
    /// In the order they were set.
    pub(crate) tags: Vec<Tag>,
}
stored!(ManagedPolicy, 1);

/// A version of a managed policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PolicyVersion {
    /// The text, as it was given.
    pub(crate) document: String,
    /// When it was created.
    pub(crate) created: i64,
}
stored!(PolicyVersion, 1);

/// A long-term access key. Secret and status are with the kit's issued keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccessKey {
    /// When it was created.
    pub(crate) created: i64,
}
stored!(AccessKey, 1);

/// The alias of an account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct AccountAlias(pub(crate) String);
stored!(AccountAlias, 1);
