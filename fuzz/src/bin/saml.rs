//! SAML responses and metadata: whatever somebody sends is read or refused, and nothing unsigned is believed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use virga_federation::saml::{Metadata, SamlError, Trusted, read_response};

fuzz_target!(|input: &[u8]| {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let certificates = Metadata::parse(text).map(|metadata| metadata.certificates).unwrap_or_default();
    let read = read_response(text, &Trusted { certificates, ..Trusted::default() });
    // A document can't be response and metadata at once: no certificate, no assertion.
    let is_refused = matches!(
        read,
        Err(SamlError::Malformed | SamlError::NotDecrypted | SamlError::SignatureInvalid)
    );
    assert!(is_refused, "{read:?}");
});
