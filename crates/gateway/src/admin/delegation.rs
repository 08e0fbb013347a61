//! `/_virga/delegation-templates`: the policy templates of product providers, which AWS registers by hand; and
//! `/_virga/notifications`: what services told topics.

use serde::Deserialize;
use serde_json::{Value, json};
use virga_iam::AccountId;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::delegation::{self, DelegationTemplate};
use virga_kit::notifications;

use super::answer::{Answer, json};
use super::error::AdminError;
use super::visit::Visit;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    arn: String,
    account: String,
    requestor_name: String,
    policy: Value,
}

fn shown(arn: &str, template: &DelegationTemplate) -> Value {
    let policy: Value = serde_json::from_str(&template.policy).unwrap_or(Value::Null);
    json!({
        "arn": arn,
        "account": template.account,
        "requestor_name": template.requestor_name,
        "policy": policy,
    })
}

/// `GET /_virga/delegation-templates`.
pub(super) fn list(visit: &Visit<'_>) -> Answer {
    let all = delegation::templates(&visit.world.store().read()?)?;
    let shown: Vec<Value> = all.iter().map(|(arn, template)| shown(arn, template)).collect();
    json(&json!({ "templates": shown }))
}

/// `PUT /_virga/delegation-templates`: registers one, in place of an earlier one with the same ARN.
pub(super) async fn put(mut visit: Visit<'_>) -> Answer {
    let Template { arn, account, requestor_name, policy } = visit.body().await?;
    if !arn.starts_with("arn:aws:iam:") || arn.len() < 20 {
        return Err(AdminError::invalid("arn is an ARN of IAM, which calls name as PolicyTemplateArn"));
    }
    if account.parse::<AccountId>().is_err() {
        return Err(AdminError::invalid("account is the product provider's, twelve digits"));
    }
    if requestor_name.is_empty() || requestor_name.len() > 30 {
        return Err(AdminError::invalid("requestor_name has 1 to 30 letters"));
    }
    let text = policy.to_string();
    // Parameters are filled in later, so that only a policy without any can be checked now.
    if !text.contains('@') && Policy::parse(&text, PolicyKind::Session).is_err() {
        return Err(AdminError::invalid("policy is no policy document"));
    }
    let template = DelegationTemplate { account, requestor_name, policy: text };
    visit.world.store().write(|txn| delegation::put_template(txn, &arn, &template))?;
    visit.durable().await?;
    json(&shown(&arn, &template))
}

/// `DELETE /_virga/delegation-templates?arn=ARN`.
pub(super) async fn delete(visit: &Visit<'_>) -> Answer {
    let mut query = visit.query()?;
    let arn = query.take("arn").ok_or_else(|| AdminError::invalid("arn is missing"))?;
    query.finish()?;
    visit.world.store().write(|txn| delegation::remove_template(txn, &arn))?;
    visit.durable().await?;
    json(&json!({}))
}

/// `GET /_virga/notifications?topic=ARN`: the latest, oldest first.
pub(super) fn notifications(visit: &Visit<'_>) -> Answer {
    let mut query = visit.query()?;
    let topic = query.take("topic");
    query.finish()?;
    let mut all = notifications::all(&visit.world.store().read()?)?;
    all.retain(|sent| topic.as_ref().is_none_or(|topic| *topic == sent.topic));
    let shown = all.iter().map(|sent| {
        let message: Value =
            serde_json::from_str(&sent.message).unwrap_or_else(|_| Value::from(&*sent.message));
        json!({ "topic": sent.topic, "at": sent.at, "message": message })
    });
    json(&json!({ "notifications": shown.collect::<Vec<_>>() }))
}
