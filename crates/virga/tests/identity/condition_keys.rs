//! The global condition keys, for callers of every kind.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>

use std::sync::Arc;

use virga_api::sqs::queue_attribute_name as attribute;
use virga_api::{iam, sqs};
use virga_iam::{Caller, Principal, Session};
use virga_kit::organization::{self, Membership};
use virga_kit::testing::TestCloud;

use crate::cloud::{ACCOUNT, Cloud, START, error};

const QUEUE: &str = "http://localhost:4566/111122223333/q";
const TOPIC: &str = "arn:aws:sns:us-east-1:111122223333:news";

fn tag(value: &str) -> Vec<iam::Tag> {
    vec![iam::Tag::new().with_key("Team").with_value(value)]
}

/// A user with a tag, from a known client.
async fn user(cloud: &Cloud) -> TestCloud {
    let input = iam::CreateUserInput::new().with_user_name("ann").with_path("/team/").with_tags(tag("red"));
    cloud.call::<iam::op::CreateUser>(input).await.unwrap();
    let key = cloud.key(Some("ann")).await.unwrap();
    cloud.of_key(key.access_key_id()).from_client(|origin| {
        origin.user_agent = Some("Boto3/1.40".to_owned());
        origin.referer = Some("https://example.com/".to_owned());
        origin.source_ip = Some([203, 0, 113, 7].into());
    })
}

/// The session of a role, of which everything is known that can be.
async fn session(cloud: &Cloud) -> TestCloud {
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}}"#;
    let input = iam::CreateRoleInput::new()
        .with_role_name("worker")
        .with_path("/team/")
        .with_assume_role_policy_document(trust)
        .with_tags(tag("blue"));
    let role = cloud.call::<iam::op::CreateRole>(input).await.unwrap().role().clone();
    let session = Session {
        issued_at: START - 600,
        mfa_authenticated_at: Some(START - 120),
        tags: vec![("team".to_owned(), "green".to_owned())],
        source_identity: Some("anna".to_owned()),
        federated_provider: Some("idp.example.com".to_owned()),
        federation_keys: vec![("idp.example.com:sub".to_owned(), vec!["1".to_owned()])],
        ..Session::default()
    };
    let principal = Principal::AssumedRole {
        path: "/team/".to_owned(),
        role: "worker".to_owned(),
        role_id: role.role_id().to_owned(),
        session: "job".to_owned(),
    };
    let caller = Caller { principal, session: Some(Arc::new(session)), ..Caller::of_unknown_key(ACCOUNT) };
    cloud.of(Caller { access_key_id: None, ..caller })
}

