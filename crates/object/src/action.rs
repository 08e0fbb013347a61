//! Which permissions an operation needs: actions on the bucket or on an object.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html>

use virga_model::{Record, Value};

use crate::members;

/// The actions of an operation on the bucket or object that it names, first the one that it is about.
pub fn of(operation: &'static str, input: &Record) -> Vec<&'static str> {
    let of_version = members::text(input, "VersionId").is_some();
    let either =
        |version: &'static str, current: &'static str| vec![if of_version { version } else { current }];
    match operation {
        "GetObject" | "HeadObject" | "SelectObjectContent" => either("GetObjectVersion", "GetObject"),
        "GetObjectAttributes" if of_version => vec!["GetObjectVersion", "GetObjectVersionAttributes"],
        "GetObjectAttributes" => vec!["GetObject", "GetObjectAttributes"],
        "GetObjectAcl" => either("GetObjectVersionAcl", "GetObjectAcl"),
        "PutObjectAcl" => either("PutObjectVersionAcl", "PutObjectAcl"),
        "GetObjectTagging" => either("GetObjectVersionTagging", "GetObjectTagging"),
        "PutObjectTagging" => either("PutObjectVersionTagging", "PutObjectTagging"),
        "DeleteObjectTagging" => either("DeleteObjectVersionTagging", "DeleteObjectTagging"),
        "DeleteObject" => either("DeleteObjectVersion", "DeleteObject"),
        "PutObject" | "CopyObject" | "CreateMultipartUpload" => of_new_object(input),
        "UpdateObjectEncryption" => vec!["UpdateObjectEncryption", "PutObject"],
        _ => vec![of_simple(operation)],
    }
}

/// What is said of a new object beside its content takes permissions of its own.
fn of_new_object(input: &Record) -> Vec<&'static str> {
    let has = |member: &str| input.by_name(member).is_some_and(|value| *value != Value::Null);
    let lists = ["ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWriteACP"];
    let mut actions = vec!["PutObject"];
    if lists.into_iter().any(has) {
        actions.push("PutObjectAcl");
    }
    if has("Tagging") {
        actions.push("PutObjectTagging");
    }
    if has("ObjectLockMode") || has("ObjectLockRetainUntilDate") {
        actions.push("PutObjectRetention");
    }
    if has("ObjectLockLegalHoldStatus") {
        actions.push("PutObjectLegalHold");
    }
    actions
}

