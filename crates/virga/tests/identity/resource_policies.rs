//! Policies of queues and keys: whom they name, and what comes into being by being named.

use virga_api::sqs::queue_attribute_name as attribute;
use virga_api::{dynamodb, iam, kms, s3, sqs};
use virga_model::ApiError;

use crate::cloud::{ACCOUNT, Cloud, error, words};

const QUEUE: &str = "http://localhost:4566/111122223333/q";
const OTHER: &str = "444455556666";

fn letting(principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"sqs:SendMessage","Resource":"arn:aws:sqs:us-east-1:{ACCOUNT}:q"}}]}}"#
    )
}

async fn set_policy(cloud: &Cloud, policy: &str) -> Result<(), ApiError> {
    let attributes = vec![(attribute::POLICY, policy)];
    let input = sqs::SetQueueAttributesInput::new().with_queue_url(QUEUE).with_attributes(attributes);
    cloud.call::<sqs::op::SetQueueAttributes>(input).await.map(|_| ())
}

async fn policy_of_queue(cloud: &Cloud) -> String {
    let input = sqs::GetQueueAttributesInput::new()
        .with_queue_url(QUEUE)
        .with_attribute_names(vec![attribute::POLICY.to_owned()]);
    let output = cloud.call::<sqs::op::GetQueueAttributes>(input).await.unwrap();
    output.attributes().unwrap().iter().map(|(_, value)| value.to_owned()).collect()
}

async fn send(cloud: &Cloud) -> Result<(), ApiError> {
    let input = sqs::SendMessageInput::new().with_queue_url(QUEUE).with_message_body("hello");
    cloud.call::<sqs::op::SendMessage>(input).await.map(|_| ())
}

/// A user of another account who may send by the own policies, and the unique id.
async fn stranger(other: &Cloud) -> (Cloud, String) {
    let id = other.user("ann").await.user_id().to_owned();
    let document =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}"#;
    other.put_user_policy("ann", "p", document).await.unwrap();
    let key = other.key(Some("ann")).await.unwrap();
    (other.of_key(key.access_key_id()), id)
}

async fn delete(other: &Cloud, ann: &Cloud) {
    let key = ann.access_key_id();
    let input = iam::DeleteAccessKeyInput::new().with_user_name("ann").with_access_key_id(key);
    other.call::<iam::op::DeleteAccessKey>(input).await.unwrap();
    let input = iam::DeleteUserPolicyInput::new().with_user_name("ann").with_policy_name("p");
    other.call::<iam::op::DeleteUserPolicy>(input).await.unwrap();
    other.call::<iam::op::DeleteUser>(iam::DeleteUserInput::new().with_user_name("ann")).await.unwrap();
}

#[tokio::test]
async fn a_user_made_anew_is_not_the_one_that_a_queue_lets_send() {
    let cloud = Cloud::new();
    cloud.call::<sqs::op::CreateQueue>(sqs::CreateQueueInput::new().with_queue_name("q")).await.unwrap();
    let arn = format!("arn:aws:iam::{OTHER}:user/ann");
    let expected = ("InvalidAttributeValue".to_owned(), "Invalid value for the parameter Policy.".to_owned());
    assert_eq!(error(set_policy(&cloud, &letting(&arn)).await), expected, "nobody of this name is there");
    let other = cloud.of_account(OTHER);
    let (ann, id) = stranger(&other).await;
    set_policy(&cloud, &letting(&arn)).await.unwrap();
    send(&ann).await.unwrap();
    assert_eq!(policy_of_queue(&cloud).await, letting(&arn));
    delete(&other, &ann).await;
    assert_eq!(policy_of_queue(&cloud).await, letting(&id));
    let (ann, _) = stranger(&other).await;
    assert_eq!(error(send(&ann).await).0, "AccessDenied");
    set_policy(&cloud, &letting(&arn)).await.unwrap();
    send(&ann).await.unwrap();
}

