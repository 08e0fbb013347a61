//! Services last accessed, from real calls.

use virga_api::iam as api;
use virga_model::Timestamp;

use crate::cloud::{Cloud, START, error};

async fn report(cloud: &Cloud, arn: &str) -> (String, api::GetServiceLastAccessedDetailsOutput) {
    let input =
        api::GenerateServiceLastAccessedDetailsInput::new().with_arn(arn).with_granularity("ACTION_LEVEL");
    let output = cloud.call::<api::op::GenerateServiceLastAccessedDetails>(input).await.unwrap();
    let job = output.job_id().unwrap().to_owned();
    let input = api::GetServiceLastAccessedDetailsInput::new().with_job_id(&*job);
    (job, cloud.call::<api::op::GetServiceLastAccessedDetails>(input).await.unwrap())
}

#[tokio::test]
async fn a_report_tells_who_used_a_service_and_when() {
    let cloud = Cloud::new();
    let ann = cloud.administrator("ann").await;
    cloud.user("bob").await;
    let policy = "arn:aws:iam::aws:policy/AdministratorAccess";
    cloud.attach("bob", policy).await.unwrap();
    let (_, before) = report(&cloud, "arn:aws:iam::111122223333:user/bob").await;
    assert_eq!((before.job_status(), before.job_type()), ("COMPLETED", Some("ACTION_LEVEL")));
    let unused = before.services_last_accessed().iter().next().unwrap();
    assert_eq!((unused.service_namespace(), unused.last_authenticated()), ("iam", None));
    assert_eq!(unused.total_authenticated_entities(), Some(0));
    cloud.advance(60).await;
    ann.call::<api::op::ListUsers>(api::ListUsersInput::new()).await.unwrap();
    let (job, after) = report(&cloud, policy).await;
    let used = after.services_last_accessed().iter().next().unwrap();
    assert_eq!(used.last_authenticated_entity(), Some("arn:aws:iam::111122223333:user/ann"));
    assert_eq!(used.last_authenticated().map(Timestamp::secs), Some(START + 60));
    assert_eq!(
        (used.last_authenticated_region(), used.total_authenticated_entities()),
        (Some("us-east-1"), Some(1))
    );
    let actions = used.tracked_actions_last_accessed().unwrap();
    assert_eq!(
        actions.iter().filter_map(api::TrackedActionLastAccessed::action_name).collect::<Vec<_>>(),
        ["ListUsers"]
    );
    let input = api::GetServiceLastAccessedDetailsWithEntitiesInput::new()
        .with_job_id(&*job)
        .with_service_namespace("iam");
    let who = cloud.call::<api::op::GetServiceLastAccessedDetailsWithEntities>(input).await.unwrap();
    let who: Vec<_> = who
        .entity_details_list()
        .iter()
        .map(|one| (one.entity_info().name().to_owned(), one.last_authenticated().map(Timestamp::secs)))
        .collect();
    assert_eq!(who, [("ann".to_owned(), Some(START + 60)), ("bob".to_owned(), None)]);
}

#[tokio::test]
async fn only_reports_that_were_ordered_can_be_read() {
    let cloud = Cloud::new();
    let input =
        api::GetServiceLastAccessedDetailsInput::new().with_job_id("00000000-0000-0000-0000-000000000000");
    assert_eq!(error(cloud.call::<api::op::GetServiceLastAccessedDetails>(input).await).0, "NoSuchEntity");
    let input =
        api::GenerateServiceLastAccessedDetailsInput::new().with_arn("arn:aws:iam::111122223333:user/nobody");
    assert_eq!(
        error(cloud.call::<api::op::GenerateServiceLastAccessedDetails>(input).await).0,
        "NoSuchEntity"
    );
}
