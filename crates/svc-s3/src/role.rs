//! Roles that S3 assumes to do what was configured: replicate, run batch jobs.

use std::sync::Arc;

use virga_api::sts;
use virga_iam::{AccountId, Caller, Keys as _};
use virga_kit::{Ctx, Incoming};
use virga_model::ApiError;

/// A session of a role, as the service principal that the role trusts, on behalf of a resource.
pub(crate) async fn assume(
    ctx: &Ctx,
    principal: &str,
    (account, source_arn): (&str, String),
    role: &str,
) -> Result<Arc<Caller>, ApiError> {
    let account: AccountId = account.parse().unwrap_or(AccountId::DEFAULT);
    let service = Arc::new(Caller::service(principal, account, Some(source_arn)));
    let input = sts::AssumeRoleInput::new().with_role_arn(role).with_role_session_name("s3");
    let body = &mut Incoming::empty();
    let (output, _) = ctx.call_streaming::<sts::op::AssumeRole>(service, ctx.region(), input, body).await?;
    let key = output.credentials().map(|credentials| credentials.access_key_id().to_owned());
    let issued = key.and_then(|key| ctx.world().keys().lookup(&key));
    let denied = || ApiError::common("AccessDenied", 403, "The role gave no session.");
    issued.map(|issued| Arc::clone(&issued.caller)).ok_or_else(denied)
}
