//! What a call needs permission for: actions, resources and condition keys.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>

use virga_iam::AccountId;
use virga_kit::{Access, Ctx};
use virga_model::{Operation, Record, Value};
use virga_store::Reader as _;

use crate::keys;

/// The accesses of a call of S3.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let Some(bucket) = text(input, "Bucket") else {
        return vec![Access::without_resource(action(operation.name()))];
    };
    if operation.name() == "CreateBucket" {
        // Nobody's yet, whoever has one of this name.
        return vec![Access::to("CreateBucket", bucket_arn(bucket))];
    }
    let key = text(input, "Key");
    let resource = key.map_or_else(|| bucket_arn(bucket), |key| format!("{}/{key}", bucket_arn(bucket)));
    let mut access = Access::to(action(operation.name()), resource);
    access.policy_holder = Some(bucket_arn(bucket));
    access.owner = owner(ctx, bucket);
    vec![access]
}

/// The accesses of a call of the control plane.
pub(crate) fn of_control_call(_: &Ctx, operation: Operation, _: &Record) -> Vec<Access> {
    vec![Access::without_resource(operation.name())]
}

/// The action of an operation, where it is not named like it.
fn action(operation: &'static str) -> &'static str {
    match operation {
        "ListBuckets" => "ListAllMyBuckets",
        "HeadBucket" | "ListObjects" | "ListObjectsV2" => "ListBucket",
        "ListObjectVersions" => "ListBucketVersions",
        "ListMultipartUploads" => "ListBucketMultipartUploads",
        "HeadObject" | "SelectObjectContent" => "GetObject",
        "CopyObject"
        | "CreateMultipartUpload"
        | "UploadPart"
        | "UploadPartCopy"
        | "CompleteMultipartUpload" => "PutObject",
        "ListParts" => "ListMultipartUploadParts",
        "DeleteObjects" => "DeleteObject",
        other => other,
    }
}

fn bucket_arn(bucket: &str) -> String {
    format!("arn:aws:s3:::{bucket}")
}

/// Whose the bucket is; a bucket that is not there is the caller's, who then hears that it is not there.
fn owner(ctx: &Ctx, bucket: &str) -> Option<AccountId> {
    let found = ctx.world().store().read().ok().and_then(|read| read.get(&keys::bucket(bucket)).ok()?);
    found.map_or(Some(ctx.caller().account), |bucket| bucket.account.parse().ok())
}

fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
