//! Keys of delegation requests, which are between two accounts: found by their id alone.

use virga_store::{Key, Range, Space};

use crate::records::delegation::DelegationRequest;

static REQUESTS: Space<DelegationRequest> = Space::new("iam.delegation-request");
/// (Account of the product provider, its name for the request).
static WORKFLOWS: Space<()> = Space::new("iam.delegation-workflow");
/// (Account of the owner, id).
static OWNED: Space<()> = Space::new("iam.delegation-owned");

/// A request.
pub(crate) fn request(id: &str) -> Key<DelegationRequest> {
    REQUESTS.key(id)
}

/// The name that a product provider has given a request.
pub(crate) fn workflow(requestor: &str, name: &str) -> Key<()> {
    WORKFLOWS.key((requestor, name))
}

/// A request that somebody of an account has claimed.
pub(crate) fn owned(account: &str, id: &str) -> Key<()> {
    OWNED.key((account, id))
}

/// The requests that people of an account have claimed.
pub(crate) fn all_owned(account: &str) -> Range<()> {
    OWNED.prefix(account)
}
