//! The default quotas of IAM.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use crate::error::Error;

/// A quota and the name that AWS gives it in errors.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quota {
    /// Its name.
    pub(crate) name: &'static str,
    /// How many there can be.
    pub(crate) limit: usize,
}

pub(crate) const USERS: Quota = Quota { name: "UsersPerAccount", limit: 5000 };
pub(crate) const GROUPS: Quota = Quota { name: "GroupsPerAccount", limit: 300 };
pub(crate) const ROLES: Quota = Quota { name: "RolesPerAccount", limit: 1000 };
pub(crate) const INSTANCE_PROFILES: Quota = Quota { name: "InstanceProfilesPerAccount", limit: 1000 };
pub(crate) const POLICIES: Quota = Quota { name: "PoliciesPerAccount", limit: 1500 };
pub(crate) const GROUPS_OF_USER: Quota = Quota { name: "GroupsPerUser", limit: 10 };
pub(crate) const ACCESS_KEYS_OF_USER: Quota = Quota { name: "AccessKeysPerUser", limit: 2 };
pub(crate) const ROLES_OF_INSTANCE_PROFILE: Quota =
    Quota { name: "InstanceSessionsPerInstanceProfile", limit: 1 };
pub(crate) const ATTACHED_TO_USER: Quota = Quota { name: "PoliciesPerUser", limit: 10 };
pub(crate) const ATTACHED_TO_GROUP: Quota = Quota { name: "PoliciesPerGroup", limit: 10 };
pub(crate) const ATTACHED_TO_ROLE: Quota = Quota { name: "PoliciesPerRole", limit: 10 };
/// Letters of a managed policy.
pub(crate) const POLICY_SIZE: Quota = Quota { name: "PolicySize", limit: 6144 };
/// Letters of a trust policy.
pub(crate) const TRUST_POLICY_SIZE: Quota = Quota { name: "ACLSizePerRole", limit: 2048 };
/// Versions of a managed policy; the error has words of its own.
pub(crate) const VERSIONS_OF_POLICY: usize = 5;
/// Letters of all inline policies together; the error has words of its own.
pub(crate) const INLINE_POLICIES_OF_USER: usize = 2048;
/// See [`INLINE_POLICIES_OF_USER`].
pub(crate) const INLINE_POLICIES_OF_GROUP: usize = 5120;
/// See [`INLINE_POLICIES_OF_USER`].
pub(crate) const INLINE_POLICIES_OF_ROLE: usize = 10240;
pub(crate) const MFA_DEVICES: Quota = Quota { name: "MFADevicesPerUser", limit: 8 };
pub(crate) const VIRTUAL_MFA_DEVICES: Quota = Quota { name: "VirtualMFADevicesPerAccount", limit: 5000 };
pub(crate) const SSH_PUBLIC_KEYS: Quota = Quota { name: "SSHPublicKeysPerUser", limit: 5 };
pub(crate) const SIGNING_CERTIFICATES: Quota = Quota { name: "CertificatesPerUser", limit: 2 };
pub(crate) const SERVER_CERTIFICATES: Quota = Quota { name: "ServerCertificatesPerAccount", limit: 20 };
pub(crate) const OIDC_PROVIDERS: Quota = Quota { name: "OpenIdConnectProvidersPerAccount", limit: 100 };
pub(crate) const OIDC_CLIENT_IDS: Quota = Quota { name: "ClientIdsPerOpenIdConnectProvider", limit: 100 };
pub(crate) const SAML_PROVIDERS: Quota = Quota { name: "SAMLProvidersPerAccount", limit: 100 };
pub(crate) const SAML_PRIVATE_KEYS: Quota = Quota { name: "PrivateKeysPerSAMLProvider", limit: 2 };
pub(crate) const SERVICE_CREDENTIALS: Quota = Quota { name: "ServiceSpecificCredentialsPerUser", limit: 2 };

impl Quota {
    /// Refuses one more when there are this many already.
    pub(crate) fn admit(self, present: usize) -> Result<(), Error> {
        self.allow(present + 1)
    }

    /// Refuses more than the quota.
    pub(crate) fn allow(self, wanted: usize) -> Result<(), Error> {
        if wanted <= self.limit {
            return Ok(());
        }
        Err(Error::QuotaExceeded { quota: self.name.to_owned(), limit: self.limit })
    }
}
