//! Credentials of a workload's role, by a real `AssumeRole` as the service that runs such workloads.

use std::sync::Arc;

use virga_iam::{AccountId, Caller};
use virga_kit::workload::{self, Workload, WorkloadCredentials, WorkloadKind};
use virga_kit::{Call, Endpoint, Origin, Via, World, dispatch};
use virga_model::{ApiError, Record, Text, Timestamp, Value};
use virga_store::Fault;

/// Credentials are replaced so long before they expire: AWS's clients ask again 15 minutes before.
const REPLACED_BEFORE_SECONDS: i64 = 20 * 60;

/// Why there are no credentials.
#[derive(Debug)]
pub(super) enum Refused {
    /// The workload has no role.
    NoRole,
    /// STS or IAM refuses.
    Api(ApiError),
    /// The store fails.
    Fault(Fault),
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Refused::Api(error)
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused::Fault(fault)
    }
}

/// The credentials that the workload has, or new ones when they are about to expire or its role has changed.
pub(super) async fn credentials(
    world: &Arc<World>,
    id: &str,
    workload: &Workload,
) -> Result<WorkloadCredentials, Refused> {
    let role_arn = role_arn(world, workload).await?.ok_or(Refused::NoRole)?;
    let now = world.clock().now().secs();
    let is_good = |credentials: &&WorkloadCredentials| {
        credentials.role_arn == role_arn
            && credentials.expires_at - now > REPLACED_BEFORE_SECONDS
            && credentials.issued_at <= now
    };
    if let Some(credentials) = workload.credentials.as_ref().filter(is_good) {
        return Ok(credentials.clone());
    }
    let credentials = assume(world, id, workload, role_arn).await?;
    let committed = world.store().write(|txn| {
        // Whoever was faster does not matter; whoever removed the workload does.
        if let Some(mut workload) = workload::find(txn, id)? {
            workload.credentials = Some(credentials.clone());
            workload::put(txn, id, &workload)?;
        }
        Ok::<(), Fault>(())
    })?;
    world.store().durable(committed.ticket).await?;
    Ok(credentials)
}

/// The role: the workload's own, or that of its instance profile.
pub(super) async fn role_arn(world: &Arc<World>, workload: &Workload) -> Result<Option<String>, Refused> {
    let WorkloadKind::Instance { profile: Some(profile), .. } = &workload.kind else {
        return Ok(workload.role_arn.clone());
    };
    let caller = Caller::service("ec2.amazonaws.com", account(workload), None);
    let input = [("InstanceProfileName", profile.as_str())];
    let via = Via { trusted: true, services: Vec::new() };
    let output = call(world, &workload.region, ("iam", "GetInstanceProfile"), &input, caller, via).await?;
    let roles = record(&output, "InstanceProfile").and_then(|profile| match profile.by_name("Roles") {
        Some(Value::List(roles)) => Some(roles),
        _ => None,
    });
    let role = roles.and_then(|roles| match roles.first() {
        Some(Value::Structure(role)) => Some(&**role),
        _ => None,
    });
    Ok(role.and_then(|role| text(role, "Arn")))
}

async fn assume(
    world: &Arc<World>,
    id: &str,
    workload: &Workload,
    role_arn: String,
) -> Result<WorkloadCredentials, Refused> {
    let account = account(workload);
    let region = &workload.region;
    let (service, source_arn) = match workload.kind {
        WorkloadKind::Instance { .. } => ("ec2.amazonaws.com", None),
        WorkloadKind::Container => {
            ("ecs-tasks.amazonaws.com", Some(format!("arn:aws:ecs:{region}:{account}:task/{id}")))
        }
    };
    let caller = Caller::service(service, account, source_arn);
    let session_name: String = id.chars().filter(|letter| is_of_session_name(*letter)).take(64).collect();
    session(world, region, caller, role_arn, &session_name).await
}

/// A session of a role, by a real `AssumeRole`.
pub(super) async fn session(
    world: &Arc<World>,
    region: &str,
    caller: Caller,
    role_arn: String,
    session_name: &str,
) -> Result<WorkloadCredentials, Refused> {
    let input = [("RoleArn", role_arn.as_str()), ("RoleSessionName", session_name)];
    let output = call(world, region, ("sts", "AssumeRole"), &input, caller, Via::default()).await?;
    let credentials = record(&output, "Credentials").ok_or_else(|| Fault::new("STS gave no credentials"))?;
    let member =
        |name| text(credentials, name).ok_or_else(|| Fault::new(format!("credentials without {name}")));
    let expires_at = match credentials.by_name("Expiration") {
        Some(Value::Timestamp(at)) => at.secs(),
        _ => return Err(Fault::new("credentials that do not expire").into()),
    };
    Ok(WorkloadCredentials {
        access_key_id: member("AccessKeyId")?,
        secret_access_key: member("SecretAccessKey")?,
        token: member("SessionToken")?,
        role_arn,
        issued_at: world.clock().now().secs(),
        expires_at,
    })
}

/// Calls an operation with texts as its input.
async fn call(
    world: &Arc<World>,
    region: &str,
    (service, operation): (&str, &str),
    members: &[(&str, &str)],
    caller: Caller,
    via: Via,
) -> Result<Record, Refused> {
    let model = world.services().by_name(service).map(|service| service.model);
    let operation = model.and_then(|model| model.operation(operation));
    let missing = || Fault::new(format!("this cloud has no {service}"));
    let operation = operation.ok_or_else(missing)?;
    let mut input = operation.input().map_or_else(Record::empty, Record::new);
    for (name, value) in members {
        input.set_by_name(name, Value::String(Text::from(*value)));
    }
    let endpoint = Endpoint { secure: false, host: world.settings().own_host.clone() };
    let call = Call {
        operation,
        input,
        caller: Arc::new(caller),
        region: Text::from(region),
        request_id: crate::http::RequestId::fresh().to_text(),
        origin: Arc::new(Origin::internal(endpoint)),
        via,
    };
    Ok(dispatch(world, call).await?)
}

fn account(workload: &Workload) -> AccountId {
    workload.account.parse().unwrap_or(AccountId::DEFAULT)
}

fn is_of_session_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || "_+=,.@-".contains(letter)
}

fn record<'a>(record: &'a Record, member: &str) -> Option<&'a Record> {
    match record.by_name(member) {
        Some(Value::Structure(inner)) => Some(&**inner),
        _ => None,
    }
}

fn text(record: &Record, member: &str) -> Option<String> {
    match record.by_name(member) {
        Some(Value::String(text)) => Some(text.to_string()),
        _ => None,
    }
}

/// A time as the endpoints write it, in whole seconds.
pub(super) fn iso(unix_seconds: i64) -> String {
    super::super::time_text::format_time(Timestamp::from_secs(unix_seconds))
}
