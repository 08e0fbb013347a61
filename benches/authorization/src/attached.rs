//! A user with ten policies of 2 KB, as they are found in accounts: lists of actions on lists of resources, conditions,
//! denies, variables. What the user wants is allowed by the last statement of the last policy.

use std::{fmt::Write, sync::Arc};

use virga_iam::{
    AccountId, Caller, Principal,
    evaluation::{AttachedPolicy, ConditionContext, PrincipalPolicies, Values},
    policy::{Policy, PolicyKind},
};

/// The queue that is sent to.
pub const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:orders";

/// The condition keys that a request has.
pub struct Keys;

impl ConditionContext for Keys {
    fn values(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "aws:username" => Some(Values::one("ann")),
            "aws:sourceip" => Some(Values::one("203.0.113.7")),
            "aws:securetransport" => Some(Values::one("true")),
            "aws:requestedregion" => Some(Values::one("us-east-1")),
            _ => None,
        }
    }
}

/// The user.
pub fn user() -> Caller {
    let principal =
        Principal::User { path: "/".to_owned(), name: "ann".to_owned(), id: "AIDAEXAMPLE".to_owned() };
    Caller { principal, ..Caller::root(AccountId::DEFAULT, None) }
}

/// Ten policies of 2 KB about many services.
pub fn of_many_services() -> PrincipalPolicies {
    let services = ["s3", "ec2", "dynamodb", "lambda", "sns", "sqs", "logs", "events", "kms"];
    let texts = (0..9).map(|number| text(|statement| services[(number + statement) % services.len()]));
    policies(texts)
}

/// Ten policies of 2 KB that are all about the service in question.
pub fn of_one_service() -> PrincipalPolicies {
    policies((0..9).map(|_| text(|_| "sqs")))
}

fn policies(texts: impl Iterator<Item = String>) -> PrincipalPolicies {
    let mut last = text(|_| "sqs");
    last.truncate(last.len() - 2);
    last.push_str(r#",{"Effect":"Allow","Action":"sqs:Send*","Resource":"*"}]}"#);
    let attach = |text: String| {
        let policy = Policy::parse(&text, PolicyKind::Identity).expect("the policies are well formed");
        AttachedPolicy::new("policy", "arn:aws:iam::000000000000:user/ann", Arc::new(policy))
    };
    PrincipalPolicies { identity: texts.chain([last]).map(attach).collect(), ..PrincipalPolicies::default() }
}

/// A policy of a little more than 2,000 characters without white space.
fn text(service: impl Fn(usize) -> &'static str) -> String {
    let mut statements = String::new();
    for number in 0.. {
        let service = service(number);
        let statement = match number % 3 {
            0 => format!(
                r#"{{"Sid":"Read{number}","Effect":"Allow","Action":["{service}:Get*","{service}:List*","{service}:Describe*","{service}:BatchGetItem"],"Resource":["arn:aws:{service}:us-east-1:000000000000:table/one","arn:aws:{service}:*:000000000000:${{aws:username}}/*"]}}"#
            ),
            1 => format!(
                r#"{{"Sid":"Write{number}","Effect":"Allow","Action":["{service}:Put*","{service}:SendMessage","{service}:Delete*"],"Resource":"arn:aws:{service}:*:*:team-*/x","Condition":{{"IpAddress":{{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}}}}}"#
            ),
            _ => format!(
                r#"{{"Sid":"Guard{number}","Effect":"Deny","Action":"{service}:*","Resource":"*","Condition":{{"Bool":{{"aws:SecureTransport":"false"}},"StringNotLike":{{"aws:RequestedRegion":["us-*","eu-*"]}}}}}}"#
            ),
        };
        let comma = if statements.is_empty() { "" } else { "," };
        write!(statements, "{comma}{statement}").expect("a string takes all that is written");
        if statements.len() > 2_000 {
            break;
        }
    }
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}
