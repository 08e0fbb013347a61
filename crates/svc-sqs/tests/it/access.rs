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
