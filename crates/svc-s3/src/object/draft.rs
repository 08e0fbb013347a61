//! What a request says of a new object beside its body.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>

use virga_model::Record;

use crate::records::{ContentHeaders, StorageClass};
use virga_object::Error;
use virga_object::directory_bucket;
use virga_object::encoded_word;
use virga_object::members;
use virga_object::tags;

/// Bytes of the names and values of user metadata.
const MOST_METADATA: usize = 2 << 10;
/// The type of objects whose type nobody said.
const DEFAULT_TYPE: &str = "binary/octet-stream";

/// What a request says of a new object.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// Headers that come back as they were given.
    pub(crate) headers: ContentHeaders,
    /// User metadata.
    pub(crate) metadata: Vec<(String, String)>,
    /// Tags.
    pub(crate) tags: Vec<(String, String)>,
    /// Where it is stored.
    pub(crate) class: StorageClass,
}

impl Draft {
    /// Reads a request.
    pub(crate) fn of_request(request: &Record) -> Result<Self, Error> {
        let tags = members::text(request, "Tagging").map(tags::of_header).transpose()?;
        Ok(Draft {
            headers: headers(request)?,
            metadata: metadata(request)?,
            tags: tags.unwrap_or_default(),
            class: class(request)?,
        })
    }
}

/// The longest location that a website redirects to, in bytes.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
const LONGEST_REDIRECT: usize = 2048;

/// Headers of a new object.
pub(crate) fn headers(request: &Record) -> Result<ContentHeaders, Error> {
    let redirect = members::owned(request, "WebsiteRedirectLocation");
    if let Some(redirect) = &redirect {
        let is_location = ["/", "http://", "https://"].iter().any(|start| redirect.starts_with(start));
        if !is_location {
            return Err(Error::InvalidRedirectLocation);
        }
        if redirect.len() > LONGEST_REDIRECT {
            return Err(Error::RedirectTooLong);
        }
    }
    let content_type = members::owned(request, "ContentType").filter(|text| !text.is_empty());
    Ok(ContentHeaders {
        cache_control: members::owned(request, "CacheControl"),
        content_disposition: members::owned(request, "ContentDisposition"),
        content_encoding: members::text(request, "ContentEncoding").and_then(content_encoding),
        content_language: members::owned(request, "ContentLanguage"),
        content_type: Some(content_type.unwrap_or_else(|| DEFAULT_TYPE.to_owned())),
        expires: members::owned(request, "Expires"),
        website_redirect_location: redirect,
    })
}

/// The encoding of the content: how it was sent does not belong to it.
fn content_encoding(header: &str) -> Option<String> {
    if !header.contains("aws-chunked") {
        return Some(header.to_owned());
    }
    let kept: Vec<&str> =
        header.split(',').map(str::trim).filter(|part| !matches!(*part, "aws-chunked" | "")).collect();
    (!kept.is_empty()).then(|| kept.join(","))
}

/// User metadata of a new object.
pub(crate) fn metadata(request: &Record) -> Result<Vec<(String, String)>, Error> {
    let entries = members::entries(request, "Metadata");
    let metadata: Vec<_> = entries
        .map(|(name, value)| (name.to_ascii_lowercase(), encoded_word::decode(value).into_owned()))
        .collect();
    let size: usize = metadata.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MOST_METADATA {
        return Err(Error::MetadataTooLarge { size: size.to_string(), most: MOST_METADATA.to_string() });
    }
    Ok(metadata)
}

/// The storage class of a new object.
pub(crate) fn class(request: &Record) -> Result<StorageClass, Error> {
    let is_directory = directory_bucket::of_request(request).is_some();
    let Some(given) = members::text(request, "StorageClass") else {
        return Ok(if is_directory { StorageClass::ExpressOnezone } else { StorageClass::Standard });
    };
    let class = StorageClass::parse(given);
    let class = class.filter(|class| (*class == StorageClass::ExpressOnezone) == is_directory);
    class.ok_or_else(|| Error::InvalidStorageClass { class: given.to_owned() })
}
