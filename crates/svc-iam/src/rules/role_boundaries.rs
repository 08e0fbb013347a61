//! The permissions boundaries that a policy wants of the roles which may be created by it.

use virga_iam::policy::{Condition, Effect, Policy, PolicyKind, Statement};

/// The key of the condition.
const BOUNDARY: &str = "iam:PermissionsBoundary";

/// ARNs of the boundaries, each once.
pub(crate) fn of_policy(document: &str) -> Vec<String> {
    let Ok(policy) = Policy::parse(document, PolicyKind::Session) else { return Vec::new() };
    let statements = policy.statements().iter();
    let makes_roles = statements
        .filter(|statement| statement.effect() == Effect::Allow && statement.is_about("iam:CreateRole"));
    let conditions = makes_roles.flat_map(Statement::conditions);
    let values = conditions.filter(|condition| condition.key().eq_ignore_ascii_case(BOUNDARY));
    let mut arns: Vec<String> = values.flat_map(Condition::values).map(str::to_owned).collect();
    arns.sort_unstable();
    arns.dedup();
    arns
}

#[cfg(test)]
mod tests {
    use super::of_policy;

    #[test]
    fn boundaries_of_created_roles() {
        let arn = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let policy = |action: &str| {
            format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{{"StringEquals":{{"iam:PermissionsBoundary":["{arn}","{arn}"]}}}}}}]}}"#
            )
        };
        assert_eq!(of_policy(&policy("iam:Create*")), [arn]);
        assert!(of_policy(&policy("iam:TagRole")).is_empty());
        assert!(of_policy("{}").is_empty());
    }
}
