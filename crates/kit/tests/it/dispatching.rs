//! The one way of a call: answers, errors, conflicts, panics, faults, the log and the metrics.

use std::sync::Arc;
use std::time::Duration;

use virga_api::sqs as api;
use virga_iam::evaluation::{AttachedPolicy, PrincipalPolicies};
use virga_iam::policy::{Policy, PolicyKind};
use virga_iam::{AccountId, AuthMode, Caller, Principal};
use virga_kit::{FaultEffect, FaultRule, PolicySource, Usage, World, WorldSettings};
use virga_model::view::Operation as _;
use virga_model::{ApiError, Record, Timestamp};
use virga_store::{Fault, Read};

use crate::service::{call, call_as, create, raw, send, world, world_with};

#[tokio::test]
async fn the_answer_knows_account_and_endpoint() {
    assert_eq!(create(&world(), "note-1").await.unwrap(), "http://localhost:4566/111122223333/note-1");
}

#[tokio::test]
async fn modelled_errors_take_code_and_status_from_the_model() {
    let error = create(&world(), "unknown").await.unwrap_err();
    assert_eq!((&*error.code, error.status), ("QueueDoesNotExist", 400));
    assert_eq!(error.message, "The specified queue does not exist.");
    let error = create(&world(), "refused").await.unwrap_err();
    assert_eq!((&*error.code, error.query_code, error.status), ("RefusedException", Some("Refused"), 409));
    assert_eq!(error.message, "not refused");
}

#[tokio::test]
async fn what_is_not_built_is_refused_by_name() {
    let operation = api::op::TagQueue::model();
    let error = raw(&world(), operation, Record::empty()).await.unwrap_err();
    assert_eq!((&*error.code, error.status), ("NotImplemented", 501));
    assert!(error.message.contains("sqs TagQueue"), "{}", error.message);
}

#[tokio::test]
async fn a_panic_is_an_internal_error_of_that_call_only() {
    let world = world();
    let error = call::<api::op::PurgeQueue>(&world, api::PurgeQueueInput::new().with_queue_url("q"))
        .await
        .unwrap_err();
    assert_eq!((&*error.code, error.status), ("InternalFailure", 500));
    assert!(!error.message.contains("on purpose"));
    let error = through_call(&world, "panic").await.unwrap_err();
    assert_eq!((&*error.code, error.status), ("InternalFailure", 500));
    assert!(!error.message.contains("on purpose"));
    assert_eq!(send(&world, "still alive").await, "0");
}

async fn through_call(world: &Arc<World>, name: &str) -> Result<String, ApiError> {
    let input = api::GetQueueUrlInput::new().with_queue_name(name);
    call::<api::op::GetQueueUrl>(world, input).await.map(|output| output.queue_url().unwrap().to_owned())
}

