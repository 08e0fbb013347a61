//! What IAM stores. Times are seconds since the epoch by the world's clock: IAM shows no fractions.

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
