//! The policy document of a form: until when it may be sent, and what its fields may be. Pure.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Iso8601;
use virga_model::ApiError;

use super::fields::Fields;

/// Fields that no condition needs to name.
const FREE: [&str; 5] = ["file", "policy", "x-amz-signature", "awsaccesskeyid", "signature"];

/// How long the file may be, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sizes(Option<(u64, u64)>);

impl Sizes {
    /// Checks the length of a file that has come to its end.
    pub(super) fn check_end(self, length: u64) -> Result<(), ApiError> {
        let proposed = ("ProposedSize", length.to_string());
        match self.0 {
            Some((least, _)) if length < least => {
                let text = "Your proposed upload is smaller than the minimum allowed size";
                let details = vec![proposed, ("MinSizeAllowed", least.to_string())];
                Err(ApiError::common("EntityTooSmall", 400, text).with_details(details))
            }
            Some((_, most)) if length > most => {
                let text = "Your proposed upload exceeds the maximum allowed size";
                let details = vec![proposed, ("MaxSizeAllowed", most.to_string())];
                Err(ApiError::common("EntityTooLarge", 400, text).with_details(details))
            }
            _ => Ok(()),
        }
    }
}

/// A policy document.
#[derive(Debug)]
pub(super) struct Policy {
    expires_at: i64,
    conditions: Vec<Condition>,
}

#[derive(Debug)]
enum Condition {
    /// `["eq", "$key", "value"]`, also written `{"key": "value"}`.
    Equals(String, String),
    /// `["starts-with", "$key", "prefix"]`.
    StartsWith(String, String),
    /// `["content-length-range", 1, 10]`; the bounds as they were written.
    Length(Value, Value),
}

impl Policy {
    /// Reads a document in Base64.
    pub(super) fn parse(encoded: &str) -> Result<Self, ApiError> {
        let compact: String = encoded.split_ascii_whitespace().collect();
        let bytes = BASE64.decode(compact).map_err(|_| invalid("Invalid Base64 Encoding."))?;
        let document: Value = serde_json::from_slice(&bytes).map_err(|_| invalid("Invalid JSON."))?;
        let expiration = document["expiration"].as_str();
        let expiration = expiration.ok_or_else(|| invalid("Policy missing expiration."))?;
        let expires_at = OffsetDateTime::parse(expiration, &Iso8601::DEFAULT)
            .map_err(|_| invalid(&format!("Invalid 'expiration' value: '{expiration}'")))?
            .unix_timestamp();
        let conditions = document["conditions"].as_array();
        let conditions = conditions.ok_or_else(|| invalid("Policy missing conditions."))?;
        let conditions = conditions.iter().map(Condition::parse).collect::<Result<_, _>>()?;
        Ok(Policy { expires_at, conditions })
    }

    /// Checks the fields of a form; tells how long the file may be. `now` is in Unix seconds.
    pub(super) fn check(&self, fields: &Fields, bucket: &str, now: i64) -> Result<Sizes, ApiError> {
        if now >= self.expires_at {
            return Err(denied("Policy expired."));
        }
        let mut sizes = Sizes::default();
        for condition in &self.conditions {
            match condition {
                Condition::Length(least, most) => match (number(least), number(most)) {
                    (Some(least), Some(most)) => sizes = Sizes(Some((least, most))),
                    _ => return Err(condition.failed()),
                },
                other if other.holds(fields, bucket) => {}
                other => return Err(other.failed()),
            }
        }
        let extra: Vec<&str> =
            fields.iter().map(|(name, _)| name).filter(|name| self.is_extra(name)).collect();
        if extra.is_empty() {
            Ok(sizes)
        } else {
            Err(denied(&format!("Extra input fields: {}", extra.join(", "))))
        }
    }

    /// Whether a field needs a condition and has none.
    fn is_extra(&self, field: &str) -> bool {
        let named = self.conditions.iter().any(|condition| condition.field().as_deref() == Some(field));
        !named && !FREE.contains(&field) && !field.starts_with("x-ignore-")
    }
}

impl Condition {
    fn parse(value: &Value) -> Result<Self, ApiError> {
        match value {
            Value::Object(members) => {
                let mut members = members.iter();
                match (members.next(), members.next()) {
                    (Some((name, Value::String(value))), None) => {
                        Ok(Condition::Equals(format!("${name}"), value.clone()))
                    }
                    _ => Err(invalid(
                        "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
                    )),
                }
            }
            Value::Array(items) => Self::of_list(items),
            _ => Err(invalid("Invalid Condition: must be an object or a list.")),
        }
    }

    fn of_list(items: &[Value]) -> Result<Self, ApiError> {
        let [operator, first, second] = items else {
            return Err(invalid("Invalid Condition: wrong number of arguments."));
        };
        let operator = operator.as_str().unwrap_or_default().to_ascii_lowercase();
        match (&*operator, first.as_str(), second.as_str()) {
            ("eq", Some(field), Some(value)) => Ok(Condition::Equals(field.to_owned(), value.to_owned())),
            ("starts-with", Some(field), Some(prefix)) => {
                Ok(Condition::StartsWith(field.to_owned(), prefix.to_owned()))
            }
            ("content-length-range", ..) => Ok(Condition::Length(first.clone(), second.clone())),
            _ => Err(invalid(&format!("Invalid Condition: unknown operation '{operator}'."))),
        }
    }