#[tokio::test]
async fn a_handler_can_call_other_services_and_passes_their_errors_on() {
    let world = world();
    assert_eq!(through_call(&world, "note-1").await.unwrap(), "http://localhost:4566/111122223333/note-1");
    let error = through_call(&world, "refused").await.unwrap_err();
    assert_eq!(error.code, "RefusedException");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn conflicting_calls_run_again_until_each_has_its_own_count() {
    let world = world();
    let calls = (0..64).map(|_| {
        let world = world.clone();
        tokio::spawn(async move { send(&world, "x").await.parse::<u32>().unwrap() })
    });
    let mut counts = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        counts.push(call.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (0..64).collect::<Vec<_>>());
}

#[tokio::test]
async fn every_call_is_logged_with_what_it_needed_permission_for() {
    let world = world();
    let mut tail = world.log().tail();
    create(&world, "refused").await.unwrap_err();
    send(&world, "x").await;
    let recent = world.log().recent(10, |_| true);
    let seen: Vec<_> = recent.iter().map(|call| (call.operation.name(), call.status)).collect();
    assert_eq!(seen, [("SendMessage", 200), ("CreateQueue", 409)]);
    let access = &recent[0].accesses[0];
    assert_eq!(access.full_action(), "sqs:SendMessage");
    assert_eq!(access.resources, ["arn:aws:sqs:eu-west-1:111122223333:q"]);
    assert!(access.decision.is_none(), "nothing decides in this world");
    assert_eq!(world.log().recent(10, |call| call.error.is_some()).len(), 1);
    assert_eq!(tail.recv().await.unwrap().operation.name(), "CreateQueue");
    let stats: Vec<_> = world
        .metrics()
        .called(world.services())
        .map(|(operation, stats)| (operation.name(), stats.client_errors))
        .collect();
    assert_eq!(stats, [("CreateQueue", 1), ("SendMessage", 0)]);
}

fn rule(operation: &str, probability: f64, effect: FaultEffect) -> FaultRule {
    let operation = Some(operation.to_owned());
    FaultRule { service: None, operation, resource: None, probability, limit: None, effect }
}

#[tokio::test]
async fn injected_faults_strike_the_calls_that_their_rule_names() {
    let world = world();
    let error = FaultEffect::Error { code: "QueueDoesNotExist".into(), status: 400, message: "gone".into() };
    let limited = FaultRule { limit: Some(1), ..rule("CreateQueue", 1.0, error) };
    let throttle = FaultRule { resource: Some(":q".into()), ..rule("TagQueue", 1.0, FaultEffect::Throttle) };
    world.faults().set(7, vec![limited, throttle]);
    let error = create(&world, "note-1").await.unwrap_err();
    assert_eq!((&*error.code, &*error.message), ("QueueDoesNotExist", "gone"));
    create(&world, "note-1").await.unwrap();
    world.faults().set(7, vec![rule("CreateQueue", 1.0, FaultEffect::Throttle)]);
    assert_eq!(&*create(&world, "note-1").await.unwrap_err().code, "RequestThrottled");
    send(&world, "other operations are not struck").await;
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_calls() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let world = world();
        world.faults().set(42, vec![rule("CreateQueue", 0.5, FaultEffect::Throttle)]);
        let mut struck = Vec::new();
        for _ in 0..64 {
            struck.push(create(&world, "note-1").await.is_err());
        }
        runs.push(struck);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains(&true) && runs[0].contains(&false));
}

/// Users may do one action, in one region.
struct Allowing(&'static str);

impl PolicySource for Allowing {
    fn of_principal(&self, _: &Read, _: &Caller) -> Result<PrincipalPolicies, Fault> {
        let text = r#"{"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "ACTION", "Resource": "*",
             "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}}]}"#;
        let policy = Policy::parse(&text.replace("ACTION", self.0), PolicyKind::Identity).unwrap();
        let arn = "arn:aws:iam::111122223333:user/ann";
        let identity = vec![AttachedPolicy::new("own", arn, Arc::new(policy))];
        Ok(PrincipalPolicies { identity, ..PrincipalPolicies::default() })
    }
}

/// Users may do anything; the resources of one account are closed to all.
struct Closing;

impl PolicySource for Closing {
    fn of_principal(&self, read: &Read, caller: &Caller) -> Result<PrincipalPolicies, Fault> {
        Allowing("*").of_principal(read, caller)
    }

    fn resource_control(&self, _: &Read, account: AccountId) -> Result<Vec<Vec<AttachedPolicy>>, Fault> {
        if account.as_str() != "444455556666" {
            return Ok(Vec::new());
        }
        let text = r#"{"Version": "2012-10-17", "Statement":
            {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}}"#;
        let policy = Policy::parse(text, PolicyKind::ResourceControl).unwrap();
        Ok(vec![vec![AttachedPolicy::new("closed", "r-ab12", Arc::new(policy))]])
    }
}

#[tokio::test]
async fn resource_control_goes_by_the_account_of_the_resource() {
    let settings = WorldSettings { policies: Arc::new(Closing), ..world().settings().clone() };
    let world = world_with(settings);
    for (owner, expected) in [
        ("111122223333", None),
        ("444455556666", Some("with an explicit deny in a resource control policy")),
        ("111122223333", None),
    ] {
        let input = api::SendMessageInput::new().with_queue_url("q").with_message_body("x");
        let caller = Caller { account: owner.parse().unwrap(), ..ann() };
        let answer = call_as::<api::op::SendMessage>(&world, caller, input).await;
        let message = answer.map_err(|error| error.message.to_string()).err().unwrap_or_default();
        assert_eq!(message.contains("resource control policy"), expected.is_some(), "{owner}: {message}");
        assert!(expected.is_none_or(|clause| message.ends_with(clause)), "{owner}: {message}");
    }
}

