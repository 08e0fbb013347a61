//! What makes a bucket policy wrong, in S3's words.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html>

use virga_iam::authorization_reference;
use virga_iam::policy::{Policy, PolicyError, PolicyKind, Statement};

use crate::Error;

/// The longest policy, in bytes.
const LONGEST: usize = 20 * 1024;

/// What the policy is attached to.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// The ARN of the bucket or access point.
    pub arn: &'a str,
    /// What stands between it and the key in the ARN of an object.
    pub separator: &'static str,
    /// What the reference calls it, and its objects.
    pub resource_types: [&'static str; 2],
    /// The prefix of the actions that its policy may name.
    pub action_prefix: &'static str,
}

impl<'a> Holder<'a> {
    /// A bucket.
    pub fn bucket(arn: &'a str) -> Self {
        Holder { arn, separator: "/", resource_types: ["bucket", "object"], action_prefix: "s3" }
    }

    /// A directory bucket, whose policy says nothing of objects.
    pub fn directory_bucket(arn: &'a str) -> Self {
        Holder { arn, separator: "/", resource_types: ["bucket", ""], action_prefix: "s3express" }
    }

    /// An access point of a directory bucket, whose policy says who may have a session.
    pub fn directory_access_point(arn: &'a str) -> Self {
        let resource_types = ["accesspoint", ""];
        Holder { arn, separator: "/object/", resource_types, action_prefix: "s3express" }
    }

    /// An access point.
    pub fn access_point(arn: &'a str) -> Self {
        let resource_types = ["accesspoint", "accesspointobject"];
        Holder { arn, separator: "/object/", resource_types, action_prefix: "s3" }
    }
}

/// Understands the policy of a bucket or access point.
pub fn parse(text: &str, holder: Holder<'_>) -> Result<Policy, Error> {
    let malformed = |reason: &str| Error::MalformedPolicy { reason: reason.to_owned() };
    let json: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let Some(serde_json::Value::Object(members)) = json.filter(|_| text.starts_with('{')) else {
        return Err(malformed("Policies must be valid JSON and the first byte must be '{'"));
    };
    if !members.contains_key("Statement") {
        return Err(malformed("Missing required field Statement"));
    }
    if text.len() > LONGEST {
        return Err(malformed("Policy exceeds the maximum allowed document size."));
    }
    let policy = Policy::parse(text, PolicyKind::Resource).map_err(|error| self::malformed(&error))?;
    policy.statements().iter().try_for_each(|statement| check(statement, holder))?;
    Ok(policy)
}

/// What every service minds, in S3's words.
pub fn malformed(error: &PolicyError) -> Error {
    let reason = match error {
        PolicyError::InvalidPrincipal { .. } => "Invalid principal in policy".to_owned(),
        PolicyError::NoActions => "Missing required field Action".to_owned(),
        PolicyError::NoResources => "Missing required field Resource".to_owned(),
        PolicyError::NoVendor | PolicyError::SeveralColons | PolicyError::Vendor { .. } => {
            "Policy has invalid action".to_owned()
        }
        PolicyError::Syntax => "Invalid policy syntax.".to_owned(),
        other => other.to_string(),
    };
    Error::MalformedPolicy { reason }
}

fn check(statement: &Statement, holder: Holder<'_>) -> Result<(), Error> {
    let malformed = |reason: &str| Err(Error::MalformedPolicy { reason: reason.to_owned() });
    let (actions, is_not_action) = statement.actions();
    let actions: Vec<String> = actions.map(str::to_ascii_lowercase).collect();
    let is_ours = |action: &str| {
        let rest = action.strip_prefix(holder.action_prefix);
        action == "*" || rest.is_some_and(|rest| rest.starts_with(':'))
    };
    if !actions.iter().all(|action| is_ours(action)) {
        return malformed("Policy has invalid action");
    }
    let known: Vec<_> = authorization_reference::actions(holder.action_prefix)
        .map(|action| (action.full_name().to_ascii_lowercase(), action))
        .collect();
    let matching = |pattern: &str| {
        known.iter().filter(|(name, _)| matches(pattern, name)).map(|(_, action)| action).collect::<Vec<_>>()
    };
    if actions.iter().any(|action| matching(action).is_empty()) {
        return malformed("Policy has invalid action");
    }
    let Some((resources, is_not_resource)) = statement.resources() else { return Ok(()) };
    let resources: Vec<&str> = resources.collect();
    if !resources.iter().all(|resource| reach(resource, holder).is_some()) {
        return malformed("Policy has invalid resource");
    }
    if is_not_action || is_not_resource {
        return Ok(());
    }
    let applies = |pattern: &String| {
        matching(pattern).into_iter().any(|action| {
            let mut types = action.resources().map(|resource| resource.resource_type);
            types.any(|kind| {
                resources
                    .iter()
                    .filter_map(|resource| reach(resource, holder))
                    .any(|reach| reach.has(kind, holder))
            })
        })
    };
    if actions.iter().all(applies) {
        Ok(())
    } else {
        malformed("Action does not apply to any resource(s) in statement")
    }
}

