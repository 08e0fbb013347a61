//! Queue URLs of every form, queue names, and the ARN of a queue.

use std::fmt;

/// Where a queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct QueueAddress<'a> {
    /// The owner's account.
    pub(crate) account: &'a str,
    /// Region.
    pub(crate) region: &'a str,
    /// Name.
    pub(crate) name: &'a str,
}

impl<'a> QueueAddress<'a> {
    /// Takes the ARN of a queue apart.
    pub(crate) fn of_arn(arn: &'a str) -> Option<Self> {
        let arn = virga_kit::Arn::parse(arn).filter(|arn| arn.service == "sqs")?;
        let valid = is_account(arn.account) && !arn.region.is_empty() && is_queue_name(arn.resource);
        valid.then_some(QueueAddress { account: arn.account, region: arn.region, name: arn.resource })
    }

    /// The ARN.
    pub(crate) fn arn(self) -> String {
        ["arn:aws:sqs:", self.region, ":", self.account, ":", self.name].concat()
    }

    /// Whether the name is that of a FIFO queue.
    pub(crate) fn is_fifo(self) -> bool {
        self.name.ends_with(FIFO_SUFFIX)
    }
}

impl fmt::Display for QueueAddress<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "arn:aws:sqs:{}:{}:{}", self.region, self.account, self.name)
    }
}

/// What a `QueueUrl` names: an account, unless it is a bare name, and a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct QueueReference<'a> {
    /// The owner's account; none is the caller's.
    pub(crate) account: Option<&'a str>,
    /// Name of the queue.
    pub(crate) name: &'a str,
}

impl<'a> QueueReference<'a> {
    /// Reads a queue URL: the last two segments of its path, whatever the host, so that old forms
    /// (`queue.amazonaws.com`, `region.queue.amazonaws.com`), new ones and those of other endpoints name the same
    /// queue. None when it is a URL without account and name.
    /// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html>
    pub(crate) fn parse(url: &'a str) -> Option<Self> {
        let beyond_scheme = SCHEMES.iter().find_map(|scheme| url.strip_prefix(scheme));
        let beyond_scheme = beyond_scheme.or_else(|| Some(url.split_once("://")?.1));
        let path = beyond_scheme.unwrap_or(url);
        let end = memchr::memchr2(b'?', b'#', path.as_bytes());
        let path = path[..end.unwrap_or(path.len())].trim_end_matches('/');
        let (before, name) = last_segment(path);
        if name.is_empty() {
            return None;
        }
        let account = before.map(last_segment);
        match account {
            // What stands first in a URL is its host.
            Some((None, _)) if beyond_scheme.is_some() => None,
            Some((_, account)) if is_account(account) => {
                Some(QueueReference { account: Some(account), name })
            }
            None if beyond_scheme.is_none() => Some(QueueReference { account: None, name }),
            _ => None,
        }
    }
}

/// What nearly all queue URLs begin with.
const SCHEMES: [&str; 2] = ["http://", "https://"];

/// What stands after the last slash, and what stands before it if there is one.
fn last_segment(path: &str) -> (Option<&str>, &str) {
    match memchr::memrchr(b'/', path.as_bytes()) {
        Some(slash) => (Some(&path[..slash]), &path[slash + 1..]),
        None => (None, path),
    }
}

/// What the name of a FIFO queue ends in.
const FIFO_SUFFIX: &str = ".fifo";
/// The longest name, suffix included.
const LONGEST_NAME: usize = 80;

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether this is a name for a queue of either type.
pub(crate) fn is_queue_name(name: &str) -> bool {
    let stem = name.strip_suffix(FIFO_SUFFIX).unwrap_or(name);
    name.len() <= LONGEST_NAME
        && !stem.is_empty()
        && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Option<(Option<&str>, &str)>) {
        let reference = QueueReference::parse(url);
        assert_eq!(reference.map(|reference| (reference.account, reference.name)), expected, "{url}");
    }

    #[test]
    fn the_path_names_account_and_queue_whatever_the_host() {
        let named = Some((Some("123456789012"), "q.fifo"));
        check("http://localhost:4566/123456789012/q.fifo", named);
        check("https://sqs.eu-west-1.amazonaws.com/123456789012/q.fifo", named);
        check("https://queue.amazonaws.com/123456789012/q.fifo", named);
        check("https://eu-west-1.queue.amazonaws.com/123456789012/q.fifo/", named);
        check("http://localhost:4566/queue/eu-west-1/123456789012/q.fifo", named);
        check("http://sqs.us-east-1.localhost:4566/123456789012/q.fifo?x=y", named);
        check("123456789012/q.fifo", named);
        check("ftp://h/123456789012/q.fifo#a", named);
        check("q", Some((None, "q")));
        for nothing in [
            "",
            "http://localhost:4566",
            "http://localhost:4566/q",
            "https://h/x/q",
            "https://h//",
            "http://123456789012/q",
        ] {
            check(nothing, None);
        }
    }

    #[test]
    fn arns_of_queues_are_taken_apart_and_others_refused() {
        let arn = "arn:aws:sqs:eu-west-1:123456789012:q";
        assert_eq!(QueueAddress::of_arn(arn).map(QueueAddress::arn).as_deref(), Some(arn));
        for other in
            ["q", "arn:aws:sns:eu-west-1:123456789012:q", "arn:aws:sqs:eu-west-1:1:q", "arn:aws:sqs::1:q"]
        {
            assert_eq!(QueueAddress::of_arn(other), None, "{other}");
        }
    }

    #[test]
    fn names_are_letters_digits_hyphens_and_underscores() {
        let longest = "a".repeat(80);
        for name in ["a", "A-b_9", "a.fifo", &longest] {
            assert!(is_queue_name(name), "{name}");
        }
        let too_long = "a".repeat(81);
        for name in ["", ".fifo", "a.b", "a b", "é", "a.fifo.fifo", &too_long] {
            assert!(!is_queue_name(name), "{name}");
        }
    }
}
