//! Policy simulation.

use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, error};

const PUT: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "", "Effect": "Allow", "Action": "s3:PutObject", "Resource": "*"}]}"#;
const DENY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::secret/*"}}"#;
const FROM_HOME: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*",
    "Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}}"#;

async fn simulate(
    cloud: &Cloud,
    input: api::SimulateCustomPolicyInput,
) -> Result<Vec<api::EvaluationResult>, ApiError> {
    let output = cloud.call::<api::op::SimulateCustomPolicy>(input).await?;
    Ok(output.evaluation_results().unwrap().iter().cloned().collect())
}

fn custom(policies: &[&str], actions: &[&str]) -> api::SimulateCustomPolicyInput {
    api::SimulateCustomPolicyInput::new()
        .with_policy_input_list(policies.to_vec())
        .with_action_names(actions.to_vec())
}

/// Decision, ids of the policies and places of the statements.
fn seen(result: &api::EvaluationResult) -> (String, Vec<(String, i32, i32)>) {
    let statements = result.matched_statements().unwrap().iter().map(|one| {
        let column = |position: Option<&api::Position>| position.unwrap().column().unwrap();
        let id = one.source_policy_id().unwrap().to_owned();
        (id, column(one.start_position()), column(one.end_position()))
    });
    (result.eval_decision().to_owned(), statements.collect())
}

#[tokio::test]
async fn the_statements_that_decide_are_pointed_at() {
    let cloud = Cloud::new();
    let input = custom(&[PUT, DENY], &["s3:PutObject", "s3:GetObject"])
        .with_resource_arns(vec!["arn:aws:s3:::bucket/a", "arn:aws:s3:::secret/a"]);
    let results = simulate(&cloud, input).await.unwrap();
    let names: Vec<_> =
        results.iter().map(|one| (one.eval_action_name(), one.eval_resource_name().unwrap())).collect();
    assert_eq!(
        names,
        [
            ("s3:PutObject", "arn:aws:s3:::bucket/a"),
            ("s3:PutObject", "arn:aws:s3:::secret/a"),
            ("s3:GetObject", "arn:aws:s3:::bucket/a"),
            ("s3:GetObject", "arn:aws:s3:::secret/a"),
        ]
    );
    let first = ("PolicyInputList.1".to_owned(), 41, 113);
    assert_eq!(seen(&results[0]), ("allowed".to_owned(), vec![first]));
    let (decision, statements) = seen(&results[1]);
    assert_eq!((decision.as_str(), statements[0].0.as_str()), ("explicitDeny", "PolicyInputList.2"));
    assert_eq!(seen(&results[2]), ("implicitDeny".to_owned(), vec![]));
    let specific = results[0].resource_specific_results().unwrap().iter().next().unwrap();
    assert_eq!(specific.eval_resource_decision(), "allowed");
}

#[tokio::test]
async fn conditions_need_values() {
    let cloud = Cloud::new();
    let results = simulate(&cloud, custom(&[FROM_HOME], &["s3:GetObject"])).await.unwrap();
    assert_eq!(results[0].eval_decision(), "implicitDeny");
    assert_eq!(results[0].missing_context_values().unwrap().iter().collect::<Vec<_>>(), ["aws:SourceIp"]);
    let entry = api::ContextEntry::new()
        .with_context_key_name("aws:SourceIp")
        .with_context_key_type("ip")
        .with_context_key_values(vec!["10.1.2.3"]);
    let input = custom(&[FROM_HOME], &["s3:GetObject"]).with_context_entries(vec![entry]);
    let results = simulate(&cloud, input).await.unwrap();
    assert_eq!(
        (results[0].eval_decision(), results[0].missing_context_values().unwrap().len()),
        ("allowed", 0)
    );
    let input = api::GetContextKeysForCustomPolicyInput::new().with_policy_input_list(vec![FROM_HOME, PUT]);
    let keys = cloud.call::<api::op::GetContextKeysForCustomPolicy>(input).await.unwrap();
    assert_eq!(keys.context_key_names().unwrap().iter().collect::<Vec<_>>(), ["aws:SourceIp"]);
}

#[tokio::test]
async fn a_boundary_and_a_resource_policy_are_heeded() {
    let cloud = Cloud::new();
    let all = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let input = custom(&[all], &["sqs:SendMessage", "s3:PutObject"])
        .with_permissions_boundary_policy_input_list(vec![PUT]);
    let results = simulate(&cloud, input).await.unwrap();
    let allowed = |one: &api::EvaluationResult| {
        one.permissions_boundary_decision_detail().unwrap().allowed_by_permissions_boundary()
    };
    assert_eq!((results[0].eval_decision(), allowed(&results[0])), ("implicitDeny", Some(false)));
    assert_eq!((results[1].eval_decision(), allowed(&results[1])), ("allowed", Some(true)));
    let queue = "arn:aws:sqs:us-east-1:999988887777:q";
    let resource = format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::111122223333:user/ann"}},"Action":"sqs:*","Resource":"{queue}"}}}}"#
    );
    let across = |caller: &'static str| {
        custom(&[all], &["sqs:SendMessage"])
            .with_resource_arns(vec![queue])
            .with_resource_policy(&*resource)
            .with_resource_owner("arn:aws:iam::999988887777:root")
            .with_caller_arn(caller)
    };
    let results = simulate(&cloud, across("arn:aws:iam::111122223333:user/ann")).await.unwrap();
    assert_eq!(results[0].eval_decision(), "allowed");
    let results = simulate(&cloud, across("arn:aws:iam::111122223333:user/bob")).await.unwrap();
    assert_eq!(results[0].eval_decision(), "implicitDeny");
    let details = results[0].eval_decision_details().unwrap();
    assert_eq!(
        (details.get("IAM Policy"), details.get("Resource Policy")),
        (Some("allowed"), Some("implicitDeny"))
    );
}

#[tokio::test]
async fn what_a_user_may_do_comes_from_its_policies() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    cloud.put_user_policy("ann", "own", PUT).await.unwrap();
    cloud.group("writers").await;
    cloud.join("ann", "writers").await.unwrap();
    let input = api::PutGroupPolicyInput::new()
        .with_group_name("writers")
        .with_policy_name("theirs")
        .with_policy_document(FROM_HOME.replace("aws:SourceIp", "aws:VpcSourceIp"));
    cloud.call::<api::op::PutGroupPolicy>(input).await.unwrap();
    let arn = "arn:aws:iam::111122223333:user/ann";
    let input = api::SimulatePrincipalPolicyInput::new()
        .with_policy_source_arn(arn)
        .with_action_names(vec!["s3:PutObject", "s3:GetObject"])
        .with_policy_input_list(vec![DENY])
        .with_resource_arns(vec!["arn:aws:s3:::bucket/a"])
        .with_max_items(1);
    let output = cloud.call::<api::op::SimulatePrincipalPolicy>(input).await.unwrap();
    assert_eq!((output.evaluation_results().unwrap().len(), output.is_truncated()), (1, Some(true)));
    let result = output.evaluation_results().unwrap().iter().next().unwrap();
    assert_eq!(seen(result), ("allowed".to_owned(), vec![("user_ann_own".to_owned(), 41, 113)]));
    let input = api::GetContextKeysForPrincipalPolicyInput::new().with_policy_source_arn(arn);
    let keys = cloud.call::<api::op::GetContextKeysForPrincipalPolicy>(input).await.unwrap();
    assert_eq!(keys.context_key_names().unwrap().iter().collect::<Vec<_>>(), ["aws:VpcSourceIp"]);
    let missing = api::SimulatePrincipalPolicyInput::new()
        .with_policy_source_arn("arn:aws:iam::111122223333:user/bob")
        .with_action_names(vec!["s3:PutObject"]);
    assert_eq!(error(cloud.call::<api::op::SimulatePrincipalPolicy>(missing).await).0, "NoSuchEntity");
}

#[tokio::test]
async fn what_is_no_policy_is_refused() {
    let cloud = Cloud::new();
    assert_eq!(error(simulate(&cloud, custom(&["{}"], &["s3:GetObject"])).await).0, "InvalidInput");
    assert_eq!(error(simulate(&cloud, custom(&[PUT], &["GetObject"])).await).0, "InvalidInput");
}

#[tokio::test]
async fn starting_an_instance_is_simulated_with_the_resources_of_its_scenario() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let arn = |kind: &str| format!("arn:aws:ec2:us-east-1:111122223333:{kind}/x-1");
    let run = async |scenario: &str, kinds: &[&str]| {
        let arns: Vec<String> = kinds.iter().map(|kind| arn(kind)).collect();
        let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
        let of_texts = custom(&[PUT], &["ec2:RunInstances"])
            .with_resource_arns(arns.clone())
            .with_resource_handling_option(scenario);
        let of_user = api::SimulatePrincipalPolicyInput::new()
            .with_policy_source_arn("arn:aws:iam::111122223333:user/ann")
            .with_action_names(vec!["ec2:RunInstances"])
            .with_resource_arns(arns)
            .with_resource_handling_option(scenario);
        let first = simulate(&cloud, of_texts).await.map(|results| results.len());
        let second = cloud.call::<api::op::SimulatePrincipalPolicy>(of_user).await;
        let second = second.map(|output| output.evaluation_results().unwrap().len());
        let words = |result: Result<usize, ApiError>| result.map_err(|error| error.message.to_string());
        let (first, second) = (words(first), words(second));
        assert_eq!(first, second, "both simulations check the same");
        first
    };
    let mut kinds = vec!["instance", "image", "security-group", "network-interface", "subnet"];
    let scenario = "EC2-VPC-EBS-Subnet";
    let missing =
        format!("Resource Handling Option {scenario} needs a resource of type volume in ResourceArns.");
    assert_eq!(run(scenario, &kinds).await, Err(missing));
    kinds.push("volume");
    assert_eq!(run(scenario, &kinds).await, Ok(6));
    assert_eq!(run("EC2-Moon", &kinds).await, Err("Invalid Resource Handling Option: EC2-Moon".to_owned()));
}
