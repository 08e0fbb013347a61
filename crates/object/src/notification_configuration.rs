//! What makes a notification configuration wrong, in AWS's order and words.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html>

use virga_api::s3 as api;
use virga_kit::Arn;
use virga_model::view::List;

use crate::Error;

/// The most configurations of a bucket.
const MOST: usize = 100;

/// A destination with what it is told.
#[derive(Clone, Copy)]
pub struct Destination<'a> {
    /// The name of its element: `Topic`, `Queue` or `CloudFunction`.
    pub element: &'static str,
    /// The service of its ARN.
    service: &'static str,
    /// The id of the configuration.
    pub id: Option<&'a str>,
    /// Its ARN.
    pub arn: &'a str,
    /// Of which events it is told.
    pub events: List<'a, &'a str>,
    /// Of which keys.
    pub filter: Option<&'a api::NotificationConfigurationFilter>,
}

/// The destinations of a configuration.
pub fn destinations(configuration: &api::NotificationConfiguration) -> Vec<Destination<'_>> {
    let mut found = Vec::new();
    for topic in configuration.topic_configurations().into_iter().flat_map(List::iter) {
        found.push(Destination {
            element: "Topic",
            service: "sns",
            id: topic.id(),
            arn: topic.topic_arn(),
            events: topic.events(),
            filter: topic.filter(),
        });
    }
    for queue in configuration.queue_configurations().into_iter().flat_map(List::iter) {
        found.push(Destination {
            element: "Queue",
            service: "sqs",
            id: queue.id(),
            arn: queue.queue_arn(),
            events: queue.events(),
            filter: queue.filter(),
        });
    }
    for function in configuration.lambda_function_configurations().into_iter().flat_map(List::iter) {
        found.push(Destination {
            element: "CloudFunction",
            service: "lambda",
            id: function.id(),
            arn: function.lambda_function_arn(),
            events: function.events(),
            filter: function.filter(),
        });
    }
    found
}

impl<'a> Destination<'a> {
    /// The prefix and the suffix of its keys; empty where it has none.
    pub fn affixes(&self) -> (&'a str, &'a str) {
        let rules = self.filter.and_then(api::NotificationConfigurationFilter::key);
        let rules = rules.and_then(api::S3KeyFilter::filter_rules);
        let find = |wanted: &str| {
            let mut named = rules.into_iter().flat_map(List::iter);
            let rule = named.find(|rule| rule.name().is_some_and(|name| name.eq_ignore_ascii_case(wanted)));
            rule.and_then(api::FilterRule::value).unwrap_or_default()
        };
        (find("prefix"), find("suffix"))
    }
}

/// Refuses a configuration that AWS refuses before it looks at the destinations themselves.
pub fn check(configuration: &api::NotificationConfiguration, region: &str) -> Result<(), Error> {
    let destinations = destinations(configuration);
    if destinations.len() > MOST {
        return Err(Error::request(format!(
            "The number of notification configurations must not exceed {MOST}"
        )));
    }
    for destination in &destinations {
        let arn = Arn::parse(destination.arn).filter(|arn| arn.service == destination.service);
        let invalid = |reason| Error::argument(reason, destination.element, destination.arn);
        let arn = arn.ok_or_else(|| invalid("The ARN could not be parsed"))?;
        if arn.region != region {
            return Err(invalid(
                "The notification destination service region is not valid for the bucket location constraint",
            ));
        }
    }
    for destination in &destinations {
        if destination.events.is_empty() {
            return Err(Error::MalformedXml);
        }
        if let Some(event) = destination.events.iter().find(|event| !api::event::ALL.contains(event)) {
            return Err(Error::argument(
                "A specified event is not supported for notifications.",
                "Event",
                event,
            ));
        }
        check_filter(destination)?;
    }
    for (at, destination) in destinations.iter().enumerate() {
        if destinations[..at].iter().any(|earlier| overlap(earlier, destination)) {
            return Err(Error::request(
                "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes \
                 are overlapping for the same event type.",
            ));
        }
        let has_id = |other: &Destination<'_>| other.id.is_some() && other.id == destination.id;
        if destinations[..at].iter().any(has_id) {
            return Err(Error::argument(
                "Same ID used for multiple configurations. IDs must be unique",
                "Id",
                destination.id.unwrap_or_default(),
            ));
        }
    }
    Ok(())
}

