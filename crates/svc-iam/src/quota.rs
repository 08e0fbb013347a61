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

impl Quota {
    /// Refuses one more when there are this many already.
    pub(crate) fn admit(self, present: usize) -> Result<(), Error> {
        if present < self.limit {
            return Ok(());
        }
        Err(Error::QuotaExceeded { quota: self.name.to_owned(), limit: self.limit })
    }
}
