//! Lifecycle rules of many versions, of older versions, of sizes and of uploads that are never completed.

use virga_api::s3 as api;

use crate::cloud::code;
use crate::time::{Bucket, LARGE, rule};

const DAY: u64 = 86_400;

fn noncurrent(days: i32) -> api::NoncurrentVersionExpiration {
    api::NoncurrentVersionExpiration::new().with_noncurrent_days(days)
}

async fn put_many(bucket: &Bucket, key: &str, count: usize) -> Vec<String> {
    let mut ids = Vec::with_capacity(count);
    for _ in 0..count {
        ids.push(bucket.put(key, 1).await);
    }
    ids
}

/// How many of these versions are still there.
async fn count(bucket: &Bucket, key: &str, ids: &[String]) -> usize {
    let mut found = 0;
    for id in ids {
        found += usize::from(bucket.head(key, Some(id)).await.is_ok());
    }
    found
}

/// More versions than one transaction looks at, of which only those are due that come last.
#[tokio::test]
async fn however_many_versions_are_newer_the_old_ones_go() {
    let bucket = Bucket::new(true).await;
    bucket.rules(vec![rule("old").with_noncurrent_version_expiration(noncurrent(3))]).await;
    let old = put_many(&bucket, "a", 1_100).await;
    let behind = bucket.put("b", 1).await;
    bucket.put("b", 1).await;
    bucket.pass(2 * DAY).await;
    let new = put_many(&bucket, "a", 1_050).await;
    bucket.pass(2 * DAY).await;
    // The newest of the old ones was replaced two days later than it was made.
    assert_eq!(count(&bucket, "a", &old).await, 1);
    assert_eq!(count(&bucket, "a", &new).await, new.len());
    assert!(
        bucket.head("b", Some(&behind)).await.is_err(),
        "the keys after it have their turn in the same pass"
    );
    bucket.pass(2 * DAY).await;
    assert_eq!(count(&bucket, "a", &old).await, 0);
    assert_eq!(count(&bucket, "a", &new).await, 1);
}

/// Of the second key, a first transaction sees fewer versions than are kept.
#[tokio::test]
async fn newer_versions_are_counted_over_several_transactions() {
    let bucket = Bucket::new(true).await;
    let kept = noncurrent(1).with_newer_noncurrent_versions(100);
    bucket.rules(vec![rule("count").with_noncurrent_version_expiration(kept)]).await;
    let first = put_many(&bucket, "a", 961).await;
    let second = put_many(&bucket, "b", 131).await;
    bucket.pass(2 * DAY).await;
    assert_eq!(count(&bucket, "a", &first).await, 101);
    assert_eq!(count(&bucket, "b", &second).await, 101);
    assert_eq!(count(&bucket, "b", &second[30..]).await, 101, "the newest stay");
}

#[tokio::test]
async fn older_versions_move_to_another_class() {
    let bucket = Bucket::new(true).await;
    let transition =
        api::NoncurrentVersionTransition::new().with_noncurrent_days(2).with_storage_class("GLACIER");
    bucket.rules(vec![rule("cold").with_noncurrent_version_transitions(vec![transition])]).await;
    let old = bucket.put("a", LARGE).await;
    bucket.pass(5 * DAY).await;
    let new = bucket.put("a", LARGE).await;
    let class = async |id: &str| bucket.head("a", Some(id)).await.unwrap().storage_class().map(str::to_owned);
    bucket.pass(DAY).await;
    assert_eq!(class(&old).await, None, "the days count from when it was replaced");
    bucket.pass(2 * DAY).await;
    assert_eq!(class(&old).await.as_deref(), Some("GLACIER"));
    assert_eq!(class(&new).await, None);
    let input = api::GetObjectInput::new().with_bucket("time").with_key("a").with_version_id(old);
    assert_eq!(code(bucket.cloud.get(input).await), "InvalidObjectState");
}

/// Both bounds are strict.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-filters.html>
#[tokio::test]
async fn sizes_decide_which_objects_expire() {
    let bucket = Bucket::new(false).await;
    let between = api::LifecycleRuleAndOperator::new()
        .with_object_size_greater_than(1_000)
        .with_object_size_less_than(5_000);
    let between = api::LifecycleRuleFilter::new().with_and(between);
    let expiration = api::LifecycleExpiration::new().with_days(1);
    let between =
        api::LifecycleRule::new().with_status("Enabled").with_filter(between).with_expiration(expiration);
    bucket.rules(vec![between]).await;
    for size in [0, 1_000, 1_001, 4_999, 5_000] {
        bucket.put(&size.to_string(), size).await;
    }
    bucket.pass(3 * DAY).await;
    for (size, stays) in [("0", true), ("1000", true), ("1001", false), ("4999", false), ("5000", true)] {
        assert_eq!(bucket.head(size, None).await.is_ok(), stays, "{size}");
    }
}

/// A filter by size is what lets small objects move, and it holds for older versions too.
#[tokio::test]
async fn sizes_decide_which_versions_move_and_go() {
    let bucket = Bucket::new(true).await;
    let small = api::LifecycleRuleFilter::new().with_object_size_less_than(100);
    let large = api::LifecycleRuleFilter::new().with_object_size_greater_than(99);
    let transition =
        api::NoncurrentVersionTransition::new().with_noncurrent_days(1).with_storage_class("DEEP_ARCHIVE");
    bucket
        .rules(vec![
            rule("move").with_filter(small).with_noncurrent_version_transitions(vec![transition]),
            rule("go").with_filter(large).with_noncurrent_version_expiration(noncurrent(1)),
        ])
        .await;
    let small = bucket.put("a", 99).await;
    let large = bucket.put("a", 100).await;
    bucket.put("a", 100).await;
    bucket.pass(3 * DAY).await;
    let small = bucket.head("a", Some(&small)).await.unwrap();
    assert_eq!(small.storage_class(), Some("DEEP_ARCHIVE"));
    assert!(bucket.head("a", Some(&large)).await.is_err());
}