#[tokio::test]
async fn key_policies_name_principals_that_are_there() {
    let cloud = Cloud::new();
    let policy = |principal: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":["arn:aws:iam::{ACCOUNT}:root","{principal}"]}},"Action":"kms:*","Resource":"*"}}]}}"#
        )
    };
    let arn = format!("arn:aws:iam::{OTHER}:user/ann");
    let create = async |cloud: &Cloud| {
        cloud.call::<kms::op::CreateKey>(kms::CreateKeyInput::new().with_policy(policy(&arn))).await
    };
    let refused = error(create(&cloud).await);
    assert_eq!(refused.0, "MalformedPolicyDocument");
    assert_eq!(refused.1, "Policy contains a statement with one or more invalid principals.");
    let other = cloud.of_account(OTHER);
    let (ann, id) = stranger(&other).await;
    let output = create(&cloud).await.unwrap();
    let key = output.key_metadata().unwrap().key_id().to_owned();
    let shown = async || {
        let output =
            cloud.call::<kms::op::GetKeyPolicy>(kms::GetKeyPolicyInput::new().with_key_id(&*key)).await;
        output.unwrap().policy().unwrap().to_owned()
    };
    assert_eq!(shown().await, policy(&arn));
    delete(&other, &ann).await;
    assert_eq!(shown().await, policy(&id));
}

#[tokio::test]
async fn managed_keys_come_into_being_only_for_who_may_use_them() {
    let cloud = Cloud::new();
    let count = async || {
        let input = kms::ListAliasesInput::new();
        cloud.call::<kms::op::ListAliases>(input).await.unwrap().aliases().unwrap().iter().count()
    };
    cloud.user("bob").await;
    let bob = cloud.of_key(cloud.key(Some("bob")).await.unwrap().access_key_id());
    let describe = || kms::DescribeKeyInput::new().with_key_id("alias/aws/sqs");
    assert_eq!(error(bob.call::<kms::op::DescribeKey>(describe()).await).0, "AccessDenied");
    let encrypt = kms::EncryptInput::new().with_key_id("alias/aws/sqs").with_plaintext(b"x".to_vec());
    assert_eq!(error(cloud.call::<kms::op::Encrypt>(encrypt).await).0, "AccessDenied", "not through SQS");
    assert_eq!(count().await, 0);
    cloud.call::<kms::op::DescribeKey>(describe()).await.unwrap();
    assert_eq!(count().await, 1);
}

#[tokio::test]
async fn bucket_policies_name_principals_that_are_there() {
    let cloud = Cloud::new();
    let create = s3::CreateBucketRequest::new().with_bucket("bkt");
    cloud.call::<s3::op::CreateBucket>(create).await.unwrap();
    let put = async |element: &str, principal: &str| {
        let effect = if element == "Principal" { "Allow" } else { "Deny" };
        let policy = format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","{element}":{{"AWS":"{principal}"}},"Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"}}]}}"#
        );
        let input = s3::PutBucketPolicyRequest::new().with_bucket("bkt").with_policy(policy);
        cloud.call::<s3::op::PutBucketPolicy>(input).await.map(|_| ())
    };
    let arn = format!("arn:aws:iam::{OTHER}:user/ann");
    for element in ["Principal", "NotPrincipal"] {
        assert_eq!(error(put(element, &arn).await), words("MalformedPolicy", "Invalid principal in policy"));
    }
    cloud.of_account(OTHER).user("ann").await;
    for element in ["Principal", "NotPrincipal"] {
        put(element, &arn).await.unwrap();
    }
}

#[tokio::test]
async fn policies_of_tables_name_principals_that_are_there() {
    let cloud = Cloud::new();
    let table = format!("arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/tab");
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{OTHER}:user/ann"}},"Action":"dynamodb:GetItem","Resource":"{table}"}}]}}"#
    );
    let create = async || {
        let attribute =
            dynamodb::AttributeDefinition::new().with_attribute_name("a").with_attribute_type("S");
        let key = dynamodb::KeySchemaElement::new().with_attribute_name("a").with_key_type("HASH");
        let input = dynamodb::CreateTableInput::new()
            .with_table_name("tab")
            .with_attribute_definitions(vec![attribute])
            .with_key_schema(vec![key])
            .with_billing_mode("PAY_PER_REQUEST")
            .with_resource_policy(&*policy);
        cloud.call::<dynamodb::op::CreateTable>(input).await.map(|_| ())
    };
    let put = async || {
        let input = dynamodb::PutResourcePolicyInput::new().with_resource_arn(&*table).with_policy(&*policy);
        cloud.call::<dynamodb::op::PutResourcePolicy>(input).await.map(|_| ())
    };
    let text = "One or more parameter values were invalid: Invalid principal in policy document.";
    assert_eq!(error(create().await), words("Validation", text));
    let other = cloud.of_account(OTHER);
    let (ann, _) = stranger(&other).await;
    create().await.unwrap();
    delete(&other, &ann).await;
    assert_eq!(error(put().await), words("Validation", text));
    other.user("ann").await;
    put().await.unwrap();
}
