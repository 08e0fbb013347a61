//! Every key space of IAM. IAM is global: keys begin with the account and know no region.
//!
//! Entities are found by name in small letters, because names are unique without regard to case. What belongs to an
//! entity is keyed by its unique id, so that renaming moves one record.

use virga_store::{Key, Range, Space};

use crate::records::User;

static USERS: Space<User> = Space::new("iam.user");

/// A user by its name.
pub(crate) fn user(account: &str, name: &str) -> Key<User> {
    USERS.key((account, folded(name)))
}

/// The users of an account, by name.
pub(crate) fn users(account: &str) -> Range<User> {
    USERS.prefix(account)
}

/// A name as it is compared.
pub(crate) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}
