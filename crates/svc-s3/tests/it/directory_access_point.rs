//! Access points of directory buckets: their names, their lists, and what their scopes let through.

use std::sync::Arc;

use virga_api::{s3, s3control as api};
use virga_iam::Keys as _;
use virga_model::view::List;

use crate::cloud::{ACCOUNT, Cloud, code};
use crate::express::{ann, directory, session};

const BUCKET: &str = "my--use1-az4--x-s3";
const POINT: &str = "point--use1-az4--xa-s3";

fn new_point(name: &str, bucket: &str) -> api::CreateAccessPointRequest {
    api::CreateAccessPointRequest::new().with_account_id(ACCOUNT).with_name(name).with_bucket(bucket)
}

fn scope(prefixes: &[&str], permissions: &[&str]) -> api::Scope {
    api::Scope::new().with_prefixes(prefixes.to_vec()).with_permissions(permissions.to_vec())
}

async fn with_point(scope: Option<api::Scope>) -> Cloud {
    let cloud = Cloud::new();
    cloud.call::<s3::op::CreateBucket>(directory(BUCKET, "use1-az4")).await.unwrap();
    let made = new_point(POINT, BUCKET).with_scope(scope);
    let made = cloud.call::<api::op::CreateAccessPoint>(made).await.unwrap();
    let arn = format!("arn:aws:s3express:us-east-1:{ACCOUNT}:accesspoint/{POINT}");
    assert_eq!((made.alias(), made.access_point_arn()), (Some(POINT), Some(&*arn)));
    cloud
}

fn put(bucket: &str, key: &str) -> s3::PutObjectInput {
    s3::PutObjectInput::new().with_bucket(bucket).with_key(key)
}

fn get(bucket: &str, key: &str) -> s3::GetObjectInput {
    s3::GetObjectInput::new().with_bucket(bucket).with_key(key)
}

fn list(prefix: &str) -> s3::ListObjectsV2Input {
    s3::ListObjectsV2Input::new().with_bucket(POINT).with_prefix(prefix)
}

#[tokio::test]
async fn an_access_point_is_in_the_zone_of_its_bucket() {
    let cloud = with_point(None).await;
    cloud.create("general").await.unwrap();
    for (name, bucket) in [
        ("other--use1-az5--xa-s3", BUCKET),
        ("other", BUCKET),
        ("other--use1-az4--xa-s3", "general"),
        ("ot--use1-az4--xa-s3", BUCKET),
    ] {
        let refused = cloud.call::<api::op::CreateAccessPoint>(new_point(name, bucket)).await;
        assert_eq!(code(refused), "InvalidURI", "{name} {bucket}");
    }
    let general = new_point("general-point", "general").with_scope(scope(&["a"], &[]));
    assert_eq!(code(cloud.call::<api::op::CreateAccessPoint>(general).await), "InvalidRequest");
    let again = cloud.call::<api::op::CreateAccessPoint>(new_point(POINT, BUCKET)).await;
    assert_eq!(code(again), "AccessPointAlreadyOwnedByYou");
    let delete = s3::DeleteBucketInput::new().with_bucket(BUCKET);
    assert_eq!(code(cloud.call::<s3::op::DeleteBucket>(delete).await), "BucketHasAccessPointsAttached");
}

