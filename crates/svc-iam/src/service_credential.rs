//! Service-specific credentials: user names and passwords for CodeCommit and Keyspaces, API keys for Bedrock and
//! CloudWatch Logs. A secret is shown once, when it is made.
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use virga_api::Nothing;
use virga_api::iam as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::keys::credential as keys;
use crate::owner::Owner;
use crate::page::Page;
use crate::quota;
use crate::records::credential::{ServiceCredential, Status};
use crate::rules::secret;
use crate::unique_id::{self, Named};

const SECONDS_PER_DAY: i64 = 86_400;
/// Bytes of a secret.
const SECRET_BYTES: usize = 32;

/// A service that takes such credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Service {
    name: &'static str,
    /// What its API keys begin with; none for a service with user names and passwords.
    api_key_prefix: Option<&'static str>,
}

static SERVICES: [Service; 4] = [
    Service { name: "codecommit.amazonaws.com", api_key_prefix: None },
    Service { name: "cassandra.amazonaws.com", api_key_prefix: None },
    Service { name: "bedrock.amazonaws.com", api_key_prefix: Some("ABSK") },
    Service { name: "logs.amazonaws.com", api_key_prefix: Some("ACWL") },
];

fn service(name: &str) -> Result<Service, Error> {
    let found = SERVICES.into_iter().find(|service| service.name == name);
    found.ok_or_else(|| Error::NoSuchCredentialService { name: name.to_owned() })
}

fn find(ctx: &Ctx, txn: &impl Reader, owner: &Owner, id: &str) -> Result<ServiceCredential, Error> {
    let found = txn.get(&keys::service_credential(ctx.account(), &owner.id, id))?;
    found.ok_or_else(|| Error::NoSuchServiceCredential { id: id.to_owned() })
}

/// The credentials of a user.
pub(crate) fn of_owner(ctx: &Ctx, txn: &impl Reader, owner: &str) -> Result<Vec<ServiceCredential>, Fault> {
    let all = txn.scan(&keys::service_credentials(ctx.account(), owner), Direction::Forward, usize::MAX)?;
    Ok(all.into_iter().map(|(_, credential)| credential).collect())
}

impl ServiceCredential {
    fn status(&self, now: i64) -> &'static str {
        if self.expires.is_some_and(|expires| expires <= now) { "Expired" } else { self.status.as_str() }
    }

    /// Gives it a new secret, and says which.
    fn renew(&mut self, ctx: &Ctx, prefix: Option<&str>) -> Result<String, Error> {
        let secret = STANDARD.encode(ctx.secret_bytes(SECRET_BYTES)?);
        let secret = match prefix {
            Some(prefix) => {
                format!("{prefix}{}", STANDARD.encode(format!("{}:{secret}", self.service_user_name)))
            }
            None => secret,
        };
        self.salt = ctx.secret_bytes(secret::SALT_BYTES)?;
        self.hash = secret::hash(&self.salt, &secret);
        Ok(secret)
    }
}

/// A credential with its secret.
fn revealed(
    ctx: &Ctx,
    owner: &Owner,
    credential: &ServiceCredential,
    secret: String,
) -> Result<api::ServiceSpecificCredential, Error> {
    let shown = api::ServiceSpecificCredential::new()
        .with_create_date(Timestamp::from_secs(credential.created))
        .with_expiration_date(credential.expires.map(Timestamp::from_secs))
        .with_service_name(&*credential.service)
        .with_service_specific_credential_id(&*credential.id)
        .with_user_name(&*owner.name)
        .with_status(credential.status(ctx.now().secs()));
    let name = &*credential.service_user_name;
    Ok(match service(&credential.service)?.api_key_prefix {
        Some(_) => shown.with_service_credential_alias(name).with_service_credential_secret(secret),
        None => shown.with_service_user_name(name).with_service_password(secret),
    })
}

/// Makes a credential.
pub(crate) fn create_service_specific_credential(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateServiceSpecificCredentialRequest,
) -> Result<api::CreateServiceSpecificCredentialResponse, Error> {
    let owner = Owner::named(ctx, txn, input.user_name())?;
    let service = service(input.service_name())?;
    let mut present = of_owner(ctx, txn, &owner.id)?;
    present.retain(|credential| credential.service == service.name);
    quota::SERVICE_CREDENTIALS.admit(present.len())?;
    let now = ctx.now().secs();
    let name = |extra: &str| format!("{}{extra}-at-{}", owner.name, ctx.account());
    let first = name("");
    let taken = present.iter().any(|credential| credential.service_user_name == first);
    let mut credential = ServiceCredential {
        id: unique_id::draw(ctx, Named::ServiceCredential),
        service: service.name.to_owned(),
        service_user_name: if taken { name("+1") } else { first },
        salt: Vec::new(),
        hash: Vec::new(),
        status: Status::Active,
        created: now,
        expires: input.credential_age_days().map(|days| now + i64::from(days) * SECONDS_PER_DAY),
    };
    let secret = credential.renew(ctx, service.api_key_prefix)?;
    txn.put(&keys::service_credential(ctx.account(), &owner.id, &credential.id), &credential)?;
    let shown = revealed(ctx, &owner, &credential, secret)?;
    Ok(api::CreateServiceSpecificCredentialResponse::new().with_service_specific_credential(shown))
}

