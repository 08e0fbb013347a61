//! The smallest policy that allows the calls that were seen, and nothing else: as JSON and as HCL for Terraform.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use serde::Serialize;

/// The resource of actions that have none.
const ALL: &str = "*";

/// Calls of one action on one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservedCall {
    /// Service prefix and action, `sqs:SendMessage`.
    pub action: String,
    /// The ARN of the resource, or `*`.
    pub resource: String,
}

/// A policy that allows calls that were seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeastPrivilege {
    statements: Vec<NeededStatement>,
}

/// A statement of it: actions that were called on the same resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeededStatement {
    /// The actions, in order.
    pub actions: Vec<String>,
    /// The resources as a policy writes them, in order.
    pub resources: Vec<String>,
}

impl LeastPrivilege {
    /// The policy for calls. Actions that were called on equal sets of resources share a statement.
    pub fn of(calls: impl IntoIterator<Item = ObservedCall>) -> Self {
        let mut by_action: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for call in calls {
            by_action.entry(call.action).or_default().insert(in_policy(&call.resource));
        }
        let mut by_resources: BTreeMap<Vec<String>, NeededStatement> = BTreeMap::new();
        for (action, resources) in by_action {
            let resources: Vec<String> =
                if resources.contains(ALL) { vec![ALL.to_owned()] } else { resources.into_iter().collect() };
            let statement = by_resources
                .entry(resources.clone())
                .or_insert_with(|| NeededStatement { actions: Vec::new(), resources });
            statement.actions.push(action);
        }
        let mut statements: Vec<_> = by_resources.into_values().collect();
        statements.sort_by(|left, right| left.actions.cmp(&right.actions));
        Self { statements }
    }

    /// The statements, in the order of their actions.
    pub fn statements(&self) -> &[NeededStatement] {
        &self.statements
    }

    /// The policy document, indented.
    pub fn to_json(&self) -> String {
        let statements = self.statements.iter().map(|statement| Statement {
            effect: "Allow",
            action: &statement.actions,
            resource: &statement.resources,
        });
        let document = Document { version: "2012-10-17", statement: statements.collect() };
        serde_json::to_string_pretty(&document).expect("texts and lists have a form in JSON")
    }

    /// The policy as the data source `aws_iam_policy_document` of a name.
    /// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document>
    pub fn to_hcl(&self, name: &str) -> String {
        let mut text = format!("data \"aws_iam_policy_document\" {} {{\n", hcl_string(name));
        for (number, statement) in self.statements.iter().enumerate() {
            let blank = if number == 0 { "" } else { "\n" };
            let (actions, resources) = (hcl_list(&statement.actions), hcl_list(&statement.resources));
            write!(
                text,
                "{blank}  statement {{\n    actions = {actions}\n    resources = {resources}\n  }}\n"
            )
            .expect("a string takes all that is written");
        }
        text.push_str("}\n");
        text
    }
}

/// The document, with its members in the order in which people write them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Document<'a> {
    version: &'a str,
    statement: Vec<Statement<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Statement<'a> {
    effect: &'a str,
    action: &'a [String],
    resource: &'a [String],
}

/// A resource as a policy writes it. Of all names only those of S3 objects have characters that policies would take for
/// wildcards and variables.
fn in_policy(resource: &str) -> String {
    if !resource.starts_with("arn:aws:s3:::") {
        return resource.to_owned();
    }
    resource.chars().fold(String::with_capacity(resource.len()), |mut text, character| {
        match character {
            '*' | '?' | '$' => text.extend(['$', '{', character, '}']),
            character => text.push(character),
        }
        text
    })
}

fn hcl_list(texts: &[String]) -> String {
    let lines: String = texts.iter().map(|text| format!("      {},\n", hcl_string(text))).collect();
    format!("[\n{lines}    ]")
}

