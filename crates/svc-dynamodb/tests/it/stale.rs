//! Eventually consistent reads that are behind.

use std::time::Duration;

use virga_api::dynamodb as api;
use virga_kit::WorldSettings;
use virga_model::Value;
use virga_model::view::Structure as _;

use crate::cloud::{Cloud, attributes, plain};

fn cloud(seed: u64) -> Cloud {
    Cloud::with(WorldSettings { stale_reads: (Duration::from_secs(10), seed), ..WorldSettings::default() })
}

/// The attribute `c` of an item as a read sees it.
async fn seen(cloud: &Cloud, consistent: bool) -> Option<String> {
    let mut input =
        api::GetItemInput::new().with_table_name("tab").with_consistent_read(consistent).into_record();
    input.set_by_name("Key", attributes(&[("a", "x"), ("b", "y")]));
    let output =
        cloud.call::<api::op::GetItem>(api::GetItemInput::from_record(input)).await.unwrap().into_record();
    let item = output.by_name("Item").filter(|item| !matches!(item, Value::Null))?;
    plain(item).into_iter().find(|(name, _)| name == "c").map(|(_, value)| value)
}

async fn many(cloud: &Cloud, consistent: bool) -> Vec<Option<String>> {
    let mut all = Vec::new();
    for _ in 0..50 {
        all.push(seen(cloud, consistent).await);
    }
    all
}

#[tokio::test]
async fn a_read_shows_a_moment_of_the_last_seconds() {
    let cloud = cloud(7);
    cloud.create("tab").await;
    let (one, two) = (Some("one".to_owned()), Some("two".to_owned()));
    cloud.put("tab", &[("a", "x"), ("b", "y"), ("c", "one")]).await.unwrap();
    let new = many(&cloud, false).await;
    assert!(new.contains(&None), "{new:?}");
    cloud.advance(5).await;
    cloud.put("tab", &[("a", "x"), ("b", "y"), ("c", "two")]).await.unwrap();
    cloud.advance(4).await;
    let mixed = many(&cloud, false).await;
    assert!(mixed.contains(&one) && mixed.contains(&two), "{mixed:?}");
    assert!(many(&cloud, true).await.iter().all(|value| *value == two), "a consistent read is never behind");
    cloud.advance(11).await;
    assert!(many(&cloud, false).await.iter().all(|value| *value == two), "nothing is behind for longer");
}

#[tokio::test]
async fn the_same_seed_shows_the_same() {
    let mut shown = Vec::new();
    for seed in [1, 1, 2] {
        let cloud = cloud(seed);
        cloud.create("tab").await;
        cloud.put("tab", &[("a", "x"), ("b", "y"), ("c", "one")]).await.unwrap();
        cloud.advance(5).await;
        shown.push(many(&cloud, false).await);
    }
    assert_eq!(shown[0], shown[1]);
    assert_ne!(shown[0], shown[2]);
}

#[tokio::test]
async fn a_query_misses_what_is_new() {
    let cloud = cloud(7);
    cloud.create("tab").await;
    cloud.put("tab", &[("a", "x"), ("b", "y"), ("c", "one")]).await.unwrap();
    cloud.advance(5).await;
    let mut counts = Vec::new();
    for _ in 0..50 {
        let input = api::ScanInput::new().with_table_name("tab");
        counts.push(cloud.call::<api::op::Scan>(input).await.unwrap().count().unwrap());
    }
    assert!(counts.contains(&0) && counts.contains(&1), "{counts:?}");
}
