//! Enveloped XML signatures: <https://www.w3.org/TR/xmldsig-core1/>.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest;

use super::Certificate;
use super::canonical::canonical;
use super::xml::Element;

const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";
const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// Exclusive canonicalization; also the namespace of its parameters.
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// A signature that does not hold.
#[derive(Debug)]
pub(super) struct Invalid;

/// Checks the signature that an element carries: whether there is one. It must cover exactly this element.
///
/// # Errors
/// When there is one and it does not hold.
pub(super) fn verify(
    document: &Element,
    element: &Element,
    certificates: &[Certificate],
) -> Result<bool, Invalid> {
    let mut all = element.all(SIGNATURE, "Signature");
    let Some(signature) = all.next() else { return Ok(false) };
    if all.next().is_some() {
        return Err(Invalid);
    }
    let info = signature.only(SIGNATURE, "SignedInfo").ok_or(Invalid)?;
    let reference = info.only(SIGNATURE, "Reference").ok_or(Invalid)?;
    if !is_about(reference, document, element) || !digest_agrees(reference, element, signature) {
        return Err(Invalid);
    }
    let method = info.only(SIGNATURE, "CanonicalizationMethod").ok_or(Invalid)?;
    let inclusive = exclusive_parameters(method).ok_or(Invalid)?;
    let message = canonical(info, &inclusive, &|_| false);
    let algorithm = info.only(SIGNATURE, "SignatureMethod").and_then(|method| method.attribute("Algorithm"));
    let value = signature.only(SIGNATURE, "SignatureValue").and_then(base64).ok_or(Invalid)?;
    let algorithm = algorithm.ok_or(Invalid)?;
    let fits = certificates.iter().any(|certificate| certificate.verify(algorithm, &message, &value));
    if fits { Ok(true) } else { Err(Invalid) }
}

/// Whether the reference names the element that carries the signature, and can name no other.
fn is_about(reference: &Element, document: &Element, element: &Element) -> bool {
    match reference.attribute("URI") {
        Some("") => std::ptr::eq(document, element),
        Some(uri) => {
            let Some(id) = uri.strip_prefix('#').filter(|id| !id.is_empty()) else { return false };
            let mut count = 0;
            document.walk(&mut |other| {
                let ids = ["ID", "Id", "id"].iter().filter(|name| other.attribute(name) == Some(id));
                count += ids.count();
            });
            count == 1 && element.attribute("ID") == Some(id)
        }
        None => false,
    }
}

/// Whether the digest of the reference is that of the element without its signature.
fn digest_agrees(reference: &Element, element: &Element, signature: &Element) -> bool {
    let mut inclusive = None;
    let mut is_enveloped = false;
    let transforms = reference.only(SIGNATURE, "Transforms");
    for transform in transforms.into_iter().flat_map(|all| all.all(SIGNATURE, "Transform")) {
        match (transform.attribute("Algorithm"), exclusive_parameters(transform)) {
            (Some(ENVELOPED), _) if !is_enveloped && inclusive.is_none() => is_enveloped = true,
            (_, Some(parameters)) if inclusive.is_none() => inclusive = Some(parameters),
            _ => return false,
        }
    }
    let (Some(inclusive), true) = (inclusive, is_enveloped) else { return false };
    let algorithm = match reference.only(SIGNATURE, "DigestMethod").and_then(|m| m.attribute("Algorithm")) {
        Some("http://www.w3.org/2000/09/xmldsig#sha1") => &digest::SHA1_FOR_LEGACY_USE_ONLY,
        Some("http://www.w3.org/2001/04/xmlenc#sha256") => &digest::SHA256,
        Some("http://www.w3.org/2001/04/xmldsig-more#sha384") => &digest::SHA384,
        Some("http://www.w3.org/2001/04/xmlenc#sha512") => &digest::SHA512,
        _ => return false,
    };
    let text = canonical(element, &inclusive, &|child| std::ptr::eq(child, signature));
    let expected = reference.only(SIGNATURE, "DigestValue").and_then(base64);
    expected.is_some_and(|expected| digest::digest(algorithm, &text).as_ref() == expected)
}

/// The prefixes of the inclusive list, when the method is exclusive canonicalization.
fn exclusive_parameters(method: &Element) -> Option<Vec<&str>> {
    if method.attribute("Algorithm") != Some(EXCLUSIVE) {
        return None;
    }
    let list = method.child(EXCLUSIVE, "InclusiveNamespaces").and_then(|list| list.attribute("PrefixList"));
    let prefixes = list.unwrap_or("").split_ascii_whitespace();
    Some(prefixes.map(|prefix| if prefix == "#default" { "" } else { prefix }).collect())
}

pub(super) fn base64(element: &Element) -> Option<Vec<u8>> {
    let text: String = element.text().split_ascii_whitespace().collect();
    STANDARD.decode(text).ok()
}
