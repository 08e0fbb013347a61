//! Tags of users, which those of the other resources are like.

use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, error, words};

async fn tag(cloud: &Cloud, tags: &[(&str, &str)]) -> Result<(), ApiError> {
    let tags: Vec<_> =
        tags.iter().map(|(key, value)| api::Tag::new().with_key(*key).with_value(*value)).collect();
    let input = api::TagUserInput::new().with_user_name("ann").with_tags(tags);
    cloud.call::<api::op::TagUser>(input).await.map(|_| ())
}

async fn tags(cloud: &Cloud) -> Vec<(String, String)> {
    let input = api::ListUserTagsInput::new().with_user_name("ann");
    let output = cloud.call::<api::op::ListUserTags>(input).await.unwrap();
    output.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

fn owned(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[tokio::test]
async fn keys_are_the_same_without_regard_to_case() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    tag(&cloud, &[("Department", "finance"), ("a", "")]).await.unwrap();
    tag(&cloud, &[("department", "hr")]).await.unwrap();
    assert_eq!(tags(&cloud).await, owned(&[("a", ""), ("department", "hr")]));
    assert_eq!(
        error(tag(&cloud, &[("x", "1"), ("X", "2")]).await),
        words("InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    );
    let input = api::UntagUserInput::new().with_user_name("ann").with_tag_keys(vec!["DEPARTMENT", "none"]);
    cloud.call::<api::op::UntagUser>(input).await.unwrap();
    assert_eq!(tags(&cloud).await, owned(&[("a", "")]));
}

#[tokio::test]
async fn fifty_tags_at_most() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let keys: Vec<String> = (0..50).map(|number| format!("k{number}")).collect();
    let all: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "v")).collect();
    tag(&cloud, &all).await.unwrap();
    assert_eq!(
        error(tag(&cloud, &[("more", "v")]).await),
        words("LimitExceeded", "The number of tags has reached the maximum limit.")
    );
    tag(&cloud, &[("k0", "again")]).await.unwrap();
}
