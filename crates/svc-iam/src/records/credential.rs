//! What belongs to a user, or to the root user, beside access keys. Times are seconds since the epoch.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use super::Tag;

/// The password of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LoginProfile {
    /// When it was created.
    pub(crate) created: i64,
    /// When the password was last changed.
    pub(crate) changed: i64,
    /// Whether the user has to choose another one at the next sign-in.
    pub(crate) reset_required: bool,
    /// Salt of this password and those before it: one derivation tells whether a password was used before.
    pub(crate) salt: Vec<u8>,
    /// What is derived from the password.
    pub(crate) hash: Vec<u8>,
    /// What was derived from earlier passwords, the latest first.
    pub(crate) earlier: Vec<Vec<u8>>,
}
stored!(LoginProfile, 1);

/// What passwords of the account's users must be like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PasswordPolicy {
    /// `MinimumPasswordLength`.
    pub(crate) minimum_length: u32,
    /// `RequireSymbols`.
    pub(crate) require_symbols: bool,
    /// `RequireNumbers`.
    pub(crate) require_numbers: bool,
    /// `RequireUppercaseCharacters`.
    pub(crate) require_uppercase: bool,
    /// `RequireLowercaseCharacters`.
    pub(crate) require_lowercase: bool,
    /// `AllowUsersToChangePassword`.
    pub(crate) users_may_change: bool,
    /// `MaxPasswordAge`.
    pub(crate) maximum_age_days: Option<u32>,
    /// `PasswordReusePrevention`.
    pub(crate) reuse_prevention: Option<u32>,
    /// `HardExpiry`.
    pub(crate) hard_expiry: Option<bool>,
}
stored!(PasswordPolicy, 1);

/// A virtual MFA device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct VirtualMfaDevice {
    /// Its ARN.
    pub(crate) serial_number: String,
    /// The secret.
    pub(crate) seed: Vec<u8>,
    /// Whose it is, once it is enabled.
    pub(crate) enabled: Option<EnabledMfa>,
    /// In the order they were set.
    pub(crate) tags: Vec<Tag>,
}
stored!(VirtualMfaDevice, 1);

/// Whose an MFA device is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EnabledMfa {
    /// Unique id of the user; the account for the root user.
    pub(crate) owner: String,
    /// When it was enabled.
    pub(crate) at: i64,
}

/// Whether a credential may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Status {
    Active,
    Inactive,
}

impl Status {
    /// As the API says it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Status::Active => "Active",
            Status::Inactive => "Inactive",
        }
    }
}

/// An SSH public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SshPublicKey {
    /// `APKA…`.
    pub(crate) id: String,
    /// As it was given.
    pub(crate) body: String,
    /// The key itself, as SSH carries it.
    pub(crate) blob: Vec<u8>,
    /// Whether it may be used.
    pub(crate) status: Status,
    /// When it was uploaded.
    pub(crate) uploaded: i64,
}
stored!(SshPublicKey, 1);

/// A certificate that a user signs requests with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SigningCertificate {
    /// 32 letters and digits.
    pub(crate) id: String,
    /// As it was given.
    pub(crate) body: String,
    /// Tells it from others: the hash of the certificate itself.
    pub(crate) fingerprint: Vec<u8>,
    /// Whether it may be used.
    pub(crate) status: Status,
    /// When it was uploaded.
    pub(crate) uploaded: i64,
}
stored!(SigningCertificate, 1);

/// A server certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerCertificate {
    /// `/`, or `/cloudfront/`.
    pub(crate) path: String,
    /// As it was given.
    pub(crate) name: String,
    /// `ASCA…`.
    pub(crate) id: String,
    /// When it was uploaded.
    pub(crate) uploaded: i64,
    /// When it expires.
    pub(crate) expires: i64,
    /// The certificate, without white space around it.
    pub(crate) body: String,
    /// The certificates between it and a root, likewise.
    pub(crate) chain: Option<String>,
    /// The private key, as it was given. No operation shows it; load balancers will need it.
    pub(crate) private_key: String,
    /// In the order they were set.
    pub(crate) tags: Vec<Tag>,
}
stored!(ServerCertificate, 1);

/// A user name and password for a service that does not know signatures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServiceCredential {
    /// `ACCA…`.
    pub(crate) id: String,
    /// `codecommit.amazonaws.com`.
    pub(crate) service: String,
    /// The user name, or the public part of an API key.
    pub(crate) service_user_name: String,
    /// Salt of the secret.
    pub(crate) salt: Vec<u8>,
    /// What is derived from the secret, which only its owner keeps.
    pub(crate) hash: Vec<u8>,
    /// Whether it may be used.
    pub(crate) status: Status,
    /// When it was created.
    pub(crate) created: i64,
    /// When it expires.
    pub(crate) expires: Option<i64>,
}
stored!(ServiceCredential, 1);
