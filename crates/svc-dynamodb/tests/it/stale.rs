//! Eventually consistent reads that are behind.

use std::time::Duration;

use virga_api::dynamodb as api;
use virga_kit::{StaleReads, WorldSettings};
use virga_model::view::Structure as _;
use virga_model::{Record, Value};

use crate::cloud::{Cloud, attributes, plain};

fn cloud(seed: u64) -> Cloud {
    let stale_reads = StaleReads { longest: Duration::from_secs(10), seed };
    Cloud::with(WorldSettings { stale_reads, ..WorldSettings::default() })
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

/// What each of many reads showed, once each and sorted.
fn distinct(mut shown: Vec<Vec<String>>) -> Vec<Vec<String>> {
    shown.sort();
    shown.dedup();
    shown
}

/// The partition keys and attributes `c` that a page shows, in its order.
fn told(record: &Record) -> Vec<String> {
    let Some(Value::List(items)) = record.by_name("Items") else { panic!("no items") };
    let told = |item: &Value| {
        let item = plain(item);
        let of = |name: &str| item.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        format!("{}:{}", of("b").unwrap(), of("c").unwrap_or_default())
    };
    items.iter().map(told).collect()
}

#[tokio::test]
async fn queries_show_the_table_and_the_index_as_they_were() {
    let cloud = cloud(7);
    cloud.create("tab").await;
    for sort in ["1", "2", "3"] {
        cloud.put("tab", &[("a", "x"), ("b", &format!("b{sort}")), ("c", "one")]).await.unwrap();
    }
    cloud.advance(11).await;
    // At one moment an item is deleted, one moves to another partition of the index, and one comes.
    cloud.delete("tab", &[("a", "x"), ("b", "b1")]).await.unwrap();
    cloud.put("tab", &[("a", "x"), ("b", "b2"), ("c", "two")]).await.unwrap();
    cloud.put("tab", &[("a", "x"), ("b", "b4"), ("c", "one")]).await.unwrap();
    cloud.advance(5).await;
    let query = |index: Option<&str>, value: &str, forward: bool, limit: Option<i32>| {
        let condition = if index.is_some() { "c = :v" } else { "a = :v" };
        let mut input = api::QueryInput::new()
            .with_table_name("tab")
            .with_index_name(index)
            .with_key_condition_expression(condition)
            .with_scan_index_forward(forward)
            .with_limit(limit)
            .into_record();
        input.set_by_name("ExpressionAttributeValues", attributes(&[(":v", value)]));
        api::QueryInput::from_record(input)
    };
    let cases: [(_, &[&str], &[&str]); 5] = [
        (query(None, "x", true, None), &["b1:one", "b2:one", "b3:one"], &["b2:two", "b3:one", "b4:one"]),
        (query(None, "x", false, None), &["b3:one", "b2:one", "b1:one"], &["b4:one", "b3:one", "b2:two"]),
        (query(None, "x", true, Some(1)), &["b1:one"], &["b2:two"]),
        (query(Some("by-c"), "one", true, None), &["b1:one", "b2:one", "b3:one"], &["b3:one", "b4:one"]),
        (query(Some("by-c"), "two", true, None), &[], &["b2:two"]),
    ];
    for (input, then, now) in cases {
        let mut shown = Vec::new();
        for _ in 0..50 {
            shown.push(told(cloud.call::<api::op::Query>(input.clone()).await.unwrap().as_record()));
        }
        assert_eq!(distinct(shown), distinct(vec![own(then), own(now)]), "{input:?}");
    }
}

fn own(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[tokio::test]
async fn statements_show_what_was_unless_they_are_consistent() {
    let cloud = cloud(7);
    cloud.create("tab").await;
    cloud.put("tab", &[("a", "x"), ("b", "y"), ("c", "one")]).await.unwrap();
    cloud.advance(11).await;
    cloud.put("tab", &[("a", "x"), ("b", "y"), ("c", "two")]).await.unwrap();
    cloud.advance(5).await;
    for (statement, consistent, expected) in [
        ("SELECT * FROM tab WHERE a = 'x'", false, &["y:one", "y:two"][..]),
        ("SELECT * FROM tab WHERE a = 'x'", true, &["y:two"][..]),
        ("SELECT * FROM tab", false, &["y:one", "y:two"][..]),
        ("SELECT * FROM \"tab\".\"by-c\" WHERE c = 'one'", false, &["", "y:one"][..]),
    ] {
        let mut shown = Vec::new();
        for _ in 0..50 {
            let input =
                api::ExecuteStatementInput::new().with_statement(statement).with_consistent_read(consistent);
            let output = cloud.call::<api::op::ExecuteStatement>(input).await.unwrap();
            shown.push(told(output.as_record()));
        }
        let expected = expected.iter().map(|text| if text.is_empty() { vec![] } else { own(&[text]) });
        assert_eq!(distinct(shown), expected.collect::<Vec<_>>(), "{statement}");
    }
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
