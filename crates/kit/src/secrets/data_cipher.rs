//! What services seal with data keys: AES-256-GCM, with nonces that never come twice.

use std::sync::atomic::{AtomicU64, Ordering};

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use virga_store::Fault;

use super::secret_bytes;

/// Random bytes at the start of the nonces of a cipher.
const NONCE_PREFIX_LEN: usize = 7;
/// Bits of a nonce that are counted: 10^12 contents.
const NONCE_COUNTER_BITS: usize = 8 * (NONCE_LEN - NONCE_PREFIX_LEN);

/// A data key, ready for use. Its nonces are a counter behind random bytes, which each process and each world draws for
/// itself.
#[derive(Debug)]
pub struct DataCipher {
    key: LessSafeKey,
    nonce_prefix: [u8; NONCE_PREFIX_LEN],
    next: AtomicU64,
}

impl DataCipher {
    /// Bytes of a key.
    pub const KEY_LEN: usize = 32;

    /// The cipher of a key.
    ///
    /// # Errors
    /// When the key has no 256 bits, or the operating system gives no random bytes.
    pub fn new(key: &[u8]) -> Result<Self, Fault> {
        let random = secret_bytes(NONCE_PREFIX_LEN)?;
        let nonce_prefix = random.first_chunk().copied().ok_or_else(|| Fault::new("too few bytes"))?;
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| Fault::new("a data key has no 256 bits"))?;
        Ok(DataCipher { key: LessSafeKey::new(key), nonce_prefix, next: AtomicU64::new(0) })
    }

    fn nonce(&self) -> Result<[u8; NONCE_LEN], Fault> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        if number >> NONCE_COUNTER_BITS != 0 {
            return Err(Fault::new("all nonces of this process are used: start again"));
        }
        let mut nonce = [0; NONCE_LEN];
        let (prefix, counter) = nonce.split_at_mut(NONCE_PREFIX_LEN);
        prefix.copy_from_slice(&self.nonce_prefix);
        counter.copy_from_slice(&number.to_be_bytes()[size_of::<u64>() - counter.len()..]);
        Ok(nonce)
    }

    /// Appends a nonce and a sealed content, bound to something that has to be told again when it is opened.
    ///
    /// # Errors
    /// When all nonces are used.
    pub fn seal(&self, content: &[u8], bound: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let nonce = self.nonce()?;
        out.reserve(NONCE_LEN + content.len() + AES_256_GCM.tag_len());
        out.extend_from_slice(&nonce);
        let start = out.len();
        out.extend_from_slice(content);
        let (nonce, aad) = (Nonce::assume_unique_for_key(nonce), Aad::from(bound));
        let tag = self.key.seal_in_place_separate_tag(nonce, aad, &mut out[start..]);
        out.extend_from_slice(tag.map_err(|_| Fault::new("a content can't be sealed"))?.as_ref());
        Ok(())
    }

    /// Opens what [`DataCipher::seal`] has appended; none when it is something else.
    pub fn open(&self, sealed: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
        let (nonce, content) = sealed.split_first_chunk::<NONCE_LEN>()?;
        let mut content = content.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = self.key.open_in_place(nonce, Aad::from(bound), &mut content).ok()?.len();
        content.truncate(length);
        Some(content)
    }
}

#[cfg(test)]
mod tests {
    use super::DataCipher;

    #[test]
    fn what_is_sealed_is_opened_with_what_it_is_bound_to_only() {
        let cipher = DataCipher::new(&[7; DataCipher::KEY_LEN]).expect("the key has 256 bits");
        let (mut one, mut other) = (Vec::new(), Vec::new());
        cipher.seal(b"content", b"bound", &mut one).expect("nonces are left");
        cipher.seal(b"content", b"bound", &mut other).expect("nonces are left");
        assert_ne!(one, other, "nonces differ");
        assert_eq!(cipher.open(&one, b"bound").as_deref(), Some(&b"content"[..]));
        assert_eq!(cipher.open(&one, b"else"), None);
        assert_eq!(cipher.open(&one[1..], b"bound"), None);
        assert!(DataCipher::new(&[7; 16]).is_err());
    }
}
