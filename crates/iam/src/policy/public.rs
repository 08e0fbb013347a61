//! Whether a policy is public: it allows somebody who is not fixed, under no condition that fixes who it is. Which
//! condition keys fix somebody is for the service to say.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status>

use super::{Condition, Effect, Policy, Statement};

/// Operators that hold a key against fixed values.
const FIXED_OPERATORS: [&str; 8] = [
    "stringequals",
    "stringequalsignorecase",
    "stringlike",
    "arnequals",
    "arnlike",
    "numericequals",
    "dateequals",
    "binaryequals",
];

impl Policy {
    /// Whether it allows somebody who is not fixed. `fixes` is asked for each condition of such a statement.
    pub fn is_public(&self, fixes: impl Fn(&Condition) -> bool) -> bool {
        self.statements().iter().any(|statement| {
            statement.effect() == Effect::Allow
                && names_everyone(statement)
                && !statement.conditions().iter().any(&fixes)
        })
    }
}

fn names_everyone(statement: &Statement) -> bool {
    statement.principals().is_none_or(|(principals, is_negated)| {
        is_negated || principals.iter().any(|principal| principal.as_str().contains('*'))
    })
}

impl Condition {
    /// The operator in lower case and without a qualifier. None for one that holds where the key is missing, as `ForAllValues`
    /// and `...IfExists` do: it fixes nothing.
    pub fn plain_operator(&self) -> Option<String> {
        let operator = self.operator().to_ascii_lowercase();
        let (qualifier, operator) = operator.split_once(':').unwrap_or(("", &*operator));
        (qualifier != "forallvalues" && !operator.ends_with("ifexists")).then(|| operator.to_owned())
    }

    /// Whether it holds its key against values that are all fixed.
    pub fn is_fixed(&self, is_fixed_value: impl Fn(&str) -> bool) -> bool {
        let holds = self.plain_operator().is_some_and(|operator| FIXED_OPERATORS.contains(&&*operator));
        holds && self.values().all(is_fixed_value)
    }
}

/// Whether a value has neither wildcards nor variables.
pub fn is_fixed_value(value: &str) -> bool {
    !value.contains(['*', '?']) && !value.contains("${")
}
