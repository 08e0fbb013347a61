//! RenameObject: what is renamed, and what tells one request from another.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-rename.html>

use percent_encoding::percent_decode_str;
use ring::digest;
use virga_model::{Record, Timestamp};

use crate::{Error, members};

/// Letters of a client's token.
const LONGEST_TOKEN: usize = 64;

/// The key of what is renamed, in this bucket. A header may name the bucket in front of it, as sources of copies do.
pub fn source(bucket: &str, header: &str, destination: &str) -> Result<String, Error> {
    let decoded = percent_decode_str(header).decode_utf8().map_err(|_| {
        Error::argument("Invalid rename source encoding", "x-amz-rename-source", "x-amz-rename-source")
    })?;
    let own = decoded.strip_prefix('/').map(|path| {
        let in_bucket = path.strip_prefix(bucket).and_then(|rest| rest.strip_prefix('/'));
        in_bucket.unwrap_or(path)
    });
    let key = own.unwrap_or(&decoded);
    if key.is_empty() {
        let header = "x-amz-rename-source";
        return Err(Error::argument("Invalid rename source object key", header, header));
    }
    if key.ends_with('/') || destination.ends_with('/') {
        return Err(Error::request("RenameObject does not take keys that end in the delimiter '/'."));
    }
    Ok(key.to_owned())
}

/// The token by which a request is known again, and what it says.
pub fn token(request: &Record) -> Result<Option<(String, [u8; 32])>, Error> {
    let Some(token) = members::text(request, "ClientToken") else { return Ok(None) };
    if token.is_empty() || token.len() > LONGEST_TOKEN || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Error::argument("Invalid client token specified.", "x-amz-client-token", token));
    }
    let mut hash = digest::Context::new(&digest::SHA256);
    let texts = ["Key", "RenameSource", "DestinationIfMatch", "DestinationIfNoneMatch"];
    let texts = texts.into_iter().chain(["SourceIfMatch", "SourceIfNoneMatch"]);
    for member in texts {
        hash.update(members::text(request, member).unwrap_or_default().as_bytes());
        hash.update(&[0]);
    }
    for member in ["DestinationIf", "SourceIf"] {
        for kind in ["ModifiedSince", "UnmodifiedSince"] {
            let time = members::time(request, &format!("{member}{kind}"));
            hash.update(&time.map_or(i64::MIN, Timestamp::micros).to_be_bytes());
        }
    }
    let mut said = [0; 32];
    said.copy_from_slice(hash.finish().as_ref());
    Ok(Some((token.to_owned(), said)))
}

#[cfg(test)]
mod tests {
    use virga_api::s3 as api;
    use virga_model::view::Structure as _;

    use super::*;

    #[test]
    fn a_source_is_a_key_of_the_bucket() {
        let source = |header: &str| source("b--use1-az4--x-s3", header, "new").ok();
        assert_eq!(source("old").as_deref(), Some("old"));
        assert_eq!(source("/a%20b/c").as_deref(), Some("a b/c"));
        assert_eq!(source("/b--use1-az4--x-s3/old").as_deref(), Some("old"));
        assert_eq!(source("b--use1-az4--x-s3/old").as_deref(), Some("b--use1-az4--x-s3/old"));
        for wrong in ["", "/", "folder/", "/b--use1-az4--x-s3/"] {
            assert_eq!(source(wrong), None, "{wrong}");
        }
        assert!(super::source("b--use1-az4--x-s3", "old", "folder/").is_err());
    }

    #[test]
    fn a_token_stands_for_what_the_request_says() {
        let request = |token: &str, source: &str| {
            let request = api::RenameObjectInput::new().with_key("new").with_rename_source(source);
            request.with_client_token(token).into_record()
        };
        let one = token(&request("t", "a")).unwrap();
        assert_eq!(token(&request("t", "a")).unwrap(), one);
        assert_ne!(token(&request("t", "b")).unwrap(), one);
        assert_eq!(token(api::RenameObjectInput::new().as_record()).unwrap(), None);
        assert!(token(&request("a b", "a")).is_err() && token(&request(&"t".repeat(65), "a")).is_err());
    }
}