/// A text between quotes, in which nothing is a template of Terraform.
fn hcl_string(text: &str) -> String {
    let escaped = text
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
        .replace('\r', "\\r")
        .replace('\t', "\\t")
        .replace("${", "$${")
        .replace("%{", "%%{");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        AccountId, Caller, Principal,
        evaluation::{AttachedPolicy, PrincipalPolicies, Request, evaluate},
        policy::{Policy, PolicyKind},
    };

    fn calls(calls: &[(&str, &str)]) -> Vec<ObservedCall> {
        let observed = calls.iter().map(|(action, resource)| ObservedCall {
            action: (*action).to_owned(),
            resource: (*resource).to_owned(),
        });
        observed.collect()
    }

    #[test]
    fn actions_on_the_same_resources_share_a_statement() {
        let policy = LeastPrivilege::of(calls(&[
            ("sqs:SendMessage", "arn:aws:sqs:us-east-1:1:b"),
            ("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:1:a"),
            ("sqs:SendMessage", "arn:aws:sqs:us-east-1:1:a"),
            ("sqs:ReceiveMessage", "arn:aws:sqs:us-east-1:1:b"),
            ("sqs:ListQueues", "*"),
            ("sts:GetCallerIdentity", "*"),
            ("sts:GetCallerIdentity", "arn:aws:sts::1:x"),
        ]));
        let json: Value = serde_json::from_str(&policy.to_json()).unwrap();
        let expected = json!({
            "Version": "2012-10-17",
            "Statement": [
                { "Effect": "Allow", "Action": ["sqs:ListQueues", "sts:GetCallerIdentity"], "Resource": ["*"] },
                {
                    "Effect": "Allow",
                    "Action": ["sqs:ReceiveMessage", "sqs:SendMessage"],
                    "Resource": ["arn:aws:sqs:us-east-1:1:a", "arn:aws:sqs:us-east-1:1:b"],
                },
            ],
        });
        assert_eq!(json, expected);
    }

    #[test]
    fn hcl_for_terraform() {
        let policy = LeastPrivilege::of(calls(&[
            ("s3:GetObject", r#"arn:aws:s3:::b/"%{a}*"#),
            ("sqs:ListQueues", "*"),
        ]));
        let expected = r#"data "aws_iam_policy_document" "ann" {
  statement {
    actions = [
      "s3:GetObject",
    ]
    resources = [
      "arn:aws:s3:::b/\"%%{a}$${*}",
    ]
  }

  statement {
    actions = [
      "sqs:ListQueues",
    ]
    resources = [
      "*",
    ]
  }
}
"#;
        assert_eq!(policy.to_hcl("ann"), expected);
    }

    proptest! {
        /// The policy allows what was called, and no action on a resource that it was not called on.
        #[test]
        fn it_allows_the_calls_and_no_others(
            seen in prop::collection::btree_set((0_usize..5, 0_usize..6), 1..20),
        ) {
            let action = |number: usize| format!("s3:Action{number}");
            let resource = |number: usize| format!("arn:aws:s3:::b/{}", ["a", "b", "*", "a?", "${x}", "a*"][number]);
            let calls = seen.iter().map(|(of_action, of_resource)| ObservedCall {
                action: action(*of_action),
                resource: resource(*of_resource),
            });
            let text = LeastPrivilege::of(calls).to_json();
            let policy = Arc::new(Policy::parse(&text, PolicyKind::Identity).unwrap());
            let identity = vec![AttachedPolicy::new("least", "ann", policy)];
            let policies = PrincipalPolicies { identity, ..PrincipalPolicies::default() };
            let principal = Principal::User { path: "/".into(), name: "ann".into(), id: "AIDA".into() };
            let caller = Caller { principal, ..Caller::root(AccountId::DEFAULT, None) };
            for of_action in 0..5 {
                for of_resource in 0..6 {
                    let (action, resource) = (action(of_action), resource(of_resource));
                    let decision = evaluate(&Request::new(&action, &resource, &caller, &policies, &()));
                    prop_assert_eq!(decision.is_allowed(), seen.contains(&(of_action, of_resource)), "{} {}", action, resource);
                }
            }
        }
    }
}
