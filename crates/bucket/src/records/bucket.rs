//! A bucket and what is configured on it that most requests need to know.

use serde::{Deserialize, Serialize};
use virga_object::Error;
use virga_store::stored;

use super::{Acl, ObjectOwnership, VersionId, Versioning};
use crate::configured::Configured;

/// A bucket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// Tells this bucket from others of its name, before and after it: prefix of everything in it.
    pub id: u64,
    /// Its owner.
    pub account: String,
    /// Its region.
    pub region: String,
    /// When it was created.
    pub created: i64,
    /// Whether it keeps old versions.
    pub versioning: Versioning,
    /// Whether deleting versions takes an MFA code.
    pub mfa_delete: MfaDelete,
    /// Whether versions can be locked.
    pub object_lock: bool,
    /// Whether whoever asks pays.
    pub requester_pays: bool,
    /// Transfer acceleration: whether it is enabled; none when it never was.
    pub accelerate: Option<bool>,
    /// Ownership of objects; none when the controls were deleted, which AWS treats as `ObjectWriter`.
    pub ownership: Option<ObjectOwnership>,
    /// What of public access is blocked; none when the configuration was deleted.
    pub public_access_block: Option<PublicAccessBlock>,
    /// Its access control list; none is the private one of its owner.
    pub acl: Option<Acl>,
    /// Which other configurations it has.
    pub configured: Configured,
}
stored!(Bucket, 1);

/// Whether deleting versions takes an MFA code. Stored as the number of the variant: the first two are those of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MfaDelete {
    /// It was never said.
    Never,
    /// It does.
    Enabled,
    /// It does not.
    Disabled,
}

impl Bucket {
    /// The id of a version as answers carry it: none where versioning was never enabled.
    pub fn shown(&self, version: VersionId) -> Option<String> {
        (self.versioning != Versioning::Never).then(|| version.text())
    }
}

/// The key of KMS that a directory bucket has for its lifetime, as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerManagedKey(pub String);
stored!(CustomerManagedKey, 1);

/// What of public access is blocked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicAccessBlock {
    /// `BlockPublicAcls`.
    pub block_public_acls: bool,
    /// `IgnorePublicAcls`.
    pub ignore_public_acls: bool,
    /// `BlockPublicPolicy`.
    pub block_public_policy: bool,
    /// `RestrictPublicBuckets`.
    pub restrict_public_buckets: bool,
}
stored!(PublicAccessBlock, 1);

impl PublicAccessBlock {
    /// What a new bucket has.
    pub const ALL: Self = PublicAccessBlock {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

impl PublicAccessBlock {
    /// Nothing is blocked.
    pub const NONE: Self = PublicAccessBlock {
        block_public_acls: false,
        ignore_public_acls: false,
        block_public_policy: false,
        restrict_public_buckets: false,
    };

    /// What either blocks.
    pub fn or(self, other: Self) -> Self {
        PublicAccessBlock {
            block_public_acls: self.block_public_acls || other.block_public_acls,
            ignore_public_acls: self.ignore_public_acls || other.ignore_public_acls,
            block_public_policy: self.block_public_policy || other.block_public_policy,
            restrict_public_buckets: self.restrict_public_buckets || other.restrict_public_buckets,
        }
    }

    /// Reads the four members, in their order. A request has to say at least one of them; those it does not say are off.
    ///
    /// # Errors
    /// When it says none.
    pub fn of(members: [Option<bool>; 4]) -> Result<Self, Error> {
        if members.iter().all(Option::is_none) {
            return Err(Error::request("Must specify at least one configuration."));
        }
        let [block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets] =
            members.map(|member| member == Some(true));
        Ok(PublicAccessBlock {
            block_public_acls,
            ignore_public_acls,
            block_public_policy,
            restrict_public_buckets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Buckets are stored that have a flag there.
    #[test]
    fn whether_deletion_takes_a_code_is_stored_as_a_flag_was() {
        for (flag, state) in [(false, MfaDelete::Never), (true, MfaDelete::Enabled)] {
            let stored = postcard::to_allocvec(&flag).unwrap();
            assert_eq!(postcard::from_bytes::<MfaDelete>(&stored).unwrap(), state);
        }
    }
}
