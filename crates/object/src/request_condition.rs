//! The condition keys that a request itself tells: its members, its tags, its signature.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html#amazons3-policy-keys>

use virga_kit::{Condition, Origin, Signed, SignedIn};
use virga_model::{Record, Timestamp, Value};

use crate::members::text;

/// Members whose value is a condition key.
const OF_MEMBERS: [(&str, &str); 22] = [
    ("Prefix", "s3:prefix"),
    ("Delimiter", "s3:delimiter"),
    ("MaxKeys", "s3:max-keys"),
    ("VersionId", "s3:VersionId"),
    ("IfMatch", "s3:if-match"),
    ("IfNoneMatch", "s3:if-none-match"),
    ("ACL", "s3:x-amz-acl"),
    ("GrantFullControl", "s3:x-amz-grant-full-control"),
    ("GrantRead", "s3:x-amz-grant-read"),
    ("GrantReadACP", "s3:x-amz-grant-read-acp"),
    ("GrantWrite", "s3:x-amz-grant-write"),
    ("GrantWriteACP", "s3:x-amz-grant-write-acp"),
    ("CopySource", "s3:x-amz-copy-source"),
    ("MetadataDirective", "s3:x-amz-metadata-directive"),
    ("ServerSideEncryption", "s3:x-amz-server-side-encryption"),
    ("SSEKMSKeyId", "s3:x-amz-server-side-encryption-aws-kms-key-id"),
    ("SSECustomerAlgorithm", "s3:x-amz-server-side-encryption-customer-algorithm"),
    ("StorageClass", "s3:x-amz-storage-class"),
    ("WebsiteRedirectLocation", "s3:x-amz-website-redirect-location"),
    ("ObjectOwnership", "s3:x-amz-object-ownership"),
    ("ObjectLockMode", "s3:object-lock-mode"),
    ("ObjectLockLegalHoldStatus", "s3:object-lock-legal-hold"),
];

const DAY_SECONDS: i64 = 86_400;

/// What an input tells, with where it came from, at a time. `iso_time` writes seconds since the epoch.
pub fn of_input(
    input: &Record,
    origin: &Origin,
    now: Timestamp,
    iso_time: impl Fn(i64) -> String,
) -> Vec<Condition> {
    let mut conditions: Vec<Condition> = OF_MEMBERS
        .iter()
        .filter_map(|(member, key)| Some(Condition::new(*key, shown(input.by_name(member)?)?)))
        .collect();
    if let Some(Value::Timestamp(until)) = lock_until(input) {
        conditions.push(Condition::new("s3:object-lock-retain-until-date", iso_time(until.secs())));
        let days = (until.secs() - now.secs()).max(0).div_euclid(DAY_SECONDS);
        conditions.push(Condition::new("s3:object-lock-remaining-retention-days", days.to_string()));
    }
    for (structure, member, key) in [
        ("CreateBucketConfiguration", "LocationConstraint", "s3:LocationConstraint"),
        ("Retention", "Mode", "s3:object-lock-mode"),
        ("LegalHold", "Status", "s3:object-lock-legal-hold"),
    ] {
        if let Some(Value::Structure(record)) = input.by_name(structure)
            && let Some(value) = text(record, member)
        {
            conditions.push(Condition::new(key, value));
        }
    }
    conditions.extend(of_request_tags(input));
    conditions.extend(origin.tls.map(|tls| Condition::new("s3:TlsVersion", tls.number())));
    conditions.extend(origin.signed.iter().flat_map(|signed| of_signature(signed, now.millis())));
    conditions
}

/// What is known of a signature, at this time in milliseconds. Its age is for URLs and forms only, and that of version 2
/// is always 0; what it says of the payload is for headers only.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/bucket-policy-s3-sigv4-conditions.html>
pub fn of_signature(signed: &Signed, now: i64) -> Vec<Condition> {
    let kind = match signed.within {
        SignedIn::Header => "REST-HEADER",
        SignedIn::Query => "REST-QUERY-STRING",
        SignedIn::Form => "POST",
    };
    let is_in_header = signed.within == SignedIn::Header;
    let age = (!is_in_header).then(|| signed.at.map_or(0, |at| (now - at * 1000).max(0)));
    let payload = signed.payload.as_deref().filter(|_| is_in_header);
    let values = [
        ("s3:authType", Some(kind.to_owned())),
        ("s3:signatureversion", Some(signed.algorithm.to_owned())),
        ("s3:signatureAge", age.map(|age| age.to_string())),
        ("s3:x-amz-content-sha256", payload.map(str::to_owned)),
    ];
    values.into_iter().filter_map(|(key, value)| Some(Condition::new(key, value?))).collect()
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_string()),
        Value::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

fn lock_until(input: &Record) -> Option<&Value> {
    match input.by_name("Retention") {
        Some(Value::Structure(retention)) => retention.by_name("RetainUntilDate"),
        _ => input.by_name("ObjectLockRetainUntilDate"),
    }
}

/// The tags of a request: of an object, in a header or a document; of a bucket.
pub fn of_request_tags(input: &Record) -> Vec<Condition> {
    let tags = match input.by_name("Tagging") {
        Some(Value::String(header)) => header_tags(header),
        Some(Value::Structure(tagging)) => tag_list(tagging.by_name("TagSet")),
        _ => match input.by_name("CreateBucketConfiguration") {
            Some(Value::Structure(configuration)) => tag_list(configuration.by_name("Tags")),
            _ => tag_list(input.by_name("Tags")),
        },
    };
    if tags.is_empty() {
        return Vec::new();
    }
    let of_object = input.by_name("Key").is_some();
    let (one, keys) = if of_object {
        ("s3:RequestObjectTag", "s3:RequestObjectTagKeys")
    } else {
        ("aws:RequestTag", "aws:TagKeys")
    };
    let names = tags.iter().map(|(key, _)| key.clone()).collect();
    let each = tags.iter().map(|(key, value)| Condition::new(format!("{one}/{key}"), value));
    each.chain([Condition::multivalued(keys, names)]).collect()
}

fn header_tags(header: &str) -> Vec<(String, String)> {
    let decode = |text: &str| {
        percent_encoding::percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
    };
    let pairs = header.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key), decode(value))
        })
        .collect()
}

fn tag_list(tags: Option<&Value>) -> Vec<(String, String)> {
    let Some(Value::List(tags)) = tags else { return Vec::new() };
    let pair = |tag: &Value| match tag {
        Value::Structure(tag) => Some((text(tag, "Key")?.to_owned(), text(tag, "Value")?.to_owned())),
        _ => None,
    };
    tags.iter().filter_map(pair).collect()
}