/// Lists the credentials of a user, or of all users.
pub(crate) fn list_service_specific_credentials(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListServiceSpecificCredentialsRequest,
) -> Result<api::ListServiceSpecificCredentialsResponse, Error> {
    let page = Page::of(input.marker(), input.max_items())?;
    let owners: Vec<Owner> = if input.all_users() == Some(true) {
        let users = txn.scan(&crate::keys::users(ctx.account()), Direction::Forward, usize::MAX)?;
        users.into_iter().map(|(_, user)| Owner::of_user(user)).collect()
    } else {
        vec![Owner::named_or_calling_user(ctx, txn, input.user_name())?]
    };
    if let Some(name) = input.service_name() {
        service(name)?;
    }
    let now = ctx.now().secs();
    let mut rows = Vec::new();
    for owner in &owners {
        let mut credentials = of_owner(ctx, txn, &owner.id)?;
        credentials.retain(|one| input.service_name().is_none_or(|name| name == one.service));
        rows.extend(credentials.iter().map(|one| (one.id.clone(), listed(owner, one, now))));
    }
    rows.sort_unstable_by(|one, other| one.0.cmp(&other.0));
    let (credentials, marker) = page.cut(rows);
    Ok(api::ListServiceSpecificCredentialsResponse::new()
        .with_service_specific_credentials(credentials)
        .with_is_truncated(marker.as_ref().map(|_| true))
        .with_marker(marker))
}

fn listed(owner: &Owner, credential: &ServiceCredential, now: i64) -> api::ServiceSpecificCredentialMetadata {
    let shown = api::ServiceSpecificCredentialMetadata::new()
        .with_user_name(&*owner.name)
        .with_status(credential.status(now))
        .with_create_date(Timestamp::from_secs(credential.created))
        .with_expiration_date(credential.expires.map(Timestamp::from_secs))
        .with_service_specific_credential_id(&*credential.id)
        .with_service_name(&*credential.service);
    let name = &*credential.service_user_name;
    match service(&credential.service) {
        Ok(Service { api_key_prefix: Some(_), .. }) => shown.with_service_credential_alias(name),
        _ => shown.with_service_user_name(name),
    }
}

/// Makes a credential active or inactive.
pub(crate) fn update_service_specific_credential(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateServiceSpecificCredentialRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named_or_calling_user(ctx, txn, input.user_name())?;
    let mut credential = find(ctx, txn, &owner, input.service_specific_credential_id())?;
    credential.status = Status::of_input(input.status())?;
    txn.put(&keys::service_credential(ctx.account(), &owner.id, &credential.id), &credential)?;
    Ok(Nothing::new())
}

/// Gives a credential a new secret.
pub(crate) fn reset_service_specific_credential(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ResetServiceSpecificCredentialRequest,
) -> Result<api::ResetServiceSpecificCredentialResponse, Error> {
    let owner = Owner::named_or_calling_user(ctx, txn, input.user_name())?;
    let mut credential = find(ctx, txn, &owner, input.service_specific_credential_id())?;
    let prefix = service(&credential.service)?.api_key_prefix;
    let secret = credential.renew(ctx, prefix)?;
    txn.put(&keys::service_credential(ctx.account(), &owner.id, &credential.id), &credential)?;
    let shown = revealed(ctx, &owner, &credential, secret)?;
    Ok(api::ResetServiceSpecificCredentialResponse::new().with_service_specific_credential(shown))
}

/// Removes a credential.
pub(crate) fn delete_service_specific_credential(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteServiceSpecificCredentialRequest,
) -> Result<Nothing, Error> {
    let owner = Owner::named_or_calling_user(ctx, txn, input.user_name())?;
    let credential = find(ctx, txn, &owner, input.service_specific_credential_id())?;
    txn.delete(&keys::service_credential(ctx.account(), &owner.id, &credential.id))?;
    Ok(Nothing::new())
}
