//! Directory buckets (S3 Express One Zone): sessions, and what is theirs alone. Their objects are those of other buckets;
//! what they can not is in [`virga_object::directory_bucket`].
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-high-performance.html>

mod access;
mod append;
mod bucket;
mod rename;
mod session;

pub(crate) use access::{accesses, admit, may, reading, refuse_sessions, to_access_point};
pub(crate) use append::{append, appended};
pub(crate) use bucket::{create, list_directory_buckets, show};
pub(crate) use rename::{forget_token, rename_object};
pub(crate) use session::{create_session, forget};

use virga_iam::ExpressSession;
use virga_kit::Ctx;

use crate::configuration::encryption::Default as Encrypted;

/// What the caller's session is for, if it is one of a directory bucket.
fn session(ctx: &Ctx) -> Option<&ExpressSession> {
    ctx.caller().session.as_ref()?.express.as_ref()
}

/// How what the caller's session writes is encrypted, where it was asked for so.
pub(crate) fn encryption(ctx: &Ctx) -> Option<Encrypted> {
    let (algorithm, kms_key) = session(ctx)?.encryption.clone()?;
    Some(Encrypted { algorithm, kms_key, bucket_key: true, blocks_customer_keys: true })
}
