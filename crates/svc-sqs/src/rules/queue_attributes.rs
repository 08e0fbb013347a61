//! Queue attributes: names, ranges, defaults, what belongs to which kind of queue, and how they read.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>

use virga_api::sqs::queue_attribute_name as name;

use super::queue_url::is_queue_name;
use super::redrive::Allowed;
use super::{QueueAddress, policy, redrive};
use crate::error::Error;
use crate::records::{Counts, Details, Fifo, Queue, Sealing};

const DEFAULT_VISIBILITY_TIMEOUT_SECONDS: u32 = 30;
const DEFAULT_RETENTION_SECONDS: u32 = 345_600;
const DEFAULT_MAXIMUM_MESSAGE_BYTES: u32 = 1_048_576;
const DEFAULT_KMS_DATA_KEY_REUSE_SECONDS: u32 = 300;

/// A queue without attributes given, by its name and the `FifoQueue` attribute.
pub(crate) fn new_queue(
    queue_name: &str,
    fifo_queue: Option<&str>,
    (id, content): (u64, u64),
    now: i64,
) -> Result<(Queue, Details), Error> {
    let fifo = match fifo_queue {
        None => None,
        Some("true") => Some(Fifo::default()),
        Some("false") => return Err(Error::unknown_attribute(name::FIFO_QUEUE)),
        Some(_) => return Err(Error::attribute_value(name::FIFO_QUEUE)),
    };
    if !is_queue_name(queue_name) || queue_name.ends_with(".fifo") != fifo.is_some() {
        let reason = match fifo {
            None => "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
            Some(_) => {
                "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end \
                 with .fifo suffix and be 1 to 80 in length"
            }
        };
        return Err(Error::InvalidParameterValue { reason: reason.to_owned() });
    }
    let queue = Queue {
        id,
        content,
        created: now,
        modified: now,
        purged: None,
        visibility_timeout_seconds: DEFAULT_VISIBILITY_TIMEOUT_SECONDS,
        delay_seconds: 0,
        maximum_message_bytes: DEFAULT_MAXIMUM_MESSAGE_BYTES,
        retention_seconds: DEFAULT_RETENTION_SECONDS,
        wait_time_seconds: 0,
        fifo,
        redrive: None,
        has_groups: false,
        sealing: Sealing::OwnedKey,
    };
    Ok((queue, Details { sqs_managed_sse: true, ..Details::default() }))
}

/// Sets attributes. Either all are good or the error says which is not; then the queue is of no use any more.
pub(crate) fn apply<'a>(
    given: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    queue: &mut Queue,
    details: &mut Details,
    at: QueueAddress<'_>,
) -> Result<(), Error> {
    for (attribute, value) in given.clone() {
        set_one(attribute, value, queue, details, at)?;
    }
    let mut kms = false;
    let mut managed = false;
    for (attribute, value) in given {
        kms |= attribute == name::KMS_MASTER_KEY_ID && !value.is_empty();
        managed |= attribute == name::SQS_MANAGED_SSE_ENABLED && value == "true";
    }
    match (kms, managed) {
        (true, true) => {
            return Err(Error::InvalidAttributeName {
                reason: "You can use one type of server-side encryption (SSE) at one time. You can either enable KMS \
                         SSE or SQS SSE."
                    .to_owned(),
            });
        }
        (true, false) => details.sqs_managed_sse = false,
        (false, true) => (details.kms_master_key_id, details.kms_data_key_reuse_seconds) = (None, None),
        (false, false) => {}
    }
    queue.sealing = match details {
        Details { kms_master_key_id: Some(_), .. } => Sealing::AsDetailsSay,
        Details { sqs_managed_sse: true, .. } => Sealing::OwnedKey,
        Details { .. } => Sealing::Nothing,
    };
    if queue.fifo.is_some_and(|fifo| fifo.throughput_per_group && !fifo.deduplicates_per_group) {
        return Err(Error::InvalidAttributeValue {
            reason: "The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup."
                .to_owned(),
        });
    }
    Ok(())
}

