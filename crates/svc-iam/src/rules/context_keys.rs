//! The condition keys that a policy asks for: in its conditions, and as variables.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetContextKeysForCustomPolicy.html>

use virga_iam::policy::Policy;

/// The keys of a policy as they are written, each once, whatever its case.
pub(crate) fn of_policy(policy: &Policy, keys: &mut Vec<String>) {
    for statement in policy.statements() {
        for condition in statement.conditions() {
            add(keys, condition.key());
            condition.values().for_each(|value| add_variables(keys, value));
        }
        if let Some((resources, _)) = statement.resources() {
            resources.for_each(|resource| add_variables(keys, resource));
        }
    }
}

fn add(keys: &mut Vec<String>, key: &str) {
    if !keys.iter().any(|other| other.eq_ignore_ascii_case(key)) {
        keys.push(key.to_owned());
    }
}

/// `${key}` and `${key, 'default'}`; `${*}`, `${?}` and `${$}` are no keys.
fn add_variables(keys: &mut Vec<String>, text: &str) {
    for part in text.split("${").skip(1) {
        let Some((inner, _)) = part.split_once('}') else { continue };
        let key = inner.split(',').next().unwrap_or_default().trim();
        if key.contains(':') {
            add(keys, key);
        }
    }
}

#[cfg(test)]
mod tests {
    use virga_iam::policy::PolicyKind;

    use super::*;

    #[test]
    fn conditions_and_variables_name_keys() {
        let text = r#"{"Version":"2012-10-17","Statement":[
            {"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:username}/${*}",
             "Condition":{"StringEquals":{"aws:PrincipalTag/team":"${aws:ResourceTag/team, 'x'}"},"Bool":{"AWS:UserName":"true"}}},
            {"Effect":"Deny","Action":"*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}]}"#;
        let policy = Policy::parse(text, PolicyKind::Identity).unwrap();
        let mut keys = Vec::new();
        of_policy(&policy, &mut keys);
        assert_eq!(keys, ["aws:PrincipalTag/team", "aws:ResourceTag/team", "AWS:UserName", "aws:SourceIp"]);
    }
}
