//! CreateSession: credentials for the objects of one directory bucket, for some minutes.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateSession.html>

use virga_api::s3 as api;
use virga_iam::Principal;
use virga_kit::{Ctx, Failure, StoredExpress, StoredKey, StoredSession, Timer, secrets};
use virga_model::Timestamp;
use virga_store::Write;

use super::access::may_have_session;
use crate::configuration::encryption::Default as Encrypted;
use crate::records::Bucket;
use crate::{bucket, encryption, workers};
use virga_object::{Error, directory_bucket, encryption_context};

/// How long a session lasts.
const SECONDS: i64 = 5 * 60;

/// Gives a session. A name that no bucket has gets one too, so that clients hear from what they do with it that there is no
/// bucket, or can make it: then every call is asked about.
pub(crate) async fn create_session(
    ctx: &Ctx,
    input: &api::CreateSessionInput,
) -> Result<api::CreateSessionOutput, Error> {
    let name = input.bucket();
    if !directory_bucket::is_name(name) {
        let (method, resource_type) = ("GET".to_owned(), "BUCKET".to_owned());
        return Err(Error::MethodNotAllowed { method, resource_type });
    }
    if directory_bucket::zone(name).or_else(|| directory_bucket::zone_of_access_point(name)).is_none() {
        return Err(Error::InvalidBucketName { bucket: name.to_owned() });
    }
    let (own_name, bucket) = bucket::of_call(ctx, name)?.unzip();
    let read_only = permitted(ctx, input, bucket.as_deref())?;
    let default = match &bucket {
        Some(bucket) => ctx.read(|txn| encryption::default_of(txn, bucket)).await?,
        None => None,
    };
    let chosen = chosen(input, default.as_ref())?;
    check_context(ctx, input, own_name.as_deref().unwrap_or(name), bucket.as_deref())?;
    let express = StoredExpress {
        bucket: name.to_owned(),
        bucket_id: bucket.as_ref().map(|bucket| bucket.id),
        read_only,
        encryption: chosen.clone(),
    };
    let credentials = ctx.transact(|txn| issue(ctx, txn, &express)).await?;
    let (algorithm, key) = chosen.unwrap_or_else(|| match default {
        Some(default) => (default.algorithm, default.kms_key),
        None => ("AES256".to_owned(), None),
    });
    let is_kms = algorithm != "AES256";
    Ok(api::CreateSessionOutput::new()
        .with_credentials(credentials)
        .with_server_side_encryption(algorithm)
        .with_ssekms_key_id(key)
        .with_ssekms_encryption_context(input.ssekms_encryption_context().filter(|_| is_kms))
        .with_bucket_key_enabled(is_kms.then_some(true)))
}

/// Whether the session may read only: as it is asked for, or else as much as the policies allow.
fn permitted(ctx: &Ctx, input: &api::CreateSessionInput, bucket: Option<&Bucket>) -> Result<bool, Error> {
    let ask = |read_only| may_have_session(ctx, input.bucket(), bucket, read_only);
    match input.session_mode() {
        Some("ReadOnly") => Ok(ask(true).map(|()| true)?),
        Some("ReadWrite") => Ok(ask(false).map(|()| false)?),
        Some(other) => {
            let reason = "Invalid session mode specified.";
            Err(Error::argument(reason, "x-amz-create-session-mode", other))
        }
        None if ask(false).is_ok() => Ok(false),
        None => Ok(ask(true).map(|()| true)?),
    }
}

/// How what the session writes is encrypted, where the request says so.
fn chosen(
    input: &api::CreateSessionInput,
    default: Option<&Encrypted>,
) -> Result<Option<(String, Option<String>)>, Error> {
    let key = input.ssekms_key_id();
    if input.bucket_key_enabled() == Some(false) {
        let header = "x-amz-server-side-encryption-bucket-key-enabled";
        return Err(Error::argument(
            "S3 Bucket Keys can't be disabled in directory buckets.",
            header,
            "false",
        ));
    }
    match (input.server_side_encryption(), key) {
        (None, None) => Ok(None),
        (Some("AES256"), None) => Ok(Some(("AES256".to_owned(), None))),
        (Some("aws:kms"), Some(key)) => {
            directory_bucket::check_key(key, default.and_then(|default| default.kms_key.as_deref()))?;
            Ok(Some(("aws:kms".to_owned(), Some(key.to_owned()))))
        }
        (Some("aws:kms"), None) => Err(Error::request(
            "Directory buckets are encrypted with a customer managed key of AWS KMS: specify x-amz-server-side-encryption-aws-kms-key-id.",
        )),
        (method, _) => Err(Error::argument(
            "The encryption method specified is not supported",
            "x-amz-server-side-encryption",
            method.unwrap_or("null"),
        )),
    }
}

/// Checks the encryption context: what the session writes is bound to its bucket, and to nothing else.
fn check_context(
    ctx: &Ctx,
    input: &api::CreateSessionInput,
    name: &str,
    bucket: Option<&Bucket>,
) -> Result<(), Error> {
    let (region, account) = match bucket {
        Some(bucket) => (&*bucket.region, &*bucket.account),
        None => (ctx.region(), ctx.account()),
    };
    let arn = directory_bucket::arn(region, account, name);
    encryption_context::check_of_directory_bucket(input.ssekms_encryption_context(), &arn)
}

/// Makes the credentials: those of the caller, for less.
fn issue(ctx: &Ctx, txn: &mut Write, express: &StoredExpress) -> Result<api::SessionCredentials, Error> {
    let caller = ctx.caller();
    let of_caller = match &caller.access_key_id {
        Some(id) => ctx.issued_key(txn, id)?,
        None => None,
    };
    let base = match of_caller {
        Some(key) => key,
        // A key that this cloud did not issue stands for a root user.
        None if caller.principal == Principal::Root => StoredKey::of_root(caller.account, String::new()),
        None => return Err(Error::AccessDenied),
    };
    let (id, secret) = ctx.new_access_key("ASIA")?;
    let token = secrets::new_session_token()?;
    let now = ctx.now().secs();
    let expires_at = now + SECONDS;
    let key = StoredKey {
        secret_access_key: secret.clone(),
        session_token: Some(token.clone()),
        expires_at: Some(expires_at),
        active: true,
        session: Some(
            base.session.unwrap_or_else(|| StoredSession { issued_at: now, ..StoredSession::default() }),
        ),
        express: Some(express.clone()),
        ..base
    };
    ctx.issue_key(txn, &id, &key)?;
    let due = Timestamp::from_secs(expires_at).plus(StoredKey::REMEMBERED);
    workers::set(ctx, txn, workers::SESSION_END, id.clone(), due.micros(), &())?;
    Ok(api::SessionCredentials::new()
        .with_access_key_id(id)
        .with_secret_access_key(secret)
        .with_session_token(token)
        .with_expiration(Timestamp::from_secs(expires_at)))
}

/// Forgets a session long after it expired.
pub(crate) fn forget(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    Ok(ctx.revoke_key(txn, &timer.id)?)
}
