//! What keeps versions from being deleted: retention, legal hold, MFA delete.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>

use virga_kit::Ctx;

use crate::error::Error;
use crate::records::{LockMode, Version};

/// Checks that a version may be deleted for good. `bypass_governance` says that the caller asks to get around a
/// governance retention and may.
pub(crate) fn check_delete(ctx: &Ctx, version: &Version, bypass_governance: bool) -> Result<(), Error> {
    let lock = version.content.lock;
    let retention = lock.retention.filter(|retention| retention.until > ctx.now().micros());
    let retained =
        retention.is_some_and(|retention| !(bypass_governance && retention.mode == LockMode::Governance));
    if retained || lock.legal_hold == Some(true) {
        let reason = "Access Denied because object protected by object lock.".to_owned();
        return Err(Error::AccessDeniedBecause { reason });
    }
    Ok(())
}
