//! `RedrivePolicy` and `RedriveAllowPolicy`.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html>

use serde_json::Value;

use super::QueueAddress;
use crate::error::Error;
use crate::records::Redrive;

const REDRIVE_POLICY: &str = "RedrivePolicy";
const REDRIVE_ALLOW_POLICY: &str = "RedriveAllowPolicy";
/// The most receives before a message goes to the dead-letter queue.
const MOST_RECEIVES: u64 = 1000;
/// The most queues that a redrive-allow policy names.
const MOST_SOURCES: usize = 10;

/// Understands the redrive policy of `source`.
pub(crate) fn policy(text: &str, source: QueueAddress<'_>) -> Result<Redrive, Error> {
    let invalid = |reason: String| Error::invalid_value(text, REDRIVE_POLICY, reason);
    let value: Value = serde_json::from_str(text)
        .map_err(|_| invalid("Redrive policy is not a valid JSON map.".to_owned()))?;
    let map =
        value.as_object().ok_or_else(|| invalid("Redrive policy is not a valid JSON map.".to_owned()))?;
    if let Some(other) =
        map.keys().find(|key| !matches!(key.as_str(), "deadLetterTargetArn" | "maxReceiveCount"))
    {
        return Err(invalid(format!(
            "Only following attributes are supported: [deadLetterTargetArn, maxReceiveCount]. \
             Attribute {other} is not supported."
        )));
    }
    let mandatory = |name: &str| {
        map.get(name)
            .ok_or_else(|| invalid(format!("Redrive policy does not contain mandatory attribute: {name}.")))
    };
    let count = mandatory("maxReceiveCount")?;
    let target = mandatory("deadLetterTargetArn")?;
    let number = match count {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    let number = number
        .filter(|number| (1..=MOST_RECEIVES).contains(number))
        .and_then(|number| u32::try_from(number).ok());
    let count_text = count.as_str().map_or_else(|| count.to_string(), str::to_owned);
    let max_receive_count = number.ok_or_else(|| {
        invalid(format!(
            "Invalid value for maxReceiveCount: {count_text}, valid values are from 1 to {MOST_RECEIVES} both inclusive."
        ))
    })?;
    let target = target.as_str().and_then(QueueAddress::of_arn);
    let target = target.ok_or_else(|| invalid("Invalid value for deadLetterTargetArn.".to_owned()))?;
    if target.region != source.region {
        return Err(invalid("Dead-letter target must be in same region as the source.".to_owned()));
    }
    if target.is_fifo() != source.is_fifo() {
        return Err(invalid("Dead-letter target must be same type of queue as the source.".to_owned()));
    }
    Ok(Redrive { account: target.account.to_owned(), name: target.name.to_owned(), max_receive_count })
}

/// The dead-letter queue is not there, or does not allow this source.
pub(crate) fn refused(text: &str, reason: &str) -> Error {
    Error::invalid_value(text, REDRIVE_POLICY, reason)
}

/// Which queues may have this one as their dead-letter queue.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Allowed {
    /// Any queue of the region.
    All,
    /// None.
    None,
    /// These, by ARN.
    Sources(Vec<String>),
}

