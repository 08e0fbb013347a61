//! `/_virga/iam/…`: what a user or role has used.

use serde_json::{Value, json};
use virga_kit::{Usage, UsedAction};
use virga_model::Timestamp;

use super::answer::{Answer, json};
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

fn used(visit: &Visit<'_>, principal: &str) -> Result<Vec<UsedAction>, AdminError> {
    Ok(Usage::of_principal(&visit.world.store().read()?, principal, MOST_USED)?)
}

fn principal(given: Option<String>) -> Result<String, AdminError> {
    let given = given.ok_or_else(|| AdminError::invalid("principal is the ARN of a user or role"))?;
    if given.starts_with("arn:") { Ok(given) } else { Err(AdminError::invalid("principal is an ARN")) }
}
