//! `x-amz-copy-source`: a bucket, a key and perhaps a version.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>

use percent_encoding::percent_decode_str;

use crate::Error;

/// What is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopySource {
    /// The name of the bucket, or the ARN of an access point.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version; none for the newest.
    pub version_id: Option<String>,
}

impl CopySource {
    /// Reads the header.
    pub fn parse(header: &str) -> Result<Self, Error> {
        let invalid = |what: &str| {
            Error::argument(format!("Invalid copy source {what}"), "x-amz-copy-source", "x-amz-copy-source")
        };
        let (path, version_id) = match header.split_once("?versionId=") {
            Some((path, version_id)) => (path, Some(version_id.to_owned())),
            None => (header, None),
        };
        // A plus sign is one here, not a space.
        let path = percent_decode_str(path).decode_utf8().map_err(|_| invalid("encoding"))?;
        let path = path.strip_prefix('/').unwrap_or(&path);
        let (bucket, key) = match path.starts_with("arn:") {
            true => path.split_once("/object/"),
            false => path.split_once('/'),
        }
        .ok_or_else(|| invalid("object key"))?;
        if key.is_empty() {
            return Err(invalid("object key"));
        }
        if bucket.is_empty() {
            return Err(invalid("bucket name"));
        }
        Ok(CopySource { bucket: bucket.to_owned(), key: key.to_owned(), version_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_names_bucket_key_and_version() {
        let check = |header: &str| {
            let source = CopySource::parse(header).ok()?;
            Some((source.bucket, source.key, source.version_id))
        };
        let plain = |key: &str| Some(("bucket".to_owned(), key.to_owned(), None));
        assert_eq!(check("bucket/a/b"), plain("a/b"));
        assert_eq!(check("/bucket/a%2Fb+c%20d"), plain("a/b+c d"));
        assert_eq!(check("bucket/a%3FversionId=1"), plain("a?versionId=1"));
        let version = Some("abc".to_owned());
        assert_eq!(check("bucket/a?versionId=abc"), Some(("bucket".to_owned(), "a".to_owned(), version)));
        for wrong in ["bucket", "bucket/", "/bucket", "/", ""] {
            assert_eq!(check(wrong), None, "{wrong}");
        }
    }
}
