//! Every key space of IAM. IAM is global: keys begin with the account and know no region.
//!
//! Entities are found by name in small letters, because names are unique without regard to case. What belongs to an
//! entity is keyed by its unique id, so that renaming moves one record.

pub(crate) mod account;
pub(crate) mod credential;
pub(crate) mod delegation;
pub(crate) mod provider;

use virga_store::{Key, Range, Space};

use crate::records::{
    AccessKey, AccountAlias, EntityName, Group, InlinePolicy, InstanceProfile, ManagedPolicy, PolicyVersion,
    Role, User,
};

static USERS: Space<User> = Space::new("iam.user");
static GROUPS: Space<Group> = Space::new("iam.group");
static ROLES: Space<Role> = Space::new("iam.role");
static ENTITIES: Space<EntityName> = Space::new("iam.entity");
static MEMBERS: Space<()> = Space::new("iam.member");
static MEMBERSHIPS: Space<()> = Space::new("iam.membership");
static TRUSTED: Space<()> = Space::new("iam.trusted");
static INSTANCE_PROFILES: Space<InstanceProfile> = Space::new("iam.instance-profile");
static PROFILES_OF_ROLE: Space<()> = Space::new("iam.profile-of-role");
static INLINE_POLICIES: Space<InlinePolicy> = Space::new("iam.inline-policy");
static POLICIES: Space<ManagedPolicy> = Space::new("iam.policy");
static VERSIONS: Space<PolicyVersion> = Space::new("iam.policy-version");
static USES: Space<()> = Space::new("iam.policy-use");
static ACCESS_KEYS: Space<AccessKey> = Space::new("iam.access-key");
static ALIASES: Space<AccountAlias> = Space::new("iam.alias");
static ALIAS_OWNERS: Space<AccountAlias> = Space::new("iam.alias-owner");

/// A name as it is compared.
pub(crate) fn folded(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// What a unique id stands for.
pub(crate) fn entity(account: &str, id: &str) -> Key<EntityName> {
    ENTITIES.key((account, id))
}

// Users.

/// A user by its name.
pub(crate) fn user(account: &str, name: &str) -> Key<User> {
    USERS.key((account, folded(name)))
}

/// The users of an account, by name.
pub(crate) fn users(account: &str) -> Range<User> {
    USERS.prefix(account)
}

// Groups.

/// A group by its name.
pub(crate) fn group(account: &str, name: &str) -> Key<Group> {
    GROUPS.key((account, folded(name)))
}

/// The groups of an account, by name.
pub(crate) fn groups(account: &str) -> Range<Group> {
    GROUPS.prefix(account)
}

/// That a user is in a group, by their ids.
pub(crate) fn member(account: &str, group: &str, user: &str) -> Key<()> {
    MEMBERS.key((account, group, user))
}

/// The ids of the users in a group.
pub(crate) fn members(account: &str, group: &str) -> Range<()> {
    MEMBERS.prefix((account, group))
}

/// That a user is in a group, from the user's side.
pub(crate) fn membership(account: &str, user: &str, group: &str) -> Key<()> {
    MEMBERSHIPS.key((account, user, group))
}

/// The ids of the groups that a user is in.
pub(crate) fn memberships(account: &str, user: &str) -> Range<()> {
    MEMBERSHIPS.prefix((account, user))
}

// Roles and instance profiles.

/// A role by its name.
pub(crate) fn role(account: &str, name: &str) -> Key<Role> {
    ROLES.key((account, folded(name)))
}

/// The roles of an account, by name.
pub(crate) fn roles(account: &str) -> Range<Role> {
    ROLES.prefix(account)
}

/// That a role's trust policy names a user or role, by the ARN of the one and by account and name of the other.
pub(crate) fn trusted(arn: &str, account: &str, role: &str) -> Key<()> {
    TRUSTED.key((arn, account, folded(role)))
}

/// The roles that trust a user or role.
pub(crate) fn trusting(arn: &str) -> Range<()> {
    TRUSTED.prefix(arn)
}

/// An instance profile by its name.
pub(crate) fn instance_profile(account: &str, name: &str) -> Key<InstanceProfile> {
    INSTANCE_PROFILES.key((account, folded(name)))
}

/// The instance profiles of an account, by name.
pub(crate) fn instance_profiles(account: &str) -> Range<InstanceProfile> {
    INSTANCE_PROFILES.prefix(account)
}

/// That a role is in an instance profile.
pub(crate) fn profile_of_role(account: &str, role_id: &str, profile: &str) -> Key<()> {
    PROFILES_OF_ROLE.key((account, role_id, folded(profile)))
}

/// The names, in small letters, of the instance profiles that a role is in.
pub(crate) fn profiles_of_role(account: &str, role_id: &str) -> Range<()> {
    PROFILES_OF_ROLE.prefix((account, role_id))
}

// Policies.

/// An inline policy of an identity, by the identity's id and its own name.
pub(crate) fn inline_policy(account: &str, id: &str, name: &str) -> Key<InlinePolicy> {
    INLINE_POLICIES.key((account, id, name))
}

/// The inline policies of an identity, by name.
pub(crate) fn inline_policies(account: &str, id: &str) -> Range<InlinePolicy> {
    INLINE_POLICIES.prefix((account, id))
}

/// A managed policy by its name.
pub(crate) fn policy(account: &str, name: &str) -> Key<ManagedPolicy> {
    POLICIES.key((account, folded(name)))
}

/// The managed policies of an account, by name.
pub(crate) fn policies(account: &str) -> Range<ManagedPolicy> {
    POLICIES.prefix(account)
}

/// A version of a managed policy, by the policy's id.
pub(crate) fn version(account: &str, policy_id: &str, number: u32) -> Key<PolicyVersion> {
    VERSIONS.key((account, policy_id, number))
}

/// The versions of a managed policy, oldest first.
pub(crate) fn versions(account: &str, policy_id: &str) -> Range<PolicyVersion> {
    VERSIONS.prefix((account, policy_id))
}

/// The versions of all managed policies of an account.
pub(crate) fn all_versions(account: &str) -> Range<PolicyVersion> {
    VERSIONS.prefix(account)
}

/// That an identity uses a managed policy: attached, or as its boundary.
pub(crate) fn policy_use(account: &str, arn: &str, is_boundary: bool, id: &str) -> Key<()> {
    USES.key((account, arn, is_boundary, id))
}

/// The uses of a managed policy: first those who have it attached, then those whose boundary it is.
pub(crate) fn policy_uses(account: &str, arn: &str) -> Range<()> {
    USES.prefix((account, arn))
}

/// The uses of all managed policies of an account.
pub(crate) fn all_policy_uses(account: &str) -> Range<()> {
    USES.prefix(account)
}

// Access keys and the account.

/// An access key of a user, by the user's id; the root user's id is the account.
pub(crate) fn access_key(account: &str, user_id: &str, key_id: &str) -> Key<AccessKey> {
    ACCESS_KEYS.key((account, user_id, key_id))
}

/// The access keys of a user.
pub(crate) fn access_keys(account: &str, user_id: &str) -> Range<AccessKey> {
    ACCESS_KEYS.prefix((account, user_id))
}

/// The alias of an account.
pub(crate) fn alias(account: &str) -> Key<AccountAlias> {
    ALIASES.key(account)
}

/// The account that has an alias.
pub(crate) fn alias_owner(alias: &str) -> Key<AccountAlias> {
    ALIAS_OWNERS.key(alias)
}
