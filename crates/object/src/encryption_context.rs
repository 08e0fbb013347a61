//! The encryption context that a request gives for a key of KMS: JSON in base64.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#encryption-context>

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::Error;

/// The name under which S3 says what a data key is bound to.
pub const BOUND_TO: &str = "aws:s3:arn";

const HEADER: &str = "x-amz-server-side-encryption-context";

/// Reads a context.
pub fn parse(given: &str) -> Result<BTreeMap<String, String>, Error> {
    let invalid = || {
        let reason = "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which represents a string-string map";
        Error::argument(reason, HEADER, given)
    };
    let json = STANDARD.decode(given).map_err(|_| invalid())?;
    serde_json::from_slice(&json).map_err(|_| invalid())
}

/// Checks a context for a directory bucket: it says what it would be without, the ARN of the bucket, and nothing else.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html>
pub fn check_of_directory_bucket(given: Option<&str>, bucket_arn: &str) -> Result<(), Error> {
    let Some(given) = given else { return Ok(()) };
    let context = parse(given)?;
    let is_default = context.len() == 1 && context.get(BOUND_TO).is_some_and(|arn| arn == bucket_arn);
    let reason = "The encryption context of a directory bucket has to be its default, the ARN of the bucket.";
    is_default.then_some(()).ok_or_else(|| Error::argument(reason, HEADER, given))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:s3express:us-east-1:111122223333:bucket/b--use1-az4--x-s3";

    fn check(json: &str) -> bool {
        check_of_directory_bucket(Some(&STANDARD.encode(json)), ARN).is_ok()
    }

    #[test]
    fn a_directory_bucket_takes_its_own_arn_alone() {
        assert!(check_of_directory_bucket(None, ARN).is_ok());
        assert!(check(&format!(r#"{{"aws:s3:arn":"{ARN}"}}"#)));
        assert!(!check(&format!(r#"{{"aws:s3:arn":"{ARN}","a":"b"}}"#)));
        assert!(!check(r#"{"aws:s3:arn":"arn:aws:s3:::other"}"#));
        assert!(!check("{}"));
    }

    #[test]
    fn a_context_is_json_in_base64() {
        assert_eq!(parse("eyJhIjoiYiJ9").expect("it is one")["a"], "b");
        for wrong in ["{}", "W10=", "eyJhIjoxfQ==", ""] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
