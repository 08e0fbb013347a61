//! What a queue policy may hold.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html>

use serde_json::Value;

/// The longest policy, in bytes.
const MOST_BYTES: usize = 8192;
const MOST_STATEMENTS: usize = 20;
/// Principals of all statements.
const MOST_PRINCIPALS: usize = 50;
/// Conditions of all statements.
const MOST_CONDITIONS: usize = 10;
/// Actions of one statement.
pub(super) const MOST_ACTIONS: usize = 7;

/// The limit that a policy passes, in words; none when it keeps within all.
pub(super) fn passed(document: &Value, bytes: usize) -> Option<String> {
    let statements = values(&document["Statement"]);
    let actions = statements.iter().map(|statement| {
        ["Action", "NotAction"].into_iter().map(|member| values(&statement[member]).len()).sum()
    });
    let counts = [
        ("bytes", bytes, MOST_BYTES),
        ("statements", statements.len(), MOST_STATEMENTS),
        ("principals", statements.iter().map(principals).sum(), MOST_PRINCIPALS),
        ("conditions", statements.iter().map(conditions).sum(), MOST_CONDITIONS),
        ("actions in a statement", actions.max().unwrap_or(0), MOST_ACTIONS),
    ];
    let passed = counts.into_iter().find(|(_, count, most)| count > most)?;
    Some(format!("{} {} were found, maximum allowed is {}.", passed.1, passed.0, passed.2))
}

/// Whether all actions are those of Amazon SQS.
pub(super) fn is_about_sqs(document: &Value) -> bool {
    let is_of_sqs = |action: &Value| {
        let text = action.as_str().unwrap_or_default();
        text == "*" || text.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("sqs:"))
    };
    values(&document["Statement"]).into_iter().all(|statement| {
        ["Action", "NotAction"]
            .into_iter()
            .all(|member| values(&statement[member]).into_iter().all(is_of_sqs))
    })
}

fn principals(statement: &&Value) -> usize {
    let count = |principal: &Value| match principal {
        Value::Object(kinds) => kinds.values().map(|named| values(named).len()).sum(),
        other => values(other).len(),
    };
    count(&statement["Principal"]) + count(&statement["NotPrincipal"])
}

fn conditions(statement: &&Value) -> usize {
    let operators = statement["Condition"].as_object();
    operators
        .into_iter()
        .flat_map(|operators| operators.values())
        .filter_map(Value::as_object)
        .map(serde_json::Map::len)
        .sum()
}

/// One value, or those of a list.
fn values(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(values) => values.iter().collect(),
        single => vec![single],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn statement(principals: usize, actions: usize, conditions: usize) -> Value {
        let arns: Vec<String> = (0..principals).map(|id| format!("arn:aws:iam::{id:012}:root")).collect();
        let keys: serde_json::Map<String, Value> =
            (0..conditions).map(|key| (format!("aws:PrincipalTag/{key}"), json!("x"))).collect();
        json!({
            "Effect": "Allow", "Principal": {"AWS": arns}, "Action": vec!["sqs:SendMessage"; actions],
            "Resource": "*", "Condition": {"StringEquals": keys},
        })
    }

    #[test]
    fn policies_keep_within_the_limits() {
        let passes = |statements: Vec<Value>| passed(&json!({ "Statement": statements }), 100);
        assert_eq!(passes(vec![statement(50, 7, 10)]), None);
        assert_eq!(passes(vec![statement(1, 1, 0); 20]), None);
        for (statements, expected) in [
            (vec![statement(1, 1, 0); 21], "21 statements were found, maximum allowed is 20."),
            (
                vec![statement(26, 1, 0), statement(25, 1, 0)],
                "51 principals were found, maximum allowed is 50.",
            ),
            (
                vec![statement(1, 1, 6), statement(1, 1, 5)],
                "11 conditions were found, maximum allowed is 10.",
            ),
            (vec![statement(1, 8, 0)], "8 actions in a statement were found, maximum allowed is 7."),
        ] {
            assert_eq!(passes(statements).as_deref(), Some(expected));
        }
        let single = json!({ "Statement": statement(1, 1, 0) });
        assert_eq!(passed(&single, 8192), None);
        assert!(passed(&single, 8193).is_some());
    }

    #[test]
    fn actions_of_other_services_are_seen() {
        for (action, expected) in [
            ("*", true),
            ("sqs:*", true),
            ("SQS:SendMessage", true),
            ("s3:GetObject", false),
            ("SendMessage", false),
        ] {
            assert_eq!(
                is_about_sqs(&json!({ "Statement": { "Action": ["sqs:*", action] } })),
                expected,
                "{action}"
            );
        }
    }
}
