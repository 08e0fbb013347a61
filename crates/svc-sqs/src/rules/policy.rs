//! Queue policies: their form, and the statements that `AddPermission` and `RemovePermission` edit.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_AddPermission.html>

use serde_json::{Value, json};
use virga_api::sqs::queue_attribute_name::POLICY;
use virga_iam::policy::{Policy, PolicyKind};

use super::QueueAddress;
use super::policy_limits::{self, MOST_ACTIONS};
use crate::error::Error;

/// The longest label.
const LONGEST_LABEL: usize = 80;

/// Actions that a permission may give to another account.
const SHARED_ACTIONS: &[&str] = &[
    "*",
    "SendMessage",
    "ReceiveMessage",
    "DeleteMessage",
    "ChangeMessageVisibility",
    "GetQueueAttributes",
    "GetQueueUrl",
    "ListDeadLetterSourceQueues",
    "PurgeQueue",
];

/// Actions that stay the owner's.
const OWNER_ACTIONS: &[&str] = &[
    "AddPermission",
    "CancelMessageMoveTask",
    "CreateQueue",
    "DeleteQueue",
    "ListMessageMoveTasks",
    "ListQueues",
    "ListQueueTags",
    "RemovePermission",
    "SetQueueAttributes",
    "StartMessageMoveTask",
    "TagQueue",
    "UntagQueue",
];

/// Refuses what is no policy of a queue. Whether there is one: an empty text removes it.
pub(crate) fn check(text: &str) -> Result<bool, Error> {
    if text.is_empty() {
        return Ok(false);
    }
    let refused = || Error::attribute_value(POLICY);
    Policy::parse(text, PolicyKind::Resource).map_err(|_| refused())?;
    let document: Value = serde_json::from_str(text).map_err(|_| refused())?;
    let is_good =
        policy_limits::is_about_sqs(&document) && policy_limits::passed(&document, text.len()).is_none();
    if is_good { Ok(true) } else { Err(refused()) }
}

/// The policy with one more statement.
pub(crate) fn add(
    policy: Option<&str>,
    label: &str,
    accounts: &[&str],
    actions: &[&str],
    at: QueueAddress<'_>,
) -> Result<String, Error> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if label.is_empty() || label.len() > LONGEST_LABEL || !label.bytes().all(plain) {
        return Err(Error::invalid_value(
            label,
            "Label",
            "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.",
        ));
    }
    for (list, parameter) in [(actions, "Actions"), (accounts, "PrincipalId")] {
        if list.is_empty() {
            return Err(Error::MissingParameter { parameter: parameter.to_owned() });
        }
    }
    check_actions(actions)?;
    if let Some(other) =
        accounts.iter().find(|id| id.len() != 12 || !id.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(Error::invalid_value(other, "PrincipalId", "Unable to verify."));
    }
    let mut document = document(policy, at)?;
    let statements = statements(&mut document);
    if statements.iter().any(|statement| has_label(statement, label)) {
        return Err(Error::invalid_value(label, "Label", "Already exists."));
    }
    statements.push(json!({
        "Sid": label,
        "Effect": "Allow",
        "Principal": { "AWS": one_or_many(accounts.iter().map(|id| format!("arn:aws:iam::{id}:root"))) },
        "Action": one_or_many(actions.iter().map(|action| format!("SQS:{action}"))),
        "Resource": at.arn(),
    }));
    let text = document.to_string();
    match policy_limits::passed(&document, text.len()) {
        Some(reason) => Err(Error::OverLimit { reason }),
        None => Ok(text),
    }
}

/// The policy without a statement; none when it was the last.
pub(crate) fn remove(
    policy: Option<&str>,
    label: &str,
    at: QueueAddress<'_>,
) -> Result<Option<String>, Error> {
    let mut document = document(policy, at)?;
    let statements = statements(&mut document);
    let before = statements.len();
    statements.retain(|statement| !has_label(statement, label));
    match statements.len() {
        after if after == before => Err(Error::invalid_value(label, "Label", "can't find label.")),
        0 => Ok(None),
        _ => Ok(Some(document.to_string())),
    }
}

fn check_actions(actions: &[&str]) -> Result<(), Error> {
    if actions.len() > MOST_ACTIONS {
        let reason = format!("{} Actions were found, maximum allowed is {MOST_ACTIONS}.", actions.len());
        return Err(Error::OverLimit { reason });
    }
    for action in actions {
        if OWNER_ACTIONS.contains(action) {
            let reason = "Only the queue owner is allowed to invoke this action.";
            return Err(Error::invalid_value(format!("SQS:{action}"), "ActionName", reason));
        }
        if !SHARED_ACTIONS.contains(action) {
            let reason = "Please refer to the appropriate WSDL for a list of valid actions. ";
            return Err(Error::invalid_value(format!("SQS:{action}"), "ActionName", reason));
        }
    }
    Ok(())
}

