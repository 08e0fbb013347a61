//! Session tags: their rules, and how they pass on along a chain of roles.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use crate::error::Error;

/// The most tags of a session.
const MOST: usize = 50;

/// What a call wants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RequestedTags {
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// Which of them pass on.
    pub(crate) transitive_keys: Vec<String>,
}

/// The tags of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SessionTags {
    /// Keys and values.
    pub(crate) tags: Vec<(String, String)>,
    /// Which of them pass on.
    pub(crate) transitive_keys: Vec<String>,
}

impl RequestedTags {
    /// The tags of the new session: those wanted, and those that pass on from the calling session.
    pub(crate) fn over(self, inherited: SessionTags) -> Result<SessionTags, Error> {
        self.check()?;
        let conflicts =
            |key: &str| inherited.transitive_keys.iter().any(|other| other.eq_ignore_ascii_case(key));
        if self.tags.iter().any(|(key, _)| conflicts(key)) {
            return Err(invalid(
                "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key \
                 from the calling session.",
            ));
        }
        let passes_on = |(key, _): &(String, String)| conflicts(key);
        let mut tags: Vec<_> = inherited.tags.iter().filter(|tag| passes_on(tag)).cloned().collect();
        tags.extend(self.tags);
        if tags.len() > MOST {
            return Err(invalid("Tag count exceeds the maximum of 50 tags."));
        }
        let mut transitive_keys = inherited.transitive_keys;
        transitive_keys.extend(self.transitive_keys);
        Ok(SessionTags { tags, transitive_keys })
    }

    fn check(&self) -> Result<(), Error> {
        let folded = |key: &str| key.to_lowercase();
        let mut keys: Vec<String> = self.tags.iter().map(|(key, _)| folded(key)).collect();
        if keys.iter().any(|key| key.starts_with("aws:")) {
            return Err(invalid("Tag keys beginning with aws: are reserved for system use."));
        }
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(invalid("Duplicate tag keys found. Please note that Tag keys are case insensitive."));
        }
        if self.transitive_keys.iter().any(|key| keys.binary_search(&folded(key)).is_err()) {
            return Err(invalid("The specified transitive tag key must be included in the requested tags."));
        }
        Ok(())
    }
}

fn invalid(reason: &str) -> Error {
    Error::InvalidParameterValue { reason: reason.to_owned() }
}

/// Whether a text that a provider gives can be the name of a session, or a source identity.
pub(crate) fn is_session_name(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
    (2..=64).contains(&text.len()) && text.bytes().all(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requested(tags: &[(&str, &str)], transitive: &[&str]) -> RequestedTags {
        RequestedTags {
            tags: tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            transitive_keys: transitive.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    fn refusal(wanted: RequestedTags, inherited: SessionTags) -> String {
        match wanted.over(inherited) {
            Err(Error::InvalidParameterValue { reason }) => reason,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn what_is_refused() {
        let none = SessionTags::default;
        let reason = refusal(requested(&[("a", "1")], &["b"]), none());
        assert!(reason.starts_with("The specified transitive tag key must"), "{reason}");
        let reason = refusal(requested(&[("a", "1"), ("A", "2")], &[]), none());
        assert!(reason.starts_with("Duplicate tag keys"), "{reason}");
        let reason = refusal(requested(&[("aws:x", "1")], &[]), none());
        assert!(reason.contains("reserved"), "{reason}");
        let session = requested(&[("k", "1")], &["k"]).over(none()).unwrap();
        let reason = refusal(requested(&[("K", "2")], &[]), session);
        assert!(reason.starts_with("One of the specified transitive"), "{reason}");
    }

    #[test]
    fn only_transitive_tags_pass_on() {
        let first = requested(&[("a", "1"), ("b", "2")], &["a"]).over(SessionTags::default()).unwrap();
        let second = requested(&[("c", "3")], &["c"]).over(first).unwrap();
        assert_eq!(second.tags, [("a".to_owned(), "1".to_owned()), ("c".to_owned(), "3".to_owned())]);
        assert_eq!(second.transitive_keys, ["a", "c"]);
    }
}