fn check_filter(destination: &Destination<'_>) -> Result<(), Error> {
    let Some(filter) = destination.filter else { return Ok(()) };
    let rules = filter.key().and_then(api::S3KeyFilter::filter_rules).ok_or(Error::MalformedXml)?;
    let mut seen: Vec<String> = Vec::new();
    for rule in rules.iter() {
        let name = rule.name().ok_or(Error::MalformedXml)?.to_ascii_lowercase();
        if !api::filter_rule_name::ALL.contains(&&*name) {
            return Err(Error::argument(
                "filter rule name must be either prefix or suffix",
                "FilterRule.Name",
                rule.name().unwrap_or_default(),
            ));
        }
        if seen.contains(&name) {
            let reason = format!("Cannot specify more than one {name} rule in a filter.");
            return Err(Error::InvalidArgumentName { reason, argument: "FilterRule.Name".to_owned() });
        }
        seen.push(name);
    }
    Ok(())
}

/// Whether two destinations would be told of the same event of the same key.
fn overlap(one: &Destination<'_>, other: &Destination<'_>) -> bool {
    let shares = |event: &str, other: &str| {
        let kind = |event: &'_ str| event.trim_end_matches('*').to_owned();
        event == other
            || (event.ends_with('*') && other.starts_with(&kind(event)))
            || (other.ends_with('*') && event.starts_with(&kind(other)))
    };
    let common = one.events.iter().any(|event| other.events.iter().any(|another| shares(event, another)));
    let ((prefix, suffix), (other_prefix, other_suffix)) = (one.affixes(), other.affixes());
    common
        && (prefix.starts_with(other_prefix) || other_prefix.starts_with(prefix))
        && (suffix.ends_with(other_suffix) || other_suffix.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(name: &str, event: &str, filter: &[(&str, &str)]) -> api::QueueConfiguration {
        let rules: Vec<api::FilterRule> = filter
            .iter()
            .map(|(name, value)| api::FilterRule::new().with_name(*name).with_value(*value))
            .collect();
        let key = api::S3KeyFilter::new().with_filter_rules(rules);
        api::QueueConfiguration::new()
            .with_queue_arn(format!("arn:aws:sqs:us-east-1:111122223333:{name}"))
            .with_events(vec![event])
            .with_filter(api::NotificationConfigurationFilter::new().with_key(key))
    }

    fn message(queues: Vec<api::QueueConfiguration>) -> String {
        let configuration = api::NotificationConfiguration::new().with_queue_configurations(queues);
        match check(&configuration, "us-east-1") {
            Ok(()) => "ok".to_owned(),
            Err(error) => error.into_api().unwrap().message.to_string(),
        }
    }

    const CREATED: &str = "s3:ObjectCreated:*";

    #[test]
    fn destinations_are_checked() {
        assert_eq!(message(vec![queue("q", CREATED, &[("Prefix", "a"), ("suffix", "")])]), "ok");
        assert_eq!(
            message(vec![queue("q", CREATED, &[]).with_queue_arn("invalid-queue")]),
            "The ARN could not be parsed"
        );
        assert!(message(vec![queue("q", "s3:Nonsense", &[])]).contains("not supported"));
        assert!(message(vec![queue("q", CREATED, &[("infix", "a")])]).contains("either prefix or suffix"));
        assert!(
            message(vec![queue("q", CREATED, &[("prefix", "a"), ("Prefix", "b")])])
                .contains("more than one prefix")
        );
        let elsewhere = queue("q", CREATED, &[]).with_queue_arn("arn:aws:sqs:eu-west-1:111122223333:q");
        assert!(message(vec![elsewhere]).contains("not valid for the bucket location"));
    }

    #[test]
    fn no_event_goes_to_two() {
        let put = "s3:ObjectCreated:Put";
        assert!(message(vec![queue("a", CREATED, &[]), queue("b", put, &[])]).contains("ambiguously"));
        assert_eq!(
            message(vec![queue("a", CREATED, &[("prefix", "a")]), queue("b", put, &[("prefix", "b")])]),
            "ok"
        );
        assert!(
            message(vec![queue("a", put, &[("prefix", "a")]), queue("b", put, &[("suffix", "b")])])
                .contains("ambiguously")
        );
        assert_eq!(message(vec![queue("a", "s3:ObjectRemoved:*", &[]), queue("b", put, &[])]), "ok");
    }
}