/// What a resource of a policy can mean: the holder, its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reach {
    holder: bool,
    objects: bool,
}

impl Reach {
    fn has(self, resource_type: &str, holder: Holder<'_>) -> bool {
        (self.holder && resource_type == holder.resource_types[0])
            || (self.objects && resource_type == holder.resource_types[1])
    }
}

/// What a resource means; none when it is neither the holder nor in it.
fn reach(resource: &str, holder: Holder<'_>) -> Option<Reach> {
    let objects = resource.strip_prefix(holder.arn).is_some_and(|rest| rest.starts_with(holder.separator));
    if objects {
        return Some(Reach { holder: false, objects });
    }
    let whole = matches(resource, holder.arn);
    // A wildcard before the key goes on into it.
    let goes_on = resource.ends_with('*') && whole;
    let inner = resource.contains(['*', '?']) && {
        let (name, key) = resource.split_once(holder.separator).unwrap_or((resource, ""));
        !key.is_empty() && matches(name, holder.arn)
    };
    (whole || inner).then_some(Reach { holder: whole, objects: goes_on || inner })
}

/// Whether a text is as a pattern with `*` and `?` says.
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut position) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while position < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, position));
                at += 1;
            }
            Some(byte) if *byte == b'?' || *byte == text[position] => {
                at += 1;
                position += 1;
            }
            _ => match star {
                Some((after, seen)) => {
                    at = after + 1;
                    position = seen + 1;
                    star = Some((after, position));
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:s3:::bucket";

    fn message(text: &str) -> String {
        match parse(text, Holder::bucket(ARN)) {
            Ok(_) => "ok".to_owned(),
            Err(error) => {
                let error = error.into_api().unwrap();
                assert_eq!(error.code, "MalformedPolicy");
                error.message.to_string()
            }
        }
    }

    fn statement(action: &str, resource: &str) -> String {
        message(&format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":"*","Action":{action},"Resource":{resource}}}]}}"#
        ))
    }

    #[test]
    fn a_policy_is_json_with_statements() {
        let first_byte = "Policies must be valid JSON and the first byte must be '{'";
        assert_eq!(message(""), first_byte);
        assert_eq!(message("random"), first_byte);
        assert_eq!(message("[]"), first_byte);
        assert_eq!(message("{}"), "Missing required field Statement");
        let no_principal =
            r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::bucket"}]}"#;
        assert_eq!(message(no_principal), "Missing required field Principal");
        let nobody = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"user"},"Action":"s3:*","Resource":"arn:aws:s3:::bucket"}]}"#;
        assert_eq!(message(nobody), "Invalid principal in policy");
    }

    #[test]
    fn policies_of_directory_buckets_name_their_own_actions() {
        let arn = "arn:aws:s3express:us-east-1:111122223333:bucket/b--use1-az4--x-s3";
        let parses = |action: &str, resource: &str| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},"Action":"{action}","Resource":"{resource}"}}]}}"#
            );
            parse(&text, Holder::directory_bucket(arn)).is_ok()
        };
        assert!(parses("s3express:CreateSession", arn) && parses("s3express:*", arn));
        assert!(!parses("s3:GetObject", arn) && !parses("s3express:Nonsense", arn));
        assert!(!parses("s3express:CreateSession", &format!("{arn}/*")));
    }

    #[test]
    fn actions_and_resources_are_those_of_the_bucket() {
        let resource = "Policy has invalid resource";
        let action = "Policy has invalid action";
        let mismatch = "Action does not apply to any resource(s) in statement";
        for (actions, resources, expected) in [
            (r#""s3:GetObject""#, r#""arn:aws:s3:::bucket/*""#, "ok"),
            (r#""s3:GetObject""#, r#""arn:aws:s3:::bucket""#, mismatch),
            (r#""s3:ListBucket""#, r#""arn:aws:s3:::bucket""#, "ok"),
            (r#""s3:ListBucket""#, r#""arn:aws:s3:::bucket/*""#, mismatch),
            (r#""s3:*""#, r#""arn:aws:s3:::bucket""#, "ok"),
            (
                r#"["s3:GetObject","s3:ListBucket"]"#,
                r#"["arn:aws:s3:::bucket/a*","arn:aws:s3:::bucket"]"#,
                "ok",
            ),
            (r#""s3:GetObject""#, r#""arn:aws:s3:::bucket*""#, "ok"),
            (r#""s3:GetObject""#, r#""arn:aws:s3:::buck*/private/*""#, "ok"),
            (r#""s3:GetObject""#, r#""arn:aws:s3:::other/*""#, resource),
            (r#""s3:GetObject""#, r#""arn:aws:s3:::bucket-2/*""#, resource),
            (r#""s3:GetObject""#, r#""bucket""#, resource),
            (r#""s3:Nonsense""#, r#""arn:aws:s3:::bucket/*""#, action),
            (r#""sqs:SendMessage""#, r#""arn:aws:s3:::bucket/*""#, action),
        ] {
            assert_eq!(statement(actions, resources), expected, "{actions} {resources}");
        }
    }
}