#[tokio::test]
async fn lists_are_of_one_kind_of_bucket() {
    let cloud = with_point(None).await;
    cloud.create("general").await.unwrap();
    cloud.call::<api::op::CreateAccessPoint>(new_point("plain", "general")).await.unwrap();
    let names = |list: Option<List<'_, &api::AccessPoint>>| -> Vec<String> {
        list.into_iter().flat_map(List::iter).map(|point| point.name().to_owned()).collect()
    };
    let general = || api::ListAccessPointsRequest::new().with_account_id(ACCOUNT);
    for (asked, expected) in [
        (general(), &["plain"][..]),
        (general().with_data_source_type("ALL"), &["plain"]),
        (general().with_data_source_type("FSX_OPENZFS"), &[]),
        (general().with_data_source_id("fsvol-1"), &[]),
    ] {
        let listed = cloud.call::<api::op::ListAccessPoints>(asked).await.unwrap();
        assert_eq!(names(listed.access_point_list()), expected);
    }
    let directory = || api::ListAccessPointsForDirectoryBucketsRequest::new().with_account_id(ACCOUNT);
    for (asked, expected) in
        [(directory(), &[POINT][..]), (directory().with_directory_bucket("other--use1-az4--x-s3"), &[])]
    {
        let listed = cloud.call::<api::op::ListAccessPointsForDirectoryBuckets>(asked).await.unwrap();
        assert_eq!(names(listed.access_point_list()), expected);
    }
}

#[tokio::test]
async fn a_scope_keeps_keys_and_operations_apart() {
    let cloud = with_point(Some(scope(&["in/"], &["GetObject", "PutObject", "ListBucket"]))).await;
    for bucket in [BUCKET, POINT] {
        cloud.put(put(bucket, "in/k"), "body").await.unwrap();
    }
    cloud.put(put(BUCKET, "out"), "body").await.unwrap();
    let through = session(&cloud, POINT, None).await;
    for cloud in [&cloud, &through] {
        assert_eq!(&cloud.get(get(POINT, "in/k")).await.unwrap().1[..], b"body");
        assert_eq!(code(cloud.get(get(POINT, "out")).await), "AccessDenied");
        assert_eq!(code(cloud.put(put(POINT, "out"), "").await), "AccessDenied");
        let delete = s3::DeleteObjectInput::new().with_bucket(POINT).with_key("in/k");
        assert_eq!(code(cloud.call::<s3::op::DeleteObject>(delete).await), "AccessDenied");
        cloud.call::<s3::op::ListObjectsV2>(list("in/")).await.unwrap();
        assert_eq!(code(cloud.call::<s3::op::ListObjectsV2>(list("")).await), "AccessDenied");
        let copy = |from: &str| put_copy(POINT, "in/copy", &format!("{POINT}/{from}"));
        cloud.call::<s3::op::CopyObject>(copy("in/k")).await.unwrap();
        assert_eq!(code(cloud.call::<s3::op::CopyObject>(copy("out")).await), "AccessDenied");
    }
    // The session is one of the access point, not of the bucket.
    assert_eq!(code(through.get(get(BUCKET, "in/k")).await), "AccessDenied");
    let lifted = api::DeleteAccessPointScopeRequest::new().with_account_id(ACCOUNT).with_name(POINT);
    cloud.call::<api::op::DeleteAccessPointScope>(lifted).await.unwrap();
    assert_eq!(&through.get(get(POINT, "out")).await.unwrap().1[..], b"body");
}

fn put_copy(bucket: &str, key: &str, source: &str) -> s3::CopyObjectInput {
    s3::CopyObjectInput::new().with_bucket(bucket).with_key(key).with_copy_source(source)
}

#[tokio::test]
async fn many_objects_are_deleted_each_within_the_scope() {
    let cloud = with_point(Some(scope(&["in/"], &[]))).await;
    for key in ["in/k", "out"] {
        cloud.put(put(BUCKET, key), "body").await.unwrap();
    }
    let both = ["in/k", "out"].map(|key| s3::ObjectIdentifier::new().with_key(key)).to_vec();
    let input = s3::DeleteObjectsInput::new().with_bucket(POINT);
    let input = input.with_delete(s3::Delete::new().with_objects(both));
    let output = cloud.call::<s3::op::DeleteObjects>(input).await.unwrap();
    let errors: Vec<_> = output.errors().into_iter().flat_map(List::iter).map(s3::Error::key).collect();
    assert_eq!((output.deleted().unwrap().len(), errors), (1, vec![Some("out")]));
}

