//! `/_virga/iam/…`: what a user or role has used, and the smallest policy for it.

use bytes::Bytes;
use serde_json::{Value, json};
use virga_iam::least_privilege::{LeastPrivilege, ObservedCall};
use virga_kit::{Usage, UsedAction};
use virga_model::Timestamp;

use super::answer::{Answer, json, with_type};
use super::error::AdminError;
use super::time_text::format_time;
use super::visit::Visit;

/// Pairs of action and resource that are read of one principal.
const MOST_USED: usize = 100_000;

/// `GET /_virga/iam/usage?principal=ARN`: actions and resources with the time of their last use.
pub(super) fn usage(visit: &Visit<'_>) -> Answer {
    let mut query = visit.query()?;
    let principal = principal(query.take("principal"))?;
    query.finish()?;
    let used: Vec<Value> = used(visit, &principal)?
        .into_iter()
        .map(|used| {
            json!({
                "action": used.action,
                "resource": used.resource,
                "region": used.region,
                "last_used": format_time(Timestamp::from_secs(used.at)),
            })
        })
        .collect();
    json(&json!({ "principal": principal, "used": used }))
}

/// `GET /_virga/iam/least-privilege?principal=ARN&format=json|hcl`: the smallest policy for the calls seen.
pub(super) fn least_privilege(visit: &Visit<'_>) -> Answer {
    let mut query = visit.query()?;
    let principal = principal(query.take("principal"))?;
    let format = query.take("format");
    query.finish()?;
    let used = used(visit, &principal)?;
    if used.is_empty() {
        return Err(AdminError::not_found(format!("{principal} has made no call that was allowed")));
    }
    let calls = used.into_iter().map(|used| ObservedCall { action: used.action, resource: used.resource });
    let policy = LeastPrivilege::of(calls);
    match format.as_deref() {
        None | Some("json") => Ok(with_type("application/json", Bytes::from(policy.to_json()).into())),
        Some("hcl") => Ok(with_type("text/plain", Bytes::from(policy.to_hcl(name_of(&principal))).into())),
        Some(_) => Err(AdminError::invalid("format is json or hcl")),
    }
}

/// The name of a user or role, as its ARN ends.
fn name_of(principal: &str) -> &str {
    principal.rsplit(['/', ':']).next().unwrap_or(principal)
}

fn used(visit: &Visit<'_>, principal: &str) -> Result<Vec<UsedAction>, AdminError> {
    Ok(Usage::of_principal(&visit.world.store().read()?, principal, MOST_USED)?)
}

fn principal(given: Option<String>) -> Result<String, AdminError> {
    let given = given.ok_or_else(|| AdminError::invalid("principal is the ARN of a user or role"))?;
    if given.starts_with("arn:") { Ok(given) } else { Err(AdminError::invalid("principal is an ARN")) }
}
