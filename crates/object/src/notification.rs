//! Which events a target of a notification configuration gets.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>

use super::configured::{KeyFilter, NotificationConfiguration, NotificationTarget};

impl KeyFilter {
    fn value(&self, name: &str) -> &str {
        let rule = self.rules.iter().find(|(given, _)| given.eq_ignore_ascii_case(name));
        rule.map_or("", |(_, value)| value)
    }

    fn matches(&self, key: &str) -> bool {
        // A value may be written as it would stand in a URL.
        let (prefix, suffix) = (self.value("prefix"), self.value("suffix"));
        let starts = key.starts_with(prefix) || key.starts_with(&decoded(prefix));
        starts && (key.ends_with(suffix) || key.ends_with(&decoded(suffix)))
    }
}

fn decoded(value: &str) -> String {
    percent_encoding::percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned()
}

/// Whether a type of a configuration, which may end in `*`, is that of an event, say `ObjectCreated:Put`.
fn names(configured: &str, event: &str) -> bool {
    let configured = configured.strip_prefix("s3:").unwrap_or(configured);
    match configured.strip_suffix('*') {
        Some(family) => event.starts_with(family),
        None => configured == event,
    }
}

/// The targets that get an event, say `ObjectCreated:Put`, about a key.
pub fn matching<'a>(
    configuration: &'a NotificationConfiguration,
    event: &str,
    key: &str,
) -> impl Iterator<Item = &'a NotificationTarget> {
    configuration.targets.iter().filter(move |target| {
        target.events.iter().any(|configured| names(configured, event))
            && target.filter.as_ref().is_none_or(|filter| filter.matches(key))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configured::TargetKind;

    fn matches(event_types: &[&str], rules: &[(&str, &str)], event: &str, key: &str) -> bool {
        let rules = rules.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let target = NotificationTarget {
            kind: TargetKind::Queue,
            id: "id".to_owned(),
            arn: "arn:aws:sqs:eu-west-1:111122223333:q".to_owned(),
            events: event_types.iter().map(|event| (*event).to_owned()).collect(),
            filter: Some(KeyFilter { rules }),
        };
        let configuration = NotificationConfiguration { targets: vec![target] };
        matching(&configuration, event, key).next().is_some()
    }

    #[test]
    fn families_and_single_types() {
        let check = |configured, event| matches(&[configured], &[], event, "k");
        assert!(check("s3:ObjectCreated:*", "ObjectCreated:Put"));
        assert!(check("s3:ObjectCreated:Put", "ObjectCreated:Put"));
        assert!(!check("s3:ObjectCreated:Put", "ObjectCreated:Post"));
        assert!(!check("s3:ObjectRemoved:*", "ObjectCreated:Put"));
        assert!(check("s3:LifecycleTransition", "LifecycleTransition"));
        assert!(check("s3:ObjectAcl:Put", "ObjectAcl:Put"));
    }

    #[test]
    fn prefixes_and_suffixes_in_any_case() {
        let check =
            |rules: &[(&str, &str)], key| matches(&["s3:ObjectCreated:*"], rules, "ObjectCreated:Put", key);
        assert!(check(&[("Prefix", "images/"), ("SUFFIX", ".jpg")], "images/a.jpg"));
        assert!(!check(&[("prefix", "images/"), ("suffix", ".jpg")], "images/a.png"));
        assert!(!check(&[("prefix", "images/")], "a.jpg"));
        assert!(check(&[("suffix", "")], "a"));
        assert!(check(&[("prefix", "a%20b")], "a b/c"));
        assert!(check(&[("prefix", "a+b")], "a+b/c"));
    }
}
