//! What comes with time: lifecycle rules, restores, locks that end.

use std::time::Duration;

use bytes::Bytes;
use virga_api::s3 as api;
use virga_model::{ApiError, Timestamp};

use crate::cloud::{Cloud, START, code};

const DAY: u64 = 86_400;
pub(crate) const LARGE: usize = 200 << 10;

pub(crate) struct Bucket {
    pub(crate) cloud: Cloud,
}

impl Bucket {
    pub(crate) async fn new(is_versioned: bool) -> Self {
        let cloud = Cloud::new();
        cloud.create("time").await.unwrap();
        let bucket = Bucket { cloud };
        if is_versioned {
            bucket.version("Enabled").await;
        }
        bucket
    }

    pub(crate) async fn lockable() -> Self {
        let cloud = Cloud::new();
        let input =
            api::CreateBucketInput::new().with_bucket("time").with_object_lock_enabled_for_bucket(true);
        cloud.call::<api::op::CreateBucket>(input).await.unwrap();
        Bucket { cloud }
    }

    pub(crate) async fn version(&self, status: &str) {
        let configuration = api::VersioningConfiguration::new().with_status(status);
        let input = api::PutBucketVersioningInput::new()
            .with_bucket("time")
            .with_versioning_configuration(configuration);
        self.cloud.call::<api::op::PutBucketVersioning>(input).await.unwrap();
    }

    pub(crate) async fn rules(&self, rules: Vec<api::LifecycleRule>) {
        let configuration = api::BucketLifecycleConfiguration::new().with_rules(rules);
        let input = api::PutBucketLifecycleConfigurationInput::new()
            .with_bucket("time")
            .with_lifecycle_configuration(configuration);
        self.cloud.call::<api::op::PutBucketLifecycleConfiguration>(input).await.unwrap();
    }

    /// The id of the version.
    pub(crate) async fn put(&self, key: &str, size: usize) -> String {
        let input = api::PutObjectInput::new().with_bucket("time").with_key(key);
        let output = self.cloud.put(input, vec![b'x'; size]).await.unwrap();
        output.version_id().unwrap_or_default().to_owned()
    }

    pub(crate) async fn head(
        &self,
        key: &str,
        version_id: Option<&str>,
    ) -> Result<api::HeadObjectOutput, ApiError> {
        let input = api::HeadObjectInput::new().with_bucket("time").with_key(key).with_version_id(version_id);
        self.cloud.call::<api::op::HeadObject>(input).await
    }

    async fn get(&self, key: &str) -> Result<Bytes, ApiError> {
        let input = api::GetObjectInput::new().with_bucket("time").with_key(key);
        self.cloud.get(input).await.map(|(_, body)| body)
    }

    pub(crate) async fn delete(&self, key: &str, version_id: Option<&str>) -> Result<(), ApiError> {
        let input =
            api::DeleteObjectInput::new().with_bucket("time").with_key(key).with_version_id(version_id);
        self.cloud.call::<api::op::DeleteObject>(input).await.map(|_| ())
    }

    /// Deletes what is seen under a key; the id of the delete marker.
    pub(crate) async fn delete_current(&self, key: &str) -> Option<String> {
        let input = api::DeleteObjectInput::new().with_bucket("time").with_key(key);
        let output = self.cloud.call::<api::op::DeleteObject>(input).await.unwrap();
        output.version_id().map(str::to_owned)
    }

    pub(crate) async fn retain_version(
        &self,
        key: &str,
        version_id: Option<&str>,
        retention: api::ObjectLockRetention,
    ) -> Result<(), ApiError> {
        let input = api::PutObjectRetentionInput::new()
            .with_bucket("time")
            .with_key(key)
            .with_version_id(version_id)
            .with_retention(retention);
        self.cloud.call::<api::op::PutObjectRetention>(input).await.map(|_| ())
    }

    pub(crate) async fn hold_version(
        &self,
        key: &str,
        version_id: Option<&str>,
        is_held: bool,
    ) -> Result<(), ApiError> {
        let status = if is_held { "ON" } else { "OFF" };
        let input = api::PutObjectLegalHoldInput::new()
            .with_bucket("time")
            .with_key(key)
            .with_version_id(version_id)
            .with_legal_hold(api::ObjectLockLegalHold::new().with_status(status));
        self.cloud.call::<api::op::PutObjectLegalHold>(input).await.map(|_| ())
    }

