//! SAML 2.0 responses: the XML signature (XML Signature Syntax and Processing 1.1), and what the signed assertion says
//! (SAML 2.0 Core). What is returned was read from the very element that the signature covers, so that nothing that was
//! wrapped around it is believed.

mod assertion;
mod canonical;
mod certificate;
mod encryption;
mod metadata;
mod signature;
mod xml;

pub use assertion::{Assertion, Confirmation};
pub use certificate::Certificate;
pub use encryption::DecryptionKey;
pub use metadata::Metadata;

use xml::Element;

const PROTOCOL: &str = "urn:oasis:names:tc:SAML:2.0:protocol";
const ASSERTION: &str = "urn:oasis:names:tc:SAML:2.0:assertion";
const SUCCESS: &str = "urn:oasis:names:tc:SAML:2.0:status:Success";

/// What is wrong with a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SamlError {
    /// It is no XML, or no response with one assertion.
    #[error("the text is no SAML response")]
    Malformed,
    /// The provider reports a failure.
    #[error("the response reports a failure")]
    Unsuccessful,
    /// The assertion is encrypted, and not for a key of the recipient; or it is not and has to be.
    #[error("the assertion can't be decrypted")]
    NotDecrypted,
    /// Nothing of it is signed, or not by the provider, or not what is to be read.
    #[error("the response is not signed by the provider")]
    SignatureInvalid,
}

/// What a provider's responses are read with.
#[derive(Clone, Default)]
pub struct Trusted {
    /// One of them has signed.
    pub certificates: Vec<Certificate>,
    /// What assertions may be encrypted for.
    pub keys: Vec<DecryptionKey>,
    /// Whether assertions have to be encrypted.
    pub requires_encryption: bool,
}

/// Reads a response that one of the provider's certificates signed: as a whole, its assertion, or both. An encrypted
/// assertion is a document of its own, whose signature is inside.
///
/// # Errors
/// When it is malformed, reports a failure, can't be decrypted, or a signature is missing or wrong.
pub fn read_response(text: &str, trusted: &Trusted) -> Result<Assertion, SamlError> {
    let certificates = &trusted.certificates;
    let response = Element::parse(text).map_err(|_| SamlError::Malformed)?;
    if !response.is(PROTOCOL, "Response") {
        return Err(SamlError::Malformed);
    }
    let is_assertion =
        |child: &&Element| child.is(ASSERTION, "Assertion") || child.is(ASSERTION, "EncryptedAssertion");
    let mut assertions = response.children().filter(is_assertion);
    let (Some(found), None) = (assertions.next(), assertions.next()) else {
        return Err(SamlError::Malformed);
    };
    let decrypted = match (found.is(ASSERTION, "EncryptedAssertion"), trusted.requires_encryption) {
        (true, _) => Some(decrypted(found, &trusted.keys)?),
        (false, true) => return Err(SamlError::NotDecrypted),
        (false, false) => None,
    };
    let assertion = decrypted.as_ref().unwrap_or(found);
    let document = decrypted.as_ref().unwrap_or(&response);
    let verified = [
        signature::verify(&response, &response, certificates),
        signature::verify(document, assertion, certificates),
    ];
    match verified {
        // Each signature that is there must be right; one must be there.
        [Err(_), _] | [_, Err(_)] | [Ok(false), Ok(false)] => return Err(SamlError::SignatureInvalid),
        _ => {}
    }
    let status = response.child(PROTOCOL, "Status").and_then(|status| status.child(PROTOCOL, "StatusCode"));
    if status.is_some_and(|code| code.attribute("Value") != Some(SUCCESS)) {
        return Err(SamlError::Unsuccessful);
    }
    Assertion::read(assertion).ok_or(SamlError::Malformed)
}

/// The assertion that is encrypted.
fn decrypted(element: &Element, keys: &[DecryptionKey]) -> Result<Element, SamlError> {
    let text = encryption::decrypt(element, keys).map_err(|_| SamlError::NotDecrypted)?;
    let assertion = Element::parse(&text).map_err(|_| SamlError::Malformed)?;
    if assertion.is(ASSERTION, "Assertion") { Ok(assertion) } else { Err(SamlError::Malformed) }
}