/// For how long a data key is used before KMS is asked again.
pub(crate) fn data_key_reuse_seconds(given: Option<u32>) -> u32 {
    given.unwrap_or(DEFAULT_KMS_DATA_KEY_REUSE_SECONDS)
}

fn set_one(
    attribute: &str,
    value: &str,
    queue: &mut Queue,
    details: &mut Details,
    at: QueueAddress<'_>,
) -> Result<(), Error> {
    let number = |least: u32, most: u32| {
        let number = value.parse().ok().filter(|number| (least..=most).contains(number));
        number.ok_or_else(|| Error::attribute_value(attribute))
    };
    match attribute {
        name::VISIBILITY_TIMEOUT => queue.visibility_timeout_seconds = number(0, 43_200)?,
        name::DELAY_SECONDS => queue.delay_seconds = number(0, 900)?,
        name::MAXIMUM_MESSAGE_SIZE => queue.maximum_message_bytes = number(1024, 1_048_576)?,
        name::MESSAGE_RETENTION_PERIOD => queue.retention_seconds = number(60, 1_209_600)?,
        name::RECEIVE_MESSAGE_WAIT_TIME_SECONDS => queue.wait_time_seconds = number(0, 20)?,
        name::KMS_MASTER_KEY_ID => {
            details.kms_master_key_id = (!value.is_empty()).then(|| value.to_owned());
            if value.is_empty() {
                details.kms_data_key_reuse_seconds = None;
            }
        }
        name::KMS_DATA_KEY_REUSE_PERIOD_SECONDS => {
            details.kms_data_key_reuse_seconds = Some(number(60, 86_400)?);
        }
        name::SQS_MANAGED_SSE_ENABLED => details.sqs_managed_sse = boolean(attribute, value)?,
        name::POLICY => details.policy = policy::check(value)?.then(|| value.to_owned()),
        name::REDRIVE_POLICY => {
            let given = (!value.is_empty()).then_some(value);
            queue.redrive = given.map(|text| redrive::policy(text, at)).transpose()?;
            details.redrive_policy = given.map(str::to_owned);
        }
        name::REDRIVE_ALLOW_POLICY => {
            let given = (!value.is_empty()).then_some(value);
            given.map(Allowed::parse).transpose()?;
            details.redrive_allow_policy = given.map(str::to_owned);
        }
        _ => return set_fifo(attribute, value, queue.fifo.as_mut()),
    }
    Ok(())
}

/// Attributes that only FIFO queues have, and unknown ones.
fn set_fifo(attribute: &str, value: &str, fifo: Option<&mut Fifo>) -> Result<(), Error> {
    let choice = |off: &str, on: &str| match value {
        _ if value == on => Ok(true),
        _ if value == off => Ok(false),
        _ => Err(Error::attribute_value(attribute)),
    };
    match (attribute, fifo) {
        (name::CONTENT_BASED_DEDUPLICATION, Some(fifo)) => {
            fifo.content_based_deduplication = boolean(attribute, value)?;
        }
        (name::DEDUPLICATION_SCOPE, Some(fifo)) => {
            fifo.deduplicates_per_group = choice("queue", "messageGroup")?;
        }
        (name::FIFO_THROUGHPUT_LIMIT, Some(fifo)) => {
            fifo.throughput_per_group = choice("perQueue", "perMessageGroupId")?;
        }
        (name::FIFO_QUEUE, Some(_)) if value == "true" => {}
        (name::FIFO_QUEUE, Some(_)) => {
            let reason = format!(
                "Invalid value for the parameter {attribute}. Reason: Modifying queue type is not supported."
            );
            return Err(Error::InvalidAttributeValue { reason });
        }
        (name::DEDUPLICATION_SCOPE | name::FIFO_THROUGHPUT_LIMIT, None) => {
            let reason = format!("You can specify the {attribute} only when FifoQueue is set to true.");
            return Err(Error::InvalidAttributeName { reason });
        }
        _ => return Err(Error::unknown_attribute(attribute)),
    }
    Ok(())
}

