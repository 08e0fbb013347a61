//! The rates of requests that AWS allows for a prefix, where they are enforced.

use virga_api::s3 as api;
use virga_model::ApiError;

use crate::cloud::Cloud;

async fn put(cloud: &Cloud, key: &str) -> Result<(), ApiError> {
    let input = api::PutObjectInput::new().with_bucket("busy").with_key(key);
    cloud.put(input, "x").await.map(|_| ())
}

#[tokio::test]
async fn a_prefix_takes_so_many_requests_per_second() {
    let cloud = Cloud::with_quotas();
    cloud.create("busy").await.unwrap();
    for _ in 0..3_500 {
        put(&cloud, "logs/a").await.unwrap();
    }
    let refused = put(&cloud, "logs/b").await.unwrap_err();
    assert_eq!((&*refused.code, refused.status), ("SlowDown", 503));
    assert_eq!(refused.message, "Please reduce your request rate.");
    put(&cloud, "other/a").await.unwrap();
    for _ in 0..5_500 {
        let input = api::HeadObjectInput::new().with_bucket("busy").with_key("logs/a");
        cloud.call::<api::op::HeadObject>(input).await.unwrap();
    }
    let input = api::HeadObjectInput::new().with_bucket("busy").with_key("logs/a");
    assert_eq!(cloud.call::<api::op::HeadObject>(input).await.unwrap_err().status, 503);
    let list = |prefix: &str| api::ListObjectsV2Input::new().with_bucket("busy").with_prefix(prefix);
    let refused = cloud.call::<api::op::ListObjectsV2>(list("logs/")).await.unwrap_err();
    assert_eq!((&*refused.code, refused.status), ("SlowDown", 503));
    cloud.call::<api::op::ListObjectsV2>(list("other/")).await.unwrap();
    cloud.advance(1).await;
    put(&cloud, "logs/b").await.unwrap();
}

/// Each key of DeleteObjects is a write of its prefix.
#[tokio::test]
async fn objects_that_are_deleted_together_count_one_by_one() {
    let cloud = Cloud::with_quotas();
    cloud.create("busy").await.unwrap();
    let delete = async |prefix: &str, count: usize| {
        let object = |number| api::ObjectIdentifier::new().with_key(format!("{prefix}/{number}"));
        let delete = api::Delete::new().with_objects((0..count).map(object).collect::<Vec<_>>());
        let input = api::DeleteObjectsInput::new().with_bucket("busy").with_delete(delete);
        cloud.call::<api::op::DeleteObjects>(input).await
    };
    put(&cloud, "logs/0").await.unwrap();
    for _ in 0..3 {
        delete("logs", 1_000).await.unwrap();
    }
    put(&cloud, "logs/0").await.unwrap();
    let refused = delete("logs", 1_000).await.unwrap_err();
    assert_eq!((&*refused.code, refused.status), ("SlowDown", 503));
    delete("other", 1_000).await.unwrap();
    cloud.advance(1).await;
    let head = api::HeadObjectInput::new().with_bucket("busy").with_key("logs/0");
    cloud.call::<api::op::HeadObject>(head.clone()).await.expect("nothing of what was refused is done");
    delete("logs", 1_000).await.unwrap();
    assert!(cloud.call::<api::op::HeadObject>(head).await.is_err());
}