    /// The field that it names, in lower case; none when it lacks the dollar sign.
    fn field(&self) -> Option<String> {
        match self {
            Condition::Equals(name, _) | Condition::StartsWith(name, _) => {
                name.strip_prefix('$').map(str::to_ascii_lowercase)
            }
            Condition::Length(..) => None,
        }
    }

    fn holds(&self, fields: &Fields, bucket: &str) -> bool {
        let Some(name) = self.field() else { return false };
        let value = if name == "bucket" { Some(bucket) } else { fields.get(&name) };
        match self {
            Condition::Equals(_, expected) => value == Some(expected),
            // A list of content types is one of values.
            Condition::StartsWith(_, prefix) if name == "content-type" => value
                .is_some_and(|value| value.split(',').all(|value| value.trim_start().starts_with(prefix))),
            Condition::StartsWith(_, prefix) => {
                value.is_some_and(|value| value.starts_with(prefix)) || (value.is_none() && prefix.is_empty())
            }
            Condition::Length(..) => true,
        }
    }

    fn failed(&self) -> ApiError {
        let written = match self {
            Condition::Equals(field, value) => serde_json::json!(["eq", field, value]),
            Condition::StartsWith(field, value) => serde_json::json!(["starts-with", field, value]),
            // AWS writes numbers as texts.
            Condition::Length(least, most) => {
                let text = |bound: &Value| bound.as_str().map_or_else(|| bound.to_string(), str::to_owned);
                serde_json::json!(["content-length-range", text(least), text(most)])
            }
        };
        let items = written.as_array().into_iter().flatten().map(Value::to_string).collect::<Vec<_>>();
        denied(&format!("Policy Condition failed: [{}]", items.join(", ")))
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn invalid(what: &str) -> ApiError {
    ApiError::common("InvalidPolicyDocument", 400, format!("Invalid Policy: {what}"))
}

fn denied(what: &str) -> ApiError {
    ApiError::common("AccessDenied", 403, format!("Invalid according to Policy: {what}"))
}

#[cfg(test)]
mod tests {
    use super::{BASE64, Fields, Policy, Sizes};
    use base64::Engine as _;
    use serde_json::{Value, json};

    /// The message that a form gets which is sent at 2030-01-01, with the fields `key` and `acl`.
    fn outcome(document: &Value) -> Result<Sizes, String> {
        let mut fields = Fields::default();
        fields.add("key", "user/a".to_owned()).expect("a new field");
        fields.add("acl", "private".to_owned()).expect("a new field");
        fields.add("x-ignore-me", "private".to_owned()).expect("a new field");
        let check = |policy: Policy| policy.check(&fields, "b", 1_893_456_000);
        let result = Policy::parse(&BASE64.encode(document.to_string())).and_then(check);
        result.map_err(|error| error.message.to_string())
    }

    fn with_conditions(conditions: &Value) -> Result<Sizes, String> {
        outcome(&json!({ "expiration": "2030-01-01T00:00:01.000Z", "conditions": conditions }))
    }

    #[test]
    fn conditions_hold_or_fail() {
        let key = json!(["starts-with", "$key", "user/"]);
        let check = |conditions: Value, expected: &str| {
            assert_eq!(with_conditions(&conditions).expect_err("a failure"), expected);
        };
        assert_eq!(with_conditions(&json!([key, {"ACL": "private"}, {"bucket": "b"}])), Ok(Sizes(None)));
        let sized = json!([key, {"acl": "private"}, ["content-length-range", 5, "10"]]);
        assert_eq!(with_conditions(&sized), Ok(Sizes(Some((5, 10)))));
        check(json!([key]), "Invalid according to Policy: Extra input fields: acl");
        let failed = "Invalid according to Policy: Policy Condition failed: ";
        check(json!([key, {"acl": "public-read"}]), &format!(r#"{failed}["eq", "$acl", "public-read"]"#));
        check(json!([["eq", "key", "user/a"]]), &format!(r#"{failed}["eq", "key", "user/a"]"#));
        check(
            json!([["starts-with", "$key", "other"]]),
            &format!(r#"{failed}["starts-with", "$key", "other"]"#),
        );
        check(
            json!([["content-length-range", "test", 10]]),
            &format!(r#"{failed}["content-length-range", "test", "10"]"#),
        );
        check(
            json!([{"key": "a", "acl": "b"}]),
            "Invalid Policy: Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
        );
    }

    #[test]
    fn a_document_has_an_expiration_and_conditions() {
        let check = |document: Value, expected: &str| {
            assert_eq!(outcome(&document).expect_err("a failure"), expected);
        };
        check(json!({ "conditions": [] }), "Invalid Policy: Policy missing expiration.");
        check(json!({ "expiration": "2030-01-01T00:00:00Z" }), "Invalid Policy: Policy missing conditions.");
        check(
            json!({ "expiration": "soon", "conditions": [] }),
            "Invalid Policy: Invalid 'expiration' value: 'soon'",
        );
        check(
            json!({ "expiration": "2030-01-01T00:00:00Z", "conditions": [] }),
            "Invalid according to Policy: Policy expired.",
        );
        assert!(Policy::parse("!").is_err());
    }

    #[test]
    fn a_file_is_neither_too_short_nor_too_long() {
        let code = |length| Sizes(Some((5, 10))).check_end(length).err().map(|error| error.code);
        assert_eq!(code(4).as_deref(), Some("EntityTooSmall"));
        assert_eq!(code(11).as_deref(), Some("EntityTooLarge"));
        assert_eq!((code(5), code(10), Sizes(None).check_end(0).is_ok()), (None, None, true));
    }
}
