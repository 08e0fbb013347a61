//! The caches, under the world's clock.

use virga_iam::AuthMode;

use super::client::Client;
use super::cloud::Cloud;

#[tokio::test]
async fn items_are_stale_until_their_time_is_over() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    cloud.put("p=a s=1 name=old").await;
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("name=old"));
    cloud.put("p=a s=1 name=new").await;
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("name=old"));
    assert_eq!(client.get("p=a s=1", true).await.unwrap().as_deref(), Some("name=new"));
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("name=old"));
    cloud.advance(300).await;
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("name=new"));
    assert_eq!((cloud.count("ItemCacheHits"), cloud.count("ItemCacheMisses")), (2, 2));
}

#[tokio::test]
async fn that_there_is_no_item_is_remembered_too() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    assert_eq!(client.get("p=a s=1", false).await, Ok(None));
    cloud.put("p=a s=1 name=x").await;
    assert_eq!(client.get("p=a s=1", false).await, Ok(None));
    cloud.advance(300).await;
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("name=x"));
}

#[tokio::test]
async fn writes_go_through_to_the_item_cache() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    assert_eq!(client.get("p=a s=1", false).await, Ok(None));
    client.put("p=a s=1 size=1", false).await.unwrap();
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("size=1"));
    client.set("p=a s=1", "size", 2).await.unwrap();
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("size=2"));
    assert_eq!((cloud.count("ItemCacheHits"), cloud.count("ItemCacheMisses")), (2, 1));
    client.delete("p=a s=1").await.unwrap();
    assert_eq!(client.get("p=a s=1", false).await, Ok(None));
}

#[tokio::test]
async fn answers_to_scans_are_old_whatever_is_written() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    client.put("p=a s=1 size=1", false).await.unwrap();
    assert_eq!(client.scan(false).await, ["p=a s=1 size=1"]);
    client.put("p=a s=1 size=2", false).await.unwrap();
    assert_eq!(client.scan(false).await, ["p=a s=1 size=1"]);
    assert_eq!(client.scan(true).await, ["p=a s=1 size=2"]);
    cloud.advance(300).await;
    assert_eq!(client.scan(false).await, ["p=a s=1 size=2"]);
    assert_eq!((cloud.count("ScanCacheHits"), cloud.count("ScanCacheMisses")), (1, 2));
}

#[tokio::test]
async fn lifetimes_follow_the_parameters() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let mut client = Client::connect(&cloud).await;
    cloud.put_cluster(0).await;
    cloud.put("p=a s=1 size=1").await;
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("size=1"));
    assert_eq!(client.scan(false).await, ["p=a s=1 size=1"]);
    cloud.put("p=a s=1 size=2").await;
    cloud.advance(86_400).await;
    assert_eq!(client.get("p=a s=1", false).await.unwrap().as_deref(), Some("size=1"));
    assert_eq!(client.scan(false).await, ["p=a s=1 size=2"]);
}

#[tokio::test]
async fn a_world_that_was_emptied_serves_no_cluster() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let address = cloud.address();
    cloud.world.reset().await.unwrap();
    assert_eq!(cloud.address_of("quick-a"), None);
    assert_ne!(address.port(), 0);
}

#[tokio::test]
async fn nodes_have_caches_of_their_own() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    cloud.put_nodes(300_000, &["quick-a", "quick-b"], 0).await;
    let mut one = Client::connect_to(&cloud, "quick-a").await;
    let mut other = Client::connect_to(&cloud, "quick-b").await;
    assert_eq!(other.get("p=a s=1", false).await, Ok(None));
    one.put("p=a s=1 size=1", false).await.unwrap();
    assert_eq!(one.get("p=a s=1", false).await.unwrap().as_deref(), Some("size=1"));
    assert_eq!(other.get("p=a s=1", false).await, Ok(None), "it hears of no write through another node");
    cloud.advance(300).await;
    assert_eq!(other.get("p=a s=1", false).await.unwrap().as_deref(), Some("size=1"));
}

#[tokio::test]
async fn a_node_that_is_started_again_keeps_what_it_has_cached_and_a_new_one_has_nothing() {
    let cloud = Cloud::new(AuthMode::Permissive).await;
    let both = ["quick-a", "quick-b"];
    cloud.put_nodes(300_000, &both, 0).await;
    let address = cloud.address();
    let mut other = Client::connect_to(&cloud, "quick-b").await;
    assert_eq!(other.get("p=a s=1", false).await, Ok(None));
    cloud.put_nodes(300_000, &["quick-a"], 1).await;
    assert_eq!(cloud.address_of("quick-b"), None);
    cloud.put_nodes(300_000, &both, 1).await;
    cloud.put("p=a s=1 size=1").await;
    let mut again = Client::connect_to(&cloud, "quick-b").await;
    assert_eq!(again.get("p=a s=1", false).await, Ok(None));
    cloud.put_nodes(300_000, &["quick-a"], 1).await;
    cloud.put_nodes(300_000, &both, 1).await;
    let mut new = Client::connect_to(&cloud, "quick-b").await;
    assert_eq!(new.get("p=a s=1", false).await.unwrap().as_deref(), Some("size=1"));
    assert_eq!(cloud.address(), address, "the first node was not touched");
}
