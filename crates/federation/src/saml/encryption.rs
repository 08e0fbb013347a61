//! Encrypted assertions: XML Encryption 1.1 with a content key that is wrapped for an RSA key of the recipient.
//! <https://www.w3.org/TR/xmlenc-core1/>

use aes::cipher::{Array, BlockCipherDecrypt, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::aead::{AES_128_GCM, AES_256_GCM, Aad, Algorithm, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::{Oaep, RsaPrivateKey};
use sha1::Sha1;
use sha2::Sha256;

use super::signature::base64;
use super::xml::Element;

const ENCRYPTION: &str = "http://www.w3.org/2001/04/xmlenc#";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const BLOCK: usize = 16;

/// A key to read encrypted assertions with.
#[derive(Clone)]
pub struct DecryptionKey(RsaPrivateKey);

/// What is encrypted can't be read: which step fails is nobody's business.
#[derive(Debug)]
pub(super) struct Unreadable;

impl DecryptionKey {
    /// Reads an RSA key in PEM, in PKCS #8 or PKCS #1; none when it is something else.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let inside = pem.split("-----").nth(2)?;
        let text: String = inside.split_ascii_whitespace().collect();
        let der = STANDARD.decode(text).ok()?;
        let key = RsaPrivateKey::from_pkcs8_der(&der).ok();
        key.or_else(|| RsaPrivateKey::from_pkcs1_der(&der).ok()).map(DecryptionKey)
    }

    /// The content key that was wrapped for this key.
    fn unwrap(&self, method: &Element, wrapped: &[u8]) -> Option<Vec<u8>> {
        let digest = method.child(SIGNATURE, "DigestMethod").and_then(|digest| digest.attribute("Algorithm"));
        let with_sha256 = digest == Some(SHA256);
        let mask = method.children().find(|child| child.name.local == "MGF");
        let mask = mask.and_then(|mask| mask.attribute("Algorithm"));
        let mask_with_sha256 = mask == Some("http://www.w3.org/2009/xmlenc11#mgf1sha256");
        let opened = match method.attribute("Algorithm")? {
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" if with_sha256 => {
                self.0.decrypt(Oaep::<Sha256, Sha1>::new_with_mgf_hash(), wrapped)
            }
            "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" => self.0.decrypt(Oaep::<Sha1>::new(), wrapped),
            "http://www.w3.org/2009/xmlenc11#rsa-oaep" => match (with_sha256, mask_with_sha256) {
                (true, true) => self.0.decrypt(Oaep::<Sha256>::new(), wrapped),
                (true, false) => self.0.decrypt(Oaep::<Sha256, Sha1>::new_with_mgf_hash(), wrapped),
                (false, true) => self.0.decrypt(Oaep::<Sha1, Sha256>::new_with_mgf_hash(), wrapped),
                (false, false) => self.0.decrypt(Oaep::<Sha1>::new(), wrapped),
            },
            _ => return None,
        };
        opened.ok()
    }
}

/// The text of the assertion that an `EncryptedAssertion` holds.
pub(super) fn decrypt(element: &Element, keys: &[DecryptionKey]) -> Result<String, Unreadable> {
    let data = element.only(ENCRYPTION, "EncryptedData").ok_or(Unreadable)?;
    let inside = data.child(SIGNATURE, "KeyInfo").and_then(|info| info.child(ENCRYPTION, "EncryptedKey"));
    let wrapped = inside.or_else(|| element.child(ENCRYPTION, "EncryptedKey")).ok_or(Unreadable)?;
    let method = wrapped.only(ENCRYPTION, "EncryptionMethod").ok_or(Unreadable)?;
    let value = cipher_value(wrapped).ok_or(Unreadable)?;
    let content = cipher_value(data).ok_or(Unreadable)?;
    let algorithm =
        data.only(ENCRYPTION, "EncryptionMethod").and_then(|method| method.attribute("Algorithm"));
    let algorithm = algorithm.ok_or(Unreadable)?;
    let mut opened = keys.iter().filter_map(|key| key.unwrap(method, &value));
    let text = opened.find_map(|key| open(algorithm, &key, &content)).ok_or(Unreadable)?;
    String::from_utf8(text).map_err(|_| Unreadable)
}

fn cipher_value(element: &Element) -> Option<Vec<u8>> {
    base64(element.only(ENCRYPTION, "CipherData")?.only(ENCRYPTION, "CipherValue")?)
}