fn ann() -> Caller {
    let principal = Principal::User { path: "/".into(), name: "ann".into(), id: "AIDA1".into() };
    Caller { principal, access_key_id: Some("AKIA1".into()), ..Caller::of_unknown_key("111122223333") }
}

#[tokio::test]
async fn policies_decide_before_the_handler_runs() {
    let settings =
        WorldSettings { policies: Arc::new(Allowing("sqs:ListQueues")), ..world().settings().clone() };
    let world = world_with(settings);
    let input = api::SendMessageInput::new().with_queue_url("q").with_message_body("x");
    let error = call_as::<api::op::SendMessage>(&world, ann(), input).await.unwrap_err();
    assert_eq!((&*error.code, error.status), ("AccessDenied", 403));
    assert_eq!(
        &*error.message,
        "User: arn:aws:iam::111122223333:user/ann is not authorized to perform: sqs:SendMessage on resource: \
         arn:aws:sqs:eu-west-1:111122223333:q because no identity-based policy allows the sqs:SendMessage action"
    );
    let logged = world.log().recent(1, |_| true).remove(0);
    let decision = logged.accesses[0].decision.clone().unwrap();
    assert!(!decision.allows());
    assert!(!decision.explain(&ann()).policies.is_empty());
    call_as::<api::op::ListQueues>(&world, ann(), api::ListQueuesInput::new()).await.unwrap();
    let logged = world.log().recent(1, |_| true).remove(0);
    let decision = logged.accesses[0].decision.clone().unwrap();
    assert_eq!(decision.asked, [("aws:requestedregion".to_owned(), Some(vec!["eu-west-1".to_owned()]))]);
}

#[tokio::test]
async fn what_keys_did_is_noted_once_a_minute() {
    let world = world_with(WorldSettings {
        policies: Arc::new(Allowing("sqs:ListQueues")),
        ..world().settings().clone()
    });
    let list =
        async || call_as::<api::op::ListQueues>(&world, ann(), api::ListQueuesInput::new()).await.unwrap();
    let arn = "arn:aws:iam::111122223333:user/ann";
    let used = || Usage::of_principal(&world.store().read().unwrap(), arn, 10).unwrap();
    list().await;
    let first = used();
    assert_eq!((&*first[0].action, first[0].at), ("sqs:ListQueues", 1_800_000_000));
    world.clock().set(world.store(), Timestamp::from_secs(1_800_000_059)).unwrap();
    list().await;
    assert_eq!(used(), first);
    world.clock().set(world.store(), Timestamp::from_secs(1_800_000_060)).unwrap();
    list().await;
    assert_eq!(used()[0].at, 1_800_000_060);
    let key = Usage::of_key(&world.store().read().unwrap(), "AKIA1").unwrap().unwrap();
    assert_eq!((&*key.service, &*key.region), ("sqs", "eu-west-1"));
}

#[tokio::test]
async fn what_policies_would_deny_is_let_through_and_noted_in_audit_mode() {
    let settings = world().settings().clone();
    let settings =
        WorldSettings { policies: Arc::new(Allowing("sqs:ListQueues")), auth: AuthMode::Audit, ..settings };
    let world = world_with(settings);
    let input = api::SendMessageInput::new().with_queue_url("q").with_message_body("x");
    call_as::<api::op::SendMessage>(&world, ann(), input).await.unwrap();
    let logged = world.log().recent(1, |_| true).remove(0);
    assert!(logged.accesses[0].decision.as_ref().is_some_and(|decision| !decision.allows()));
}

