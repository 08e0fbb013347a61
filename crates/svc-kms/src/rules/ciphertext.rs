//! Ciphertexts of symmetric keys: a head that names key and key material, then what they encrypted. Callers see an
//! opaque blob; the head is bound to the rest, so that none of it can be changed.

use super::key_address::{key_id, key_id_bytes};
use crate::records::MaterialId;

/// The first byte of every ciphertext: the version of the form.
const VERSION: u8 = 1;
/// Bytes of a head: version, account, kind of id, id, key material.
const LENGTH: usize = 1 + 8 + 1 + 16 + 32;

/// What a ciphertext says of the key that made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CiphertextHead {
    /// Owner of the key: twelve digits.
    pub account: String,
    /// Id of the key.
    pub key_id: String,
    /// The key material.
    pub material: MaterialId,
}

impl CiphertextHead {
    /// The head's bytes; none when account or id have another form.
    pub fn encode(&self) -> Option<Vec<u8>> {
        let account: u64 = self.account.parse().ok()?;
        let (multi_region, id) = key_id_bytes(&self.key_id)?;
        let mut bytes = Vec::with_capacity(LENGTH);
        bytes.push(VERSION);
        bytes.extend_from_slice(&account.to_be_bytes());
        bytes.push(u8::from(multi_region));
        bytes.extend_from_slice(&id);
        bytes.extend_from_slice(&self.material);
        Some(bytes)
    }

    /// Splits a ciphertext: what its head says, the head's bytes, the rest. None when it is not one of ours.
    pub fn decode(blob: &[u8]) -> Option<(Self, &[u8], &[u8])> {
        let (head, body) = blob.split_at_checked(LENGTH)?;
        let (version, rest) = head.split_first()?;
        let (account, rest) = rest.split_first_chunk::<8>()?;
        let (kind, rest) = rest.split_first()?;
        let (id, material) = rest.split_first_chunk::<16>()?;
        let account = u64::from_be_bytes(*account);
        if *version != VERSION || *kind > 1 || account > 999_999_999_999 {
            return None;
        }
        let decoded = CiphertextHead {
            account: format!("{account:012}"),
            key_id: key_id(*kind == 1, *id),
            material: material.try_into().ok()?,
        };
        Some((decoded, head, body))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn heads_come_back(account in 0..1_000_000_000_000u64, multi_region: bool, id: [u8; 16], material: [u8; 32]) {
            let head = CiphertextHead {
                account: format!("{account:012}"),
                key_id: key_id(multi_region, id),
                material,
            };
            let mut blob = head.encode().unwrap();
            blob.extend_from_slice(b"rest");
            let (decoded, bytes, rest) = CiphertextHead::decode(&blob).unwrap();
            prop_assert_eq!(&decoded, &head);
            prop_assert_eq!((bytes.len(), rest), (LENGTH, &b"rest"[..]));
        }

        #[test]
        fn anything_decodes_or_is_refused(blob: Vec<u8>) {
            if let Some((head, bytes, _)) = CiphertextHead::decode(&blob) {
                prop_assert_eq!(head.encode().unwrap(), bytes);
            }
        }
    }
}
