//! Whether a filter of a configuration is about an object.

use super::configured::ObjectFilter;

/// What filters look at.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The key.
    pub key: &'a str,
    /// In bytes; none for what has no content of its own: delete markers and incomplete uploads.
    pub size: Option<u64>,
    /// The tags, each with its value.
    pub tags: &'a [(String, String)],
}

impl ObjectFilter {
    /// The prefix that keys must have; empty when all will do.
    pub fn prefix(&self) -> &str {
        self.prefix.as_deref().unwrap_or_default()
    }

    /// Whether all conditions hold. What has no content is never matched by size, and never by tags, as it has none.
    pub fn matches(&self, subject: Subject<'_>) -> bool {
        subject.key.starts_with(self.prefix())
            && self.tags.iter().all(|tag| subject.tags.contains(tag))
            && self.size_greater_than.is_none_or(|least| subject.size.is_some_and(|size| size > least))
            && self.size_less_than.is_none_or(|most| subject.size.is_some_and(|size| size < most))
    }

    /// Whether it looks at the size.
    pub fn is_by_size(&self) -> bool {
        self.size_greater_than.is_some() || self.size_less_than.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> (String, String) {
        (key.to_owned(), value.to_owned())
    }

    fn filter(prefix: &str, tags: &[(&str, &str)], sizes: (Option<u64>, Option<u64>)) -> ObjectFilter {
        ObjectFilter {
            prefix: (!prefix.is_empty()).then(|| prefix.to_owned()),
            tags: tags.iter().map(|(key, value)| tag(key, value)).collect(),
            size_greater_than: sizes.0,
            size_less_than: sizes.1,
        }
    }

    #[test]
    fn every_condition_must_hold() {
        let tags = [tag("a", "1"), tag("b", "2")];
        let subject = Subject { key: "logs/x", size: Some(100), tags: &tags };
        let check = |filter: ObjectFilter| filter.matches(subject);
        assert!(check(filter("", &[], (None, None))));
        assert!(check(filter("logs/", &[("b", "2"), ("a", "1")], (Some(99), Some(101)))));
        assert!(!check(filter("logs/y", &[], (None, None))));
        assert!(!check(filter("", &[("a", "2")], (None, None))));
        assert!(!check(filter("", &[("c", "1")], (None, None))));
        assert!(!check(filter("", &[], (Some(100), None))));
        assert!(!check(filter("", &[], (None, Some(100)))));
    }

    #[test]
    fn what_has_no_content_is_not_matched_by_size() {
        let subject = Subject { key: "a", size: None, tags: &[] };
        assert!(filter("a", &[], (None, None)).matches(subject));
        assert!(!filter("a", &[], (None, Some(10))).matches(subject));
    }
}
