//! Directory buckets (S3 Express One Zone): their names, their zones, and what they can not.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html>
//!
//! No other bucket has a name that ends like theirs, so that the name tells the kind.

use virga_api::s3 as api;
use virga_model::{Record, Value};

use crate::{Error, members};

/// The end of every name.
const SUFFIX: &str = "--x-s3";
/// The end of every name of an access point.
const ACCESS_POINT_SUFFIX: &str = "--xa-s3";
/// What stands before the zone.
const SEPARATOR: &str = "--";
/// Beginnings of base names that AWS keeps for itself.
const RESERVED_PREFIXES: [&str; 3] = ["xn--", "sthree-", "amzn-s3-demo-"];

/// The Availability Zones that have S3 Express One Zone.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/endpoint-directory-buckets-AZ.html>
const ZONES: [(&str, &[&str]); 7] = [
    ("us-east-1", &["use1-az4", "use1-az5", "use1-az6"]),
    ("us-east-2", &["use2-az1", "use2-az2"]),
    ("us-west-2", &["usw2-az1", "usw2-az3", "usw2-az4"]),
    ("ap-south-1", &["aps1-az1", "aps1-az3"]),
    ("ap-northeast-1", &["apne1-az1", "apne1-az4"]),
    ("eu-west-1", &["euw1-az1", "euw1-az3"]),
    ("eu-north-1", &["eun1-az1", "eun1-az2", "eun1-az3"]),
];

/// Whether a name is that of a directory bucket or of an access point of one, well formed or not.
pub fn is_name(name: &str) -> bool {
    name.ends_with(SUFFIX) || is_access_point(name)
}

/// Whether a name is that of an access point of a directory bucket, well formed or not.
pub fn is_access_point(name: &str) -> bool {
    name.ends_with(ACCESS_POINT_SUFFIX)
}

/// The zone in the name of an access point that follows the rules.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-directory-buckets-restrictions-limitations-naming-rules.html>
pub fn zone_of_access_point(name: &str) -> Option<&str> {
    let (base, zone) = name.strip_suffix(ACCESS_POINT_SUFFIX)?.rsplit_once(SEPARATOR)?;
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_well_formed = (3..=50).contains(&base.len())
        && base.bytes().all(|byte| is_letter(byte) || byte == b'-')
        && !base.starts_with('-')
        && !base.ends_with('-');
    region(zone).filter(|_| is_well_formed).map(|_| zone)
}

/// Whether an operation can be done through an access point: those on objects, but for the one that renames.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-directory-buckets-service-api-support.html>
pub fn is_of_access_points(operation: &str) -> bool {
    operation != "RenameObject" && !matches!(scope(operation), None | Some(Scope::Regional(_)))
}

/// The bucket that a request names, if it is a directory bucket.
pub fn of_request(request: &Record) -> Option<&str> {
    members::text(request, "Bucket").filter(|name| is_name(name))
}

/// The zone in a name that follows the rules.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-bucket-naming-rules.html>
pub fn zone(name: &str) -> Option<&str> {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let (base, zone) = name.strip_suffix(SUFFIX)?.rsplit_once(SEPARATOR)?;
    let is_well_formed = (3..=63).contains(&name.len())
        && name.bytes().all(|byte| is_letter(byte) || byte == b'-')
        && base.bytes().next().is_some_and(is_letter)
        && !RESERVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
    ZONES.iter().any(|(_, zones)| zones.contains(&zone)).then_some(zone).filter(|_| is_well_formed)
}

/// The region of a zone.
pub fn region(zone: &str) -> Option<&'static str> {
    ZONES.iter().find(|(_, zones)| zones.contains(&zone)).map(|(region, _)| *region)
}

/// The ARN of a directory bucket.
pub fn arn(region: &str, account: &str, name: &str) -> String {
    format!("arn:aws:s3express:{region}:{account}:bucket/{name}")
}