fn boolean(attribute: &str, value: &str) -> Result<bool, Error> {
    match value {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::attribute_value(attribute)),
    }
}

/// Refuses to create a queue again with other attributes: the first of `given` that differs is named.
pub(crate) fn agree<'a>(
    given: impl Iterator<Item = (&'a str, &'a str)> + Clone,
    (queue, details): (&Queue, &Details),
    at: QueueAddress<'_>,
) -> Result<(), Error> {
    let (mut other, mut other_details) = (queue.clone(), details.clone());
    apply(given.clone(), &mut other, &mut other_details, at)?;
    for (attribute, _) in given {
        if value(attribute, queue, details) != value(attribute, &other, &other_details) {
            return Err(Error::QueueNameExists { attribute: attribute.to_owned() });
        }
    }
    Ok(())
}

/// The value of a settable attribute; none when the queue has none.
pub(crate) fn value(attribute: &str, queue: &Queue, details: &Details) -> Option<String> {
    let either = |on: bool, yes: &str, no: &str| Some((if on { yes } else { no }).to_owned());
    let fifo = queue.fifo;
    match attribute {
        name::VISIBILITY_TIMEOUT => Some(queue.visibility_timeout_seconds.to_string()),
        name::DELAY_SECONDS => Some(queue.delay_seconds.to_string()),
        name::MAXIMUM_MESSAGE_SIZE => Some(queue.maximum_message_bytes.to_string()),
        name::MESSAGE_RETENTION_PERIOD => Some(queue.retention_seconds.to_string()),
        name::RECEIVE_MESSAGE_WAIT_TIME_SECONDS => Some(queue.wait_time_seconds.to_string()),
        name::POLICY => details.policy.clone(),
        name::REDRIVE_POLICY => details.redrive_policy.as_deref().map(canonical_redrive_policy),
        name::REDRIVE_ALLOW_POLICY => details.redrive_allow_policy.clone(),
        name::KMS_MASTER_KEY_ID => details.kms_master_key_id.clone(),
        name::KMS_DATA_KEY_REUSE_PERIOD_SECONDS => details
            .kms_master_key_id
            .as_ref()
            .map(|_| data_key_reuse_seconds(details.kms_data_key_reuse_seconds).to_string()),
        name::SQS_MANAGED_SSE_ENABLED => Some(details.sqs_managed_sse.to_string()),
        name::FIFO_QUEUE => fifo.map(|_| "true".to_owned()),
        name::CONTENT_BASED_DEDUPLICATION => fifo.map(|fifo| fifo.content_based_deduplication.to_string()),
        name::DEDUPLICATION_SCOPE => {
            fifo.and_then(|fifo| either(fifo.deduplicates_per_group, "messageGroup", "queue"))
        }
        name::FIFO_THROUGHPUT_LIMIT => {
            fifo.and_then(|fifo| either(fifo.throughput_per_group, "perMessageGroupId", "perQueue"))
        }
        _ => None,
    }
}

/// AWS answers with the count as a number, however it was given.
fn canonical_redrive_policy(text: &str) -> String {
    let Ok(serde_json::Value::Object(map)) = serde_json::from_str(text) else { return text.to_owned() };
    let target = map.get("deadLetterTargetArn").map(ToString::to_string).unwrap_or_default();
    let count = map.get("maxReceiveCount").map(ToString::to_string).unwrap_or_default();
    format!("{{\"deadLetterTargetArn\":{target},\"maxReceiveCount\":{}}}", count.trim_matches('"'))
}

