//! X.509 certificates, as far as a signature needs them: the public key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

/// A certificate of a provider. SAML trusts the key, not the chain nor the dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The content of the public key's bit string.
    key: Vec<u8>,
}

/// Tags of DER.
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xA0;

impl Certificate {
    /// A certificate in base 64, white space within, as metadata have it.
    pub fn of_base64(text: &str) -> Option<Self> {
        let text: String = text.split_ascii_whitespace().collect();
        Self::of_der(&STANDARD.decode(text).ok()?)
    }

    /// A certificate in DER: RFC 5280, section 4.1.
    pub fn of_der(der: &[u8]) -> Option<Self> {
        let (certificate, _) = take(der, SEQUENCE)?;
        let (mut fields, _) = take(certificate, SEQUENCE)?;
        if let Some((_, rest)) = take(fields, VERSION) {
            fields = rest;
        }
        // Serial number, algorithm, issuer, validity, subject.
        for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
            fields = take(fields, tag)?.1;
        }
        let (key_info, _) = take(fields, SEQUENCE)?;
        let (_, rest) = take(key_info, SEQUENCE)?;
        let (bits, _) = take(rest, BIT_STRING)?;
        // The first byte counts unused bits.
        let (0, key) = bits.split_first().map(|(unused, key)| (*unused, key))? else { return None };
        Some(Certificate { key: key.to_vec() })
    }

    /// Whether the key made this signature, by the algorithm of that URI.
    pub(super) fn verify(&self, algorithm: &str, message: &[u8], given: &[u8]) -> bool {
        let verification: &'static dyn VerificationAlgorithm = match algorithm {
            "http://www.w3.org/2000/09/xmldsig#rsa-sha1" => {
                &signature::RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY
            }
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" => &signature::RSA_PKCS1_2048_8192_SHA256,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" => &signature::RSA_PKCS1_2048_8192_SHA384,
            "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512" => &signature::RSA_PKCS1_2048_8192_SHA512,
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" => &signature::ECDSA_P256_SHA256_FIXED,
            "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" => &signature::ECDSA_P384_SHA384_FIXED,
            _ => return false,
        };
        UnparsedPublicKey::new(verification, &self.key).verify(message, given).is_ok()
    }
}

/// The content of the first element, when it has this tag, and what follows it.
fn take(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    if *first != tag {
        return None;
    }
    let (length, rest) = rest.split_first()?;
    let (length, rest) = if *length < 0x80 {
        (usize::from(*length), rest)
    } else {
        let count = usize::from(*length & 0x7F);
        let bytes = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), &rest[count..])
    };
    Some((rest.get(..length)?, &rest[length..]))
}