/// Checks a key of KMS for a directory bucket: a customer managed one, by its id or ARN, and the one that the bucket has, if
/// it has one.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-UsingKMSEncryption.html>
pub fn check_key(key: &str, of_bucket: Option<&str>) -> Result<(), Error> {
    if key.starts_with("alias/") || key.contains(":alias/") {
        return Err(Error::request(
            "Directory buckets take the ID or ARN of a customer managed key of AWS KMS, not an alias.",
        ));
    }
    let id = |key: &str| key.rsplit_once('/').map_or(key, |(_, id)| id).to_owned();
    match of_bucket.is_none_or(|own| id(own) == id(key)) {
        true => Ok(()),
        false => Err(Error::request("A directory bucket has one customer managed key for its lifetime.")),
    }
}

/// Checks that a request says nothing else of encryption than its session or the bucket: the algorithm, and the key of KMS.
/// Copies may, with the key of the bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
pub fn check_encryption(request: &Record, default: Option<(&str, Option<&str>)>) -> Result<(), Error> {
    let (algorithm, own) = default.unwrap_or(("AES256", None));
    let method = members::text(request, "ServerSideEncryption");
    if method == Some("aws:kms:dsse") {
        let reason = "The encryption method specified is not supported";
        return Err(Error::argument(reason, "x-amz-server-side-encryption", "aws:kms:dsse"));
    }
    let is_copy = members::text(request, "CopySource").is_some();
    let key = members::text(request, "SSEKMSKeyId");
    let is_key_other = !is_copy && key.is_some() && own.is_none();
    let is_method_other = !is_copy && method.is_some_and(|method| method != algorithm);
    let is_key_off = members::flag(request, "BucketKeyEnabled") == Some(false) && algorithm != "AES256";
    if is_key_other || is_method_other || is_key_off {
        return Err(Error::request(
            "The encryption settings of a request to a directory bucket have to be those of its session, or else the default of the bucket.",
        ));
    }
    key.map_or(Ok(()), |key| check_key(key, own))
}

/// Checks the default encryption of a directory bucket, and gives the key of KMS that it then has. `known` is the one that
/// it has ever had.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketEncryption.html>
pub fn check_default<'k>(
    algorithm: &str,
    key: Option<&'k str>,
    known: Option<&str>,
) -> Result<Option<&'k str>, Error> {
    match (algorithm, key) {
        ("aws:kms", Some(key)) => check_key(key, known).map(|()| Some(key)),
        ("aws:kms", None) => Err(Error::request(
            "Directory buckets are encrypted with a customer managed key of AWS KMS: specify KMSMasterKeyID.",
        )),
        ("AES256", _) => Ok(None),
        _ => Err(Error::MalformedXml),
    }
}

/// Checks the lifecycle rules of a directory bucket: objects expire, uploads are aborted.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/directory-buckets-objects-lifecycle.html>
pub fn check_lifecycle(configuration: &api::BucketLifecycleConfiguration) -> Result<(), Error> {
    let is_other = |rule: &api::LifecycleRule| {
        let filter = rule.filter();
        let and = filter.and_then(api::LifecycleRuleFilter::and);
        let expiration = rule.expiration();
        rule.transitions().is_some_and(|transitions| !transitions.is_empty())
            || rule.noncurrent_version_transitions().is_some_and(|transitions| !transitions.is_empty())
            || rule.noncurrent_version_expiration().is_some()
            || expiration.and_then(api::LifecycleExpiration::expired_object_delete_marker).is_some()
            || filter.and_then(api::LifecycleRuleFilter::tag).is_some()
            || and.and_then(api::LifecycleRuleAndOperator::tags).is_some_and(|tags| !tags.is_empty())
    };
    match configuration.rules().iter().any(is_other) {
        true => Err(Error::request(
            "Lifecycle rules of directory buckets only expire objects and abort incomplete multipart uploads, by prefixes and sizes.",
        )),
        false => Ok(()),
    }
}

/// What an operation on a directory bucket is, as far as sessions and permissions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Gives a session.
    Session,
    /// On the bucket, by an action of its own, which a policy has to allow.
    Regional(&'static str),
    /// Reads objects, with any session.
    Read,
    /// Writes objects, with a session that may.
    Write,
}

