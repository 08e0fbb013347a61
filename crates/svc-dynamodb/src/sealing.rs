//! Items as the store holds them: those of a table with a key of KMS are sealed with the data key of the table, those of
//! other tables are as they are. In memory items are never sealed: they are opened where they are read from the store,
//! and sealed where they are put into it.

use std::borrow::Cow;

use bytes::Bytes;
use virga_kit::secrets::DataCipher;
use virga_store::Fault;

use crate::records::StoredItem;

/// The first byte of what is sealed. The compact form of items begins with its version, which is another.
const SEALED: u8 = 0xFF;
/// Bytes before the nonce: [`SEALED`], and the id of the table or backup whose data key it is.
const HEAD_LEN: usize = 9;

/// The data key of a table or a backup, ready for use.
#[derive(Debug)]
pub(crate) struct Cipher {
    owner: u64,
    cipher: DataCipher,
}

impl Cipher {
    pub(crate) fn new(owner: u64, key: &[u8]) -> Result<Self, Fault> {
        Ok(Cipher { owner, cipher: DataCipher::new(key)? })
    }

    fn seal(&self, bytes: &[u8]) -> Result<Bytes, Fault> {
        let mut sealed = Vec::with_capacity(HEAD_LEN + bytes.len() + 32);
        sealed.push(SEALED);
        sealed.extend_from_slice(&self.owner.to_le_bytes());
        self.cipher.seal(bytes, &[], &mut sealed)?;
        Ok(Bytes::from(sealed))
    }

    fn open(&self, sealed: &[u8]) -> Result<Bytes, Fault> {
        let opened = sealed.get(HEAD_LEN..).and_then(|sealed| self.cipher.open(sealed, &[]));
        Ok(Bytes::from(opened.ok_or_else(|| Fault::new("a sealed item is damaged"))?))
    }
}

/// An item as the store is to hold it.
pub(crate) fn sealed<'a>(
    stored: &'a StoredItem,
    cipher: Option<&Cipher>,
) -> Result<Cow<'a, StoredItem>, Fault> {
    Ok(match cipher {
        None => Cow::Borrowed(stored),
        Some(cipher) => Cow::Owned(StoredItem { size: stored.size, bytes: cipher.seal(&stored.bytes)? }),
    })
}

/// An item that the store holds, in the clear. A table that was given a key has items from before.
pub(crate) fn opened(stored: StoredItem, cipher: Option<&Cipher>) -> Result<StoredItem, Fault> {
    Ok(StoredItem { bytes: opened_bytes(stored.bytes, cipher)?, ..stored })
}

/// The same for the bytes of an item, as changes in streams have them.
pub(crate) fn opened_bytes(bytes: Bytes, cipher: Option<&Cipher>) -> Result<Bytes, Fault> {
    if owner(&bytes).is_none() {
        return Ok(bytes);
    }
    cipher.ok_or_else(|| Fault::new("the key of a sealed item is gone"))?.open(&bytes)
}

/// The id of the table or backup whose data key an item is sealed with.
pub(crate) fn owner(bytes: &[u8]) -> Option<u64> {
    match bytes.split_first() {
        Some((&SEALED, rest)) => rest.first_chunk().map(|owner| u64::from_le_bytes(*owner)),
        _ => None,
    }
}

/// A sealed item of a table as one of a backup, which has the same data key under an id of its own.
pub(crate) fn handed_over(stored: StoredItem, to: u64) -> StoredItem {
    if owner(&stored.bytes).is_none() {
        return stored;
    }
    let mut bytes = stored.bytes.to_vec();
    bytes[1..HEAD_LEN].copy_from_slice(&to.to_le_bytes());
    StoredItem { size: stored.size, bytes: Bytes::from(bytes) }
}

#[cfg(test)]
mod tests {
    use virga_item::{AttributeValue, Item};

    use super::*;

    #[test]
    fn a_sealed_item_tells_whose_it_is_and_nothing_of_what_is_in_it() {
        let cipher = Cipher::new(7, &[1; 32]).expect("the key has 256 bits");
        let item = Item::from_iter([("secret-name".into(), AttributeValue::S("secret-value".into()))]);
        let stored = StoredItem::of(&item);
        let kept = sealed(&stored, Some(&cipher)).expect("nonces are left").into_owned();
        for plain in [&b"secret"[..], b"value"] {
            assert!(!kept.bytes.windows(plain.len()).any(|window| window == plain));
        }
        assert_eq!((kept.size, owner(&kept.bytes)), (stored.size, Some(7)));
        assert!(opened(kept.clone(), None).is_err());
        let moved = handed_over(kept.clone(), 9);
        let other = Cipher::new(9, &[1; 32]).expect("the key has 256 bits");
        assert_eq!(owner(&moved.bytes), Some(9));
        assert_eq!(opened(moved, Some(&other)).ok().as_ref(), Some(&stored));
        assert_eq!(opened(kept, Some(&cipher)).ok(), Some(stored));
    }

    #[test]
    fn an_item_of_a_table_without_a_key_is_as_it_is() {
        let stored = StoredItem::of(&Item::from_iter([("a".into(), AttributeValue::Null)]));
        assert_eq!(owner(&stored.bytes), None);
        assert_eq!(sealed(&stored, None).expect("nothing is sealed").as_ref(), &stored);
        assert_eq!(opened(stored.clone(), None).ok().as_ref(), Some(&stored));
        assert_eq!(handed_over(stored.clone(), 9), stored);
    }
}