#[tokio::test]
async fn uploads_that_are_not_completed_in_time_are_aborted() {
    let bucket = Bucket::new(false).await;
    let abort = api::AbortIncompleteMultipartUpload::new().with_days_after_initiation(2);
    let filter = api::LifecycleRuleFilter::new().with_prefix("tmp/");
    bucket.rules(vec![rule("abort").with_filter(filter).with_abort_incomplete_multipart_upload(abort)]).await;
    let aborted = begin(&bucket, "tmp/a").await;
    let kept = begin(&bucket, "other").await;
    assert_eq!(blobs(&bucket), 2);
    bucket.pass(2 * DAY).await;
    assert_eq!(parts(&bucket, "tmp/a", &aborted).await, Ok(1), "not before the midnight after");
    bucket.pass(DAY).await;
    assert_eq!(parts(&bucket, "tmp/a", &aborted).await, Err("NoSuchUpload".to_owned()));
    assert_eq!(parts(&bucket, "other", &kept).await, Ok(1));
    assert_eq!(blobs(&bucket), 1, "what the parts took is free");
    let input = api::UploadPartInput::new()
        .with_bucket("time")
        .with_key("tmp/a")
        .with_upload_id(aborted)
        .with_part_number(2);
    assert_eq!(code(bucket.cloud.upload(input, "more").await), "NoSuchUpload");
}

/// More than one step looks at.
#[tokio::test]
async fn many_uploads_are_aborted_and_the_young_ones_later() {
    let bucket = Bucket::new(false).await;
    let abort = api::AbortIncompleteMultipartUpload::new().with_days_after_initiation(1);
    let filter = api::LifecycleRuleFilter::new().with_prefix("");
    bucket.rules(vec![rule("abort").with_filter(filter).with_abort_incomplete_multipart_upload(abort)]).await;
    let create = async |key: String| {
        let input = api::CreateMultipartUploadInput::new().with_bucket("time").with_key(key);
        bucket.cloud.call::<api::op::CreateMultipartUpload>(input).await.unwrap();
    };
    let left = async || {
        let input = api::ListMultipartUploadsInput::new().with_bucket("time");
        let listed = bucket.cloud.call::<api::op::ListMultipartUploads>(input).await.unwrap();
        listed.uploads().map_or(0, |uploads| uploads.iter().count())
    };
    for number in 0..250 {
        create(format!("old/{}", number % 125)).await;
    }
    bucket.pass(DAY).await;
    for number in 0..125 {
        create(format!("old/{number}")).await;
    }
    bucket.pass(DAY).await;
    assert_eq!(left().await, 125);
    bucket.pass(DAY).await;
    assert_eq!(left().await, 0);
}

/// However late in the day a rule is looked at.
#[tokio::test]
async fn the_delete_markers_of_a_day_are_of_its_midnight() {
    let bucket = Bucket::new(true).await;
    bucket.rules(vec![crate::time::expiring(1)]).await;
    bucket.put("a", 1).await;
    bucket.pass(3 * DAY + 1_234).await;
    let input = api::ListObjectVersionsInput::new().with_bucket("time");
    let listed = bucket.cloud.call::<api::op::ListObjectVersions>(input).await.unwrap();
    let markers = listed.delete_markers().unwrap();
    let modified = markers.iter().next().unwrap().last_modified().unwrap();
    assert_eq!(modified.secs() % DAY as i64, 0, "{modified:?}");
}

/// An upload of which one part is there.
async fn begin(bucket: &Bucket, key: &str) -> String {
    let input = api::CreateMultipartUploadInput::new().with_bucket("time").with_key(key);
    let begun = bucket.cloud.call::<api::op::CreateMultipartUpload>(input).await.unwrap();
    let id = begun.upload_id().unwrap().to_owned();
    let input = api::UploadPartInput::new()
        .with_bucket("time")
        .with_key(key)
        .with_upload_id(id.as_str())
        .with_part_number(1);
    bucket.cloud.upload(input, vec![b'x'; LARGE]).await.unwrap();
    id
}

/// How many parts an upload has, or the code of the error.
async fn parts(bucket: &Bucket, key: &str, id: &str) -> Result<usize, String> {
    let input = api::ListPartsInput::new().with_bucket("time").with_key(key).with_upload_id(id);
    let listed = bucket.cloud.call::<api::op::ListParts>(input).await;
    listed
        .map(|listed| listed.parts().map_or(0, |parts| parts.iter().count()))
        .map_err(|error| error.code.to_string())
}

/// How many files the records name.
fn blobs(bucket: &Bucket) -> usize {
    let mut live = 0;
    let mut count = |blobs: &[virga_store::BlobId]| {
        live += blobs.len();
        std::ops::ControlFlow::Continue(())
    };
    let read = bucket.cloud.world.store().read().unwrap();
    assert!(virga_svc_s3::live_blobs(&read, &mut count).unwrap().is_continue());
    live
}