/// What an operation is; none when directory buckets do not have it.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-differences.html#s3-express-differences-api-operations>
pub fn scope(operation: &str) -> Option<Scope> {
    Some(match operation {
        "CreateSession" => Scope::Session,
        "CreateBucket" => Scope::Regional("s3express:CreateBucket"),
        "DeleteBucket" => Scope::Regional("s3express:DeleteBucket"),
        "PutBucketPolicy" => Scope::Regional("s3express:PutBucketPolicy"),
        "GetBucketPolicy" => Scope::Regional("s3express:GetBucketPolicy"),
        "DeleteBucketPolicy" => Scope::Regional("s3express:DeleteBucketPolicy"),
        "PutBucketEncryption" | "DeleteBucketEncryption" => {
            Scope::Regional("s3express:PutEncryptionConfiguration")
        }
        "GetBucketEncryption" => Scope::Regional("s3express:GetEncryptionConfiguration"),
        "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => {
            Scope::Regional("s3express:PutLifecycleConfiguration")
        }
        "GetBucketLifecycleConfiguration" => Scope::Regional("s3express:GetLifecycleConfiguration"),
        "PutBucketMetricsConfiguration" | "DeleteBucketMetricsConfiguration" => {
            Scope::Regional("s3express:PutMetricsConfiguration")
        }
        "GetBucketMetricsConfiguration" => Scope::Regional("s3express:GetMetricsConfiguration"),
        "ListBucketMetricsConfigurations" => Scope::Regional("s3express:GetMetricsConfiguration"),
        "PutBucketInventoryConfiguration" | "DeleteBucketInventoryConfiguration" => {
            Scope::Regional("s3express:PutInventoryConfiguration")
        }
        "GetBucketInventoryConfiguration" | "ListBucketInventoryConfigurations" => {
            Scope::Regional("s3express:GetInventoryConfiguration")
        }
        "HeadBucket"
        | "GetObject"
        | "HeadObject"
        | "GetObjectAttributes"
        | "ListObjectsV2"
        | "ListParts"
        | "ListMultipartUploads" => Scope::Read,
        "PutObject"
        | "DeleteObject"
        | "DeleteObjects"
        | "CopyObject"
        | "RenameObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload"
        | "AbortMultipartUpload" => Scope::Write,
        _ => return None,
    })
}

/// Documents that the endpoint of directory buckets takes for one that creates a bucket, by the operations that send them.
const DOCUMENTS: [(&str, &str); 16] = [
    ("PutBucketAbac", "AbacStatus"),
    ("PutBucketAccelerateConfiguration", "AccelerateConfiguration"),
    ("PutBucketAcl", "AccessControlPolicy"),
    ("PutBucketAnalyticsConfiguration", "AnalyticsConfiguration"),
    ("PutBucketCors", "CORSConfiguration"),
    ("PutBucketIntelligentTieringConfiguration", "IntelligentTieringConfiguration"),
    ("PutBucketLogging", "BucketLoggingStatus"),
    ("PutBucketNotificationConfiguration", "NotificationConfiguration"),
    ("PutBucketOwnershipControls", "OwnershipControls"),
    ("PutBucketReplication", "ReplicationConfiguration"),
    ("PutBucketRequestPayment", "RequestPaymentConfiguration"),
    ("PutBucketTagging", "Tagging"),
    ("PutBucketVersioning", "VersioningConfiguration"),
    ("PutBucketWebsite", "WebsiteConfiguration"),
    ("PutObjectLockConfiguration", "ObjectLockConfiguration"),
    ("PutPublicAccessBlock", "PublicAccessBlockConfiguration"),
];

/// The answer to an operation that directory buckets do not have. That to configurations is AWS's, the others' wording is
/// that of methods which other resources do not allow.
pub fn unsupported(operation: &str, method: &str) -> Error {
    match DOCUMENTS.iter().find(|(name, _)| *name == operation) {
        Some((_, document)) => Error::InvalidArgumentName {
            reason: format!("{document} is not valid, expected CreateBucketConfiguration"),
            argument: "CreateBucketConfiguration".to_owned(),
        },
        None => {
            Error::MethodNotAllowed { method: method.to_owned(), resource_type: "DirectoryBucket".to_owned() }
        }
    }
}

