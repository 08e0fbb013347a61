//! Temporary delegation: requests of product providers, from their making to the credentials.

use virga_api::iam::{self as api, op};
use virga_api::sts;
use virga_iam::Principal;
use virga_kit::delegation::{self, DelegationTemplate};
use virga_kit::notifications;

use crate::cloud::{ACCOUNT, Cloud, error, words};

const PROVIDER: &str = "999988887777";
const TEMPLATE: &str = "arn:aws:iam::aws:delegation-template/example/queues";
const TOPIC: &str = "arn:aws:sns:us-east-1:999988887777:delegations";
const DAY: u64 = 86_400;

/// A customer's cloud, and the same for the product provider.
fn clouds() -> (Cloud, Cloud) {
    let cloud = Cloud::new();
    let policy = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["sqs:*","iam:ListUsers"],"Resource":"@{queueArns}"},
        {"@Enabled":"withRoles","Effect":"Allow","Action":"iam:CreateRole","Resource":"*",
         "Condition":{"StringEquals":{"iam:PermissionsBoundary":"arn:aws:iam::aws:policy/ReadOnlyAccess"}}}]}"#;
    let template = DelegationTemplate {
        account: PROVIDER.to_owned(),
        requestor_name: "Example Corp".to_owned(),
        policy: policy.to_owned(),
    };
    cloud.world.store().write(|txn| delegation::put_template(txn, TEMPLATE, &template)).unwrap();
    let provider = cloud.of_account(PROVIDER);
    (cloud, provider)
}

fn wanted(workflow: &str) -> api::CreateDelegationRequestInput {
    let parameter = |name: &str, values: &[&str], kind: &str| {
        let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        api::PolicyParameter::new().with_name(name).with_values(values).with_type(kind)
    };
    let permissions =
        api::DelegationPermission::new().with_policy_template_arn(TEMPLATE).with_parameters(vec![
            parameter("queueArns", &["*"], "stringList"),
            parameter("withRoles", &["true"], "string"),
        ]);
    api::CreateDelegationRequestInput::new()
        .with_description("Sets queues up")
        .with_permissions(permissions)
        .with_requestor_workflow_id(workflow)
        .with_notification_channel(TOPIC)
        .with_session_duration(7200)
        .with_owner_account_id(ACCOUNT)
}

async fn ask(provider: &Cloud, workflow: &str) -> String {
    let output = provider.call::<op::CreateDelegationRequest>(wanted(workflow)).await.unwrap();
    let id = output.delegation_request_id().unwrap().to_owned();
    assert!(output.console_deep_link().unwrap().ends_with(&id));
    id
}

async fn get(cloud: &Cloud, id: &str) -> api::DelegationRequest {
    let input = api::GetDelegationRequestInput::new().with_delegation_request_id(id);
    let output = cloud.call::<op::GetDelegationRequest>(input).await.unwrap();
    output.delegation_request().unwrap().clone()
}

async fn state(cloud: &Cloud, id: &str) -> String {
    get(cloud, id).await.state().unwrap().to_owned()
}

/// Declares short ways to call operations that take nothing but an id.
macro_rules! steps {
    ($($step:ident: $operation:ident($input:ident);)*) => {
        $(async fn $step(cloud: &Cloud, id: &str) -> Result<(), virga_model::ApiError> {
            let input = api::$input::new().with_delegation_request_id(id);
            cloud.call::<op::$operation>(input).await.map(|_| ())
        })*
    };
}

steps! {
    associate: AssociateDelegationRequest(AssociateDelegationRequestInput);
    update: UpdateDelegationRequest(UpdateDelegationRequestInput);
    accept: AcceptDelegationRequest(AcceptDelegationRequestInput);
    reject: RejectDelegationRequest(RejectDelegationRequestInput);
    send: SendDelegationToken(SendDelegationTokenInput);
}

/// What the product provider was told, oldest first.
fn told(cloud: &Cloud) -> Vec<serde_json::Value> {
    let all = notifications::all(&cloud.world.store().read().unwrap()).unwrap();
    assert!(all.iter().all(|sent| sent.topic == TOPIC));
    all.iter().map(|sent| serde_json::from_str(&sent.message).unwrap()).collect()
}

