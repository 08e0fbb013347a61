//! Tables under the clock: their content goes with them, a name can be used again, items end.

use virga_api::dynamodb as api;

use crate::cloud::{Cloud, START};

#[tokio::test]
async fn a_table_made_anew_has_nothing_of_the_old_one() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    for number in 0..1200 {
        cloud.put("tab", &[("a", &format!("a{number}")), ("b", "b"), ("c", "c")]).await.unwrap();
    }
    let input = api::DeleteTableInput::new().with_table_name("tab");
    let deleted = cloud.call::<api::op::DeleteTable>(input).await.unwrap();
    assert_eq!(deleted.table_description().unwrap().table_status(), Some("DELETING"));
    cloud.create("tab").await;
    assert!(cloud.all("tab", None).await.is_empty() && cloud.all("tab", Some("by-c")).await.is_empty());
    cloud.advance(1).await;
    // The old content has gone away meanwhile, and the new table is none the worse.
    assert_eq!(cloud.describe("tab").await.unwrap().item_count(), Some(0));
    cloud.put("tab", &[("a", "a1"), ("b", "b")]).await.unwrap();
    assert_eq!(cloud.all("tab", None).await.len(), 1);
}

#[tokio::test]
async fn items_end_at_their_time_and_not_before() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let specification = api::TimeToLiveSpecification::new().with_enabled(true).with_attribute_name("ends");
    let input = api::UpdateTimeToLiveInput::new()
        .with_table_name("tab")
        .with_time_to_live_specification(specification);
    cloud.call::<api::op::UpdateTimeToLive>(input).await.unwrap();
    for (a, seconds) in [("soon", 10), ("later", 100), ("moved", 10)] {
        cloud.put("tab", &[("a", a), ("b", "b"), ("ends", &(START + seconds).to_string())]).await.unwrap();
    }
    cloud.put("tab", &[("a", "moved"), ("b", "b"), ("ends", &(START + 50).to_string())]).await.unwrap();
    let names = |items: Vec<crate::cloud::Plain>| -> Vec<String> {
        items.into_iter().map(|item| item[0].1.clone()).collect()
    };
    cloud.advance(9).await;
    assert_eq!(names(cloud.all("tab", None).await), ["later", "moved", "soon"]);
    cloud.advance(1).await;
    assert_eq!(names(cloud.all("tab", None).await), ["later", "moved"]);
    cloud.advance(40).await;
    assert_eq!(names(cloud.all("tab", None).await), ["later"]);
    cloud.advance(1000).await;
    assert!(cloud.all("tab", None).await.is_empty());
}

#[tokio::test]
async fn a_policy_that_its_writer_could_not_change_again_has_to_be_confirmed() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let arn = cloud.describe("tab").await.unwrap().table_arn().unwrap().to_owned();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":{"AWS":"111122223333"},"Action":"dynamodb:PutResourcePolicy","Resource":"*"}]}"#;
    let input = api::PutResourcePolicyInput::new().with_resource_arn(arn).with_policy(policy);
    let refused = cloud.call::<api::op::PutResourcePolicy>(input.clone()).await.unwrap_err();
    assert_eq!(refused.code, "ValidationException");
    let confirmed = input.with_confirm_remove_self_resource_access(true);
    assert!(cloud.call::<api::op::PutResourcePolicy>(confirmed).await.unwrap().revision_id().is_some());
}

#[tokio::test]
async fn the_same_policy_keeps_its_revision() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let arn = cloud.describe("tab").await.unwrap().table_arn().unwrap().to_owned();
    let mut revisions = Vec::new();
    for action in ["dynamodb:GetItem", "dynamodb:GetItem", "dynamodb:Query"] {
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Deny","Principal":{{"AWS":"111122223333"}},"Action":"{action}","Resource":"*"}}]}}"#
        );
        let input = api::PutResourcePolicyInput::new().with_resource_arn(&*arn).with_policy(policy);
        let output = cloud.call::<api::op::PutResourcePolicy>(input).await.unwrap();
        revisions.push(output.revision_id().unwrap().to_owned());
    }
    assert_eq!(revisions[0], revisions[1]);
    assert_ne!(revisions[1], revisions[2]);
}

#[tokio::test]
async fn the_class_of_a_table_changes_twice_in_thirty_days() {
    const REFUSAL: &str =
        "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 day(s).";
    let cloud = Cloud::new();
    cloud.create("tab").await;
    let set = async |class: &str| {
        let input = api::UpdateTableInput::new().with_table_name("tab").with_table_class(class);
        let answer = cloud.call::<api::op::UpdateTable>(input).await;
        answer.map(|_| ()).map_err(|error| (error.code.to_string(), error.message.to_string()))
    };
    let refused = Err(("LimitExceededException".to_owned(), REFUSAL.to_owned()));
    // What it is already is no change, of which nothing is shown.
    assert_eq!(set("STANDARD").await, Ok(()));
    assert!(cloud.describe("tab").await.unwrap().table_class_summary().is_none());
    for class in ["STANDARD_INFREQUENT_ACCESS", "STANDARD_INFREQUENT_ACCESS", "STANDARD"] {
        assert_eq!(set(class).await, Ok(()), "{class}");
        cloud.advance(24 * 3600).await;
    }
    // Nor may it be said again.
    assert_eq!(set("STANDARD").await, refused);
    cloud.advance(26 * 24 * 3600).await;
    assert_eq!(set("STANDARD_INFREQUENT_ACCESS").await, refused);
    cloud.advance(24 * 3600).await;
    assert_eq!(set("STANDARD_INFREQUENT_ACCESS").await, Ok(()));
}
