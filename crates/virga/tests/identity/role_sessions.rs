//! What the sessions of roles leave behind in IAM.

use virga_api::{iam, sqs, sts};
use virga_model::Timestamp;

use crate::cloud::{ACCOUNT, Cloud, START};

async fn role_with_queues(cloud: &Cloud) -> String {
    let trust = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"{ACCOUNT}"}},"Action":"sts:AssumeRole"}}}}"#
    );
    let input = iam::CreateRoleInput::new().with_role_name("worker").with_assume_role_policy_document(trust);
    let arn = cloud.call::<iam::op::CreateRole>(input).await.unwrap().role().arn().to_owned();
    let input = iam::AttachRolePolicyInput::new()
        .with_role_name("worker")
        .with_policy_arn("arn:aws:iam::aws:policy/AmazonSQSFullAccess");
    cloud.call::<iam::op::AttachRolePolicy>(input).await.unwrap();
    arn
}

/// When and where the role was last used.
async fn last_used(cloud: &Cloud) -> Option<(i64, String)> {
    let input = iam::GetRoleInput::new().with_role_name("worker");
    let output = cloud.call::<iam::op::GetRole>(input).await.unwrap();
    let used = output.role().role_last_used().unwrap();
    used.last_used_date().map(Timestamp::secs).zip(used.region().map(str::to_owned))
}

#[tokio::test]
async fn calls_of_its_sessions_are_the_last_use_of_a_role() {
    let cloud = Cloud::new();
    let arn = role_with_queues(&cloud).await;
    let input = sts::AssumeRoleInput::new().with_role_arn(arn).with_role_session_name("job");
    let output = cloud.call::<sts::op::AssumeRole>(input).await.unwrap();
    let session = cloud.of_key(output.credentials().unwrap().access_key_id());
    assert_eq!(last_used(&cloud).await, None, "to assume a role is not to use it");
    for seconds in [120, 240] {
        cloud.advance(120).await;
        session.call::<sqs::op::ListQueues>(sqs::ListQueuesInput::new()).await.unwrap();
        assert_eq!(last_used(&cloud).await, Some((START + seconds, "us-east-1".to_owned())));
    }
    cloud.advance(120).await;
    session.call::<iam::op::ListUsers>(iam::ListUsersInput::new()).await.unwrap_err();
    assert_eq!(last_used(&cloud).await.unwrap().0, START + 240, "what is refused is noted by nobody");
}