impl Allowed {
    /// Understands a redrive-allow policy.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let invalid = |reason: &str| Error::invalid_value(text, REDRIVE_ALLOW_POLICY, reason);
        let not_a_map = || invalid("Redrive Allow policy is not a valid JSON map.");
        let value: Value = serde_json::from_str(text).map_err(|_| not_a_map())?;
        let map = value.as_object().ok_or_else(not_a_map)?;
        let sources = map.get("sourceQueueArns");
        match (map.get("redrivePermission").and_then(Value::as_str), sources) {
            (Some("allowAll"), None) => Ok(Allowed::All),
            (Some("denyAll"), None) => Ok(Allowed::None),
            (Some("byQueue"), Some(Value::Array(arns))) => {
                let arns: Option<Vec<String>> = arns
                    .iter()
                    .map(|arn| {
                        arn.as_str().filter(|arn| QueueAddress::of_arn(arn).is_some()).map(str::to_owned)
                    })
                    .collect();
                let arns = arns.ok_or_else(|| invalid("sourceQueueArns must be ARNs of queues."))?;
                if arns.is_empty() || arns.len() > MOST_SOURCES {
                    return Err(invalid(
                        "Amazon SQS can't create the redrive allow policy. sourceQueueArns must have 1 to 10 entries.",
                    ));
                }
                Ok(Allowed::Sources(arns))
            }
            (Some("byQueue"), _) => {
                Err(invalid("sourceQueueArns is required when redrivePermission is byQueue."))
            }
            (Some("allowAll" | "denyAll"), Some(_)) => {
                Err(invalid("sourceQueueArns can only be specified when redrivePermission is byQueue."))
            }
            _ => Err(invalid(
                "Amazon SQS can't create the redrive allow policy, as it's in an unsupported format.",
            )),
        }
    }

    /// Whether this source is allowed.
    pub(crate) fn allows(&self, source: QueueAddress<'_>) -> bool {
        match self {
            Allowed::All => true,
            Allowed::None => false,
            Allowed::Sources(arns) => arns.contains(&source.arn()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: QueueAddress<'_> = QueueAddress { account: "123456789012", region: "us-east-1", name: "q" };

    fn check(text: &str, expected: Result<u32, &str>) {
        let result = policy(text, SOURCE).map(|redrive| redrive.max_receive_count);
        let result = result.map_err(|error| error.into_api().unwrap().message.to_string());
        match (result, expected) {
            (Ok(count), Ok(expected)) => assert_eq!(count, expected, "{text}"),
            (Err(message), Err(part)) => assert!(message.contains(part), "{message}"),
            (result, expected) => panic!("{text}: {result:?}, not {expected:?}"),
        }
    }

    #[test]
    fn a_redrive_policy_names_a_queue_and_a_count() {
        let arn = "arn:aws:sqs:us-east-1:123456789012:dlq";
        check(&format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"3"}}"#), Ok(3));
        check(&format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":1000}}"#), Ok(1000));
        check(&format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":0}}"#), Err("from 1 to 1000"));
        check(
            &format!(r#"{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"x"}}"#),
            Err("maxReceiveCount: x"),
        );
        check(&format!(r#"{{"deadLetterTargetArn":"{arn}"}}"#), Err("mandatory attribute: maxReceiveCount"));
        check(r#"{"maxReceiveCount":1}"#, Err("mandatory attribute: deadLetterTargetArn"));
        check(
            r#"{"deadLetterTargetArn":"dlq","maxReceiveCount":1}"#,
            Err("Invalid value for deadLetterTargetArn"),
        );
        check(&format!(r#"{{"deadLetterTargetArn":"{arn}.fifo","maxReceiveCount":1}}"#), Err("same type"));
        check(
            r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:123456789012:dlq","maxReceiveCount":1}"#,
            Err("same region"),
        );
        check("[]", Err("not a valid JSON map"));
        check("{", Err("not a valid JSON map"));
    }

    #[test]
    fn a_redrive_allow_policy_says_who_may() {
        let allows = |text: &str| Allowed::parse(text).map(|allowed| allowed.allows(SOURCE)).ok();
        assert_eq!(allows(r#"{"redrivePermission":"allowAll"}"#), Some(true));
        assert_eq!(allows(r#"{"redrivePermission":"denyAll"}"#), Some(false));
        let by_queue =
            |arns: &str| allows(&format!(r#"{{"redrivePermission":"byQueue","sourceQueueArns":[{arns}]}}"#));
        assert_eq!(by_queue(r#""arn:aws:sqs:us-east-1:123456789012:q""#), Some(true));
        assert_eq!(by_queue(r#""arn:aws:sqs:us-east-1:123456789012:r""#), Some(false));
        assert_eq!(by_queue(""), None);
        assert_eq!(by_queue(r#""q""#), None);
        assert_eq!(allows(r#"{"redrivePermission":"byQueue"}"#), None);
        assert_eq!(allows(r#"{"redrivePermission":"allowAll","sourceQueueArns":[]}"#), None);
        assert_eq!(allows(r#"{"redrivePermission":"some"}"#), None);
    }
}
