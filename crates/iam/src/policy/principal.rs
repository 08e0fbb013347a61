//! Principals: whom a resource's policy is about.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use crate::{AccountId, Caller, Principal, canonical_user};

use super::error::PolicyError;

/// The `Principal` or `NotPrincipal` of a statement.
#[derive(Debug, Clone)]
pub(super) struct PrincipalElement {
    /// Whether this is `NotPrincipal`.
    pub(super) is_negated: bool,
    pub(super) principals: Box<[PolicyPrincipal]>,
}

/// A principal as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyPrincipal {
    principal_type: PrincipalType,
    written: Box<str>,
    named: Named,
}

/// The member of `Principal` that a principal is named in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PrincipalType {
    /// Accounts, users, roles, sessions, and `*`.
    Aws,
    /// Services.
    Service,
    /// Identity providers.
    Federated,
    /// Accounts by the id that S3 knows them by.
    CanonicalUser,
}

/// Whom a principal means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Named {
    Everyone,
    Account(AccountId),
    User {
        account: AccountId,
        path_and_name: Box<str>,
    },
    Role {
        account: AccountId,
        path_and_name: Box<str>,
    },
    RoleSession {
        account: AccountId,
        role: Box<str>,
        session: Box<str>,
    },
    FederatedUser {
        account: AccountId,
        name: Box<str>,
    },
    UniqueId,
    Service,
    Federated,
    /// The account with this id; none when nobody has it.
    CanonicalUser(Option<AccountId>),
}

/// How directly a statement speaks of a caller. An implicit deny of other policies limits what is not direct.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grant {
    /// By its account, which leaves it to the policies of the caller.
    Account,
    /// By the role of the session, or the user behind the federated user.
    Role,
    /// By its own name, or as everyone.
    Direct,
}

impl PrincipalType {
    /// The type of a member of `Principal`.
    pub(super) fn of_member(name: &str) -> Option<Self> {
        match name {
            "AWS" => Some(Self::Aws),
            "Service" => Some(Self::Service),
            "Federated" => Some(Self::Federated),
            "CanonicalUser" => Some(Self::CanonicalUser),
            _ => None,
        }
    }

    /// The type as it is written in policies.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Service => "Service",
            Self::Federated => "Federated",
            Self::CanonicalUser => "CanonicalUser",
        }
    }

    fn in_messages(self) -> &'static str {
        match self {
            Self::Aws => "AWS",
            Self::Service => "SERVICE",
            Self::Federated => "FEDERATED",
            Self::CanonicalUser => "CANONICALUSER",
        }
    }
}

impl PolicyPrincipal {
    /// Reads a principal.
    ///
    /// # Errors
    /// When principals of this type do not look like that.
    pub(super) fn new(principal_type: PrincipalType, written: &str) -> Result<Self, PolicyError> {
        let named = match principal_type {
            PrincipalType::Aws => named_in_aws(written),
            PrincipalType::Service => written.contains('.').then_some(Named::Service),
            PrincipalType::Federated => (!written.is_empty()).then_some(Named::Federated),
            PrincipalType::CanonicalUser => {
                (!written.is_empty()).then(|| Named::CanonicalUser(canonical_user::account_of(written)))
            }
        };
        let invalid = || PolicyError::InvalidPrincipal {
            principal_type: principal_type.in_messages(),
            principal: written.to_owned(),
        };
        Ok(Self { principal_type, written: written.into(), named: named.ok_or_else(invalid)? })
    }

    /// The member of `Principal` that names it.
    pub fn principal_type(&self) -> PrincipalType {
        self.principal_type
    }

    /// The principal as it is written: `*`, an account id, an ARN, a unique id, a service.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The error of a principal that does not exist, for whoever knows which do.
    pub fn does_not_exist(&self) -> PolicyError {
        PolicyError::InvalidPrincipal {
            principal_type: self.principal_type.in_messages(),
            principal: self.written.to_string(),
        }
    }

    /// How the principal means a caller, if it does.
    fn grant(&self, caller: &Caller) -> Option<Grant> {
        match &self.named {
            Named::Everyone => Some(Grant::Direct),
            Named::Account(account) | Named::CanonicalUser(Some(account)) => account_grant(*account, caller),
            Named::User { account, path_and_name } if *account == caller.account => {
                user_grant(caller, |path, name, _| is_joined(path_and_name, path, name))
            }
            Named::Role { account, path_and_name } if *account == caller.account => match &caller.principal {
                Principal::AssumedRole { path, role, .. } => {
                    is_joined(path_and_name, path, role).then_some(Grant::Role)
                }
                _ => None,
            },
            Named::RoleSession { account, role, session } if *account == caller.account => {
                let of_session = |own_role: &str, own: &str| **role == *own_role && **session == *own;
                match &caller.principal {
                    Principal::AssumedRole { role, session, .. } => {
                        of_session(role, session).then_some(Grant::Direct)
                    }
                    _ => None,
                }
            }
            Named::FederatedUser { account, name } if *account == caller.account => match &caller.principal {
                Principal::FederatedUser { name: own } => (**name == **own).then_some(Grant::Direct),
                _ => None,
            },
            Named::UniqueId => match &caller.principal {
                Principal::AssumedRole { role_id, .. } => (*self.written == **role_id).then_some(Grant::Role),
                _ => user_grant(caller, |_, _, id| *self.written == *id),
            },
            Named::Service => match &caller.principal {
                Principal::Service { name, .. } => (*self.written == **name).then_some(Grant::Direct),
                _ => None,
            },
            Named::Federated => {
                let provider = match &caller.principal {
                    Principal::Federated { provider } => provider,
                    _ => caller.session.as_ref()?.federated_provider.as_ref()?,
                };
                (*self.written == **provider).then_some(Grant::Direct)
            }
            _ => None,
        }
    }
}

