//! An issued access key as it is stored: whose it is, and the facts of its session.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use virga_iam::{
    AccountId, Caller, ExpressSession, FederatingUser, IssuedKey, KeyStatus, Principal, Session,
};
use virga_store::stored;

/// An issued key as stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredKey {
    /// The secret.
    pub secret_access_key: String,
    /// Token that must come with it.
    pub session_token: Option<String>,
    /// When it expires, in Unix seconds.
    pub expires_at: Option<i64>,
    /// Whether it may be used.
    pub active: bool,
    /// Account.
    pub account: String,
    /// Whose it is.
    pub principal: StoredPrincipal,
    /// The facts of its session; none for long-term keys.
    pub session: Option<StoredSession>,
    /// What S3's `CreateSession` gave it for.
    pub express: Option<StoredExpress>,
}

/// Without the secrets.
impl fmt::Debug for StoredKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let StoredKey { account, principal, active, .. } = self;
        let mut shown = formatter.debug_struct("StoredKey");
        shown.field("account", account).field("principal", principal).field("active", active);
        shown.finish_non_exhaustive()
    }
}

/// Whose a key is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum StoredPrincipal {
    /// The root user of the account.
    Root,
    /// A user.
    User {
        /// Path.
        path: String,
        /// Name.
        name: String,
        /// Unique id, `AIDA…`.
        id: String,
    },
    /// A session of a role.
    AssumedRole {
        /// Path of the role.
        path: String,
        /// Name of the role.
        role: String,
        /// Unique id of the role, `AROA…`.
        role_id: String,
        /// Name of the session.
        session: String,
    },
    /// A session of `GetFederationToken`.
    FederatedUser {
        /// Name given to the session.
        name: String,
    },
}

/// The facts of a session. See [`Session`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members are those of Session, documented there")]
pub struct StoredSession {
    pub issued_at: i64,
    pub mfa_authenticated_at: Option<i64>,
    pub policy: Option<String>,
    pub policy_arns: Vec<String>,
    pub tags: Vec<(String, String)>,
    pub transitive_tag_keys: Vec<String>,
    pub source_identity: Option<String>,
    pub federated_provider: Option<String>,
    pub federation_keys: Vec<(String, Vec<String>)>,
    pub is_chained: bool,
    /// Path, name and id of the user who called `GetFederationToken`.
    pub federating_user: Option<(String, String, String)>,
}

/// What S3's `CreateSession` gave a key for. See [`ExpressSession`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the members are those of ExpressSession, documented there")]
pub struct StoredExpress {
    pub bucket: String,
    pub bucket_id: Option<u64>,
    pub read_only: bool,
    pub encryption: Option<(String, Option<String>)>,
}

/// The second layout: sessions, but none of directory buckets.
#[derive(Serialize, Deserialize)]
struct StoredKeyV2 {
    secret_access_key: String,
    session_token: Option<String>,
    expires_at: Option<i64>,
    active: bool,
    account: String,
    principal: StoredPrincipal,
    session: Option<StoredSession>,
}

impl From<StoredKeyV2> for StoredKey {
    fn from(old: StoredKeyV2) -> Self {
        StoredKey {
            secret_access_key: old.secret_access_key,
            session_token: old.session_token,
            expires_at: old.expires_at,
            active: old.active,
            account: old.account,
            principal: old.principal,
            session: old.session,
            express: None,
        }
    }
}

/// The first layout: keys of root users only.
#[derive(Serialize, Deserialize)]
struct StoredKeyV1 {
    secret_access_key: String,
    session_token: Option<String>,
    expires_at: Option<i64>,
    active: bool,
    account: String,
    principal: StoredPrincipal,
}

impl From<StoredKeyV1> for StoredKey {
    fn from(old: StoredKeyV1) -> Self {
        StoredKey {
            secret_access_key: old.secret_access_key,
            session_token: old.session_token,
            expires_at: old.expires_at,
            active: old.active,
            account: old.account,
            principal: old.principal,
            session: None,
            express: None,
        }
    }
}
stored!(StoredKey, 3, 1 => StoredKeyV1, 2 => StoredKeyV2);

impl StoredKey {
    /// How long the key of a session is remembered after it has expired, to be called expired instead of unknown.
    pub const REMEMBERED: Duration = Duration::from_secs(7 * 24 * 3600);

    /// A long-term key of an account's root user.
    pub fn of_root(account: AccountId, secret_access_key: String) -> Self {
        StoredKey {
            secret_access_key,
            session_token: None,
            expires_at: None,
            active: true,
            account: account.to_string(),
            principal: StoredPrincipal::Root,
            session: None,
            express: None,
        }
    }

