//! Cross-origin resource sharing: which pages of which origins may use the bucket from a browser.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::view::List;
use virga_store::{Read, Write};

use super::{Kind, document};
use crate::bucket;
use virga_object::Error;

/// The most rules.
const MOST_RULES: usize = 100;
/// Methods that a rule may allow.
const METHODS: [&str; 5] = ["GET", "PUT", "HEAD", "POST", "DELETE"];

/// Sets the rules.
pub(crate) fn put_bucket_cors(
    _: &Ctx,
    txn: &mut Write,
    input: &api::PutBucketCorsRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    check(input.cors_configuration())?;
    document::set(txn, input.bucket(), &mut bucket, Kind::Cors, input.cors_configuration())?;
    Ok(Nothing::new())
}

/// The rules.
pub(crate) fn get_bucket_cors(
    _: &Ctx,
    txn: &Read,
    input: &api::GetBucketCorsRequest,
) -> Result<api::GetBucketCorsOutput, Error> {
    let bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    let found: Option<api::CORSConfiguration> = document::find(txn, &bucket, Kind::Cors)?;
    let missing = || Error::NoSuchCorsConfiguration { bucket: input.bucket().to_owned() };
    Ok(document::spread(found.ok_or_else(missing)?))
}

/// Removes the rules.
pub(crate) fn delete_bucket_cors(
    _: &Ctx,
    txn: &mut Write,
    input: &api::DeleteBucketCorsRequest,
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, input.bucket(), input.expected_bucket_owner())?;
    super::delete(txn, input.bucket(), &mut bucket, (Kind::Cors, ""))?;
    Ok(Nothing::new())
}

fn check(configuration: &api::CORSConfiguration) -> Result<(), Error> {
    document::check(configuration)?;
    let rules = configuration.cors_rules();
    if rules.is_empty() || rules.len() > MOST_RULES {
        return Err(Error::MalformedXml);
    }
    for rule in rules.iter() {
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