impl PrincipalElement {
    /// How the element means a caller, if it does. `limited` says whether the caller has a permissions boundary.
    pub(super) fn grant(&self, caller: &Caller, limited: bool) -> Option<Grant> {
        if self.is_negated {
            return (!self.spares(caller, limited)).then_some(Grant::Direct);
        }
        self.principals.iter().filter_map(|principal| principal.grant(caller)).max()
    }

    /// Whether `NotPrincipal`, which only denies, spares a caller: it must name the account of the caller, its role and
    /// the caller itself. Who has a permissions boundary is never spared.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html>
    fn spares(&self, caller: &Caller, limited: bool) -> bool {
        if self.principals.iter().any(|principal| principal.named == Named::Everyone) {
            return true;
        }
        let names = |grant| self.principals.iter().any(|principal| principal.grant(caller) == Some(grant));
        match &caller.principal {
            Principal::User { .. } | Principal::FederatedUser { .. } => {
                !limited && names(Grant::Direct) && names(Grant::Account)
            }
            Principal::AssumedRole { .. } => {
                !limited && names(Grant::Direct) && names(Grant::Role) && names(Grant::Account)
            }
            Principal::Root
            | Principal::Service { .. }
            | Principal::Federated { .. }
            | Principal::Anonymous => names(Grant::Direct),
        }
    }
}

fn account_grant(account: AccountId, caller: &Caller) -> Option<Grant> {
    if account != caller.account {
        return None;
    }
    match &caller.principal {
        Principal::Root => Some(Grant::Direct),
        Principal::User { .. } | Principal::AssumedRole { .. } | Principal::FederatedUser { .. } => {
            Some(Grant::Account)
        }
        Principal::Service { .. } | Principal::Federated { .. } | Principal::Anonymous => None,
    }
}

/// Whether a user with this path, name and id is the caller, or is behind it.
fn user_grant(caller: &Caller, is_user: impl Fn(&str, &str, &str) -> bool) -> Option<Grant> {
    match &caller.principal {
        Principal::User { path, name, id } => is_user(path, name, id).then_some(Grant::Direct),
        Principal::FederatedUser { .. } => {
            let user = caller.session.as_ref()?.federating_user.as_ref()?;
            is_user(&user.path, &user.name, &user.id).then_some(Grant::Role)
        }
        _ => None,
    }
}

/// Whether `/division/name` is the path and the name.
fn is_joined(path_and_name: &str, path: &str, name: &str) -> bool {
    path_and_name.strip_prefix(path).is_some_and(|rest| rest == name)
}

/// Reads a principal of the `AWS` type.
fn named_in_aws(written: &str) -> Option<Named> {
    if written == "*" {
        return Some(Named::Everyone);
    }
    if let Ok(account) = written.parse() {
        return Some(Named::Account(account));
    }
    let Some(arn) = written.strip_prefix("arn:") else {
        return is_unique_id(written).then_some(Named::UniqueId);
    };
    let parts: Vec<&str> = arn.splitn(5, ':').collect();
    let &[partition, service, "", account, resource] = parts.as_slice() else { return None };
    let account = account.parse().ok()?;
    if !partition.starts_with("aws") || resource.contains(['*', '?']) {
        return None;
    }
    let is_name = |name: &str| name.len() > 1 && name.starts_with('/');
    match service {
        "iam" if resource == "root" => Some(Named::Account(account)),
        "iam" => match (resource.strip_prefix("user"), resource.strip_prefix("role")) {
            (Some(name), _) if is_name(name) => Some(Named::User { account, path_and_name: name.into() }),
            (_, Some(name)) if is_name(name) => Some(Named::Role { account, path_and_name: name.into() }),
            _ => None,
        },
        "sts" => match resource.split_once('/')? {
            ("assumed-role", rest) => {
                let (role, session) = rest.split_once('/')?;
                let is_whole = !role.is_empty() && !session.is_empty() && !session.contains('/');
                is_whole.then(|| Named::RoleSession { account, role: role.into(), session: session.into() })
            }
            ("federated-user", name) => Some(Named::FederatedUser { account, name: name.into() }),
            _ => None,
        },
        _ => None,
    }
}

/// Whether a text looks like the unique id of a user or role, which stands for one that has been deleted.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>
fn is_unique_id(text: &str) -> bool {
    (16..=128).contains(&text.len())
        && ["AIDA", "AROA", "AGPA"].iter().any(|prefix| text.starts_with(prefix))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
