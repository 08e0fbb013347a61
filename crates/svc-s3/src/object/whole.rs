//! A version with all its bytes, for what S3 itself does with them: archived or not, they need not be restored for it.

use virga_kit::{Ctx, Outgoing};
use virga_store::{Fault, Read};

use super::Source;
use crate::records::{Bucket, Version};
use crate::{access, encryption};
use virga_object::Error;

/// How often a body is looked for that is replaced again and again.
pub(super) const MOST_LOOKS: usize = 16;

/// A version, opened.
pub(crate) struct Whole {
    /// The version.
    pub(crate) version: Version,
    /// Its bytes.
    pub(crate) body: Outgoing,
}

/// Opens a version of an object, once `check` agrees. KMS is asked as the caller.
pub(crate) async fn open_whole(
    ctx: &Ctx,
    bucket: (&str, Option<&str>),
    (key, version_id): (&str, Option<&str>),
    check: impl Fn(&Bucket, &Version) -> Result<(), Error>,
) -> Result<Whole, Error> {
    let find = |txn: &Read| Source::find(ctx, txn, bucket, key, version_id, "PUT");
    for _ in 0..MOST_LOOKS {
        let found = ctx.read(find).await;
        let mut found = found.map_err(|error| access::missing(ctx, bucket.0, error))?;
        check(&found.bucket, &found.version)?;
        let encryption = found.version.content.encryption.clone();
        let encryption =
            encryption.ok_or_else(|| Fault::new("an object does not say how it is encrypted"))?;
        let keys = encryption::data_keys(ctx, &encryption, (bucket.0, key), None).await?;
        let body = found.version.content.body.clone();
        let still_there = |txn: &Read| Ok(find(txn)?.version.content.body == body);
        let size = found.version.summary.size;
        if let Some(body) = found.open(ctx, keys, 0..size, still_there).await? {
            return Ok(Whole { version: found.version, body });
        }
    }
    Err(Fault::new("an object is replaced so often that it can't be read").into())
}
