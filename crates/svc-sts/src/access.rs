//! What a call needs permission for.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html>

use virga_kit::{Access, Condition, Ctx};
use virga_model::{Operation, Record, Value};

use crate::{assume_root, web_identity_token};

/// The accesses of a call.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    match operation.name() {
        // Whoever has credentials may ask whose they are, and ask for a session: no policy can refuse it.
        "GetCallerIdentity" | "GetSessionToken" => Vec::new(),
        // The handlers ask themselves, once they know for whom: a token or an MFA code has to be read first.
        "AssumeRole" | "AssumeRoleWithWebIdentity" | "AssumeRoleWithSAML" => Vec::new(),
        "AssumeRoot" => {
            let task = match input.by_name("TaskPolicyArn") {
                Some(Value::Structure(task)) => text(task, "arn"),
                _ => None,
            };
            vec![assume_root::access(text(input, "TargetPrincipal").unwrap_or_default(), task)]
        }
        "GetWebIdentityToken" => web_identity_token::access(input, request_tags(input)),
        "GetFederationToken" => {
            let name = text(input, "Name").unwrap_or_default();
            let arn = format!("arn:aws:sts::{}:federated-user/{name}", ctx.account());
            let conditions = request_tags(input);
            let tagging = (!conditions.is_empty())
                .then(|| Access { conditions: conditions.clone(), ..Access::to("TagSession", arn.clone()) });
            let access = Access { conditions, ..Access::to("GetFederationToken", arn.clone()) };
            [access].into_iter().chain(tagging).collect()
        }
        name => vec![Access::without_resource(name)],
    }
}

fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The tags that the session is to have.
fn request_tags(input: &Record) -> Vec<Condition> {
    let Some(Value::List(tags)) = input.by_name("Tags") else { return Vec::new() };
    let pair = |tag: &Value| match tag {
        Value::Structure(tag) => match (tag.by_name("Key")?, tag.by_name("Value")?) {
            (Value::String(key), Value::String(value)) => Some((key.to_string(), value.to_string())),
            _ => None,
        },
        _ => None,
    };
    let pairs: Vec<(String, String)> = tags.iter().filter_map(pair).collect();
    if pairs.is_empty() {
        return Vec::new();
    }
    let keys = Condition::multivalued("aws:TagKeys", pairs.iter().map(|(key, _)| key.clone()).collect());
    let one = |(key, value): (String, String)| Condition::new(format!("aws:RequestTag/{key}"), value);
    pairs.into_iter().map(one).chain([keys]).collect()
}