fn document(policy: Option<&str>, at: QueueAddress<'_>) -> Result<Value, Error> {
    match policy {
        Some(text) => serde_json::from_str(text).map_err(|_| Error::attribute_value(POLICY)),
        None => Ok(json!({
            "Version": "2008-10-17",
            "Id": format!("{}/SQSDefaultPolicy", at.arn()),
            "Statement": [],
        })),
    }
}

/// The statements of a policy. A single one is made a list.
fn statements(document: &mut Value) -> &mut Vec<Value> {
    let statement = &mut document["Statement"];
    if !statement.is_array() {
        let single = std::mem::take(statement);
        *statement = Value::Array(if single.is_null() { Vec::new() } else { vec![single] });
    }
    statement.as_array_mut().expect("it was just made a list")
}

fn has_label(statement: &Value, label: &str) -> bool {
    statement.get("Sid").and_then(Value::as_str) == Some(label)
}

/// AWS writes a list of one as the one.
fn one_or_many(values: impl Iterator<Item = String>) -> Value {
    let mut values: Vec<Value> = values.map(Value::String).collect();
    match values.len() {
        1 => values.remove(0),
        _ => Value::Array(values),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: QueueAddress<'_> = QueueAddress { account: "111111111111", region: "us-east-1", name: "q" };

    fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
        result.unwrap_err().into_api().unwrap().message.to_string()
    }

    #[test]
    fn permissions_are_statements_by_label() {
        let accounts = ["668614515564", "111111111111"];
        let policy = add(None, "label", &accounts, &["ReceiveMessage"], AT).unwrap();
        let expected = json!({
            "Version": "2008-10-17",
            "Id": "arn:aws:sqs:us-east-1:111111111111:q/SQSDefaultPolicy",
            "Statement": [{
                "Sid": "label",
                "Effect": "Allow",
                "Principal": {"AWS": ["arn:aws:iam::668614515564:root", "arn:aws:iam::111111111111:root"]},
                "Action": "SQS:ReceiveMessage",
                "Resource": "arn:aws:sqs:us-east-1:111111111111:q",
            }],
        });
        assert_eq!(serde_json::from_str::<Value>(&policy).unwrap(), expected);
        let again = add(Some(&policy), "label", &accounts, &["*"], AT);
        assert_eq!(message(again), "Value label for parameter Label is invalid. Reason: Already exists.");
        let two = add(Some(&policy), "other", &accounts[..1], &["SendMessage", "PurgeQueue"], AT).unwrap();
        let one = remove(Some(&two), "label", AT).unwrap().unwrap();
        assert_eq!(remove(Some(&one), "other", AT).unwrap(), None);
        assert_eq!(
            message(remove(None, "other", AT)),
            "Value other for parameter Label is invalid. Reason: can't find label."
        );
    }

    #[test]
    fn actions_labels_and_accounts_are_checked() {
        let check = |label: &str, accounts: &[&str], actions: &[&str], part: &str| {
            let message = message(add(None, label, accounts, actions, AT));
            assert!(message.contains(part), "{message}");
        };
        check("a b", &["111111111111"], &["*"], "for parameter Label");
        check("a", &["1"], &["*"], "for parameter PrincipalId");
        check("a", &["111111111111"], &["DeleteQueue"], "Only the queue owner");
        check("a", &["111111111111"], &["Nonsense"], "Please refer to the appropriate WSDL");
        check("a", &["111111111111"], &[], "must contain the parameter Actions.");
        check("a", &[], &["*"], "must contain the parameter PrincipalId.");
        check("a", &[], &[], "must contain the parameter Actions.");
        check("a", &["111111111111"; 51], &["*"], "51 principals were found, maximum allowed is 50.");
        check("a", &["111111111111"], &["SendMessage"; 8], "8 Actions were found, maximum allowed is 7.");
    }

    #[test]
    fn a_policy_has_statements() {
        let good = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:*","Resource":"*"}]}"#;
        assert!(check(good).unwrap());
        assert!(!check("").unwrap());
        for bad in [
            "{",
            "[]",
            "{}",
            r#"{"Statement":[]}"#,
            r#"{"Statement":[{"Effect":"Maybe","Action":"*"}]}"#,
            &good.replace("sqs:*", "s3:GetObject"),
            &good.replace("}]}", &format!("}}],\"Id\":\"{}\"}}", "i".repeat(8192))),
        ] {
            assert_eq!(message(check(bad)), "Invalid value for the parameter Policy.");
        }
    }
}
