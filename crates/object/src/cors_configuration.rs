//! What makes rules of cross-origin requests wrong.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>

use virga_api::s3 as api;
use virga_model::view::List;

use crate::{Error, document};

/// The most rules.
const MOST_RULES: usize = 100;
/// The longest id of a rule.
const LONGEST_ID: usize = 255;
/// Methods that a rule may allow.
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// Checks the rules.
pub fn check(configuration: &api::CORSConfiguration) -> Result<(), Error> {
    document::check(configuration)?;
    let rules = configuration.cors_rules();
    if rules.is_empty() || rules.len() > MOST_RULES {
        return Err(Error::MalformedXml);
    }
    for rule in rules.iter() {
        if rule.id().is_some_and(|id| id.chars().count() > LONGEST_ID) {
            let reason = format!("ID length should not exceed allowed limit of {LONGEST_ID}");
            return Err(Error::InvalidArgumentName { reason, argument: "ID".to_owned() });
        }
        if rule.allowed_methods().is_empty() || rule.allowed_origins().is_empty() {
            return Err(Error::MalformedXml);
        }
        if let Some(method) = rule.allowed_methods().iter().find(|method| !METHODS.contains(method)) {
            return Err(Error::request(format!(
                "Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )));
        }
        let has_many = |text: &str| text.matches('*').count() > 1;
        if let Some(origin) = rule.allowed_origins().iter().find(|origin| has_many(origin)) {
            return Err(Error::request(format!(
                "AllowedOrigin \"{origin}\" can not have more than one wildcard."
            )));
        }
        let mut headers = rule.allowed_headers().into_iter().flat_map(List::iter);
        if let Some(header) = headers.find(|header| has_many(header)) {
            return Err(Error::request(format!(
                "AllowedHeader \"{header}\" can not have more than one wildcard."
            )));
        }
        let mut exposed = rule.expose_headers().into_iter().flat_map(List::iter);
        if let Some(header) = exposed.find(|header| header.contains('*')) {
            return Err(Error::request(format!(
                "ExposeHeader \"{header}\" contains wildcard. We currently do not support wildcard for ExposeHeader."
            )));
        }
    }
    Ok(())
}
