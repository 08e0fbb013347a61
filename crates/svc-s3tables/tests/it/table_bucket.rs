//! Table buckets, namespaces, policies and tags.

use virga_api::s3tables as api;

use crate::cloud::{Cloud, NOW, refusal};

const OTHER: &str = "444455556666";

fn conflict(text: &str) -> (String, String) {
    ("ConflictException".to_owned(), text.to_owned())
}

fn not_found(text: &str) -> (String, String) {
    ("NotFoundException".to_owned(), text.to_owned())
}

fn get(arn: &str) -> api::GetTableBucketRequest {
    api::GetTableBucketRequest::new().with_table_bucket_arn(arn)
}

fn delete(arn: &str) -> api::DeleteTableBucketRequest {
    api::DeleteTableBucketRequest::new().with_table_bucket_arn(arn)
}

#[tokio::test]
async fn a_table_bucket_is_known_in_its_region_until_it_is_deleted() {
    let cloud = Cloud::new();
    let arn = cloud.bucket("lake").await.unwrap();
    assert_eq!(arn, "arn:aws:s3tables:eu-west-1:111122223333:bucket/lake");
    let found = cloud.call::<api::op::GetTableBucket>(get(&arn)).await.unwrap();
    assert_eq!(
        (found.name(), found.owner_account_id(), found.r#type()),
        ("lake", "111122223333", Some("customer"))
    );
    assert_eq!(found.created_at().secs(), NOW);

    let again = "The bucket that you tried to create already exists, and you own it.";
    assert_eq!(refusal(cloud.bucket("lake").await), conflict(again));
    // Names are of one account in one region.
    let input = api::CreateTableBucketRequest::new().with_name("lake");
    cloud.call_as::<api::op::CreateTableBucket>(OTHER, "eu-west-1", input.clone()).await.unwrap();
    cloud.call_as::<api::op::CreateTableBucket>("111122223333", "eu-west-2", input).await.unwrap();
    let elsewhere = cloud.call_as::<api::op::GetTableBucket>("111122223333", "eu-west-2", get(&arn)).await;
    assert_eq!(refusal(elsewhere), not_found("The specified bucket does not exist."));

    cloud.call::<api::op::DeleteTableBucket>(delete(&arn)).await.unwrap();
    let gone = not_found("The specified bucket does not exist.");
    assert_eq!(refusal(cloud.call::<api::op::DeleteTableBucket>(delete(&arn)).await), gone);
}

#[tokio::test]
async fn names_and_numbers_are_bounded() {
    let cloud = Cloud::new();
    for name in ["ab", "Lake", "aws-s3", "lake--table-s3", "-lake"] {
        assert_eq!(refusal(cloud.bucket(name).await).0, "BadRequestException", "{name}");
    }
    for number in 0..10 {
        cloud.bucket(&format!("lake-{number}")).await.unwrap();
    }
    assert_eq!(refusal(cloud.bucket("lake-10").await).0, "BadRequestException");
    let arn = "arn:aws:s3tables:eu-west-1:111122223333:bucket/lake-0";
    for name in ["aws_lake", "_a", "a-b", "A"] {
        assert_eq!(refusal(cloud.namespace(arn, name).await).0, "BadRequestException", "{name}");
    }
}

#[tokio::test]
async fn a_listing_goes_on_where_its_page_ended() {
    let cloud = Cloud::new();
    for name in ["pond", "lake-2", "lake-3", "lake-1"] {
        cloud.bucket(name).await.unwrap();
    }
    let input = api::ListTableBucketsRequest::new().with_prefix("lake").with_max_buckets(2);
    let first = cloud.call::<api::op::ListTableBuckets>(input.clone()).await.unwrap();
    let names = |output: &api::ListTableBucketsResponse| {
        output.table_buckets().iter().map(|bucket| bucket.name().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&first), ["lake-1", "lake-2"]);
    let token = first.continuation_token().unwrap();
    let rest = input.clone().with_continuation_token(token);
    let rest = cloud.call::<api::op::ListTableBuckets>(rest).await.unwrap();
    assert_eq!((names(&rest), rest.continuation_token()), (vec!["lake-3".to_owned()], None));

    let all = cloud.call::<api::op::ListTableBuckets>(api::ListTableBucketsRequest::new()).await.unwrap();
    assert_eq!(names(&all), ["lake-1", "lake-2", "lake-3", "pond"]);
    let managed = api::ListTableBucketsRequest::new().with_type("aws");
    let managed = cloud.call::<api::op::ListTableBuckets>(managed).await.unwrap();
    assert!(managed.table_buckets().is_empty());
    let wrong = input.with_continuation_token("?");
    assert_eq!(refusal(cloud.call::<api::op::ListTableBuckets>(wrong).await).0, "BadRequestException");
}

#[tokio::test]
async fn a_table_bucket_stays_while_there_are_namespaces_in_it() {
    let cloud = Cloud::new();
    let arn = cloud.bucket("lake").await.unwrap();
    cloud.namespace(&arn, "sales").await.unwrap();
    let again = conflict("A namespace with an identical name already exists in the bucket.");
    assert_eq!(refusal(cloud.namespace(&arn, "sales").await), again);
    let full = conflict("The bucket that you tried to delete is not empty.");
    assert_eq!(refusal(cloud.call::<api::op::DeleteTableBucket>(delete(&arn)).await), full);

    let list = api::ListNamespacesRequest::new().with_table_bucket_arn(&*arn);
    let listed = cloud.call::<api::op::ListNamespaces>(list).await.unwrap();
    let names: Vec<String> = listed
        .namespaces()
        .iter()
        .flat_map(|namespace| namespace.namespace().iter().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert_eq!(names, ["sales"]);

    let remove = api::DeleteNamespaceRequest::new().with_table_bucket_arn(&*arn).with_namespace("sales");
    cloud.call::<api::op::DeleteNamespace>(remove.clone()).await.unwrap();
    let gone = not_found("The specified namespace does not exist.");
    assert_eq!(refusal(cloud.call::<api::op::DeleteNamespace>(remove).await), gone);
    let ask = api::GetNamespaceRequest::new().with_table_bucket_arn(&*arn).with_namespace("sales");
    assert_eq!(refusal(cloud.call::<api::op::GetNamespace>(ask).await), gone);
    cloud.call::<api::op::DeleteTableBucket>(delete(&arn)).await.unwrap();
}

#[tokio::test]
async fn a_policy_opens_a_table_bucket_to_another_account_but_never_to_all() {
    let cloud = Cloud::new();
    let arn = cloud.bucket("lake").await.unwrap();
    let put = |principal: &str| {
        let policy = format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}},
                "Action": "s3tables:GetTableBucket", "Resource": "{arn}"}}]}}"#
        );
        api::PutTableBucketPolicyRequest::new().with_table_bucket_arn(&*arn).with_resource_policy(policy)
    };
    let ask = api::GetTableBucketPolicyRequest::new().with_table_bucket_arn(&*arn);
    let none = not_found("The specified bucket policy does not exist.");
    assert_eq!(refusal(cloud.call::<api::op::GetTableBucketPolicy>(ask.clone()).await), none);
    assert!(cloud.call_as::<api::op::GetTableBucket>(OTHER, "eu-west-1", get(&arn)).await.is_err());

    assert_eq!(refusal(cloud.call::<api::op::PutTableBucketPolicy>(put("*")).await).0, "ForbiddenException");
    cloud.call::<api::op::PutTableBucketPolicy>(put(OTHER)).await.unwrap();
    cloud.call_as::<api::op::GetTableBucket>(OTHER, "eu-west-1", get(&arn)).await.unwrap();
    assert!(cloud.call_as::<api::op::DeleteTableBucket>(OTHER, "eu-west-1", delete(&arn)).await.is_err());
    // The policy is that of the bucket in whatever partition it is looked for.
    let partition = arn.replacen("arn:aws:", "arn:aws-cn:", 1);
    cloud.call_as::<api::op::GetTableBucket>(OTHER, "eu-west-1", get(&partition)).await.unwrap();
    let text = cloud.call::<api::op::GetTableBucketPolicy>(ask.clone()).await.unwrap();
    assert!(text.resource_policy().contains(OTHER));

    // A table bucket made anew has nothing of the one before.
    cloud.call::<api::op::DeleteTableBucket>(delete(&arn)).await.unwrap();
    cloud.bucket("lake").await.unwrap();
    assert_eq!(refusal(cloud.call::<api::op::GetTableBucketPolicy>(ask).await), none);
}

#[tokio::test]
async fn tags_are_set_and_removed() {
    let cloud = Cloud::new();
    let arn = cloud.bucket("lake").await.unwrap();
    let tag = |key: &str| {
        let tags =
            [(key.to_owned(), "1".to_owned())].into_iter().collect::<std::collections::BTreeMap<_, _>>();
        api::TagResourceRequest::new().with_resource_arn(&*arn).with_tags(tags)
    };
    cloud.call::<api::op::TagResource>(tag("team")).await.unwrap();
    cloud.call::<api::op::TagResource>(tag("stage")).await.unwrap();
    let reserved = refusal(cloud.call::<api::op::TagResource>(tag("aws:team")).await);
    assert_eq!(reserved.0, "BadRequestException");
    let untag =
        api::UntagResourceRequest::new().with_resource_arn(&*arn).with_tag_keys(vec!["team", "unknown"]);
    cloud.call::<api::op::UntagResource>(untag).await.unwrap();
    let ask = api::ListTagsForResourceRequest::new().with_resource_arn(&*arn);
    let listed = cloud.call::<api::op::ListTagsForResource>(ask).await.unwrap();
    let tags: Vec<_> = listed.tags().unwrap().iter().collect();
    assert_eq!(tags, [("stage", "1")]);
}