/// Those for whom the queue's policy, which lets everybody send under a condition, has an effect.
async fn met_by(cloud: &Cloud, callers: &[(&'static str, TestCloud)], condition: &str) -> Vec<&'static str> {
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*","Condition":{condition}}}]}}"#
    );
    let attributes = vec![(attribute::POLICY, policy.as_str())];
    let input = sqs::SetQueueAttributesInput::new().with_queue_url(QUEUE).with_attributes(attributes);
    cloud.call::<sqs::op::SetQueueAttributes>(input).await.unwrap();
    let mut met = Vec::new();
    for (name, caller) in callers {
        let input = sqs::SendMessageInput::new().with_queue_url(QUEUE).with_message_body("hello");
        if caller.call::<sqs::op::SendMessage>(input).await.is_ok() {
            met.push(*name);
        }
    }
    met
}

const EVERYBODY: &[&str] = &["user", "session", "service", "nobody", "through"];

/// Conditions, and those who meet them.
const CONDITIONS: &[(&str, &[&str])] = &[
    (
        r#"{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:user/team/ann"}}"#,
        &["user", "through"],
    ),
    (r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::111122223333:role/team/worker"}}"#, &["session"]),
    (r#"{"StringEquals":{"aws:PrincipalAccount":"111122223333"}}"#, &["user", "session", "through"]),
    (r#"{"StringEquals":{"aws:PrincipalType":["User","Service"]}}"#, &["user", "service", "through"]),
    (r#"{"StringEquals":{"aws:PrincipalType":["AssumedRole","Anonymous"]}}"#, &["session", "nobody"]),
    (r#"{"StringEquals":{"aws:PrincipalOrgID":"o-example123"}}"#, &["user", "session", "through"]),
    (
        r#"{"ForAnyValue:StringLike":{"aws:PrincipalOrgPaths":"o-example123/r-ab12/*"}}"#,
        &["user", "session", "through"],
    ),
    (r#"{"Bool":{"aws:PrincipalIsAWSService":"true"}}"#, &["service"]),
    (r#"{"StringEquals":{"aws:PrincipalServiceName":"sns.amazonaws.com"}}"#, &["service"]),
    (r#"{"ForAnyValue:StringEquals":{"aws:PrincipalServiceNamesList":"sns.amazonaws.com"}}"#, &["service"]),
    (r#"{"StringEquals":{"aws:PrincipalTag/team":"red"}}"#, &["user", "through"]),
    (r#"{"StringEquals":{"aws:PrincipalTag/Team":["blue","green"]}}"#, &["session"]),
    (r#"{"StringEquals":{"aws:PrincipalTag/team":"blue"}}"#, &[]),
    (r#"{"StringLike":{"aws:userid":"AIDA*"}}"#, &["user", "through"]),
    (r#"{"StringLike":{"aws:userid":"AROA*:job"}}"#, &["session"]),
    (r#"{"StringEquals":{"aws:username":"ann"}}"#, &["user", "through"]),
    (r#"{"DateEquals":{"aws:TokenIssueTime":"2027-01-15T07:50:00Z"}}"#, &["session"]),
    (r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#, &["session"]),
    (r#"{"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}}"#, EVERYBODY),
    (r#"{"NumericEquals":{"aws:MultiFactorAuthAge":"120"}}"#, &["session"]),
    (r#"{"StringEquals":{"aws:SourceIdentity":"anna"}}"#, &["session"]),
    (r#"{"StringEquals":{"aws:FederatedProvider":"idp.example.com"}}"#, &["session"]),
    (r#"{"StringEquals":{"idp.example.com:sub":"1"}}"#, &["session"]),
    (r#"{"ArnLike":{"aws:SourceArn":"arn:aws:sns:*:*:news"}}"#, &["service"]),
    (r#"{"StringEquals":{"aws:SourceAccount":"111122223333"}}"#, &["service"]),
    (r#"{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}"#, &["user"]),
    (r#"{"StringLike":{"aws:UserAgent":"Boto3/*"}}"#, &["user"]),
    (r#"{"StringEquals":{"aws:Referer":"https://example.com/"}}"#, &["user"]),
    (r#"{"Bool":{"aws:ViaAWSService":"true"}}"#, &["through"]),
    (r#"{"ForAnyValue:StringEquals":{"aws:CalledVia":"s3.amazonaws.com"}}"#, &["through"]),
    (
        r#"{"StringEquals":{"aws:CalledViaFirst":"s3.amazonaws.com","aws:CalledViaLast":"s3.amazonaws.com"}}"#,
        &["through"],
    ),
    (r#"{"DateEquals":{"aws:CurrentTime":"2027-01-15T08:00:00Z"}}"#, EVERYBODY),
    (r#"{"NumericEquals":{"aws:EpochTime":"1800000000"}}"#, EVERYBODY),
    (r#"{"StringEquals":{"aws:RequestedRegion":"us-east-1"}}"#, EVERYBODY),
    (r#"{"StringEquals":{"aws:ResourceAccount":"111122223333"}}"#, EVERYBODY),
    (r#"{"Bool":{"aws:SecureTransport":"false"}}"#, EVERYBODY),
    (r#"{"Null":{"aws:RequestTag/team":"true"}}"#, EVERYBODY),
];

#[tokio::test]
async fn conditions_are_met_by_callers_who_have_the_value() {
    let cloud = Cloud::new();
    let membership = Membership {
        organization_id: "o-example123".to_owned(),
        path: "o-example123/r-ab12/ou-1/".to_owned(),
        management_account: ACCOUNT.to_owned(),
    };
    cloud.world.store().write(|txn| organization::put_membership(txn, ACCOUNT, &membership)).unwrap();
    cloud.call::<sqs::op::CreateQueue>(sqs::CreateQueueInput::new().with_queue_name("q")).await.unwrap();
    let user = user(&cloud).await;
    let through = user.from_client(|origin| {
        (origin.user_agent, origin.referer, origin.source_ip) = (None, None, None);
    });
    let account = ACCOUNT.parse().unwrap();
    let callers = [
        ("user", user),
        ("session", session(&cloud).await),
        ("service", cloud.of(Caller::service("sns.amazonaws.com", account, Some(TOPIC.to_owned())))),
        ("nobody", cloud.of(Caller::anonymous())),
        ("through", through.via("s3")),
    ];
    for (condition, expected) in CONDITIONS {
        assert_eq!(met_by(&cloud, &callers, condition).await, *expected, "{condition}");
    }
}

#[tokio::test]
async fn tags_of_request_and_resource_are_conditions() {
    let cloud = Cloud::new();
    let ann = cloud.user("ann").await;
    assert_eq!(ann.user_name(), "ann");
    let document = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":["sqs:CreateQueue","sqs:TagQueue"],"Resource":"*","Condition":{
            "StringEquals":{"aws:RequestTag/team":"red"},"ForAllValues:StringEquals":{"aws:TagKeys":["team","cost"]}}},
        {"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}]}"#;
    cloud.put_user_policy("ann", "p", document).await.unwrap();
    let ann = cloud.of_key(cloud.key(Some("ann")).await.unwrap().access_key_id());
    let create = async |cloud: &Cloud, name: &str, tags: Vec<(&str, &str)>| {
        let input = sqs::CreateQueueInput::new().with_queue_name(name).with_tags(tags);
        cloud.call::<sqs::op::CreateQueue>(input).await.map(|_| ())
    };
    for tags in [vec![], vec![("team", "blue")], vec![("team", "red"), ("owner", "ann")]] {
        assert_eq!(error(create(&ann, "a", tags).await).0, "AccessDenied");
    }
    create(&ann, "a", vec![("team", "red"), ("cost", "7")]).await.unwrap();
    create(&cloud, "b", vec![("team", "blue")]).await.unwrap();
    let send = async |name: &str| {
        let url = format!("http://localhost:4566/{ACCOUNT}/{name}");
        let input = sqs::SendMessageInput::new().with_queue_url(url).with_message_body("hello");
        ann.call::<sqs::op::SendMessage>(input).await.is_ok()
    };
    assert_eq!((send("a").await, send("b").await), (true, false));
}
