//! Who is calling: the principal behind an access key.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::Session;

/// A twelve-digit account id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId([u8; 12]);

impl AccountId {
    /// The account of unknown keys that name none: `000000000000`.
    pub const DEFAULT: Self = Self(*b"000000000000");

    /// The account that an access key this cloud did not issue stands for: a key of twelve digits names it,
    /// anything else is [`AccountId::DEFAULT`].
    pub fn of_unknown_key(access_key_id: &str) -> Self {
        access_key_id.parse().unwrap_or(Self::DEFAULT)
    }

    /// The twelve digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("only ASCII digits are stored")
    }
}

impl FromStr for AccountId {
    type Err = NotAnAccountId;

    fn from_str(text: &str) -> Result<Self, NotAnAccountId> {
        let digits: [u8; 12] = text.as_bytes().try_into().map_err(|_| NotAnAccountId)?;
        if digits.iter().all(u8::is_ascii_digit) { Ok(Self(digits)) } else { Err(NotAnAccountId) }
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A text that is not twelve digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnAccountId;

impl fmt::Display for NotAnAccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an account id has twelve digits")
    }
}

impl std::error::Error for NotAnAccountId {}

/// Who is calling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The access key of the request; none for anonymous and service callers.
    pub access_key_id: Option<String>,
    /// The account the call is made in.
    pub account: AccountId,
    /// The principal.
    pub principal: Principal,
    /// What is particular to a session of temporary credentials.
    pub session: Option<Arc<Session>>,
}

/// The kinds of principal.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Principal {
    /// The root user of the caller's account.
    Root,
    /// An IAM user.
    User {
        /// The path, `/` or `/division/`.
        path: String,
        /// The user name.
        name: String,
        /// The unique id, `AIDA…`.
        id: String,
    },
    /// A session of a role.
    AssumedRole {
        /// The path of the role, which only `iam` ARNs of the role show.
        path: String,
        /// The role name.
        role: String,
        /// The unique id of the role, `AROA…`.
        role_id: String,
        /// The session name.
        session: String,
    },
    /// A session of `GetFederationToken`.
    FederatedUser {
        /// The name given to the session.
        name: String,
    },
    /// Somebody whom an identity provider vouches for, about to assume a role.
    Federated {
        /// The ARN of the provider in the caller's account, or a well-known host name: `www.amazon.com`.
        provider: String,
    },
    /// An AWS service acting on its own.
    Service {
        /// The service principal, `sns.amazonaws.com`.
        name: String,
        /// The resource it acts for: `aws:SourceArn`. The caller's account is `aws:SourceAccount`.
        source_arn: Option<String>,
    },
    /// Nobody.
    Anonymous,
}

impl Caller {
    /// The root user of an account.
    pub fn root(account: AccountId, access_key_id: Option<String>) -> Self {
        Self { access_key_id, account, principal: Principal::Root, session: None }
    }

    /// A service acting on its own in an account, for a resource if it names one.
    pub fn service(name: impl Into<String>, account: AccountId, source_arn: Option<String>) -> Self {
        let principal = Principal::Service { name: name.into(), source_arn };
        Self { access_key_id: None, account, principal, session: None }
    }

    /// The rule for keys that this cloud did not issue: the root user of the account that the key names.
    pub fn of_unknown_key(access_key_id: &str) -> Self {
        Self::root(AccountId::of_unknown_key(access_key_id), Some(access_key_id.to_owned()))
    }

    /// Nobody, in the default account.
    pub fn anonymous() -> Self {
        Self {
            access_key_id: None,
            account: AccountId::DEFAULT,
            principal: Principal::Anonymous,
            session: None,
        }
    }

    /// The ARN as `GetCallerIdentity` shows it; somebody outside, services and nobody have none.
    pub fn arn(&self) -> Option<String> {
        let account = self.account;
        match &self.principal {
            Principal::Root => Some(format!("arn:aws:iam::{account}:root")),
            Principal::User { path, name, .. } => Some(format!("arn:aws:iam::{account}:user{path}{name}")),
            Principal::AssumedRole { role, session, .. } => {
                Some(format!("arn:aws:sts::{account}:assumed-role/{role}/{session}"))
            }
            Principal::FederatedUser { name } => {
                Some(format!("arn:aws:sts::{account}:federated-user/{name}"))
            }
            Principal::Federated { .. } | Principal::Service { .. } | Principal::Anonymous => None,
        }
    }

    /// The ARN of the user or role behind the caller, as policies are attached to it; of a federated user, that of the
    /// session. None for services and nobody.
    pub fn identity_arn(&self) -> Option<String> {
        match &self.principal {
            Principal::AssumedRole { path, role, .. } => {
                Some(format!("arn:aws:iam::{}:role{path}{role}", self.account))
            }
            _ => self.arn(),
        }
    }

    /// The unique id: the value of `aws:userid`.
    /// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
    pub fn user_id(&self) -> String {
        match &self.principal {
            Principal::Root => self.account.to_string(),
            Principal::User { id, .. } => id.clone(),
            Principal::AssumedRole { role_id, session, .. } => format!("{role_id}:{session}"),
            Principal::FederatedUser { name } => format!("{}:{name}", self.account),
            Principal::Federated { provider } => provider.clone(),
            Principal::Service { name, .. } => name.clone(),
            Principal::Anonymous => "anonymous".to_owned(),
        }
    }
}

/// A key that this cloud issued.
#[derive(Clone)]
pub struct IssuedKey {
    /// The secret.
    pub secret_access_key: String,
    /// The session token that temporary credentials must come with.
    pub session_token: Option<String>,
    /// When temporary credentials expire, in Unix seconds.
    pub expires_at: Option<i64>,
    /// Inactive keys are refused like unknown ones, in every mode.
    pub status: KeyStatus,
    /// Who it is.
    pub caller: Arc<Caller>,
}

/// Without the secrets.
impl fmt::Debug for IssuedKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("IssuedKey");
        shown.field("caller", &self.caller).field("status", &self.status).finish_non_exhaustive()
    }
}

/// Whether a key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyStatus {
    /// It may.
    Active,
    /// Its owner switched it off.
    Inactive,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_digits_name_the_account() {
        for (key, account) in [
            ("123456789012", "123456789012"),
            ("test", "000000000000"),
            ("12345678901", "000000000000"),
            ("12345678901x", "000000000000"),
            ("AKIAIOSFODNN7EXAMPLE", "000000000000"),
        ] {
            let caller = Caller::of_unknown_key(key);
            assert_eq!(caller.account.as_str(), account, "{key}");
            assert_eq!(caller.arn(), Some(format!("arn:aws:iam::{account}:root")));
            assert_eq!(caller.user_id(), account);
        }
    }

    #[test]
    fn arns_of_principals() {
        let caller =
            |principal| Caller { access_key_id: None, account: AccountId::DEFAULT, principal, session: None };
        let user = caller(Principal::User { path: "/dev/".into(), name: "ann".into(), id: "AIDA1".into() });
        assert_eq!(user.arn().as_deref(), Some("arn:aws:iam::000000000000:user/dev/ann"));
        let role = caller(Principal::AssumedRole {
            path: "/".into(),
            role: "R".into(),
            role_id: "AROA1".into(),
            session: "s".into(),
        });
        assert_eq!(role.arn().as_deref(), Some("arn:aws:sts::000000000000:assumed-role/R/s"));
        assert_eq!(role.user_id(), "AROA1:s");
        assert_eq!(Caller::anonymous().arn(), None);
    }
}
