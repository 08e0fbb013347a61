//! `/_virga/credentials/ID`: what `AWS_CONTAINER_CREDENTIALS_FULL_URI` points a container to.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html>

use http::StatusCode;
use http::header::AUTHORIZATION;
use ring::digest::{SHA256, digest};
use serde_json::json;
use virga_kit::workload::{self, WorkloadKind};

use super::super::answer::{Answer, json, json_with};
use super::super::error::AdminError;
use super::super::visit::Visit;
use super::issue::{self, Refused, iso};

/// The credentials of a container that shows its token.
pub(in super::super) async fn credentials(visit: Visit<'_>, id: &str) -> Answer {
    let found = workload::find(&visit.world.store().read()?, id)?;
    let found = found.filter(|workload| workload.kind == WorkloadKind::Container);
    let given = visit.request.head.headers.get(AUTHORIZATION).map(http::HeaderValue::as_bytes);
    let (Some(workload), Some(given)) = (found, given) else {
        return refuse(StatusCode::NOT_FOUND, "NoSuchContainer", "no container shows such a token");
    };
    // Hashes are compared, so that how long it takes tells nothing of the token.
    let hash = |text: &[u8]| digest(&SHA256, text);
    if hash(given).as_ref() != hash(&workload.secret).as_ref() {
        return refuse(StatusCode::NOT_FOUND, "NoSuchContainer", "no container shows such a token");
    }
    match issue::credentials(visit.world, id, &workload).await {
        Ok(credentials) => json(&json!({
            "RoleArn": credentials.role_arn,
            "AccessKeyId": credentials.access_key_id,
            "SecretAccessKey": credentials.secret_access_key,
            "Token": credentials.token,
            "Expiration": iso(credentials.expires_at),
        })),
        Err(Refused::NoRole) => refuse(StatusCode::NOT_FOUND, "NoRole", "the container has no role"),
        Err(Refused::Api(error)) => refuse(StatusCode::FORBIDDEN, &error.code, &error.message),
        Err(Refused::Fault(fault)) => Err(AdminError::internal(fault)),
    }
}

fn refuse(status: StatusCode, code: &str, message: &str) -> Answer {
    json_with(status, &json!({ "code": code, "message": message }))
}
