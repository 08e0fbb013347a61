//! What calls need permission for.

use virga_api::sqs as api;

use crate::cloud::{ACCOUNT, Cloud, REGION};

/// Action and resources of the last call.
fn last(cloud: &Cloud) -> Vec<(String, Vec<String>)> {
    let calls = cloud.world.log().recent(1, |_| true);
    calls[0].accesses.iter().map(|access| (access.full_action(), access.resources.clone())).collect()
}

#[tokio::test]
async fn calls_need_actions_on_queues() {
    let cloud = Cloud::new();
    let arn = |account: &str, name: &str| vec![format!("arn:aws:sqs:{REGION}:{account}:{name}")];
    let url = cloud.create("q").await;
    assert_eq!(last(&cloud), [("sqs:CreateQueue".to_owned(), arn(ACCOUNT, "q"))]);
    cloud.send(&url, "m").await;
    assert_eq!(last(&cloud), [("sqs:SendMessage".to_owned(), arn(ACCOUNT, "q"))]);
    cloud.share(&url, "999988887777", &["SendMessage"]).await;
    let entry = api::SendMessageBatchRequestEntry::new().with_id("1").with_message_body("m");
    let input = api::SendMessageBatchInput::new().with_queue_url(&*url).with_entries(vec![entry]);
    cloud.of_account("999988887777").call::<api::op::SendMessageBatch>(input).await.unwrap();
    assert_eq!(
        last(&cloud),
        [("sqs:SendMessage".to_owned(), arn(ACCOUNT, "q"))],
        "the owner's queue, the single action"
    );
    cloud.call::<api::op::ListQueues>(api::ListQueuesInput::new()).await.unwrap();
    assert_eq!(last(&cloud), [("sqs:ListQueues".to_owned(), vec![])]);
    let input = api::CreateQueueInput::new().with_queue_name("t").with_tags(vec![("team", "red")]);
    cloud.call::<api::op::CreateQueue>(input).await.unwrap();
    let expected = ["sqs:CreateQueue", "sqs:TagQueue"].map(|action| (action.to_owned(), arn(ACCOUNT, "t")));
    assert_eq!(last(&cloud), expected);
}

#[tokio::test]
async fn an_arn_is_authorized_as_the_queue_that_it_finds() {
    let cloud = Cloud::new();
    cloud.create("q").await;
    let source = format!("arn:aws-cn:sqs:{REGION}:{ACCOUNT}:q");
    let input = api::ListMessageMoveTasksInput::new().with_source_arn(source);
    cloud.call::<api::op::ListMessageMoveTasks>(input).await.unwrap();
    let expected = vec![format!("arn:aws:sqs:{REGION}:{ACCOUNT}:q")];
    assert_eq!(last(&cloud), [("sqs:ListMessageMoveTasks".to_owned(), expected)]);
}

#[tokio::test]
async fn what_only_the_owner_may_is_in_no_queue_policy() {
    let cloud = Cloud::new();
    let url = cloud.create("q").await;
    let policy =
        r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}}"#;
    let attributes = || vec![("Policy", policy)];
    let input = || api::SetQueueAttributesInput::new().with_queue_url(&*url).with_attributes(attributes());
    cloud.call::<api::op::SetQueueAttributes>(input()).await.unwrap();
    let other = cloud.of_account("999988887777");
    other.send(&url, "m").await;
    let refused = other.call::<api::op::SetQueueAttributes>(input()).await.unwrap_err();
    assert!(refused.code.starts_with("AccessDenied"), "{refused:?}");
    let deletion = || api::DeleteQueueInput::new().with_queue_url(&*url);
    other.call::<api::op::DeleteQueue>(deletion()).await.unwrap_err();
    cloud.call::<api::op::DeleteQueue>(deletion()).await.unwrap();
}

#[tokio::test]
async fn a_move_task_needs_to_send_where_the_messages_go() {
    let cloud = Cloud::new();
    let arn = |name: &str| format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{name}");
    cloud.create("dead").await;
    cloud.create("elsewhere").await;
    let redrive = format!(r#"{{"deadLetterTargetArn":"{}","maxReceiveCount":1}}"#, arn("dead"));
    for source in ["a", "b"] {
        cloud.create_with(source, &[("RedrivePolicy", &redrive)]).await.unwrap();
    }
    for (destination, queues) in
        [(None, vec![arn("a"), arn("b")]), (Some(arn("elsewhere")), vec![arn("elsewhere")])]
    {
        let input = api::StartMessageMoveTaskInput::new().with_source_arn(arn("dead"));
        let input = input.with_destination_arn(destination.as_deref());
        cloud.call::<api::op::StartMessageMoveTask>(input).await.unwrap();
        let of_source = ["StartMessageMoveTask", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
        let mut expected: Vec<_> =
            of_source.iter().map(|action| (format!("sqs:{action}"), vec![arn("dead")])).collect();
        expected.push(("sqs:SendMessage".to_owned(), queues));
        assert_eq!(last(&cloud), expected);
        cloud.world.settle().await.unwrap();
    }
}
