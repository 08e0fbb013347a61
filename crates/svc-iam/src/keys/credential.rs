//! Keys of credentials. The owner is the unique id of a user, or the account for its root user.

use virga_store::{Key, Range, Space};

use super::folded;
use crate::records::credential::{
    LoginProfile, PasswordPolicy, ServerCertificate, ServiceCredential, SigningCertificate, SshPublicKey,
    VirtualMfaDevice,
};

static LOGIN_PROFILES: Space<LoginProfile> = Space::new("iam.login-profile");
static PASSWORD_POLICIES: Space<PasswordPolicy> = Space::new("iam.password-policy");
static MFA_DEVICES: Space<VirtualMfaDevice> = Space::new("iam.virtual-mfa-device");
static SSH_PUBLIC_KEYS: Space<SshPublicKey> = Space::new("iam.ssh-public-key");
static SIGNING_CERTIFICATES: Space<SigningCertificate> = Space::new("iam.signing-certificate");
static SERVER_CERTIFICATES: Space<ServerCertificate> = Space::new("iam.server-certificate");
static SERVICE_CREDENTIALS: Space<ServiceCredential> = Space::new("iam.service-credential");

/// The password of a user.
pub(crate) fn login_profile(account: &str, owner: &str) -> Key<LoginProfile> {
    LOGIN_PROFILES.key((account, owner))
}

/// The password policy of an account.
pub(crate) fn password_policy(account: &str) -> Key<PasswordPolicy> {
    PASSWORD_POLICIES.key(account)
}

/// A virtual MFA device by its serial number.
pub(crate) fn mfa_device(account: &str, serial_number: &str) -> Key<VirtualMfaDevice> {
    MFA_DEVICES.key((account, serial_number))
}

/// The virtual MFA devices of an account.
pub(crate) fn mfa_devices(account: &str) -> Range<VirtualMfaDevice> {
    MFA_DEVICES.prefix(account)
}

/// An SSH public key.
pub(crate) fn ssh_public_key(account: &str, owner: &str, id: &str) -> Key<SshPublicKey> {
    SSH_PUBLIC_KEYS.key((account, owner, id))
}

/// The SSH public keys of a user.
pub(crate) fn ssh_public_keys(account: &str, owner: &str) -> Range<SshPublicKey> {
    SSH_PUBLIC_KEYS.prefix((account, owner))
}

/// A signing certificate.
pub(crate) fn signing_certificate(account: &str, owner: &str, id: &str) -> Key<SigningCertificate> {
    SIGNING_CERTIFICATES.key((account, owner, id))
}

/// The signing certificates of a user.
pub(crate) fn signing_certificates(account: &str, owner: &str) -> Range<SigningCertificate> {
    SIGNING_CERTIFICATES.prefix((account, owner))
}

/// A server certificate by its name.
pub(crate) fn server_certificate(account: &str, name: &str) -> Key<ServerCertificate> {
    SERVER_CERTIFICATES.key((account, folded(name)))
}

/// The server certificates of an account.
pub(crate) fn server_certificates(account: &str) -> Range<ServerCertificate> {
    SERVER_CERTIFICATES.prefix(account)
}

/// A service-specific credential.
pub(crate) fn service_credential(account: &str, owner: &str, id: &str) -> Key<ServiceCredential> {
    SERVICE_CREDENTIALS.key((account, owner, id))
}

/// The service-specific credentials of a user.
pub(crate) fn service_credentials(account: &str, owner: &str) -> Range<ServiceCredential> {
    SERVICE_CREDENTIALS.prefix((account, owner))
}
