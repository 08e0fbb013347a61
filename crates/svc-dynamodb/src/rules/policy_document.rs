//! A resource policy as DynamoDB keeps and shows it: without white space, its members in one order, lists of one element
//! as the element, accounts as the ARN of their root. Policies that are the same so are the same policy.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutResourcePolicy.html>

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// The version of a policy that says none.
const FIRST_VERSION: &str = "2008-10-17";
const OF_POLICY: [&str; 3] = ["Version", "Id", "Statement"];
const OF_STATEMENT: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];
/// Members of which a statement has one or the other.
const NEEDED: [(&str, &str); 4] = [
    ("Effect", "Effect"),
    ("Principal", "NotPrincipal"),
    ("Action", "NotAction"),
    ("Resource", "NotResource"),
];

/// The text that is kept of a policy.
///
/// # Errors
/// Why it is none.
pub(crate) fn canonical(policy: &str) -> Result<String, String> {
    let invalid = |reason: &str| format!("Invalid policy document: {reason}");
    let mut members = match serde_json::from_str(policy) {
        Ok(Value::Object(members)) if members.is_empty() => {
            return Err(invalid("Syntax error at position (1,3)"));
        }
        Ok(Value::Object(members)) => members,
        Ok(Value::Array(_)) | Err(_) => return Err(invalid("This policy contains invalid Json")),
        Ok(_) => return Err(invalid("This text appears not to be a policy")),
    };
    let statements = match members.remove("Statement") {
        Some(Value::Array(statements)) => statements,
        Some(statement) => vec![statement],
        None => Vec::new(),
    };
    if statements.is_empty() {
        return Err(invalid("Could not parse the policy: Statement is empty!"));
    }
    let mut ids = BTreeSet::new();
    let mut kept = Vec::new();
    for statement in statements {
        let Value::Object(statement) = statement else {
            return Err(invalid("This policy contains invalid Json"));
        };
        if let Some((missing, _)) = NEEDED
            .iter()
            .find(|(one, other)| !statement.contains_key(*one) && !statement.contains_key(*other))
        {
            return Err(invalid(&format!("Missing required field {missing}")));
        }
        if let Some(Value::String(id)) = statement.get("Sid")
            && !ids.insert(id.clone())
        {
            return Err(invalid("The Statement Ids in the policy are not unique"));
        }
        kept.push(text(statement.into_iter().map(shortened).collect(), &OF_STATEMENT));
    }
    members.entry("Version").or_insert_with(|| Value::String(FIRST_VERSION.to_owned()));
    let others = members.into_iter().map(|(name, value)| (name, value.to_string()));
    let mut all: Vec<(String, String)> = others.collect();
    all.push(("Statement".to_owned(), format!("[{}]", kept.join(","))));
    Ok(text(all, &OF_POLICY))
}

/// A member of a statement in its shortest form.
fn shortened((name, value): (String, Value)) -> (String, String) {
    let value = match (&*name, value) {
        ("Action" | "NotAction" | "Resource" | "NotResource", value) => single(value),
        ("Principal" | "NotPrincipal", Value::Object(principals)) => {
            let principals = principals.into_iter().map(|(kind, who)| (kind, single(rooted(who))));
            Value::Object(principals.collect::<Map<String, Value>>())
        }
        (_, value) => value,
    };
    (name, value.to_string())
}

/// The one element of a list.
fn single(value: Value) -> Value {
    match value {
        Value::Array(mut elements) if elements.len() == 1 => elements.remove(0),
        value => value,
    }
}

/// Principals with the ARN of the root of an account in place of its number, each once.
fn rooted(value: Value) -> Value {
    match value {
        Value::String(account)
            if account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Value::String(format!("arn:aws:iam::{account}:root"))
        }
        Value::Array(principals) => {
            let mut kept = Vec::new();
            for principal in principals.into_iter().map(rooted) {
                if !kept.contains(&principal) {
                    kept.push(principal);
                }
            }
            Value::Array(kept)
        }
        value => value,
    }
}

/// An object: the members of an order in it, then the others.
fn text(mut members: Vec<(String, String)>, order: &[&str]) -> String {
    members.sort_by_key(|(name, _)| order.iter().position(|known| known == name).unwrap_or(order.len()));
    let members = members.into_iter().map(|(name, value)| format!("{}:{value}", Value::String(name)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_kept_in_one_form() {
        let expected = r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"dynamodb:GetItem","Resource":["x","y"]}]}"#;
        for given in [
            expected,
            r#"{ "Statement": {"Effect": "Allow", "Sid": "a", "Resource": ["x", "y"], "Action": ["dynamodb:GetItem"],
                "Principal": {"AWS": ["111122223333", "arn:aws:iam::111122223333:root"]}}, "Version": "2012-10-17"}"#,
        ] {
            assert_eq!(canonical(given).unwrap(), expected);
        }
        let unversioned = expected.replace("\"Version\":\"2012-10-17\",", "");
        assert!(canonical(&unversioned).unwrap().starts_with(r#"{"Version":"2008-10-17","#));
    }

    #[test]
    fn what_is_no_policy_is_told() {
        for (given, reason) in [
            ("{}", "Syntax error at position (1,3)"),
            ("", "This policy contains invalid Json"),
            ("[]", "This policy contains invalid Json"),
            ("null", "This text appears not to be a policy"),
            (r#"{"Statement":[{}]}"#, "Missing required field Effect"),
            (r#"{"Statement":[]}"#, "Could not parse the policy: Statement is empty!"),
            (
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"a"}]}"#,
                "Missing required field Resource",
            ),
        ] {
            assert_eq!(canonical(given).unwrap_err(), format!("Invalid policy document: {reason}"));
        }
    }
}