/// The action of an operation that has one, where it is not named like it.
pub fn of_simple(operation: &'static str) -> &'static str {
    match operation {
        "ListBuckets" => "ListAllMyBuckets",
        "ListDirectoryBuckets" => "s3express:ListAllMyDirectoryBuckets",
        // Buckets of other kinds have neither; who may hears so.
        "CreateSession" | "RenameObject" => "s3express:CreateSession",
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "ListBucket",
        "ListObjectVersions" => "ListBucketVersions",
        "ListMultipartUploads" => "ListBucketMultipartUploads",
        "UploadPart" | "UploadPartCopy" | "CompleteMultipartUpload" => "PutObject",
        "WriteGetObjectResponse" => "GetObject",
        "ListParts" => "ListMultipartUploadParts",
        "PutBucketCors" | "DeleteBucketCors" => "PutBucketCORS",
        "GetBucketCors" => "GetBucketCORS",
        "PutBucketEncryption" | "DeleteBucketEncryption" => "PutEncryptionConfiguration",
        "GetBucketEncryption" => "GetEncryptionConfiguration",
        "PutBucketLifecycle" | "PutBucketLifecycleConfiguration" | "DeleteBucketLifecycle" => {
            "PutLifecycleConfiguration"
        }
        "GetBucketLifecycle" | "GetBucketLifecycleConfiguration" => "GetLifecycleConfiguration",
        "PutBucketReplication" | "DeleteBucketReplication" => "PutReplicationConfiguration",
        "GetBucketReplication" => "GetReplicationConfiguration",
        "DeleteBucketTagging" => "PutBucketTagging",
        "DeleteBucketWebsite" => "DeleteBucketWebsite",
        "PutBucketNotificationConfiguration" => "PutBucketNotification",
        "GetBucketNotificationConfiguration" => "GetBucketNotification",
        "PutBucketAccelerateConfiguration" => "PutAccelerateConfiguration",
        "GetBucketAccelerateConfiguration" => "GetAccelerateConfiguration",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "PutBucketPublicAccessBlock",
        "GetPublicAccessBlock" => "GetBucketPublicAccessBlock",
        "DeleteBucketOwnershipControls" => "PutBucketOwnershipControls",
        "PutObjectLockConfiguration" => "PutBucketObjectLockConfiguration",
        "GetObjectLockConfiguration" => "GetBucketObjectLockConfiguration",
        "PutBucketMetricsConfiguration" | "DeleteBucketMetricsConfiguration" => "PutMetricsConfiguration",
        "GetBucketMetricsConfiguration" | "ListBucketMetricsConfigurations" => "GetMetricsConfiguration",
        "PutBucketAnalyticsConfiguration" | "DeleteBucketAnalyticsConfiguration" => {
            "PutAnalyticsConfiguration"
        }
        "GetBucketAnalyticsConfiguration" | "ListBucketAnalyticsConfigurations" => {
            "GetAnalyticsConfiguration"
        }
        "PutBucketInventoryConfiguration" | "DeleteBucketInventoryConfiguration" => {
            "PutInventoryConfiguration"
        }
        "GetBucketInventoryConfiguration" | "ListBucketInventoryConfigurations" => {
            "GetInventoryConfiguration"
        }
        "PutBucketIntelligentTieringConfiguration" | "DeleteBucketIntelligentTieringConfiguration" => {
            "PutIntelligentTieringConfiguration"
        }
        "GetBucketIntelligentTieringConfiguration" | "ListBucketIntelligentTieringConfigurations" => {
            "GetIntelligentTieringConfiguration"
        }
        "CreateBucketMetadataConfiguration" => "CreateBucketMetadataTableConfiguration",
        "GetBucketMetadataConfiguration" => "GetBucketMetadataTableConfiguration",
        "DeleteBucketMetadataConfiguration" => "DeleteBucketMetadataTableConfiguration",
        other => other,
    }
}

/// The actions of creating a bucket: what is said of it beside its name takes permissions of its own.
pub fn of_new_bucket(input: &Record) -> Vec<&'static str> {
    let has = |member: &str| input.by_name(member).is_some_and(|value| *value != Value::Null);
    let lists = ["ACL", "GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP"];
    let mut actions = vec!["CreateBucket"];
    if lists.into_iter().any(has) {
        actions.push("PutBucketAcl");
    }
    if has("ObjectOwnership") {
        actions.push("PutBucketOwnershipControls");
    }
    if input.by_name("ObjectLockEnabledForBucket") == Some(&Value::Bool(true)) {
        actions.extend(["PutBucketVersioning", "PutBucketObjectLockConfiguration"]);
    }
    let tags = match input.by_name("CreateBucketConfiguration") {
        Some(Value::Structure(configuration)) => configuration.by_name("Tags"),
        _ => None,
    };
    if matches!(tags, Some(Value::List(tags)) if !tags.is_empty()) {
        actions.push("TagResource");
    }
    actions
}

/// Operations on buckets that access points are for, beside all those on objects. They change no bucket.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html>
const THROUGH_ACCESS_POINTS: [&str; 12] = [
    "CreateSession",
    "DeleteObjects",
    "GetBucketAcl",
    "GetBucketCors",
    "GetBucketLocation",
    "GetBucketNotificationConfiguration",
    "GetBucketPolicy",
    "HeadBucket",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
];

/// Whether an operation on a bucket can be asked through an access point.
pub fn is_through_access_points(operation: &str) -> bool {
    THROUGH_ACCESS_POINTS.contains(&operation)
}
