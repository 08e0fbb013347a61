//! `/_virga/role-sessions`: credentials of a role for somebody at a shell, as whom the role's own account trusts.

use serde::Deserialize;
use serde_json::json;
use virga_iam::{AccountId, Caller};
use virga_kit::Arn;

use super::super::answer::{Answer, json};
use super::super::error::AdminError;
use super::super::visit::Visit;
use super::issue::{self, Refused, iso};

const USUAL_REGION: &str = "us-east-1";
const USUAL_NAME: &str = "virga";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    role: String,
    session_name: Option<String>,
    region: Option<String>,
}

/// `POST /_virga/role-sessions`: assumes a role as its account, which the role's trust policy has to trust.
pub(in super::super) async fn create_role_session(mut visit: Visit<'_>) -> Answer {
    let Wanted { role, session_name, region } = visit.body().await?;
    let account: Option<AccountId> = Arn::parse(&role).and_then(|arn| arn.account.parse().ok());
    let account = account.ok_or_else(|| AdminError::invalid("role is the ARN of a role"))?;
    let caller = Caller::of_unknown_key(account.as_str());
    let region = region.as_deref().unwrap_or(USUAL_REGION);
    let name = session_name.as_deref().unwrap_or(USUAL_NAME);
    let credentials = match issue::session(visit.world, region, caller, role, name).await {
        Ok(credentials) => credentials,
        Err(Refused::Api(error)) => return Err(AdminError::forbidden(error.message.to_string())),
        Err(Refused::NoRole) => return Err(AdminError::invalid("role is the ARN of a role")),
        Err(Refused::Fault(fault)) => return Err(fault.into()),
    };
    json(&json!({
        "access_key_id": credentials.access_key_id,
        "secret_access_key": credentials.secret_access_key,
        "session_token": credentials.token,
        "expiration": iso(credentials.expires_at),
    }))
}
