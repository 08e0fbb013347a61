//! Private keys as they are uploaded: PEM in the forms PKCS #1, SEC 1 and PKCS #8, not encrypted. Only what they have
//! in common with a certificate is read.

use x509_parser::der_parser::ber::{BerObject, BerObjectContent};
use x509_parser::der_parser::der::parse_der;
use x509_parser::pem::Pem;

/// What tells a key pair from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicPart {
    /// Modulus and exponent, without leading zeros.
    Rsa(Vec<u8>, Vec<u8>),
    /// The point.
    Ec(Vec<u8>),
}

impl PublicPart {
    /// The public part of an RSA key.
    pub(crate) fn rsa(modulus: &[u8], exponent: &[u8]) -> Self {
        PublicPart::Rsa(stripped(modulus), stripped(exponent))
    }
}

fn stripped(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// The public part of a private key; none when the text is no private key that could be read.
pub(crate) fn public_part(pem: &str) -> Option<PublicPart> {
    let blocks: Result<Vec<Pem>, _> = Pem::iter_from_buffer(pem.trim().as_bytes()).collect();
    // OpenSSL writes the parameters of the curve before the key.
    let key = blocks.ok()?.into_iter().find(|block| block.label != "EC PARAMETERS")?;
    match key.label.as_str() {
        "RSA PRIVATE KEY" => of_pkcs1(&key.contents),
        "EC PRIVATE KEY" => of_sec1(&key.contents),
        "PRIVATE KEY" => of_pkcs8(&key.contents),
        _ => None,
    }
}

fn of_pkcs8(der: &[u8]) -> Option<PublicPart> {
    let (_, key) = parse_der(der).ok()?;
    let inner = key.as_sequence().ok()?.get(2)?.as_slice().ok()?;
    of_pkcs1(inner).or_else(|| of_sec1(inner))
}

/// Version, modulus, public exponent, and more that is not needed.
fn of_pkcs1(der: &[u8]) -> Option<PublicPart> {
    let (_, key) = parse_der(der).ok()?;
    let parts = key.as_sequence().ok()?;
    Some(PublicPart::rsa(integer(parts.get(1)?)?, integer(parts.get(2)?)?))
}

fn integer<'a>(object: &'a BerObject<'_>) -> Option<&'a [u8]> {
    match &object.content {
        BerObjectContent::Integer(bytes) => Some(bytes),
        _ => None,
    }
}

/// Version, private key, and tagged 0 the curve, tagged 1 the public key.
fn of_sec1(der: &[u8]) -> Option<PublicPart> {
    let (_, key) = parse_der(der).ok()?;
    let tagged = key.as_sequence().ok()?.iter().skip(2).find(|part| part.header.tag().0 == 1)?;
    let (_, public) = parse_der(tagged.as_slice().ok()?).ok()?;
    match public.content {
        BerObjectContent::BitString(_, bits) => Some(PublicPart::Ec(bits.data.to_vec())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_private_key_has_no_public_part() {
        for text in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "nothing"] {
            assert_eq!(public_part(text), None, "{text}");
        }
    }

    #[test]
    fn keys_of_rings_form_are_read() {
        let key = rcgen::KeyPair::generate().unwrap();
        assert!(
            matches!(public_part(&key.serialize_pem()), Some(PublicPart::Ec(point)) if point.len() == 65)
        );
    }
}
