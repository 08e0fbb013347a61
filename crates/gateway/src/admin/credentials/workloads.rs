//! `/_virga/instances` and `/_virga/containers`: what runs with a role of its own.

use std::collections::BTreeMap;

use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use virga_iam::AccountId;
use virga_kit::secrets;
use virga_kit::workload::{self, Workload, WorkloadKind};
use virga_store::Fault;

use super::super::answer::{Answer, json, json_with};
use super::super::error::AdminError;
use super::super::guard;
use super::super::visit::Visit;

const USUAL_REGION: &str = "us-east-1";
const TOKEN_LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
const LONGEST_ID: usize = 64;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewInstance {
    account: Option<String>,
    region: Option<String>,
    /// Name or ARN.
    role: Option<String>,
    /// Name or ARN.
    instance_profile: Option<String>,
    #[serde(default)]
    require_token: bool,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    user_data: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NewContainer {
    account: Option<String>,
    region: Option<String>,
    /// Name or ARN.
    role: String,
}

/// `PUT /_virga/instances/ID`.
pub(in super::super) async fn put_instance(mut visit: Visit<'_>, id: &str) -> Answer {
    let new: NewInstance = visit.body().await?;
    let account = account(new.account)?;
    let region = new.region.unwrap_or_else(|| USUAL_REGION.to_owned());
    let mut metadata = new.metadata;
    let mut usual = |path: &str, text: String| {
        metadata.entry(path.to_owned()).or_insert(text);
    };
    usual("placement/availability-zone", format!("{region}a"));
    usual("instance-type", "t3.micro".to_owned());
    usual("ami-id", "ami-00000000000000000".to_owned());
    usual("local-ipv4", "127.0.0.1".to_owned());
    usual("services/domain", "amazonaws.com".to_owned());
    let kind = WorkloadKind::Instance {
        profile: new.instance_profile.as_deref().map(|profile| last_part(profile).to_owned()),
        requires_token: new.require_token,
        metadata: metadata.into_iter().collect(),
        user_data: new.user_data,
    };
    let role_arn = new.role.map(|role| role_arn(account, &role));
    let secret = secrets::secret_bytes(32)?;
    store(
        &visit,
        id,
        Workload { kind, account: account.to_string(), region, role_arn, secret, credentials: None },
    )
    .await
}

/// `PUT /_virga/containers/ID`.
pub(in super::super) async fn put_container(mut visit: Visit<'_>, id: &str) -> Answer {
    let new: NewContainer = visit.body().await?;
    let account = account(new.account)?;
    let workload = Workload {
        kind: WorkloadKind::Container,
        region: new.region.unwrap_or_else(|| USUAL_REGION.to_owned()),
        role_arn: Some(role_arn(account, &new.role)),
        account: account.to_string(),
        secret: secrets::secret_letters(TOKEN_LETTERS, 40)?.into_bytes(),
        credentials: None,
    };
    store(&visit, id, workload).await
}

async fn store(visit: &Visit<'_>, id: &str, workload: Workload) -> Answer {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(is_letter) {
        return Err(AdminError::invalid("an id has 1 to 64 letters, digits, dashes, dots and underscores"));
    }
    visit.world.store().write(|txn| workload::put(txn, id, &workload))?;
    visit.durable().await?;
    json_with(StatusCode::CREATED, &shown(visit, id, &workload))
}

/// `GET /_virga/instances` or `/_virga/containers`.
pub(in super::super) fn list(visit: &Visit<'_>, of: &str) -> Answer {
    let all = workload::all(&visit.world.store().read()?)?;
    let all: Vec<Value> = all
        .iter()
        .filter(|(_, workload)| folder(workload) == of)
        .map(|(id, workload)| shown(visit, id, workload))
        .collect();
    json(&Value::Object([(of.to_owned(), Value::Array(all))].into_iter().collect()))
}

/// `GET /_virga/instances/ID` or `/_virga/containers/ID`.
pub(in super::super) fn show(visit: &Visit<'_>, of: &str, id: &str) -> Answer {
    let found = workload::find(&visit.world.store().read()?, id)?;
    let found = found.filter(|workload| folder(workload) == of);
    let workload = found.ok_or_else(|| AdminError::not_found(format!("{of} has no {id}")))?;
    json(&shown(visit, id, &workload))
}

/// `DELETE /_virga/instances/ID` or `/_virga/containers/ID`.
pub(in super::super) async fn delete(visit: &Visit<'_>, of: &str, id: &str) -> Answer {
    let committed = visit.world.store().write(|txn| {
        let found = workload::find(txn, id)?.filter(|workload| folder(workload) == of);
        if found.is_some() {
            workload::remove(txn, id)?;
        }
        Ok::<bool, Fault>(found.is_some())
    })?;
    visit.durable().await?;
    if committed.value { json(&json!({})) } else { Err(AdminError::not_found(format!("{of} has no {id}"))) }
}

fn folder(workload: &Workload) -> &'static str {
    match workload.kind {
        WorkloadKind::Instance { .. } => "instances",
        WorkloadKind::Container => "containers",
    }
}

/// A workload with the variables that make AWS's clients ask for it.
fn shown(visit: &Visit<'_>, id: &str, workload: &Workload) -> Value {
    let scheme = if visit.request.secure { "https" } else { "http" };
    let base = format!("{scheme}://{}/_virga", guard::host(&visit.request).unwrap_or("localhost"));
    let (profile, environment) = match &workload.kind {
        WorkloadKind::Instance { profile, .. } => {
            (profile.as_deref(), json!({ "AWS_EC2_METADATA_SERVICE_ENDPOINT": format!("{base}/imds/{id}/") }))
        }
        WorkloadKind::Container => (
            None,
            json!({
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": format!("{base}/credentials/{id}"),
                "AWS_CONTAINER_AUTHORIZATION_TOKEN": String::from_utf8_lossy(&workload.secret),
            }),
        ),
    };
    json!({
        "id": id,
        "account": workload.account,
        "region": workload.region,
        "role": workload.role_arn,
        "instance_profile": profile,
        "environment": environment,
    })
}

fn account(given: Option<String>) -> Result<AccountId, AdminError> {
    given.map_or(Ok(AccountId::DEFAULT), |account| {
        account.parse().map_err(|error| AdminError::invalid(format!("account: {error}")))
    })
}

fn role_arn(account: AccountId, role: &str) -> String {
    if role.starts_with("arn:") { role.to_owned() } else { format!("arn:aws:iam::{account}:role/{role}") }
}

fn last_part(arn_or_name: &str) -> &str {
    arn_or_name.rsplit('/').next().unwrap_or(arn_or_name)
}
