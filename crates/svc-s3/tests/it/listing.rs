//! Listings: objects, versions, uploads; roll-up, pages, markers.

use virga_api::s3 as api;

use crate::cloud::{Cloud, code};

/// A bucket with these objects; it keeps versions.
async fn cloud(keys: &[&str]) -> Cloud {
    let cloud = Cloud::new();
    let input = api::CreateBucketInput::new().with_bucket("listed").with_object_lock_enabled_for_bucket(true);
    cloud.call::<api::op::CreateBucket>(input).await.unwrap();
    for key in keys {
        put(&cloud, key).await;
    }
    cloud
}

async fn put(cloud: &Cloud, key: &str) -> String {
    let input = api::PutObjectInput::new().with_bucket("listed").with_key(key);
    cloud.put(input, "body").await.unwrap().version_id().unwrap().to_owned()
}

async fn delete(cloud: &Cloud, key: &str) {
    let input = api::DeleteObjectInput::new().with_bucket("listed").with_key(key);
    cloud.call::<api::op::DeleteObject>(input).await.unwrap();
}

fn v2() -> api::ListObjectsV2Input {
    api::ListObjectsV2Input::new().with_bucket("listed")
}

/// Keys, common prefixes, and the token of the next page.
async fn list(cloud: &Cloud, input: api::ListObjectsV2Input) -> (Vec<String>, Vec<String>, Option<String>) {
    let output = cloud.call::<api::op::ListObjectsV2>(input).await.unwrap();
    let contents = output.contents().into_iter().flat_map(virga_model::view::List::iter);
    let prefixes = output.common_prefixes().into_iter().flat_map(virga_model::view::List::iter);
    let keys: Vec<String> = contents.map(|object| object.key().unwrap().to_owned()).collect();
    let prefixes: Vec<String> = prefixes.map(|prefix| prefix.prefix().unwrap().to_owned()).collect();
    assert_eq!(output.key_count(), Some(i32::try_from(keys.len() + prefixes.len()).unwrap()));
    (keys, prefixes, output.next_continuation_token().map(str::to_owned))
}

#[tokio::test]
async fn objects_are_listed_in_the_order_of_their_bytes() {
    let cloud = cloud(&["b", "a", "ä", "B", "a/b", "gone"]).await;
    delete(&cloud, "gone").await;
    put(&cloud, "a").await;
    assert_eq!(list(&cloud, v2()).await.0, ["B", "a", "a/b", "b", "ä"]);
    assert_eq!(list(&cloud, v2().with_prefix("a")).await.0, ["a", "a/b"]);
    assert_eq!(list(&cloud, v2().with_start_after("a/b")).await.0, ["b", "ä"]);
    let url =
        cloud.call::<api::op::ListObjectsV2>(v2().with_encoding_type("url").with_prefix("ä")).await.unwrap();
    assert_eq!(url.contents().unwrap().iter().next().unwrap().key(), Some("%C3%A4"));
    assert_eq!(
        code(cloud.call::<api::op::ListObjectsV2>(v2().with_encoding_type("x")).await),
        "InvalidArgument"
    );
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_repetition() {
    let keys: Vec<String> = (0..57).map(|n| format!("{}/{}/{n:03}", n % 5, n % 3)).collect();
    let cloud = cloud(&keys.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let mut sorted = keys.clone();
    sorted.sort();
    for (delimiter, expected) in [(None, sorted), (Some("/"), (0..5).map(|n| format!("{n}/")).collect())] {
        for limit in [1, 2, 7, 100] {
            let mut seen = Vec::new();
            let mut token: Option<String> = None;
            loop {
                let input =
                    v2().with_delimiter(delimiter).with_max_keys(limit).with_continuation_token(token);
                let (keys, prefixes, next) = list(&cloud, input).await;
                seen.extend(keys.into_iter().chain(prefixes));
                token = next;
                if token.is_none() {
                    break;
                }
            }
            assert_eq!(seen, expected, "{delimiter:?} {limit}");
        }
    }
}

#[tokio::test]
async fn a_marker_within_what_is_rolled_up_goes_past_it() {
    let cloud = cloud(&["f/a/1", "f/a/2", "f/b", "f/c"]).await;
    let input = api::ListObjectsInput::new().with_bucket("listed").with_prefix("f/").with_delimiter("/");
    let first = cloud.call::<api::op::ListObjects>(input.clone().with_max_keys(1)).await.unwrap();
    assert_eq!(first.next_marker(), Some("f/a/"));
    for marker in ["f/a/", "f/a/1"] {
        let next = cloud.call::<api::op::ListObjects>(input.clone().with_marker(marker)).await.unwrap();
        assert!(next.common_prefixes().is_none());
        assert_eq!(next.contents().unwrap().iter().next().unwrap().key(), Some("f/b"));
    }
}

#[tokio::test]
async fn versions_are_listed_newest_first_and_in_pages() {
    let cloud = cloud(&[]).await;
    let mut expected = Vec::new();
    for key in ["a", "b"] {
        let ids = [put(&cloud, key).await, put(&cloud, key).await, put(&cloud, key).await];
        expected.extend(ids.into_iter().rev().map(|id| (key.to_owned(), id)));
    }
    delete(&cloud, "b").await;
    let all = api::ListObjectVersionsInput::new().with_bucket("listed");
    let output = cloud.call::<api::op::ListObjectVersions>(all.clone()).await.unwrap();
    let marker = output.delete_markers().unwrap().iter().next().unwrap();
    assert_eq!((marker.key(), marker.is_latest()), (Some("b"), Some(true)));
    let latest: Vec<_> =
        output.versions().unwrap().iter().map(|version| version.is_latest().unwrap()).collect();
    assert_eq!(latest, [true, false, false, false, false, false]);
    for limit in [1, 2, 3] {
        let mut seen = Vec::new();
        let (mut key, mut version): (Option<String>, Option<String>) = (None, None);
        loop {
            let input = all.clone().with_max_keys(limit).with_key_marker(key).with_version_id_marker(version);
            let output = cloud.call::<api::op::ListObjectVersions>(input).await.unwrap();
            let page = output.versions().into_iter().flat_map(virga_model::view::List::iter);
            seen.extend(page.map(|v| (v.key().unwrap().to_owned(), v.version_id().unwrap().to_owned())));
            if output.is_truncated() != Some(true) {
                break;
            }
            key = output.next_key_marker().map(str::to_owned);
            version = output.next_version_id_marker().map(str::to_owned);
        }
        assert_eq!(seen, expected, "{limit}");
    }
    let lonely = all.with_version_id_marker("x");
    assert_eq!(code(cloud.call::<api::op::ListObjectVersions>(lonely).await), "InvalidArgument");
}
