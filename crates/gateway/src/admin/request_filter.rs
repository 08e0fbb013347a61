//! Which of the recent calls somebody wants to see.

use virga_kit::LoggedCall;
use virga_model::Timestamp;

use super::error::AdminError;
use super::query::Query;
use super::time_text::parse_time;

/// What a call must match; none of it matches all.
#[derive(Debug, Default)]
pub(super) struct RequestFilter {
    service: Option<String>,
    operation: Option<String>,
    status: Option<Status>,
    error: Option<String>,
    caller: Option<String>,
    since: Option<Timestamp>,
    denied: Option<bool>,
}

/// A status, or a class of them (`4xx`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Status {
    least: u16,
    most: u16,
}

impl RequestFilter {
    /// The filter in a query.
    pub(super) fn take(query: &mut Query) -> Result<Self, AdminError> {
        let status = query.take("status").map(|text| {
            Status::parse(&text)
                .ok_or_else(|| AdminError::invalid("status is one like 404, or a class like 4xx"))
        });
        let since = query.take("since").map(|text| {
            parse_time(&text)
                .ok_or_else(|| AdminError::invalid("since is a time in ISO 8601 or Unix seconds"))
        });
        Ok(RequestFilter {
            denied: query.take_parsed("denied")?,
            service: query.take("service"),
            operation: query.take("operation"),
            status: status.transpose()?,
            error: query.take("error"),
            caller: query.take("caller"),
            since: since.transpose()?,
        })
    }

    /// Whether it takes a call.
    pub(super) fn takes(&self, call: &LoggedCall) -> bool {
        let named = |wanted: &Option<String>, name: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(name))
        };
        named(&self.service, call.operation.service().name())
            && named(&self.operation, call.operation.name())
            && self.status.is_none_or(|status| (status.least..=status.most).contains(&call.status))
            && self.error.as_deref().is_none_or(|wanted| is_error(wanted, call))
            && self.caller.as_deref().is_none_or(|wanted| is_caller(wanted, call))
            && self.since.is_none_or(|since| call.time >= since)
            && self.denied.is_none_or(|denied| is_denied(call) == denied)
    }
}

impl Status {
    fn parse(text: &str) -> Option<Self> {
        match text.as_bytes() {
            [class @ b'1'..=b'5', b'x' | b'X', b'x' | b'X'] => {
                let least = u16::from(class - b'0') * 100;
                Some(Status { least, most: least + 99 })
            }
            _ => {
                let status = text.parse().ok().filter(|status| (100..=599).contains(status))?;
                Some(Status { least: status, most: status })
            }
        }
    }
}

/// Whether the policies denied it, also when it was let through (`--auth audit`).
fn is_denied(call: &LoggedCall) -> bool {
    let mut decisions = call.accesses.iter().filter_map(|access| access.decision.as_deref());
    decisions.any(|decision| !decision.allows())
}

/// `true` and `false` ask whether the answer was an error, anything else is its code.
fn is_error(wanted: &str, call: &LoggedCall) -> bool {
    match (wanted, &call.error) {
        ("true" | "", error) => error.is_some(),
        ("false", error) => error.is_none(),
        (_, None) => false,
        (code, Some(error)) => error.code.eq_ignore_ascii_case(code) || error.query_code == Some(code),
    }
}

/// An account, an access key, or a part of the ARN.
fn is_caller(wanted: &str, call: &LoggedCall) -> bool {
    let caller = &call.caller;
    caller.account.as_str() == wanted
        || caller.access_key_id.as_deref() == Some(wanted)
        || caller.arn().is_some_and(|arn| arn.contains(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_and_classes() {
        assert_eq!(Status::parse("404"), Some(Status { least: 404, most: 404 }));
        assert_eq!(Status::parse("4xx"), Some(Status { least: 400, most: 499 }));
        for text in ["", "4", "9xx", "4x", "999", "four"] {
            assert_eq!(Status::parse(text), None, "{text}");
        }
    }
}
