//! Intelligent-Tiering: what nobody reads goes to the archives, and comes back when it is restored.

use virga_api::s3 as api;

use crate::cloud::{Cloud, code};

const DAY: u64 = 86_400;
const LARGE: usize = 200 << 10;

async fn tiered() -> Cloud {
    let cloud = Cloud::new();
    cloud.create("tiered").await.unwrap();
    let tiers = [("ARCHIVE_ACCESS", 90), ("DEEP_ARCHIVE_ACCESS", 180)];
    let tierings = tiers.map(|(tier, days)| api::Tiering::new().with_access_tier(tier).with_days(days));
    let configuration = api::IntelligentTieringConfiguration::new()
        .with_id("all")
        .with_status("Enabled")
        .with_tierings(tierings.to_vec());
    let input = api::PutBucketIntelligentTieringConfigurationInput::new()
        .with_bucket("tiered")
        .with_id("all")
        .with_intelligent_tiering_configuration(configuration);
    cloud.call::<api::op::PutBucketIntelligentTieringConfiguration>(input).await.unwrap();
    cloud
}

async fn put(cloud: &Cloud, key: &str) {
    let input = api::PutObjectInput::new().with_bucket("tiered").with_key(key);
    cloud.put(input.with_storage_class("INTELLIGENT_TIERING"), vec![b'x'; LARGE]).await.unwrap();
}

async fn days(cloud: &Cloud, days: u64) {
    cloud.advance(days * DAY).await;
}

async fn status(cloud: &Cloud, key: &str) -> Option<String> {
    let input = api::HeadObjectInput::new().with_bucket("tiered").with_key(key);
    let head = cloud.call::<api::op::HeadObject>(input).await.unwrap();
    head.archive_status().map(str::to_owned)
}

async fn read(cloud: &Cloud, key: &str) -> String {
    let input = api::GetObjectInput::new().with_bucket("tiered").with_key(key);
    cloud.get(input).await.map_or_else(|error| error.code.to_string(), |_| String::new())
}

#[tokio::test]
async fn reads_keep_an_object_out_of_the_archives() {
    let cloud = tiered().await;
    put(&cloud, "read").await;
    put(&cloud, "forgotten").await;
    days(&cloud, 80).await;
    assert_eq!(read(&cloud, "read").await, "");
    days(&cloud, 11).await;
    assert_eq!(status(&cloud, "read").await, None);
    assert_eq!(status(&cloud, "forgotten").await.as_deref(), Some("ARCHIVE_ACCESS"));
    assert_eq!(read(&cloud, "forgotten").await, "InvalidObjectState");
    days(&cloud, 80).await;
    assert_eq!(status(&cloud, "read").await.as_deref(), Some("ARCHIVE_ACCESS"));
    days(&cloud, 10).await;
    assert_eq!(status(&cloud, "forgotten").await.as_deref(), Some("DEEP_ARCHIVE_ACCESS"));
}

/// More older versions than one step looks at, and a key behind them.
#[tokio::test]
async fn all_versions_of_a_key_go_to_the_archives() {
    let cloud = tiered().await;
    let versioning = api::VersioningConfiguration::new().with_status("Enabled");
    let input = api::PutBucketVersioningRequest::new().with_bucket("tiered");
    cloud
        .call::<api::op::PutBucketVersioning>(input.with_versioning_configuration(versioning))
        .await
        .unwrap();
    for _ in 0..231 {
        put(&cloud, "a").await;
    }
    put(&cloud, "b").await;
    days(&cloud, 92).await;
    let input = api::ListObjectVersionsInput::new().with_bucket("tiered");
    let listed = cloud.call::<api::op::ListObjectVersions>(input).await.unwrap();
    let mut archived = 0;
    for version in listed.versions().unwrap().iter() {
        let input = api::HeadObjectInput::new().with_bucket("tiered").with_key(version.key().unwrap());
        let input = input.with_version_id(version.version_id().unwrap());
        let head = cloud.call::<api::op::HeadObject>(input).await.unwrap();
        archived += usize::from(head.archive_status() == Some("ARCHIVE_ACCESS"));
    }
    assert_eq!(archived, 232);
}

#[tokio::test]
async fn deep_archives_take_half_a_day() {
    let cloud = tiered().await;
    put(&cloud, "a").await;
    days(&cloud, 181).await;
    let restore = |tier: &str| {
        let parameters = api::GlacierJobParameters::new().with_tier(tier);
        let request = api::RestoreRequest::new().with_glacier_job_parameters(parameters);
        let input = api::RestoreObjectInput::new().with_bucket("tiered").with_key("a");
        cloud.call::<api::op::RestoreObject>(input.with_restore_request(request))
    };
    assert_eq!(code(restore("Expedited").await), "InvalidArgument");
    restore("Bulk").await.unwrap();
    assert_eq!(code(restore("Bulk").await), "RestoreAlreadyInProgress");
    restore("Standard").await.unwrap();
    cloud.advance(12 * 3600).await;
    assert_eq!((status(&cloud, "a").await, read(&cloud, "a").await), (None, String::new()));
    days(&cloud, 89).await;
    assert_eq!(status(&cloud, "a").await, None);
    days(&cloud, 3).await;
    assert_eq!(status(&cloud, "a").await.as_deref(), Some("ARCHIVE_ACCESS"));
}
