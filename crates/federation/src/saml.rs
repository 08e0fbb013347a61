//! SAML 2.0 responses: the XML signature (XML Signature Syntax and Processing 1.1), and what the signed assertion says
//! (SAML 2.0 Core). What is returned was read from the very element that the signature covers, so that nothing that was
//! wrapped around it is believed.

mod assertion;
mod canonical;
mod certificate;
mod metadata;
mod signature;
mod xml;

pub use assertion::{Assertion, Confirmation};
pub use certificate::Certificate;
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
    /// Nothing of it is signed, or not by the provider, or not what is to be read.
    #[error("the response is not signed by the provider")]
    SignatureInvalid,
}

/// Reads a response that one of the provider's certificates signed: as a whole, its assertion, or both.
///
/// # Errors
/// When it is malformed, reports a failure, or a signature is missing or wrong.
pub fn read_response(text: &str, certificates: &[Certificate]) -> Result<Assertion, SamlError> {
    let response = Element::parse(text).map_err(|_| SamlError::Malformed)?;
    if !response.is(PROTOCOL, "Response") {
        return Err(SamlError::Malformed);
    }
    let mut assertions = response.children().filter(|child| child.is(ASSERTION, "Assertion"));
    let (Some(assertion), None) = (assertions.next(), assertions.next()) else {
        return Err(SamlError::Malformed);
    };
    let verified = [&response, assertion].map(|element| signature::verify(&response, element, certificates));
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
