//! Buckets: their names, their regions, who has them.

use virga_api::s3 as api;

use crate::cloud::{ACCOUNT, Cloud, START, code};

fn constrained(name: &str, region: &str) -> api::CreateBucketInput {
    let configuration = api::CreateBucketConfiguration::new().with_location_constraint(region);
    api::CreateBucketInput::new().with_bucket(name).with_create_bucket_configuration(configuration)
}

async fn names(cloud: &Cloud, input: api::ListBucketsInput) -> (Vec<String>, Option<String>) {
    let output = cloud.call::<api::op::ListBuckets>(input).await.unwrap();
    let names = output.buckets().unwrap().iter().map(|bucket| bucket.name().unwrap().to_owned()).collect();
    (names, output.continuation_token().map(str::to_owned))
}

#[tokio::test]
async fn a_bucket_is_there_from_its_creation_to_its_deletion() {
    let cloud = Cloud::new();
    assert_eq!(cloud.create("my-bucket").await.unwrap().location(), Some("/my-bucket"));
    let head = api::HeadBucketInput::new().with_bucket("my-bucket");
    let there = cloud.call::<api::op::HeadBucket>(head.clone()).await.unwrap();
    assert_eq!(there.bucket_region(), Some("us-east-1"));
    let listed = cloud.call::<api::op::ListBuckets>(api::ListBucketsInput::new()).await.unwrap();
    let first = listed.buckets().unwrap().iter().next().unwrap();
    assert_eq!((first.name(), first.creation_date().unwrap().secs()), (Some("my-bucket"), START));
    let delete = api::DeleteBucketInput::new().with_bucket("my-bucket");
    cloud.call::<api::op::DeleteBucket>(delete).await.unwrap();
    assert_eq!(code(cloud.call::<api::op::HeadBucket>(head).await), "NoSuchBucket");
}

#[tokio::test]
async fn a_name_is_taken_for_all_accounts() {
    let cloud = Cloud::new();
    cloud.create("taken").await.unwrap();
    cloud.create("taken").await.unwrap();
    assert_eq!(code(cloud.of_account("999900000000").create("taken").await), "BucketAlreadyExists");
    let ireland = cloud.in_region("eu-west-1");
    ireland.call::<api::op::CreateBucket>(constrained("irish", "eu-west-1")).await.unwrap();
    let again = ireland.call::<api::op::CreateBucket>(constrained("irish", "eu-west-1")).await;
    assert_eq!(code(again), "BucketAlreadyOwnedByYou");
    assert_eq!(code(ireland.create("unspecified").await), "IllegalLocationConstraintException");
    assert_eq!(code(cloud.create("Not_A_Name").await), "InvalidBucketName");
}

#[tokio::test]
async fn the_location_of_the_oldest_region_is_empty() {
    let cloud = Cloud::new();
    cloud.create("here").await.unwrap();
    cloud.call::<api::op::CreateBucket>(constrained("there", "eu-central-1")).await.unwrap();
    for (name, location) in [("here", None), ("there", Some("eu-central-1"))] {
        let input = api::GetBucketLocationInput::new().with_bucket(name);
        let output = cloud.call::<api::op::GetBucketLocation>(input).await.unwrap();
        assert_eq!(output.location_constraint(), location);
    }
    let wrong = api::HeadBucketInput::new().with_bucket("here").with_expected_bucket_owner("123412341234");
    assert_eq!(code(cloud.call::<api::op::HeadBucket>(wrong).await), "AccessDenied");
}

#[tokio::test]
async fn a_namespace_is_its_accounts_own() {
    let cloud = Cloud::new();
    let name = format!("logs-{ACCOUNT}-us-east-1-an");
    assert_eq!(code(cloud.create(&name).await), "InvalidBucketName");
    let input = api::CreateBucketInput::new().with_bucket(&name).with_bucket_namespace("account-regional");
    let other = cloud.of_account("999900000000").call::<api::op::CreateBucket>(input.clone()).await;
    assert_eq!(code(other), "InvalidBucketName");
    cloud.call::<api::op::CreateBucket>(input).await.unwrap();
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html>
#[tokio::test]
async fn the_name_in_a_namespace_says_the_region_of_its_bucket() {
    let cloud = Cloud::new();
    let name = format!("logs-{ACCOUNT}-eu-central-1-an");
    let here = api::CreateBucketInput::new().with_bucket(&name).with_bucket_namespace("account-regional");
    assert_eq!(code(cloud.call::<api::op::CreateBucket>(here).await), "InvalidBucketName");
    let other = constrained(&name, "eu-west-1").with_bucket_namespace("account-regional");
    let in_other = cloud.in_region("eu-west-1").call::<api::op::CreateBucket>(other).await;
    assert_eq!(code(in_other), "InvalidBucketName");
    let own = constrained(&name, "eu-central-1").with_bucket_namespace("account-regional");
    cloud.in_region("eu-central-1").call::<api::op::CreateBucket>(own).await.unwrap();
}

#[tokio::test]
async fn buckets_are_listed_in_pages() {
    let cloud = Cloud::new();
    for name in ["aaa", "bbb-1", "bbb-2", "ccc"] {
        cloud.create(name).await.unwrap();
    }
    cloud.of_account("999900000000").create("ddd").await.unwrap();
    let input = api::ListBucketsInput::new();
    assert_eq!(names(&cloud, input.clone()).await.0, ["aaa", "bbb-1", "bbb-2", "ccc"]);
    assert_eq!(names(&cloud, input.clone().with_prefix("bbb")).await.0, ["bbb-1", "bbb-2"]);
    let (first, token) = names(&cloud, input.clone().with_max_buckets(3)).await;
    assert_eq!(first, ["aaa", "bbb-1", "bbb-2"]);
    let (rest, token) = names(&cloud, input.with_max_buckets(3).with_continuation_token(token)).await;
    assert_eq!((rest, token), (vec!["ccc".to_owned()], None));
}