fn open(algorithm: &str, key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    match algorithm {
        "http://www.w3.org/2009/xmlenc11#aes128-gcm" => open_gcm(&AES_128_GCM, key, content),
        "http://www.w3.org/2009/xmlenc11#aes256-gcm" => open_gcm(&AES_256_GCM, key, content),
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc" => open_cbc::<aes::Aes128>(key, content),
        "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => open_cbc::<aes::Aes256>(key, content),
        _ => None,
    }
}

/// Nonce, text, tag.
fn open_gcm(algorithm: &'static Algorithm, key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).ok()?);
    let (nonce, sealed) = content.split_first_chunk::<NONCE_LEN>()?;
    let mut sealed = sealed.to_vec();
    let opened = key.open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::empty(), &mut sealed).ok()?;
    Some(opened.to_vec())
}

/// Initialization vector, then blocks, the last of which ends with how much of it is padding.
fn open_cbc<C: KeyInit + BlockCipherDecrypt>(key: &[u8], content: &[u8]) -> Option<Vec<u8>> {
    let cipher = C::new_from_slice(key).ok()?;
    let blocks: Vec<&[u8]> = content.chunks(BLOCK).collect();
    let mut text = Vec::with_capacity(content.len());
    for pair in blocks.windows(2) {
        let mut block = Array::try_from(pair[1]).ok()?;
        cipher.decrypt_block(&mut block);
        text.extend(block.iter().zip(pair[0]).map(|(byte, mask)| byte ^ mask));
    }
    let padding = usize::from(*text.last()?);
    if !(1..=BLOCK).contains(&padding) {
        return None;
    }
    text.truncate(text.len() - padding);
    Some(text)
}

#[cfg(test)]
mod tests {
    use aes::cipher::BlockCipherEncrypt as _;
    use getrandom::SysRng;
    use rand_core::UnwrapErr;

    use super::*;

    fn element(key_method: &str, algorithm: &str, wrapped: &[u8], content: &[u8]) -> Element {
        let (wrapped, content) = (STANDARD.encode(wrapped), STANDARD.encode(content));
        let text = format!(
            r#"<a xmlns:e="{ENCRYPTION}" xmlns:d="{SIGNATURE}"><e:EncryptedData><e:EncryptionMethod Algorithm="{algorithm}"/><d:KeyInfo><e:EncryptedKey>{key_method}<e:CipherData><e:CipherValue>{wrapped}</e:CipherValue></e:CipherData></e:EncryptedKey></d:KeyInfo><e:CipherData><e:CipherValue>{content}</e:CipherValue></e:CipherData></e:EncryptedData></a>"#
        );
        Element::parse(&text).unwrap()
    }

    #[test]
    fn what_is_encrypted_for_a_key_is_read_by_it() {
        let mut random = UnwrapErr(SysRng);
        let own = RsaPrivateKey::new(&mut random, 2048).unwrap();
        let other = RsaPrivateKey::new(&mut random, 2048).unwrap();
        let keys = [DecryptionKey(other.clone()), DecryptionKey(own.clone())];
        let secret = [7; 32];
        let wrapped = own.to_public_key().encrypt(&mut random, Oaep::<Sha1>::new(), &secret).unwrap();
        let method = format!(r#"<e:EncryptionMethod Algorithm="{ENCRYPTION}rsa-oaep-mgf1p"/>"#);

        let nonce = [1; NONCE_LEN];
        let mut sealed = b"<assertion/>".to_vec();
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &secret).unwrap());
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed).unwrap();
        let content = [&nonce[..], &sealed].concat();
        let gcm = element(&method, "http://www.w3.org/2009/xmlenc11#aes256-gcm", &wrapped, &content);
        assert_eq!(decrypt(&gcm, &keys).unwrap(), "<assertion/>");
        assert!(decrypt(&gcm, &keys[..1]).is_err(), "with another key");

        let vector = [9_u8; BLOCK];
        let mut block = *b"<assertion/>\x04\x04\x04\x04";
        block.iter_mut().zip(vector).for_each(|(byte, mask)| *byte ^= mask);
        let mut block = Array::from(block);
        aes::Aes256::new_from_slice(&secret).unwrap().encrypt_block(&mut block);
        let content = [&vector[..], &block].concat();
        let cbc = element(&method, &format!("{ENCRYPTION}aes256-cbc"), &wrapped, &content);
        assert_eq!(decrypt(&cbc, &keys).unwrap(), "<assertion/>");
        let short = element(&method, &format!("{ENCRYPTION}aes256-cbc"), &wrapped, &content[..20]);
        assert!(decrypt(&short, &keys).is_err());
    }
}