    /// Who calls with this key.
    pub fn caller(&self, access_key_id: &str) -> Caller {
        Caller {
            access_key_id: Some(access_key_id.to_owned()),
            account: self.account.parse().unwrap_or(AccountId::DEFAULT),
            principal: self.principal.clone().into(),
            session: self.session.clone().map(|session| {
                let express = self.express.clone().map(ExpressSession::from);
                Session { express, ..Session::from(session) }.into()
            }),
        }
    }

    /// The key as authentication wants it.
    pub(crate) fn issued(self, access_key_id: &str) -> IssuedKey {
        IssuedKey {
            caller: self.caller(access_key_id).into(),
            secret_access_key: self.secret_access_key,
            session_token: self.session_token,
            expires_at: self.expires_at,
            status: if self.active { KeyStatus::Active } else { KeyStatus::Inactive },
        }
    }
}

impl From<StoredPrincipal> for Principal {
    fn from(stored: StoredPrincipal) -> Self {
        match stored {
            StoredPrincipal::Root => Principal::Root,
            StoredPrincipal::User { path, name, id } => Principal::User { path, name, id },
            StoredPrincipal::AssumedRole { path, role, role_id, session } => {
                Principal::AssumedRole { path, role, role_id, session }
            }
            StoredPrincipal::FederatedUser { name } => Principal::FederatedUser { name },
        }
    }
}

impl From<StoredSession> for Session {
    fn from(stored: StoredSession) -> Self {
        Session {
            issued_at: stored.issued_at,
            mfa_authenticated_at: stored.mfa_authenticated_at,
            policy: stored.policy,
            policy_arns: stored.policy_arns,
            tags: stored.tags,
            transitive_tag_keys: stored.transitive_tag_keys,
            source_identity: stored.source_identity,
            federated_provider: stored.federated_provider,
            federation_keys: stored.federation_keys,
            is_chained: stored.is_chained,
            federating_user: stored.federating_user.map(|(path, name, id)| FederatingUser { path, name, id }),
            express: None,
        }
    }
}

impl From<StoredExpress> for ExpressSession {
    fn from(stored: StoredExpress) -> Self {
        let StoredExpress { bucket, bucket_id, read_only, encryption } = stored;
        ExpressSession { bucket, bucket_id, read_only, encryption }
    }
}

#[cfg(test)]
mod tests {
    use virga_store::{Reader as _, Space, Store};

    use super::*;

    stored!(StoredKeyV1, 1);
    stored!(StoredKeyV2, 2);

    #[test]
    fn a_key_of_the_first_layout_is_read() {
        static OLD: Space<StoredKeyV1> = Space::new("kit.access-key");
        static NEW: Space<StoredKey> = Space::new("kit.access-key");
        let old = StoredKeyV1 {
            secret_access_key: "secret".into(),
            session_token: None,
            expires_at: Some(7),
            active: true,
            account: "111122223333".into(),
            principal: StoredPrincipal::Root,
        };
        let store = Store::memory();
        store.write(|txn| txn.put(&OLD.key("AKIA1"), &old)).unwrap();
        let key = store.read().unwrap().get(&NEW.key("AKIA1")).unwrap().unwrap();
        assert_eq!((key.expires_at, &key.session), (Some(7), &None));
        let fresh = StoredKey::of_root("111122223333".parse().unwrap(), "secret".into());
        assert_eq!(StoredKey { expires_at: None, ..key }, fresh);
    }

    #[test]
    fn a_key_of_the_second_layout_is_read() {
        static OLD: Space<StoredKeyV2> = Space::new("kit.access-key");
        static NEW: Space<StoredKey> = Space::new("kit.access-key");
        let session = StoredSession { issued_at: 5, ..StoredSession::default() };
        let old = StoredKeyV2 {
            secret_access_key: "secret".into(),
            session_token: Some("token".into()),
            expires_at: Some(7),
            active: true,
            account: "111122223333".into(),
            principal: StoredPrincipal::Root,
            session: Some(session.clone()),
        };
        let store = Store::memory();
        store.write(|txn| txn.put(&OLD.key("ASIA1"), &old)).unwrap();
        let key = store.read().unwrap().get(&NEW.key("ASIA1")).unwrap().unwrap();
        assert_eq!((key.expires_at, key.session, key.express), (Some(7), Some(session), None));
    }
}
