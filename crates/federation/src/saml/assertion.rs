//! What an assertion says of somebody.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::ASSERTION;
use super::xml::Element;

/// A signed assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// Who says it.
    pub issuer: String,
    /// When it was said, in Unix seconds.
    pub issued_at: i64,
    /// The name of the subject.
    pub subject: String,
    /// The format of that name, a URI.
    pub subject_format: Option<String>,
    /// How the subject is confirmed.
    pub confirmations: Vec<Confirmation>,
    /// From when on it holds.
    pub not_before: Option<i64>,
    /// Until when it holds, that moment excluded.
    pub not_on_or_after: Option<i64>,
    /// For whom it is meant; of each restriction one must fit.
    pub audiences: Vec<Vec<String>>,
    /// Until when the provider's session lasts.
    pub session_not_on_or_after: Option<i64>,
    /// Attributes with their values, in order.
    pub attributes: Vec<(String, Vec<String>)>,
}

/// A confirmation of the subject by bearing the assertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// Where it is to be presented.
    pub recipient: Option<String>,
    /// Until when, that moment excluded.
    pub not_on_or_after: Option<i64>,
}

const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";

impl Assertion {
    pub(super) fn read(assertion: &Element) -> Option<Self> {
        let subject = assertion.only(ASSERTION, "Subject")?;
        let name = subject.only(ASSERTION, "NameID")?;
        let conditions = assertion.child(ASSERTION, "Conditions");
        let restrictions = conditions.into_iter().flat_map(|all| all.all(ASSERTION, "AudienceRestriction"));
        let statement = assertion.child(ASSERTION, "AuthnStatement");
        Some(Assertion {
            issuer: assertion.only(ASSERTION, "Issuer")?.text(),
            issued_at: time(assertion, "IssueInstant")??,
            subject: name.text(),
            subject_format: name.attribute("Format").map(str::to_owned),
            confirmations: subject
                .all(ASSERTION, "SubjectConfirmation")
                .filter(|confirmation| confirmation.attribute("Method") == Some(BEARER))
                .map(confirmation)
                .collect::<Option<_>>()?,
            not_before: optional_time(conditions, "NotBefore")?,
            not_on_or_after: optional_time(conditions, "NotOnOrAfter")?,
            audiences: restrictions
                .map(|restriction| restriction.all(ASSERTION, "Audience").map(Element::text).collect())
                .collect(),
            session_not_on_or_after: optional_time(statement, "SessionNotOnOrAfter")?,
            attributes: attributes(assertion),
        })
    }

    /// The values of an attribute.
    pub fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        let named = self.attributes.iter().filter(move |(own, _)| own == name);
        named.flat_map(|(_, values)| values.iter().map(String::as_str))
    }
}

fn confirmation(element: &Element) -> Option<Confirmation> {
    let data = element.child(ASSERTION, "SubjectConfirmationData");
    Some(Confirmation {
        recipient: data.and_then(|data| data.attribute("Recipient")).map(str::to_owned),
        not_on_or_after: optional_time(data, "NotOnOrAfter")?,
    })
}

fn attributes(assertion: &Element) -> Vec<(String, Vec<String>)> {
    let statements = assertion.all(ASSERTION, "AttributeStatement");
    let attributes = statements.flat_map(|statement| statement.all(ASSERTION, "Attribute"));
    let read = |attribute: &Element| {
        let name = attribute.attribute("Name")?.to_owned();
        Some((name, attribute.all(ASSERTION, "AttributeValue").map(Element::text).collect()))
    };
    attributes.filter_map(read).collect()
}

/// None when the attribute is no time, `Some(None)` when there is no attribute.
fn time(element: &Element, name: &str) -> Option<Option<i64>> {
    let Some(text) = element.attribute(name) else { return Some(None) };
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(Some(time.unix_timestamp()))
}

fn optional_time(element: Option<&Element>, name: &str) -> Option<Option<i64>> {
    element.map_or(Some(None), |element| time(element, name))
}
