//! The query of a URI: names and values, each name once, none unknown.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use percent_encoding::percent_decode_str;

use super::error::AdminError;

/// Parameters that nobody has asked for yet.
pub(super) struct Query {
    parameters: BTreeMap<String, String>,
}

impl Query {
    /// Takes the text behind the question mark apart.
    pub(super) fn parse(text: &str) -> Result<Self, AdminError> {
        let mut parameters = BTreeMap::new();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let name = decode(name)?;
            if parameters.insert(name.clone(), decode(value)?).is_some() {
                return Err(AdminError::invalid(format!("the parameter {name} is given twice")));
            }
        }
        Ok(Query { parameters })
    }

    /// The value of a parameter, if it is given.
    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name)
    }

    /// The value of a parameter in its own type, if it is given.
    pub(super) fn take_parsed<T: FromStr<Err: Display>>(
        &mut self,
        name: &str,
    ) -> Result<Option<T>, AdminError> {
        self.take(name)
            .map(|text| text.parse())
            .transpose()
            .map_err(|error| AdminError::invalid(format!("the parameter {name}: {error}")))
    }

    /// Refuses what nobody has asked for.
    pub(super) fn finish(self) -> Result<(), AdminError> {
        match self.parameters.into_keys().next() {
            None => Ok(()),
            Some(name) => Err(AdminError::invalid(format!("this page has no parameter {name}"))),
        }
    }
}

fn decode(text: &str) -> Result<String, AdminError> {
    let text = text.replace('+', " ");
    let decoded = percent_decode_str(&text).decode_utf8();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| AdminError::invalid("the query is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_decoded_and_taken_once() {
        let mut query = Query::parse("service=sqs&caller=arn%3Aaws&limit=5&empty").unwrap();
        assert_eq!(query.take("service").as_deref(), Some("sqs"));
        assert_eq!(query.take("caller").as_deref(), Some("arn:aws"));
        assert_eq!(query.take_parsed::<usize>("limit").unwrap(), Some(5));
        assert_eq!(query.take("empty").as_deref(), Some(""));
        assert_eq!(query.take("limit"), None);
        query.finish().unwrap();
    }

    #[test]
    fn unknown_repeated_and_malformed_parameters_are_refused() {
        assert!(Query::parse("a=1").unwrap().finish().is_err());
        assert!(Query::parse("a=1&a=2").is_err());
        assert!(Query::parse("a=%ff").is_err());
        assert!(Query::parse("limit=many").unwrap().take_parsed::<usize>("limit").is_err());
    }
}