/// The number of messages in each state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// `ApproximateNumberOfMessages`.
    pub(crate) visible: i64,
    /// `ApproximateNumberOfMessagesNotVisible`.
    pub(crate) in_flight: i64,
    /// `ApproximateNumberOfMessagesDelayed`.
    pub(crate) delayed: i64,
}

impl Numbers {
    /// From the counters, and from the messages whose time has come but that are still among the hidden.
    pub(crate) fn new(counts: Counts, delayed: i64, due_in_flight: i64, due_delayed: i64) -> Self {
        let in_flight = counts.in_flight() - due_in_flight;
        let delayed = delayed - due_delayed;
        Numbers { visible: counts.total() - in_flight - delayed, in_flight, delayed }
    }
}

/// An attribute as it reads, also those that can't be set.
pub(crate) fn read(
    attribute: &str,
    (queue, details): (&Queue, &Details),
    numbers: Numbers,
    at: QueueAddress<'_>,
) -> Option<String> {
    let seconds = |micros: i64| Some(micros.div_euclid(1_000_000).to_string());
    match attribute {
        name::QUEUE_ARN => Some(at.arn()),
        name::CREATED_TIMESTAMP => seconds(queue.created),
        name::LAST_MODIFIED_TIMESTAMP => seconds(queue.modified),
        name::APPROXIMATE_NUMBER_OF_MESSAGES => Some(numbers.visible.to_string()),
        name::APPROXIMATE_NUMBER_OF_MESSAGES_NOT_VISIBLE => Some(numbers.in_flight.to_string()),
        name::APPROXIMATE_NUMBER_OF_MESSAGES_DELAYED => Some(numbers.delayed.to_string()),
        _ => value(attribute, queue, details),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: QueueAddress<'_> = QueueAddress { account: "123456789012", region: "us-east-1", name: "q" };

    fn set(fifo: bool, given: &[(&str, &str)]) -> Result<(Queue, Details), String> {
        let name = if fifo { "q.fifo" } else { "q" };
        let result =
            new_queue(name, fifo.then_some("true"), (1, 2), 0).and_then(|(mut queue, mut details)| {
                apply(given.iter().copied(), &mut queue, &mut details, AT)?;
                Ok((queue, details))
            });
        result.map_err(|error| error.into_api().unwrap().message.to_string())
    }

    fn check(fifo: bool, attribute: &str, given: &str, expected: Result<Option<&str>, &str>) {
        let read =
            set(fifo, &[(attribute, given)]).map(|(queue, details)| value(attribute, &queue, &details));
        let expected = expected.map(|value| value.map(str::to_owned)).map_err(str::to_owned);
        assert_eq!(read, expected, "{attribute}={given}");
    }

    #[test]
    fn numbers_have_ranges() {
        for (attribute, least, most) in [
            (name::VISIBILITY_TIMEOUT, 0, 43_200),
            (name::DELAY_SECONDS, 0, 900),
            (name::MAXIMUM_MESSAGE_SIZE, 1024, 1_048_576),
            (name::MESSAGE_RETENTION_PERIOD, 60, 1_209_600),
            (name::RECEIVE_MESSAGE_WAIT_TIME_SECONDS, 0, 20),
        ] {
            let invalid = format!("Invalid value for the parameter {attribute}.");
            for good in [least, most] {
                check(false, attribute, &good.to_string(), Ok(Some(&good.to_string())));
            }
            for bad in [least - 1, most + 1] {
                check(false, attribute, &bad.to_string(), Err(&invalid));
            }
            check(false, attribute, "x", Err(&invalid));
            check(false, attribute, "", Err(&invalid));
        }
    }

    #[test]
    fn attributes_of_fifo_queues_are_unknown_to_standard_ones() {
        let unknown = |attribute: &str| format!("Unknown Attribute {attribute}.");
        let only =
            |attribute: &str| format!("You can specify the {attribute} only when FifoQueue is set to true.");
        check(
            false,
            name::CONTENT_BASED_DEDUPLICATION,
            "true",
            Err(&unknown(name::CONTENT_BASED_DEDUPLICATION)),
        );
        check(false, name::DEDUPLICATION_SCOPE, "queue", Err(&only(name::DEDUPLICATION_SCOPE)));
        check(false, name::FIFO_THROUGHPUT_LIMIT, "perQueue", Err(&only(name::FIFO_THROUGHPUT_LIMIT)));
        check(false, name::FIFO_QUEUE, "true", Err("Unknown Attribute FifoQueue."));
        check(false, "Nonsense", "1", Err(&unknown("Nonsense")));
        check(false, name::QUEUE_ARN, "arn", Err(&unknown(name::QUEUE_ARN)));
        check(true, name::CONTENT_BASED_DEDUPLICATION, "true", Ok(Some("true")));
        check(true, name::DEDUPLICATION_SCOPE, "messageGroup", Ok(Some("messageGroup")));
        check(true, name::FIFO_QUEUE, "true", Ok(Some("true")));
        check(
            true,
            name::FIFO_QUEUE,
            "false",
            Err("Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported."),
        );
        let high = set(true, &[(name::FIFO_THROUGHPUT_LIMIT, "perMessageGroupId")]);
        assert!(high.unwrap_err().starts_with("The perMessageGroupId value is allowed only"));
    }

    #[test]
    fn one_kind_of_encryption_replaces_the_other() {
        let kms = [(name::KMS_MASTER_KEY_ID, "key"), (name::KMS_DATA_KEY_REUSE_PERIOD_SECONDS, "6000")];
        let (mut queue, mut details) = set(false, &kms).unwrap();
        assert_eq!(value(name::SQS_MANAGED_SSE_ENABLED, &queue, &details).as_deref(), Some("false"));
        assert_eq!(value(name::KMS_DATA_KEY_REUSE_PERIOD_SECONDS, &queue, &details).as_deref(), Some("6000"));
        let managed = [(name::SQS_MANAGED_SSE_ENABLED, "true")];
        apply(managed.into_iter(), &mut queue, &mut details, AT).unwrap();
        assert_eq!(value(name::KMS_MASTER_KEY_ID, &queue, &details), None);
        assert_eq!(value(name::KMS_DATA_KEY_REUSE_PERIOD_SECONDS, &queue, &details), None);
        let both = set(false, &[kms[0], managed[0]]).unwrap_err();
        assert!(both.starts_with("You can use one type of server-side encryption (SSE) at one time."));
    }

    #[test]
    fn names_fit_the_kind_of_queue() {
        let check = |name: &str, fifo: Option<&str>| new_queue(name, fifo, (1, 2), 0).is_ok();
        assert!(check("q", None) && check("q.fifo", Some("true")));
        assert!(
            !check("q.fifo", None)
                && !check("q", Some("true"))
                && !check("q", Some("false"))
                && !check("", None)
        );
    }

    #[test]
    fn creating_again_compares_what_is_given() {
        let (queue, details) = set(false, &[(name::DELAY_SECONDS, "5")]).unwrap();
        let check = |given: &[(&str, &str)]| agree(given.iter().copied(), (&queue, &details), AT).is_ok();
        assert!(
            check(&[]) && check(&[(name::DELAY_SECONDS, "5")]) && check(&[(name::VISIBILITY_TIMEOUT, "30")])
        );
        assert!(!check(&[(name::DELAY_SECONDS, "6")]) && !check(&[(name::DELAY_SECONDS, "x")]));
    }

    #[test]
    fn a_redrive_policy_reads_with_a_number() {
        let given =
            r#"{"maxReceiveCount":"7", "deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:d"}"#;
        let read = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:d","maxReceiveCount":7}"#;
        check(false, name::REDRIVE_POLICY, given, Ok(Some(read)));
        check(false, name::REDRIVE_POLICY, "", Ok(None));
    }
}
