//! Forks, reset, and several nodes on one store.

use virga_api::sqs as api;
use virga_iam::{KeyStatus, Keys as _};
use virga_kit::{StoredKey, WorldSettings};
use virga_model::Timestamp;
use virga_store::Store;

use crate::service::{SERVICE, call, create, fired, receive, send, world, world_on};

#[tokio::test]
async fn a_fork_has_the_same_state_and_goes_its_own_way() {
    let world = world();
    send(&world, "shared").await;
    let fork = world.fork("w1").unwrap();
    assert_eq!(fork.clock().now(), world.clock().now());
    assert_eq!(receive(&fork, 0).await.as_deref(), Some("shared"));
    assert_eq!(receive(&fork, 0).await, None);
    assert_eq!(receive(&world, 0).await.as_deref(), Some("shared"));
    assert_eq!(fork.log().recent(10, |_| true).len(), 2, "its log is its own");
}

#[tokio::test]
async fn time_in_a_fork_is_its_own() {
    let world = world();
    create(&world, "a-10").await.unwrap();
    let fork = world.fork("w1").unwrap();
    fork.advance_to(Timestamp::from_secs(1_800_000_060)).await.unwrap();
    assert_eq!(fired(&fork).await.len(), 1);
    assert_eq!(fired(&world).await.len(), 0);
    assert_eq!(world.clock().now(), Timestamp::from_secs(1_800_000_000));
}

#[tokio::test]
async fn reset_leaves_nothing_behind() {
    let world = world();
    send(&world, "old").await;
    create(&world, "a-10").await.unwrap();
    world.reset().await.unwrap();
    assert_eq!(receive(&world, 0).await, None);
    assert!(world.clock().state().frozen_micros.is_none());
    world.advance_to(world.clock().now().plus(std::time::Duration::from_secs(60))).await.unwrap();
    assert_eq!(fired(&world).await, []);
    assert_eq!(send(&world, "new").await, "0", "counters too");
}

#[tokio::test]
async fn an_issued_key_is_found_until_it_changes() {
    let world = world();
    let key = StoredKey::of_root("111122223333".parse().unwrap(), "secret".into());
    assert!(world.keys().lookup("AKIA1").is_none());
    world.keys().put("AKIA1", &key).unwrap();
    let found = world.keys().lookup("AKIA1").unwrap();
    assert_eq!(found.caller.arn().as_deref(), Some("arn:aws:iam::111122223333:root"));
    world.keys().put("AKIA1", &StoredKey { active: false, ..key }).unwrap();
    assert_eq!(world.keys().lookup("AKIA1").unwrap().status, KeyStatus::Inactive);
}

#[tokio::test]
async fn nodes_on_one_store_hear_of_each_others_permissions() {
    let store = Store::shared_memory();
    let [one, other] = [0, 1].map(|_| world_on(store.clone(), &SERVICE, WorldSettings::default()));
    let send = async || {
        let input = api::SendMessageInput::new().with_queue_url("q").with_message_body("x");
        call::<api::op::SendMessage>(&other, input).await.is_ok()
    };
    let put_policy = async |policy: &str| {
        let input = api::AddPermissionInput::new().with_queue_url("q").with_label(policy);
        let input = input.with_aws_account_ids(Vec::<&str>::new()).with_actions(Vec::<&str>::new());
        call::<api::op::AddPermission>(&one, input).await.unwrap();
    };
    assert!(send().await);
    put_policy(
        r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}}"#,
    )
    .await;
    assert!(!send().await, "the first node has set a policy");
    put_policy("").await;
    assert!(send().await);
    let key = StoredKey::of_root("111122223333".parse().unwrap(), "secret".into());
    let status = || other.keys().lookup("AKIA1").map(|key| key.status);
    assert_eq!(status(), None);
    one.keys().put("AKIA1", &key).unwrap();
    assert_eq!(status(), Some(KeyStatus::Active));
    one.keys().put("AKIA1", &StoredKey { active: false, ..key }).unwrap();
    assert_eq!(status(), Some(KeyStatus::Inactive));
}