    /// The versions of a key, the newest first, and whether each is a delete marker.
    pub(crate) async fn versions(&self, key: &str) -> Vec<(String, bool)> {
        let input = api::ListObjectVersionsInput::new().with_bucket("time").with_prefix(key);
        let listed = self.cloud.call::<api::op::ListObjectVersions>(input).await.unwrap();
        let objects = listed.versions().into_iter().flat_map(virga_model::view::List::iter).map(|version| {
            (version.is_latest(), version.last_modified(), version.version_id().unwrap().to_owned(), false)
        });
        let markers =
            listed.delete_markers().into_iter().flat_map(virga_model::view::List::iter).map(|marker| {
                (marker.is_latest(), marker.last_modified(), marker.version_id().unwrap().to_owned(), true)
            });
        let mut all: Vec<_> = objects.chain(markers).collect();
        all.sort_by_key(|(is_latest, modified, _, _)| {
            (std::cmp::Reverse(*is_latest), std::cmp::Reverse(*modified))
        });
        all.into_iter().map(|(_, _, id, is_marker)| (id, is_marker)).collect()
    }

    pub(crate) async fn pass(&self, seconds: u64) {
        self.cloud.advance(seconds).await;
    }

    /// Asks for a copy and gives the status of the answer.
    async fn restore(&self, key: &str, tier: &str, days: i32) -> Result<u16, ApiError> {
        let request = api::RestoreRequest::new().with_tier(tier).with_days(days);
        let input =
            api::RestoreObjectInput::new().with_bucket("time").with_key(key).with_restore_request(request);
        self.cloud.status::<api::op::RestoreObject>(input).await
    }

    async fn retain(
        &self,
        key: &str,
        retention: api::ObjectLockRetention,
        bypass: bool,
    ) -> Result<(), ApiError> {
        let input = api::PutObjectRetentionInput::new()
            .with_bucket("time")
            .with_key(key)
            .with_retention(retention)
            .with_bypass_governance_retention(bypass);
        self.cloud.call::<api::op::PutObjectRetention>(input).await.map(|_| ())
    }
}

pub(crate) fn rule(id: &str) -> api::LifecycleRule {
    let filter = api::LifecycleRuleFilter::new().with_prefix("");
    api::LifecycleRule::new().with_id(id).with_status("Enabled").with_filter(filter)
}

pub(crate) fn expiring(days: i32) -> api::LifecycleRule {
    rule("expire").with_expiration(api::LifecycleExpiration::new().with_days(days))
}

fn retention(mode: &str, days: i64) -> api::ObjectLockRetention {
    let until = Timestamp::from_secs(START + days * DAY as i64);
    api::ObjectLockRetention::new().with_mode(mode).with_retain_until_date(until)
}

#[tokio::test]
async fn objects_expire_at_midnight_after_their_days() {
    let bucket = Bucket::new(false).await;
    bucket.rules(vec![expiring(3)]).await;
    bucket.put("a", 10).await;
    bucket.pass(3 * DAY).await;
    assert!(bucket.head("a", None).await.is_ok());
    bucket.pass(DAY).await;
    assert!(bucket.head("a", None).await.is_err());
}

#[tokio::test]
async fn in_a_bucket_with_versions_expiry_leaves_a_delete_marker() {
    let bucket = Bucket::new(true).await;
    bucket.rules(vec![expiring(3)]).await;
    let version = bucket.put("a", 10).await;
    bucket.pass(4 * DAY).await;
    assert_eq!(code(bucket.get("a").await), "NoSuchKey");
    assert!(bucket.head("a", Some(&version)).await.is_ok());
}

#[tokio::test]
async fn older_versions_go_and_then_the_delete_marker_that_is_left() {
    let bucket = Bucket::new(true).await;
    let noncurrent = api::NoncurrentVersionExpiration::new().with_noncurrent_days(2);
    bucket.rules(vec![expiring(1).with_noncurrent_version_expiration(noncurrent)]).await;
    bucket.put("a", 10).await;
    bucket.pass(30 * DAY).await;
    let input = api::ListObjectVersionsInput::new().with_bucket("time");
    if let Ok(listed) = bucket.cloud.call::<api::op::ListObjectVersions>(input).await {
        assert!(listed.versions().is_none_or(virga_model::view::List::is_empty));
        assert!(listed.delete_markers().is_none_or(virga_model::view::List::is_empty));
    }
    let input = api::DeleteBucketInput::new().with_bucket("time");
    bucket.cloud.call::<api::op::DeleteBucket>(input).await.unwrap();
}

