//! The metadata of an identity provider: SAML 2.0 Metadata.

use super::Certificate;
use super::xml::Element;

const METADATA: &str = "urn:oasis:names:tc:SAML:2.0:metadata";
const SIGNATURE: &str = "http://www.w3.org/2000/09/xmldsig#";

/// What a provider publishes of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Its name, the issuer of its assertions.
    pub entity_id: String,
    /// The certificates it signs with.
    pub certificates: Vec<Certificate>,
}

impl Metadata {
    /// Reads metadata; none when they are not those of an identity provider with a certificate to sign with.
    pub fn parse(text: &str) -> Option<Self> {
        let root = Element::parse(text).ok()?;
        let entity = if root.is(METADATA, "EntityDescriptor") {
            &root
        } else {
            root.child(METADATA, "EntityDescriptor").filter(|_| root.is(METADATA, "EntitiesDescriptor"))?
        };
        let provider = entity.child(METADATA, "IDPSSODescriptor")?;
        let keys = provider.all(METADATA, "KeyDescriptor");
        let signing = keys.filter(|key| key.attribute("use").is_none_or(|purpose| purpose == "signing"));
        let certificates: Vec<_> = signing
            .flat_map(|key| key.all(SIGNATURE, "KeyInfo"))
            .flat_map(|info| info.all(SIGNATURE, "X509Data"))
            .flat_map(|data| data.all(SIGNATURE, "X509Certificate"))
            .filter_map(|certificate| Certificate::of_base64(&certificate.text()))
            .collect();
        let entity_id = entity.attribute("entityID")?.to_owned();
        (!certificates.is_empty()).then_some(Metadata { entity_id, certificates })
    }
}
