//! Metadata documents of SAML identity providers.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What IAM needs of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metadata {
    /// `entityID`.
    pub(crate) entity_id: String,
    /// `validUntil` of the descriptor, in seconds since the epoch.
    pub(crate) valid_until: Option<i64>,
}

/// What has been seen on the way through a document.
#[derive(Default)]
struct Seen {
    entity_id: Option<String>,
    valid_until: Option<i64>,
    identity_provider: bool,
    sign_on: bool,
    certificates: usize,
}

/// Reads a document; none when it is not well formed or does not describe an identity provider with a certificate and
/// a place to sign on.
pub(crate) fn parse(document: &str) -> Option<Metadata> {
    let mut reader = Reader::from_str(document.trim_start_matches('\u{feff}'));
    let mut seen = Seen::default();
    let mut depth = 0_usize;
    let mut in_certificate = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(element) => {
                depth += 1;
                in_certificate = element.local_name().as_ref() == "X509Certificate";
                seen.element(&element)?;
            }
            Event::Empty(element) => seen.element(&element)?,
            Event::Text(text) if in_certificate => {
                let base64: String = text.split_ascii_whitespace().collect();
                STANDARD.decode(base64).ok().filter(|der| !der.is_empty())?;
                seen.certificates += 1;
            }
            Event::End(_) => {
                depth = depth.checked_sub(1)?;
                in_certificate = false;
            }
            Event::Eof => break,
            _ => {}
        }
    }
    (depth == 0).then(|| seen.metadata()).flatten()
}

impl Seen {
    fn element(&mut self, element: &BytesStart<'_>) -> Option<()> {
        match element.local_name().as_ref() {
            "EntityDescriptor" if self.entity_id.is_none() => {
                self.entity_id = attribute(element, "entityID");
                if let Some(text) = attribute(element, "validUntil") {
                    self.valid_until = Some(OffsetDateTime::parse(&text, &Rfc3339).ok()?.unix_timestamp());
                }
            }
            "IDPSSODescriptor" => self.identity_provider = true,
            "SingleSignOnService" => self.sign_on = true,
            _ => {}
        }
        Some(())
    }

    fn metadata(self) -> Option<Metadata> {
        let entity_id = self.entity_id.filter(|id| !id.is_empty())?;
        let complete = self.identity_provider && self.sign_on && self.certificates > 0;
        complete.then_some(Metadata { entity_id, valid_until: self.valid_until })
    }
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found =
        element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(found.value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com" validUntil="2030-01-02T03:04:05Z">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>
      <ds:X509Certificate>
        MIIB
      </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>"#;

    #[test]
    fn a_document_gives_the_entity_and_its_end() {
        let metadata = parse(GOOD).unwrap();
        assert_eq!(metadata.entity_id, "https://idp.example.com");
        assert_eq!(metadata.valid_until, Some(1_893_553_445));
    }

    #[test]
    fn incomplete_and_broken_documents_are_refused() {
        for (what, by) in [
            ("MIIB", "!!!!"),
            ("X509Certificate", "X509CRL"),
            ("IDPSSODescriptor", "SPSSODescriptor"),
            ("entityID", "id"),
            ("</md:EntityDescriptor>", ""),
            ("SingleSignOnService", "Other"),
            ("2030-01-02T03:04:05Z", "soon"),
        ] {
            assert_eq!(parse(&GOOD.replace(what, by)), None, "{what}");
        }
        assert_eq!(parse("not xml at all"), None);
    }
}