/// Members of inputs that directory buckets do not act on: their headers.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>
const REFUSED: [(&str, &str); 23] = [
    ("ACL", "x-amz-acl"),
    ("GrantFullControl", "x-amz-grant-full-control"),
    ("GrantRead", "x-amz-grant-read"),
    ("GrantReadACP", "x-amz-grant-read-acp"),
    ("GrantWrite", "x-amz-grant-write"),
    ("GrantWriteACP", "x-amz-grant-write-acp"),
    ("WebsiteRedirectLocation", "x-amz-website-redirect-location"),
    ("SSECustomerAlgorithm", "x-amz-server-side-encryption-customer-algorithm"),
    ("SSECustomerKey", "x-amz-server-side-encryption-customer-key"),
    ("SSECustomerKeyMD5", "x-amz-server-side-encryption-customer-key-MD5"),
    ("ObjectLockMode", "x-amz-object-lock-mode"),
    ("ObjectLockRetainUntilDate", "x-amz-object-lock-retain-until-date"),
    ("ObjectLockLegalHoldStatus", "x-amz-object-lock-legal-hold"),
    ("ObjectLockEnabledForBucket", "x-amz-bucket-object-lock-enabled"),
    ("ObjectOwnership", "x-amz-object-ownership"),
    ("BucketNamespace", "x-amz-bucket-namespace"),
    ("RequestPayer", "x-amz-request-payer"),
    ("MFA", "x-amz-mfa"),
    ("BypassGovernanceRetention", "x-amz-bypass-governance-retention"),
    ("StartAfter", "start-after"),
    ("UploadIdMarker", "upload-id-marker"),
    ("OptionalObjectAttributes", "x-amz-optional-object-attributes"),
    ("Tagging", "x-amz-tagging"),
];

/// Refuses what a request to a directory bucket says that these do not act on.
pub fn check(operation: &str, scope: Scope, request: &Record) -> Result<(), Error> {
    let says = |member: &str| match request.by_name(member) {
        None | Some(Value::Null) => false,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::List(list)) => !list.is_empty(),
        Some(_) => true,
    };
    let refused = |header: &str| Err(Error::HeaderNotImplementedAtAll { header: header.to_owned() });
    if let Some((_, header)) = REFUSED.iter().find(|(member, _)| says(member)) {
        return refused(header);
    }
    if matches!(operation, "PutObject" | "UploadPart") && says("ContentMD5") {
        return refused("Content-MD5");
    }
    if matches!(scope, Scope::Regional(_)) && says("ExpectedBucketOwner") {
        return refused("x-amz-expected-bucket-owner");
    }
    if matches!(operation, "ListObjectsV2" | "ListMultipartUploads") {
        return check_listing(request);
    }
    Ok(())
}

/// Listings go along directories.
fn check_listing(request: &Record) -> Result<(), Error> {
    let text = |member: &str| members::text(request, member).unwrap_or_default();
    let (delimiter, prefix) = (text("Delimiter"), text("Prefix"));
    if !matches!(delimiter, "" | "/") {
        return Err(Error::request(
            "This bucket does not support a delimiter other than '/'. Specify '/' as the delimiter and try again.",
        ));
    }
    if !prefix.is_empty() && !prefix.ends_with('/') {
        return Err(Error::request(
            "This bucket does not support a prefix that does not end in a delimiter. Specify a prefix path ending with a delimiter and try again.",
        ));
    }
    Ok(())
}

/// What a request to create a bucket says of its place: the text of a member of a structure of its configuration.
fn said<'r>(configuration: &'r Record, structure: &str, member: &str) -> Option<&'r str> {
    match configuration.by_name(structure) {
        Some(Value::Structure(structure)) => members::text(structure, member),
        _ => None,
    }
}

