//! Small bodies: they lie in the record of their version, or in one of their own.

use bytes::Bytes;
use virga_store::{Fault, Reader};

use crate::keys::DataKeys;
use crate::writing::NewBody;
use virga_bucket::keys;
use virga_bucket::records::{Body, InlineBody, Salt};

/// A small body as it is stored.
pub struct SmallBody {
    sealed: InlineBody,
    /// None when no key of its own seals it.
    salt: Option<Salt>,
}

impl SmallBody {
    /// The small body that the record of a version or part means; none where there are no bytes, or files have them.
    pub fn find(txn: &impl Reader, bucket: u64, body: &Body) -> Result<Option<Self>, Fault> {
        let (sealed, salt) = match body {
            Body::Nothing | Body::Blobs(_) => return Ok(None),
            Body::Inline(id, salt) => (txn.get(&keys::inline_body(bucket, *id))?, Some(*salt)),
            Body::Here(sealed, salt) => (Some(sealed.clone()), Some(*salt)),
            Body::Counted(sealed) => (Some(sealed.clone()), None),
        };
        let sealed = sealed.ok_or_else(|| Fault::new("an object has lost its body"))?;
        Ok(Some(SmallBody { sealed, salt }))
    }

    /// The same as the body of another object.
    pub(crate) fn into_new(self) -> NewBody {
        NewBody::small(self.sealed, self.salt)
    }

    /// Opens it.
    pub fn open(self, keys: &DataKeys) -> Result<Bytes, Fault> {
        let mut bytes = self.sealed.0;
        let Some(salt) = self.salt else { return keys.open_counted(&bytes).map(Bytes::from) };
        let length = keys.sealer(&salt)?.open(0, &mut bytes)?;
        bytes.truncate(length);
        Ok(Bytes::from(bytes))
    }
}
