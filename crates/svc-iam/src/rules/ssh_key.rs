//! SSH public keys: RSA keys in the form of `authorized_keys` or as PEM, and their fingerprints.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSSHPublicKey.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::private_key::PublicPart;

/// The only kind of key that is taken.
const KIND: &str = "ssh-rsa";
/// The shortest modulus.
const FEWEST_BITS: usize = 2048;
/// The bytes of a line of base64 in PEM.
const PEM_LINE: usize = 64;
/// The DER of the algorithm: `rsaEncryption` with no parameters.
const RSA_ENCRYPTION: [u8; 15] =
    [0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It is in neither form.
    Encoding,
    /// It is no RSA key, or too short a one, or damaged.
    Key,
}

/// Reads a key: as SSH carries it.
pub(crate) fn parse(text: &str) -> Result<Vec<u8>, Refused> {
    let text = text.trim();
    if text.starts_with("-----BEGIN ") {
        return of_pem(text).and_then(checked);
    }
    let mut words = text.split_ascii_whitespace();
    let (kind, body) = (words.next().unwrap_or_default(), words.next());
    match body {
        Some(body) if kind == KIND => checked(STANDARD.decode(body).map_err(|_| Refused::Key)?),
        Some(_) if kind.starts_with("ssh-") || kind.starts_with("ecdsa-") => Err(Refused::Key),
        _ => Err(Refused::Encoding),
    }
}

fn of_pem(text: &str) -> Result<Vec<u8>, Refused> {
    let block =
        Pem::iter_from_buffer(text.as_bytes()).next().and_then(Result::ok).ok_or(Refused::Encoding)?;
    if block.label != "PUBLIC KEY" {
        return Err(Refused::Encoding);
    }
    let (_, info) = SubjectPublicKeyInfo::from_der(&block.contents).map_err(|_| Refused::Key)?;
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => match PublicPart::rsa(key.modulus, key.exponent) {
            PublicPart::Rsa(modulus, exponent) => Ok(blob(&exponent, &modulus)),
            PublicPart::Ec(_) => Err(Refused::Key),
        },
        _ => Err(Refused::Key),
    }
}

fn checked(blob: Vec<u8>) -> Result<Vec<u8>, Refused> {
    let (exponent, modulus) = numbers(&blob).ok_or(Refused::Key)?;
    let zeros = modulus.first().map_or(0, |first| usize::try_from(first.leading_zeros()).unwrap_or(0));
    let bits = (modulus.len() * 8).saturating_sub(zeros);
    if exponent.is_empty() || bits < FEWEST_BITS { Err(Refused::Key) } else { Ok(blob) }
}

/// Exponent and modulus, without leading zeros.
fn numbers(blob: &[u8]) -> Option<(&[u8], &[u8])> {
    let (kind, rest) = field(blob)?;
    let (exponent, rest) = field(rest)?;
    let (modulus, rest) = field(rest)?;
    let strip = |number: &'_ [u8]| number.iter().take_while(|byte| **byte == 0).count();
    (kind == KIND.as_bytes() && rest.is_empty())
        .then(|| (&exponent[strip(exponent)..], &modulus[strip(modulus)..]))
}

/// A field with its length before it, and what follows.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn blob(exponent: &[u8], modulus: &[u8]) -> Vec<u8> {
    let mut blob = Vec::new();
    for part in [KIND.as_bytes().to_vec(), signed(exponent), signed(modulus)] {
        // Three parts of a text of at most 16 KiB.
        blob.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        blob.extend(part);
    }
    blob
}

/// A positive number that does not look negative.
fn signed(number: &[u8]) -> Vec<u8> {
    let pad = number.first().is_none_or(|first| first & 0x80 != 0);
    pad.then_some(0).into_iter().chain(number.iter().copied()).collect()
}

/// The MD5 fingerprint, as `ssh-keygen -l -E md5` shows it.
pub(crate) fn fingerprint(blob: &[u8]) -> String {
    let bytes: Vec<String> = Md5::digest(blob).iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(":")
}

/// The key in the form of `authorized_keys`.
pub(crate) fn as_ssh(blob: &[u8]) -> String {
    format!("{KIND} {}", STANDARD.encode(blob))
}

/// The key as PEM.
pub(crate) fn as_pem(blob: &[u8]) -> String {
    let (exponent, modulus) = numbers(blob).unwrap_or_default();
    let numbers = [tlv(0x02, &signed(modulus)), tlv(0x02, &signed(exponent))].concat();
    let bits = [vec![0], tlv(0x30, &numbers)].concat();
    let info = tlv(0x30, &[RSA_ENCRYPTION.to_vec(), tlv(0x03, &bits)].concat());
    let base64 = STANDARD.encode(info);
    let lines: Vec<&str> =
        base64.as_bytes().chunks(PEM_LINE).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"))
}

/// Tag, length, value.
fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = value.len().to_be_bytes();
    let length: Vec<u8> = length.into_iter().skip_while(|byte| *byte == 0).collect();
    let head = match (value.len(), length.len()) {
        (short @ 0..=127, _) => vec![tag, u8::try_from(short).unwrap_or(0)],
        (_, bytes) => [vec![tag, 0x80 | u8::try_from(bytes).unwrap_or(0)], length].concat(),
    };
    [head, value.to_vec()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(bits: usize) -> String {
        as_ssh(&blob(&[1, 0, 1], &vec![0xc5; bits / 8]))
    }

    #[test]
    fn both_forms_give_the_same_key() {
        let blob = parse(&format!("{} somebody@somewhere\n", key(2048))).unwrap();
        let pem = as_pem(&blob);
        assert_eq!(parse(&pem).unwrap(), blob);
        assert_eq!(as_ssh(&blob), key(2048));
        assert_eq!(fingerprint(&blob).split(':').count(), 16);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for (text, refused) in [
            (key(1024), Refused::Key),
            ("ssh-rsa AAAA".to_owned(), Refused::Key),
            ("ssh-rsa !".to_owned(), Refused::Key),
            ("ssh-ed25519 AAAA".to_owned(), Refused::Key),
            ("hello".to_owned(), Refused::Encoding),
            ("hello world".to_owned(), Refused::Encoding),
            ("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----".to_owned(), Refused::Encoding),
        ] {
            assert_eq!(parse(&text), Err(refused), "{text}");
        }
    }
}