#[tokio::test]
async fn only_operations_on_objects_go_through() {
    let cloud = with_point(None).await;
    let policy = s3::GetBucketPolicyRequest::new().with_bucket(POINT);
    assert_eq!(code(cloud.call::<s3::op::GetBucketPolicy>(policy).await), "MethodNotAllowed");
    let rename = s3::RenameObjectInput::new().with_bucket(POINT).with_key("b").with_rename_source("a");
    assert_eq!(code(cloud.call::<s3::op::RenameObject>(rename).await), "MethodNotAllowed");
    let head = s3::HeadBucketInput::new().with_bucket(POINT);
    cloud.call::<s3::op::HeadBucket>(head).await.unwrap();
}

#[tokio::test]
async fn its_policy_lets_in_and_keeps_out() {
    let cloud = with_point(None).await;
    cloud.put(put(BUCKET, "k"), "body").await.unwrap();
    let arn = format!("arn:aws:s3express:us-east-1:{ACCOUNT}:accesspoint/{POINT}");
    let set = |effect: &str, who: &str| {
        let text = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{{"AWS":"{who}"}},"Action":"s3express:CreateSession","Resource":"{arn}"}}]}}"#
        );
        api::PutAccessPointPolicyRequest::new().with_account_id(ACCOUNT).with_name(POINT).with_policy(text)
    };
    let guest = ann(&cloud);
    let asked = || s3::CreateSessionInput::new().with_bucket(POINT);
    assert_eq!(code(guest.call::<s3::op::CreateSession>(asked()).await), "AccessDenied");
    // The policy names the account, which lets its users in as far as their own policies do; root needs no other.
    cloud.call::<api::op::PutAccessPointPolicy>(set("Deny", ACCOUNT)).await.unwrap();
    assert_eq!(code(cloud.call::<s3::op::CreateSession>(asked()).await), "AccessDenied");
    assert_eq!(code(cloud.get(get(POINT, "k")).await), "AccessDenied");
    assert_eq!(&cloud.get(get(BUCKET, "k")).await.unwrap().1[..], b"body");
    cloud.call::<api::op::PutAccessPointPolicy>(set("Allow", ACCOUNT)).await.unwrap();
    let given = cloud.call::<s3::op::CreateSession>(asked()).await.unwrap();
    let key = cloud.world.keys().lookup(given.credentials().access_key_id()).unwrap();
    assert_eq!(&cloud.as_caller(Arc::clone(&key.caller)).get(get(POINT, "k")).await.unwrap().1[..], b"body");
}

#[tokio::test]
async fn a_directory_bucket_has_tags_by_its_arn() {
    let cloud = with_point(None).await;
    for arn in [
        format!("arn:aws:s3express:us-east-1:{ACCOUNT}:bucket/{BUCKET}"),
        format!("arn:aws:s3express:us-east-1:{ACCOUNT}:accesspoint/{POINT}"),
    ] {
        let tag = api::Tag::new().with_key("team").with_value("blue");
        let input = api::TagResourceRequest::new().with_account_id(ACCOUNT).with_resource_arn(&arn);
        cloud.call::<api::op::TagResource>(input.with_tags(vec![tag])).await.unwrap();
        let input = api::ListTagsForResourceRequest::new().with_account_id(ACCOUNT).with_resource_arn(&arn);
        let listed = cloud.call::<api::op::ListTagsForResource>(input).await.unwrap();
        let tags: Vec<_> = listed.tags().into_iter().flat_map(List::iter).map(api::Tag::value).collect();
        assert_eq!(tags, ["blue"], "{arn}");
    }
    let wrong = format!("arn:aws:s3:::{BUCKET}");
    let input = api::ListTagsForResourceRequest::new().with_account_id(ACCOUNT).with_resource_arn(wrong);
    assert_eq!(code(cloud.call::<api::op::ListTagsForResource>(input).await), "NoSuchResource");
}