/// Checks the request to create a directory bucket by the endpoint of this region, and gives its zone. None when it is to
/// be a bucket of another kind.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html>
pub fn check_new<'n>(
    name: &'n str,
    configuration: Option<&Record>,
    endpoint: &str,
) -> Result<Option<&'n str>, Error> {
    let is_directory =
        configuration.is_some_and(|configuration| said(configuration, "Bucket", "Type") == Some("Directory"));
    let (Some(configuration), true) = (configuration, is_directory || is_name(name)) else { return Ok(None) };
    let invalid_name = || Error::InvalidBucketName { bucket: name.to_owned() };
    let zone = zone(name).ok_or_else(invalid_name)?;
    let location = said(configuration, "Location", "Name");
    let is_complete = is_directory
        && members::text(configuration, "LocationConstraint").is_none()
        && said(configuration, "Location", "Type") == Some("AvailabilityZone")
        && matches!(said(configuration, "Bucket", "DataRedundancy"), None | Some("SingleAvailabilityZone"));
    match location {
        Some(location) if is_complete && location == zone => {}
        Some(_) if is_complete => return Err(invalid_name()),
        _ => return Err(Error::MalformedXml),
    }
    match region(zone) == Some(endpoint) {
        true => Ok(Some(zone)),
        false => Err(Error::InvalidLocationConstraint { location: zone.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use virga_model::view::Structure as _;

    use super::*;

    #[test]
    fn a_name_has_a_base_and_a_zone() {
        assert_eq!(zone("my--use1-az4--x-s3"), Some("use1-az4"));
        assert_eq!(zone("a-b--c--eun1-az3--x-s3"), Some("eun1-az3"));
        let long = format!("{}--use1-az4--x-s3", "a".repeat(48));
        for wrong in [
            "my",
            "--use1-az4--x-s3",
            "my--use1-az1--x-s3",
            "my--nowhere--x-s3",
            "my.dot--use1-az4--x-s3",
            "My--use1-az4--x-s3",
            "-my--use1-az4--x-s3",
            "xn--my--use1-az4--x-s3",
            "sthree-my--use1-az4--x-s3",
            &long,
        ] {
            assert_eq!(zone(wrong), None, "{wrong}");
        }
        assert_eq!((region("usw2-az3"), region("usw2-az2")), (Some("us-west-2"), None));
        assert!(is_name("x--x-s3") && !is_name("x-s3"));
    }

    #[test]
    fn an_access_point_has_the_zone_of_its_bucket() {
        assert_eq!(zone_of_access_point("point--use1-az4--xa-s3"), Some("use1-az4"));
        for wrong in [
            "po--use1-az4--xa-s3",
            "point--nowhere--xa-s3",
            "-point--use1-az4--xa-s3",
            "p.t--use1-az4--xa-s3",
        ] {
            assert_eq!(zone_of_access_point(wrong), None, "{wrong}");
        }
        assert_eq!((zone_of_access_point("my--use1-az4--x-s3"), zone("my--use1-az4--xa-s3")), (None, None));
        assert!(is_name("x--xa-s3") && is_access_point("x--xa-s3") && !is_access_point("x--x-s3"));
        for (operation, expected) in [
            ("GetObject", true),
            ("CreateSession", true),
            ("RenameObject", false),
            ("GetBucketPolicy", false),
        ] {
            assert_eq!(is_of_access_points(operation), expected, "{operation}");
        }
    }

    fn configuration(kind: &str, zone: &str) -> Record {
        let location = api::LocationInfo::new().with_type("AvailabilityZone").with_name(zone);
        let bucket = api::BucketInfo::new().with_type(kind).with_data_redundancy("SingleAvailabilityZone");
        api::CreateBucketConfiguration::new().with_location(location).with_bucket(bucket).into_record()
    }

    #[test]
    fn a_new_bucket_says_its_zone_twice() {
        let check = |name: &str, configuration: &Record, endpoint: &str| {
            check_new(name, Some(configuration), endpoint)
                .map(|zone| zone.map(str::to_owned))
                .map_err(|error| error.into_api().unwrap().code.to_string())
        };
        let here = configuration("Directory", "use1-az4");
        let name = "my--use1-az4--x-s3";
        assert_eq!(check(name, &here, "us-east-1"), Ok(Some("use1-az4".to_owned())));
        assert_eq!(check(name, &here, "eu-west-1"), Err("InvalidLocationConstraint".to_owned()));
        assert_eq!(check("my--use1-az5--x-s3", &here, "us-east-1"), Err("InvalidBucketName".to_owned()));
        assert_eq!(check("my", &here, "us-east-1"), Err("InvalidBucketName".to_owned()));
        assert_eq!(
            check(name, &configuration("Other", "use1-az4"), "us-east-1"),
            Err("MalformedXML".to_owned())
        );
        let mut both = here.clone();
        members::set_text(&mut both, "LocationConstraint", Some("us-east-1"));
        assert_eq!(check(name, &both, "us-east-1"), Err("MalformedXML".to_owned()));
        let general = api::CreateBucketConfiguration::new().into_record();
        assert_eq!(check("my", &general, "us-east-1"), Ok(None));
    }

    #[test]
    fn requests_say_nothing_that_directory_buckets_do_not_act_on() {
        let code = |operation: &str, request: &Record| {
            let checked = check(operation, scope(operation).unwrap(), request);
            checked.err().map(|error| error.into_api().unwrap().code.to_string())
        };
        let put = || api::PutObjectInput::new().with_bucket("b--use1-az4--x-s3").with_key("k");
        assert_eq!(code("PutObject", put().as_record()), None);
        assert_eq!(code("PutObject", put().with_tagging("").as_record()), None);
        for refused in [put().with_acl("private"), put().with_tagging("a=b"), put().with_content_md5("x")] {
            assert_eq!(code("PutObject", refused.as_record()).as_deref(), Some("NotImplemented"));
        }
        let list = || api::ListObjectsV2Input::new().with_bucket("b--use1-az4--x-s3");
        assert_eq!(code("ListObjectsV2", list().with_prefix("a/").with_delimiter("/").as_record()), None);
        assert_eq!(
            code("ListObjectsV2", list().with_start_after("a").as_record()).as_deref(),
            Some("NotImplemented")
        );
        for refused in [list().with_prefix("a"), list().with_delimiter("-")] {
            assert_eq!(code("ListObjectsV2", refused.as_record()).as_deref(), Some("InvalidRequest"));
        }
    }

    #[test]
    fn a_bucket_has_one_key() {
        let request = |method: Option<&str>, key: Option<&str>| {
            let request = api::PutObjectInput::new().with_server_side_encryption(method.map(str::to_owned));
            request.with_ssekms_key_id(key.map(str::to_owned)).into_record()
        };
        let own = Some(("aws:kms", Some("arn:aws:kms:us-east-1:111122223333:key/1")));
        for (method, key, default, allowed) in [
            (None, None, None, true),
            (Some("AES256"), None, None, true),
            (Some("aws:kms"), Some("1"), None, false),
            (Some("aws:kms"), Some("1"), own, true),
            (Some("aws:kms"), Some("2"), own, false),
            (Some("AES256"), None, own, false),
            (Some("aws:kms:dsse"), Some("1"), own, false),
        ] {
            let checked = check_encryption(&request(method, key), default);
            assert_eq!(checked.is_ok(), allowed, "{method:?} {key:?} {default:?}");
        }
        assert!(check_default("aws:kms", Some("alias/mine"), None).is_err());
        assert!(check_default("aws:kms", Some("2"), Some("1")).is_err());
        assert_eq!(check_default("aws:kms", Some("1"), Some("1")).unwrap(), Some("1"));
    }

    #[test]
    fn documents_of_other_buckets_are_taken_for_new_ones() {
        assert_eq!(scope("PutBucketVersioning"), None);
        let error = unsupported("PutBucketVersioning", "PUT").into_api().unwrap();
        assert_eq!(
            (&*error.code, &*error.message),
            ("InvalidArgument", "VersioningConfiguration is not valid, expected CreateBucketConfiguration")
        );
        assert_eq!(unsupported("GetObjectTagging", "GET").into_api().unwrap().code, "MethodNotAllowed");
    }
}