#[tokio::test]
async fn a_request_becomes_credentials() {
    let (cloud, provider) = clouds();
    let id = ask(&provider, "workflow-1").await;
    let request = get(&cloud, &id).await;
    assert_eq!(request.state(), Some("UNASSIGNED"));
    assert_eq!(request.requestor_name(), Some("Example Corp"));
    assert_eq!(request.requestor_id(), Some(PROVIDER));
    assert!(request.permission_policy().unwrap().contains(r#""Resource":"*""#));
    let boundaries: Vec<&str> = request.role_permission_restriction_arns().unwrap().iter().collect();
    assert_eq!(boundaries, ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);

    let ann = cloud.administrator("ann").await;
    associate(&ann, &id).await.unwrap();
    let request = get(&ann, &id).await;
    let arn = format!("arn:aws:iam::{ACCOUNT}:user/ann");
    assert_eq!((request.state(), request.owner_id()), (Some("ASSIGNED"), Some(&*arn)));
    update(&ann, &id).await.unwrap();
    assert_eq!(state(&ann, &id).await, "PENDING_APPROVAL");
    accept(&ann, &id).await.unwrap();
    assert_eq!(get(&ann, &id).await.approver_id(), Some(&*arn));
    send(&ann, &id).await.unwrap();
    assert_eq!(state(&ann, &id).await, "FINALIZED");

    let told = told(&cloud);
    let states: Vec<_> = told
        .iter()
        .map(|message| (message["Type"].as_str().unwrap(), message["State"].as_str().unwrap()))
        .collect();
    assert_eq!(
        states,
        [
            ("StateChange", "ASSIGNED"),
            ("StateChange", "PENDING_APPROVAL"),
            ("StateChange", "ACCEPTED"),
            ("StateChange", "FINALIZED"),
            ("ExchangeToken", "FINALIZED"),
        ]
    );
    let last = told.last().unwrap();
    assert_eq!((last["RequestId"].as_str(), last["OwnerAccountId"].as_str()), (Some(&*id), Some(ACCOUNT)));
    assert_eq!(last["RequestorWorkflowId"], "workflow-1");

    let trade = async |cloud: &Cloud| {
        let token = last["ExchangeToken"].as_str().unwrap();
        let input = sts::GetDelegatedAccessTokenInput::new().with_trade_in_token(token);
        cloud.call::<sts::op::GetDelegatedAccessToken>(input).await
    };
    assert_eq!(error(trade(&cloud).await).0, "AccessDenied", "only the provider may redeem it");
    let output = trade(&provider).await.unwrap();
    assert_eq!(output.assumed_principal(), Some(&*arn));
    let delegated = cloud.of_key(output.credentials().unwrap().access_key_id());
    assert!(matches!(delegated.principal(), Principal::User { name, .. } if name == "ann"));
    delegated.call::<op::ListUsers>(api::ListUsersInput::new()).await.unwrap();
    let refused = error(delegated.call::<op::ListGroups>(api::ListGroupsInput::new()).await);
    assert!(refused.1.ends_with("because no session policy allows the iam:ListGroups action"), "{refused:?}");
    let ends = output.credentials().unwrap().expiration();
    cloud.advance(7100).await;
    assert_eq!(trade(&provider).await.unwrap().credentials().unwrap().expiration(), ends);
    cloud.advance(100).await;
    assert_eq!(error(trade(&provider).await).0, "ExpiredTradeInToken");
}

#[tokio::test]
async fn requests_are_checked() {
    let (cloud, provider) = clouds();
    ask(&provider, "workflow-1").await;
    let again = error(provider.call::<op::CreateDelegationRequest>(wanted("workflow-1")).await);
    assert_eq!(again.0, "EntityAlreadyExists");
    let other = wanted("workflow-2").with_notification_channel("arn:aws:sns:us-east-1:111122223333:t");
    let expected = "The notification channel must be a topic of the requesting account.";
    let other = error(provider.call::<op::CreateDelegationRequest>(other).await);
    assert_eq!(other, words("InvalidInput", expected));
    let stranger = error(cloud.call::<op::CreateDelegationRequest>(wanted("workflow-3")).await);
    let expected = format!("The policy template {TEMPLATE} is not registered for account {ACCOUNT}.");
    assert_eq!(stranger, words("InvalidInput", &expected));
}

#[tokio::test]
async fn steps_follow_each_other_and_requests_are_seen_by_their_account_only() {
    let (cloud, provider) = clouds();
    let id = ask(&provider, "workflow-1").await;
    let none = error(associate(&provider, &id).await);
    assert_eq!(none, words("NoSuchEntity", &format!("Delegation request with id {id} cannot be found.")));
    let early = error(accept(&cloud, &id).await);
    let expected = format!(
        "The delegation request {id} is in the UNASSIGNED state, in which this operation is not allowed."
    );
    assert_eq!(early, words("InvalidInput", &expected));
    associate(&cloud, &id).await.unwrap();
    assert_eq!(error(send(&cloud, &id).await).0, "InvalidInput");
    accept(&cloud, &id).await.unwrap();
    reject(&cloud, &id).await.unwrap();
    assert_eq!(error(send(&cloud, &id).await).0, "InvalidInput");
    assert_eq!(state(&cloud, &id).await, "REJECTED");
    let open = ask(&provider, "workflow-2").await;
    let listed =
        cloud.call::<op::ListDelegationRequests>(api::ListDelegationRequestsInput::new()).await.unwrap();
    let listed: Vec<_> =
        listed.delegation_requests().unwrap().iter().filter_map(|one| one.delegation_request_id()).collect();
    assert_eq!(listed, [&*id], "without {open}, which nobody has claimed");
}

#[tokio::test]
async fn requests_expire_and_are_forgotten() {
    let (cloud, provider) = clouds();
    let unclaimed = ask(&provider, "workflow-1").await;
    let claimed = ask(&provider, "workflow-2").await;
    associate(&cloud, &claimed).await.unwrap();
    cloud.advance(DAY).await;
    assert_eq!(state(&cloud, &unclaimed).await, "EXPIRED");
    assert_eq!(state(&cloud, &claimed).await, "ASSIGNED");
    cloud.advance(6 * DAY).await;
    assert_eq!(state(&cloud, &claimed).await, "EXPIRED");
    assert_eq!(told(&cloud).last().unwrap()["State"], "EXPIRED");
    cloud.advance(30 * DAY).await;
    let input = api::GetDelegationRequestInput::new().with_delegation_request_id(&*unclaimed);
    assert_eq!(error(cloud.call::<op::GetDelegationRequest>(input).await).0, "NoSuchEntity");
    ask(&provider, "workflow-1").await;
}

#[tokio::test]
async fn owners_need_no_policy_and_others_do() {
    let (cloud, provider) = clouds();
    let input = wanted("workflow-1").with_only_send_by_owner(true);
    let output = provider.call::<op::CreateDelegationRequest>(input).await.unwrap();
    let id = output.delegation_request_id().unwrap();
    cloud.user("bob").await;
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:AssociateDelegationRequest","Resource":"*"}}"#;
    cloud.put_user_policy("bob", "p", document).await.unwrap();
    let bob = cloud.of_key(cloud.key(Some("bob")).await.unwrap().access_key_id());
    let early = api::GetDelegationRequestInput::new().with_delegation_request_id(id);
    assert_eq!(error(bob.call::<op::GetDelegationRequest>(early).await).0, "AccessDenied");
    associate(&bob, id).await.unwrap();
    update(&bob, id).await.unwrap();
    let input = api::GetDelegationRequestInput::new()
        .with_delegation_request_id(id)
        .with_delegation_permission_check(true);
    let output = bob.call::<op::GetDelegationRequest>(input.clone()).await.unwrap();
    let check = |output: &api::GetDelegationRequestOutput| {
        (
            output.permission_check_status().unwrap().to_owned(),
            output.permission_check_result().unwrap().to_owned(),
        )
    };
    assert_eq!(check(&output), words("COMPLETE", "DENIED"));
    assert_eq!(error(accept(&bob, id).await).0, "AccessDenied", "approval is not the owner's by itself");
    let ann = cloud.administrator("ann").await;
    assert_eq!(
        check(&ann.call::<op::GetDelegationRequest>(input).await.unwrap()),
        words("COMPLETE", "ALLOWED")
    );
    accept(&ann, id).await.unwrap();
    let refused = error(send(&ann, id).await);
    assert!(refused.1.ends_with("because only the owner may send the token"), "{refused:?}");
    send(&bob, id).await.unwrap();
    let input = api::GetHumanReadableSummaryInput::new()
        .with_entity_arn(format!("arn:aws:iam::{ACCOUNT}:delegation-request/{id}"));
    let output = bob.call::<op::GetHumanReadableSummary>(input.clone()).await.unwrap();
    assert_eq!(output.summary_state(), Some("AVAILABLE"));
    let summary = output.summary_content().unwrap();
    assert!(
        summary.starts_with("Example Corp asks for temporary access to this account for 2 hours."),
        "{summary}"
    );
    let output = bob.call::<op::GetHumanReadableSummary>(input.with_locale("ja")).await.unwrap();
    assert_eq!((output.summary_state(), output.summary_content()), (Some("NOT_SUPPORTED"), None));
}
