//! Responses signed in every place, and what attackers make of them.

use virga_federation::saml::{Assertion, Metadata, SamlError, Trusted, read_response};

const RESPONSE_SIGNED: &str = include_str!("fixtures/response-signed.xml");
const ASSERTION_SIGNED: &str = include_str!("fixtures/assertion-signed.xml");
const BOTH_SIGNED: &str = include_str!("fixtures/both-signed.xml");
const EC_SIGNED: &str = include_str!("fixtures/assertion-signed-ec.xml");
const METADATA: &str = include_str!("fixtures/metadata.xml");
const EC_METADATA: &str = include_str!("fixtures/metadata-ec.xml");

fn read(response: &str, metadata: &str) -> Result<Assertion, SamlError> {
    let certificates = Metadata::parse(metadata).unwrap().certificates;
    read_response(response, &Trusted { certificates, ..Trusted::default() })
}

#[test]
fn a_signature_may_be_on_the_response_the_assertion_or_both() {
    for (response, metadata) in [
        (RESPONSE_SIGNED, METADATA),
        (ASSERTION_SIGNED, METADATA),
        (BOTH_SIGNED, METADATA),
        (EC_SIGNED, EC_METADATA),
    ] {
        let assertion = read(response, metadata).unwrap();
        assert_eq!((assertion.subject.as_str(), assertion.issued_at), ("ann&bob", 1_800_000_000));
        assert_eq!(assertion.issuer, Metadata::parse(metadata).unwrap().entity_id);
        assert_eq!(assertion.values("many").collect::<Vec<_>>(), ["1 < 2", "two"]);
        assert_eq!(assertion.audiences, [["https://signin.aws.amazon.com/saml"]]);
        assert_eq!(assertion.confirmations[0].not_on_or_after, Some(1_800_000_300));
        assert_eq!(assertion.session_not_on_or_after, Some(1_800_003_600));
    }
}

#[test]
fn somebody_elses_signature_is_none() {
    assert_eq!(read(RESPONSE_SIGNED, EC_METADATA), Err(SamlError::SignatureInvalid));
    assert_eq!(read(EC_SIGNED, METADATA), Err(SamlError::SignatureInvalid));
    assert_eq!(read_response(RESPONSE_SIGNED, &Trusted::default()), Err(SamlError::SignatureInvalid));
}

#[test]
fn whatever_is_changed_breaks_the_signature() {
    for response in [RESPONSE_SIGNED, ASSERTION_SIGNED, BOTH_SIGNED] {
        for (from, to) in [
            ("ann&amp;bob", "eve"),
            (">ann<", ">root<"),
            ("2027-01-15T08:05:00Z", "2037-01-15T08:05:00Z"),
            ("xmldsig-more#rsa-sha", "xmldsig-more#hmac-sha"),
            ("#enveloped-signature", "#base64"),
        ] {
            assert!(response.contains(from), "{from}");
            let changed = response.replace(from, to);
            assert_eq!(read(&changed, METADATA), Err(SamlError::SignatureInvalid), "{from}");
        }
    }
    // A comment does not cut a name short: it is no part of what was signed, nor of what is read.
    let commented = ASSERTION_SIGNED.replace("ann&amp;bob", "ann<!-- -->&amp;bob");
    assert_eq!(read(&commented, METADATA).unwrap().subject, "ann&bob");
}

#[test]
fn unsigned_responses_are_refused() {
    let start = RESPONSE_SIGNED.find("<ds:Signature").unwrap();
    let end = RESPONSE_SIGNED.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let unsigned = format!("{}{}", &RESPONSE_SIGNED[..start], &RESPONSE_SIGNED[end..]);
    assert_eq!(read(&unsigned, METADATA), Err(SamlError::SignatureInvalid));
}

/// The signed assertion is hidden somewhere, and another one stands where it is looked for.
#[test]
fn a_wrapped_signature_covers_nothing_that_is_read() {
    let start = ASSERTION_SIGNED.find("<saml:Assertion").unwrap();
    let end = ASSERTION_SIGNED.find("</saml:Assertion>").unwrap() + "</saml:Assertion>".len();
    let (before, signed, after) =
        (&ASSERTION_SIGNED[..start], &ASSERTION_SIGNED[start..end], &ASSERTION_SIGNED[end..]);
    let signature_start = signed.find("<ds:Signature").unwrap();
    let signature_end = signed.find("</ds:Signature>").unwrap() + "</ds:Signature>".len();
    let signature = &signed[signature_start..signature_end];
    let bare = format!("{}{}", &signed[..signature_start], &signed[signature_end..]);
    let evil = signed.replace("ann&amp;bob", "eve");
    let evil_bare = bare.replace("ann&amp;bob", "eve");
    for (attack, expected) in [
        // Two assertions.
        (format!("{before}{evil_bare}{signed}{after}"), SamlError::Malformed),
        // The signed one inside an element that nobody reads.
        (format!("{before}<x>{signed}</x>{evil_bare}{after}"), SamlError::SignatureInvalid),
        (format!("{before}<x>{bare}</x>{evil}{after}"), SamlError::SignatureInvalid),
        // The same id twice, the signature in the evil one.
        (
            format!("{before}{}{after}", evil.replace("</ds:Signature>", &format!("<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">{bare}</ds:Object></ds:Signature>"))),
            SamlError::SignatureInvalid,
        ),
        // The signature moved to the response.
        (format!("{before}{signature}{evil_bare}{after}"), SamlError::SignatureInvalid),
        // Another id.
        (
            format!("{before}<x>{bare}</x>{}{after}", evil.replace("ID=\"_a1\"", "ID=\"_a2\"")),
            SamlError::SignatureInvalid,
        ),
    ] {
        assert_eq!(read(&attack, METADATA), Err(expected), "{attack}");
    }
}

#[test]
fn failures_and_other_documents() {
    let failed = ASSERTION_SIGNED.replace("status:Success", "status:Responder");
    assert_eq!(read(&failed, METADATA), Err(SamlError::Unsuccessful));
    for text in ["", "<a/>", METADATA, "<!DOCTYPE a><a/>"] {
        assert_eq!(read(text, METADATA), Err(SamlError::Malformed), "{text}");
    }
    for text in ["", "<a/>", &METADATA.replace("signing", "encryption"), &METADATA.replace("entityID", "id")]
    {
        assert_eq!(Metadata::parse(text), None, "{text}");
    }
}
