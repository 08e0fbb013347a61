//! X.509 certificates as they are uploaded: PEM, one certificate or a chain.

use sha2::{Digest as _, Sha256};
use x509_parser::certificate::X509Certificate;
use x509_parser::error::X509Error;
use x509_parser::pem::Pem;
use x509_parser::prelude::FromDer as _;
use x509_parser::public_key::PublicKey;

use super::private_key::PublicPart;

/// What is wrong with a certificate or its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// No PEM, or no certificate in it, or several.
    Certificate,
    /// The certificate of the chain at this place did not sign the one before it.
    Chain(usize),
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    /// When it expires, in seconds since the epoch.
    pub(crate) expires: i64,
    /// What tells the public key from others.
    pub(crate) public: Option<PublicPart>,
}

impl Certificate {
    /// Reads the only certificate of a text.
    pub(crate) fn parse(pem: &str) -> Result<Self, Malformed> {
        let mut all = blocks(pem).ok_or(Malformed::Certificate)?;
        let der = all.pop().filter(|_| all.is_empty()).ok_or(Malformed::Certificate)?;
        Certificate::of_der(der).ok_or(Malformed::Certificate)
    }

    fn of_der(der: Vec<u8>) -> Option<Self> {
        let certificate = of_der(&der)?;
        let expires = certificate.validity().not_after.timestamp();
        let public = match certificate.public_key().parsed() {
            Ok(PublicKey::RSA(key)) => Some(PublicPart::rsa(key.modulus, key.exponent)),
            Ok(PublicKey::EC(point)) => Some(PublicPart::Ec(point.data().to_vec())),
            _ => None,
        };
        Some(Certificate { der, expires, public })
    }

    /// Tells it from others.
    pub(crate) fn fingerprint(&self) -> Vec<u8> {
        Sha256::digest(&self.der).to_vec()
    }

    /// Checks that a chain begins with the issuer and goes on in order.
    pub(crate) fn check_chain(&self, chain: &str) -> Result<(), Malformed> {
        let chain = blocks(chain).filter(|chain| !chain.is_empty()).ok_or(Malformed::Chain(0))?;
        let mut subject = self.der.as_slice();
        for (place, issuer) in chain.iter().enumerate() {
            if !is_issuer(issuer, subject) {
                return Err(Malformed::Chain(place));
            }
            subject = issuer;
        }
        Ok(())
    }
}

fn of_der(der: &[u8]) -> Option<X509Certificate<'_>> {
    X509Certificate::from_der(der)
        .ok()
        .filter(|(rest, _)| rest.is_empty())
        .map(|(_, certificate)| certificate)
}

/// The certificates of a PEM text; none when something else is in it.
fn blocks(pem: &str) -> Option<Vec<Vec<u8>>> {
    Pem::iter_from_buffer(pem.trim().as_bytes())
        .map(|block| block.ok().filter(|block| block.label == "CERTIFICATE").map(|block| block.contents))
        .collect()
}

/// Whether one certificate issued another. Where the algorithm of the signature is not known here, the names decide.
fn is_issuer(issuer: &[u8], subject: &[u8]) -> bool {
    let (Some(issuer), Some(subject)) = (of_der(issuer), of_der(subject)) else { return false };
    issuer.subject() == subject.issuer()
        && match subject.verify_signature(Some(issuer.public_key())) {
            Ok(()) | Err(X509Error::SignatureUnsupportedAlgorithm) => true,
            Err(_) => false,
        }
}

#[cfg(test)]
mod tests {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

    use super::*;
    use crate::rules::private_key;

    fn named(name: &str, ca: bool) -> CertificateParams {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        if ca {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        }
        params
    }

    #[test]
    fn a_chain_goes_from_issuer_to_issuer() {
        let root = CertifiedIssuer::self_signed(named("root", true), KeyPair::generate().unwrap()).unwrap();
        let middle =
            CertifiedIssuer::signed_by(named("middle", true), KeyPair::generate().unwrap(), &root).unwrap();
        let key = KeyPair::generate().unwrap();
        let leaf = named("leaf", false).signed_by(&key, &middle).unwrap();
        let certificate = Certificate::parse(&leaf.pem()).unwrap();
        assert!(certificate.expires > 0);
        assert_eq!(certificate.public, private_key::public_part(&key.serialize_pem()));
        let (middle, root) = (middle.pem(), root.pem());
        assert_eq!(certificate.check_chain(&middle), Ok(()));
        assert_eq!(certificate.check_chain(&format!("{middle}{root}")), Ok(()));
        assert_eq!(certificate.check_chain(&root), Err(Malformed::Chain(0)));
        assert_eq!(certificate.check_chain(&format!("{middle}{middle}")), Err(Malformed::Chain(1)));
        assert_eq!(certificate.check_chain("no chain"), Err(Malformed::Chain(0)));
        assert_eq!(Certificate::parse(&format!("{middle}{root}")), Err(Malformed::Certificate));
        assert_eq!(Certificate::parse("no certificate"), Err(Malformed::Certificate));
    }
}