#[tokio::test]
async fn a_resource_policy_speaks_to_root_users_of_all_accounts() {
    let world = world();
    let deny = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}"#;
    let send = async |account: &str| {
        let input = api::SendMessageInput::new().with_queue_url("q").with_message_body("x");
        let result = call_as::<api::op::SendMessage>(&world, Caller::of_unknown_key(account), input).await;
        result.map_err(|error| error.message.to_string())
    };
    send("111122223333").await.unwrap();
    put_policy(&world, Some(deny)).await;
    let denied = send("111122223333").await.unwrap_err();
    assert!(denied.ends_with("with an explicit deny in a resource-based policy"), "{denied}");
    put_policy(&world, None).await;
    send("111122223333").await.unwrap();
}

/// Sets or removes the policy of the queue `q`, through a transaction of the test service.
async fn put_policy(world: &Arc<World>, policy: Option<&str>) {
    let input = api::AddPermissionInput::new()
        .with_queue_url("q")
        .with_label(policy.unwrap_or_default())
        .with_aws_account_ids(Vec::<&str>::new())
        .with_actions(Vec::<&str>::new());
    call::<api::op::AddPermission>(world, input).await.unwrap();
}

#[tokio::test]
async fn changes_of_permissions_can_take_their_time() {
    let settings = world().settings().clone();
    let world = world_with(WorldSettings { propagation: Duration::from_secs(10), ..settings });
    let at = |second: i64| {
        world.clock().set(world.store(), Timestamp::from_secs(1_800_000_000 + second)).unwrap();
    };
    let send = async || {
        let input = api::SendMessageInput::new().with_queue_url("q").with_message_body("x");
        call::<api::op::SendMessage>(&world, input).await.is_ok()
    };
    let deny = r#"{"Statement": {"Effect": "Deny", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}}"#;
    put_policy(&world, Some(deny)).await;
    at(9);
    assert!(send().await);
    at(10);
    assert!(!send().await);
    put_policy(&world, None).await;
    assert!(!send().await);
    at(20);
    assert!(send().await);
}

#[tokio::test]
async fn a_call_within_a_transaction_is_authorized_and_logged_as_its_part() {
    let world = world();
    let input = api::UntagQueueInput::new().with_queue_url("inner").with_tag_keys(Vec::<&str>::new());
    call::<api::op::UntagQueue>(&world, input).await.unwrap();
    let names: Vec<&str> =
        world.log().recent(2, |_| true).iter().map(|logged| logged.operation.name()).collect();
    assert_eq!(names, ["UntagQueue", "SendMessage"]);
    assert_eq!(world.metrics().called(world.services()).count(), 2, "both are counted");
    let input = api::UntagQueueInput::new().with_queue_url("fail").with_tag_keys(Vec::<&str>::new());
    call::<api::op::UntagQueue>(&world, input).await.unwrap_err();
    let count = send(&world, "nothing was sent by what failed").await;
    assert_eq!(count, "1");
}

#[tokio::test]
async fn what_a_call_needs_within_its_transaction_is_noted_as_used() {
    let policies = Arc::new(Allowing("sqs:*"));
    let world = world_with(WorldSettings { policies, ..world().settings().clone() });
    let input = api::UntagQueueInput::new().with_queue_url("inner").with_tag_keys(Vec::<&str>::new());
    call_as::<api::op::UntagQueue>(&world, ann(), input).await.unwrap();
    let arn = "arn:aws:iam::111122223333:user/ann";
    let used = Usage::of_principal(&world.store().read().unwrap(), arn, 10).unwrap();
    let actions: Vec<&str> = used.iter().map(|used| &*used.action).collect();
    assert_eq!(actions, ["sqs:SendMessage", "sqs:UntagQueue"]);
}

#[tokio::test]
async fn what_services_ask_of_each_other_is_checked_by_the_model() {
    let world = world();
    let missing = |member: &str| {
        let text = format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        );
        ("ValidationException".to_owned(), text)
    };
    let error = through_call(&world, "nameless").await.unwrap_err();
    assert_eq!((error.code.to_string(), error.message.to_string()), missing("queueName"));
    let input = api::UntagQueueInput::new().with_queue_url("bodiless").with_tag_keys(Vec::<&str>::new());
    let error = call::<api::op::UntagQueue>(&world, input).await.unwrap_err();
    assert_eq!((error.code.to_string(), error.message.to_string()), missing("messageBody"));
    assert_eq!(send(&world, "nothing was sent before").await, "0");
}