#[tokio::test]
async fn objects_move_to_an_archive_and_come_back_for_some_days() {
    let bucket = Bucket::new(false).await;
    let transition = api::Transition::new().with_days(1).with_storage_class("GLACIER");
    bucket.rules(vec![rule("cold").with_transitions(vec![transition])]).await;
    bucket.put("a", LARGE).await;
    bucket.put("small", 10).await;
    assert_eq!(code(bucket.restore("a", "Standard", 2).await), "InvalidObjectState");
    bucket.pass(2 * DAY).await;
    assert_eq!(code(bucket.get("a").await), "InvalidObjectState");
    assert_eq!(bucket.get("small").await.unwrap().len(), 10);

    assert_eq!(bucket.restore("a", "Bulk", 2).await.unwrap(), 202);
    assert_eq!(code(bucket.restore("a", "Bulk", 2).await), "RestoreAlreadyInProgress");
    let head = bucket.head("a", None).await.unwrap();
    assert_eq!(head.restore(), Some("ongoing-request=\"true\""));
    assert_eq!(bucket.restore("a", "Expedited", 2).await.unwrap(), 202);
    bucket.pass(300).await;
    assert_eq!(bucket.get("a").await.unwrap().len(), LARGE);
    let head = bucket.head("a", None).await.unwrap();
    assert!(head.restore().unwrap().starts_with("ongoing-request=\"false\", expiry-date=\""));
    // What is there already is only kept for longer.
    assert_eq!(bucket.restore("a", "Bulk", 3).await.unwrap(), 200);
    bucket.pass(4 * DAY).await;
    assert_eq!(code(bucket.get("a").await), "InvalidObjectState");
}

#[tokio::test]
async fn a_locked_version_outlives_every_rule() {
    let bucket = Bucket::lockable().await;
    let noncurrent = api::NoncurrentVersionExpiration::new().with_noncurrent_days(1);
    bucket.rules(vec![rule("old").with_noncurrent_version_expiration(noncurrent)]).await;
    let version = bucket.put("a", 10).await;
    bucket.retain("a", retention("COMPLIANCE", 10), false).await.unwrap();
    assert_eq!(code(bucket.delete("a", Some(&version)).await), "AccessDenied");
    bucket.delete("a", None).await.unwrap();
    bucket.pass(8 * DAY).await;
    assert!(bucket.head("a", Some(&version)).await.is_ok());
    bucket.pass(3 * DAY).await;
    assert!(bucket.head("a", Some(&version)).await.is_err());
}

#[tokio::test]
async fn governance_is_passed_by_and_compliance_is_not() {
    let bucket = Bucket::lockable().await;
    bucket.put("a", 10).await;
    bucket.retain("a", retention("GOVERNANCE", 10), false).await.unwrap();
    assert_eq!(code(bucket.retain("a", retention("GOVERNANCE", 5), false).await), "AccessDenied");
    bucket.retain("a", retention("GOVERNANCE", 12), false).await.unwrap();
    bucket.retain("a", api::ObjectLockRetention::new(), true).await.unwrap();
    bucket.retain("a", retention("COMPLIANCE", 10), false).await.unwrap();
    assert_eq!(code(bucket.retain("a", retention("COMPLIANCE", 5), true).await), "AccessDenied");
    let past = bucket.retain("a", retention("COMPLIANCE", -1), true).await.unwrap_err();
    assert_eq!(past.message, "The retain until date must be in the future!");
}

#[tokio::test]
async fn legal_holds_are_set_and_lifted() {
    let bucket = Bucket::lockable().await;
    let version = bucket.put("a", 10).await;
    let read = || {
        let input = api::GetObjectLegalHoldInput::new().with_bucket("time").with_key("a");
        bucket.cloud.call::<api::op::GetObjectLegalHold>(input)
    };
    assert_eq!(code(read().await), "NoSuchObjectLockConfiguration");
    for (status, is_deleted) in [("ON", false), ("OFF", true)] {
        let input = api::PutObjectLegalHoldInput::new()
            .with_bucket("time")
            .with_key("a")
            .with_legal_hold(api::ObjectLockLegalHold::new().with_status(status));
        bucket.cloud.call::<api::op::PutObjectLegalHold>(input).await.unwrap();
        assert_eq!(read().await.unwrap().legal_hold().unwrap().status(), Some(status));
        assert_eq!(bucket.delete("a", Some(&version)).await.is_ok(), is_deleted);
    }
}

#[tokio::test]
async fn thirty_days_pass_in_no_time() {
    let bucket = Bucket::new(true).await;
    let tagged = api::LifecycleRuleFilter::new().with_tag(api::Tag::new().with_key("a").with_value("b"));
    bucket.rules(vec![expiring(20).with_filter(tagged)]).await;
    for number in 0..200 {
        bucket.put(&format!("key-{number}"), 10).await;
    }
    #[expect(clippy::disallowed_methods, reason = "how long it takes is measured in real time")]
    let started = std::time::Instant::now();
    bucket.pass(30 * DAY).await;
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}
