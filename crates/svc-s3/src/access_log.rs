//! Server access logs: a line for every request to a bucket that wants them, delivered to its target every so often.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerLogs.html>

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_iam::{AccountId, Caller, Principal, canonical_user};
use virga_kit::{Answered, Ctx, Delivering, DeliveryFailure, Incoming, Timer};
use virga_model::Value;
use virga_model::view::{List, Structure as _};
use virga_store::{Direction, Fault, Reader as _, Write};

use crate::access_point::{self, NamedAccessPoint};
use crate::configuration::{Kind, document};
use crate::records::{Bucket, LogLine, Version};
use crate::versions::ObjectAt;
use crate::{bucket, keys, object, workers};
use virga_object::access_log::{
    AccessLogEntry, BATCH_DELETED, LogSource, cipher_suite, log_key, operation_name, reading_of_copy,
    request_uri,
};
use virga_object::configured::LoggingConfiguration;
use virga_object::copy_source::CopySource;
use virga_object::{Error, members};

/// How long lines are gathered.
const GATHERED: Duration = Duration::from_secs(300);
/// Lines of one log.
const MOST_LINES: usize = 10_000;

/// Logs of a bucket that are to be delivered.
#[derive(Serialize, Deserialize)]
struct Logs {
    bucket: String,
    bucket_id: u64,
}

/// Notes a request, if its bucket wants that. Nobody's request waits for it or fails with it.
pub(crate) fn note(ctx: &Ctx, call: &Answered<'_>) {
    if matches!(ctx.caller().principal, Principal::Service { .. }) {
        return;
    }
    let Some(given) = members::text(call.input, "Bucket") else { return };
    let noted = note_target(ctx, given, call).and_then(|()| note_source(ctx, call));
    if let Err(fault) = noted {
        tracing::error!("a request can't be noted in an access log: {fault}");
    }
}

fn note_target(ctx: &Ctx, given: &str, call: &Answered<'_>) -> Result<(), Fault> {
    // A call on an object changes nothing about its bucket's logs.
    let of_object = members::text(call.input, "Key").and_then(|_| bucket::kept(ctx, given));
    if of_object.is_some_and(|bucket| !bucket.configured.has(Kind::Logging)) {
        return Ok(());
    }
    let Some(logged) = Logged::find(ctx, given)? else { return Ok(()) };
    let entry = entry(ctx, given, &logged, call);
    let mut entries = match call.operation.name() {
        "DeleteObjects" => deleted(call, &entry),
        _ => Vec::new(),
    };
    entries.push(entry);
    logged.keep(ctx, &entries)
}

/// Notes in the log of its bucket that the source of a copy was read.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html#AdditionalLoggingforCopyOperations>
fn note_source(ctx: &Ctx, call: &Answered<'_>) -> Result<(), Fault> {
    let Some(operation) = reading_of_copy(call.operation.name()) else { return Ok(()) };
    let source = members::text(call.input, "CopySource").and_then(|source| CopySource::parse(source).ok());
    let Some(source) = source else { return Ok(()) };
    let Some(logged) = Logged::find(ctx, &source.bucket)? else { return Ok(()) };
    let given = members::text(call.input, "Bucket").unwrap_or_default();
    let read = AccessLogEntry {
        operation: operation.to_owned(),
        key: source.key,
        version_id: source.version_id.unwrap_or_default(),
        bytes_sent: None,
        object_size: None,
        ..entry(ctx, given, &logged, call)
    };
    logged.keep(ctx, &[read])
}

/// What became of each key of DeleteObjects.
fn deleted(call: &Answered<'_>, request: &AccessLogEntry) -> Vec<AccessLogEntry> {
    let Ok(output) = call.result else { return Vec::new() };
    let errors = api::DeleteObjectsOutput::view(output).errors();
    let code = |object: &api::ObjectIdentifier| {
        let is_its = |error: &&api::Error| {
            error.key() == Some(object.key()) && error.version_id() == object.version_id()
        };
        errors.into_iter().flat_map(List::iter).find(is_its).and_then(api::Error::code)
    };
    let objects = api::DeleteObjectsInput::view(call.input).delete().objects();
    let entry = |object: &api::ObjectIdentifier| {
        let error_code = code(object).unwrap_or_default().to_owned();
        AccessLogEntry {
            operation: BATCH_DELETED.to_owned(),
            key: object.key().to_owned(),
            version_id: object.version_id().unwrap_or_default().to_owned(),
            request_uri: String::new(),
            status: error_code.is_empty().then_some(204),
            error_code,
            total_millis: None,
            ..request.clone()
        }
    };
    objects.iter().map(entry).collect()
}

/// Notes what a rule of the bucket's lifecycle has done, in the transaction in which it does.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-and-other-bucket-config.html>
pub(crate) fn note_rule(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    operation: &'static str,
    version: Option<&Version>,
) -> Result<(), Error> {
    if !at.bucket.configured.has(Kind::Logging) {
        return Ok(());
    }
    let shown = version.and_then(|version| at.bucket.shown(version.summary.version));
    let entry = AccessLogEntry {
        bucket_owner: canonical(&at.bucket.account),
        bucket: at.bucket_name.to_owned(),
        time: ctx.now().secs(),
        requester: "AmazonS3".to_owned(),
        request_id: ctx.request_id().to_owned(),
        operation: operation.to_owned(),
        key: at.key.to_owned(),
        object_size: version.filter(|version| !version.summary.is_delete_marker).map(|it| it.summary.size),
        version_id: shown.unwrap_or_default(),
        ..AccessLogEntry::default()
    };
    let line = LogLine { time: ctx.now().micros(), text: entry.line() };
    txn.put(&keys::log_line(at.bucket.id, ctx.sequence()), &line)?;
    arm(ctx, txn, at.bucket_name, at.bucket)
}

/// A bucket that wants its requests noted.
struct Logged {
    name: String,
    bucket: Bucket,
    /// The access point through which it is asked.
    access_point_arn: Option<String>,
}

impl Logged {
    /// The bucket that is meant by its name, or by an access point's, if it wants them.
    fn find(ctx: &Ctx, given: &str) -> Result<Option<Self>, Fault> {
        let read = ctx.world().store().read()?;
        let point = if access_point::may_name(given) { access_point::named(&read, given)? } else { None };
        let access_point_arn = point.as_ref().map(NamedAccessPoint::arn);
        let name = point.map_or_else(|| given.to_owned(), |point| point.access_point.bucket);
        let bucket = read.get(&keys::bucket(&name))?;
        let bucket = bucket.filter(|bucket: &Bucket| bucket.configured.has(Kind::Logging));
        Ok(bucket.map(|bucket| Logged { name, bucket, access_point_arn }))
    }

    fn keep(&self, ctx: &Ctx, entries: &[AccessLogEntry]) -> Result<(), Fault> {
        let time = ctx.now().micros();
        let kept = ctx.world().store().write(|txn| {
            for entry in entries {
                let line = LogLine { time, text: entry.line() };
                txn.put(&keys::log_line(self.bucket.id, ctx.sequence()), &line)?;
            }
            arm(ctx, txn, &self.name, &self.bucket).map_err(|error| match error {
                Error::Fault(fault) => fault,
                _ => Fault::new("access logs can't be delivered"),
            })
        });
        kept.map(|_| ())
    }
}

/// Has the lines delivered, unless that is to happen anyway.
fn arm(ctx: &Ctx, txn: &mut Write, name: &str, bucket: &Bucket) -> Result<(), Error> {
    let armed = keys::logs_armed(bucket.id);
    if txn.contains(&armed)? {
        return Ok(());
    }
    txn.put(&armed, &())?;
    let logs = Logs { bucket: name.to_owned(), bucket_id: bucket.id };
    let id = format!("{:016x}-{:016x}", bucket.id, ctx.sequence());
    workers::set(ctx, txn, workers::ACCESS_LOG, id, ctx.now().plus(GATHERED).micros(), &logs)
}

fn entry(ctx: &Ctx, given: &str, logged: &Logged, call: &Answered<'_>) -> AccessLogEntry {
    let origin = ctx.origin();
    let key = members::text(call.input, "Key").unwrap_or_default();
    let number = |value: Option<&Value>| match value {
        Some(Value::Integer(number)) => u64::try_from(*number).ok(),
        _ => None,
    };
    let length = call.result.ok().and_then(|output| number(output.by_name("ContentLength")));
    let sent = number(call.input.by_name("ContentLength"));
    let plane = origin.plane;
    let is_form = plane == Some(object::FORM);
    let rest = origin.endpoint.host.strip_prefix(given);
    let is_in_host = rest.is_some_and(|rest| rest.starts_with('.'));
    // A form is sent to the bucket; the key is one of its fields.
    let uri = match is_form {
        true => Some(if is_in_host { "/".to_owned() } else { format!("/{given}") }),
        false => request_uri(call.operation, call.input, given, is_in_host),
    };
    let method = if is_form { "POST" } else { call.operation.method() };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    AccessLogEntry {
        bucket_owner: canonical(&logged.bucket.account),
        bucket: logged.name.clone(),
        time: ctx.now().secs(),
        remote_ip: origin.source_ip.map(|ip| ip.to_string()).unwrap_or_default(),
        requester: requester(ctx),
        request_id: ctx.request_id().to_owned(),
        operation: operation_name(call.operation.name(), (plane, method), !key.is_empty()),
        key: key.to_owned(),
        request_uri: uri.map(|uri| format!("{method} {uri} HTTP/1.1")).unwrap_or_default(),
        status: Some(call.status),
        error_code: call.result.map_or_else(|error| error.code.to_string(), |_| String::new()),
        bytes_sent: length.filter(|_| call.operation.name() == "GetObject"),
        object_size: length.or(sent),
        total_millis: u64::try_from(call.took.as_millis()).ok(),
        referer: text(&origin.referer),
        user_agent: text(&origin.user_agent),
        version_id: members::text(call.input, "VersionId").unwrap_or_default().to_owned(),
        // The two ids of an answer are one.
        host_id: ctx.request_id().to_owned(),
        cipher_suite: origin.cipher_suite.map(cipher_suite).unwrap_or_default(),
        signature_version: signature_version(ctx).to_owned(),
        authentication_type: authentication_type(ctx).to_owned(),
        host_header: origin.endpoint.host.to_string(),
        tls_version: origin.tls.map(|tls| format!("TLSv{}", tls.number())).unwrap_or_default(),
        access_point_arn: text(&logged.access_point_arn),
        acl_required: if call.result.is_ok() && bucket::needed_list(ctx) { "Yes" } else { "" }.to_owned(),
    }
}

/// The version of the signature, if there was one.
fn signature_version(ctx: &Ctx) -> &'static str {
    match &ctx.origin().signed {
        _ if is_anonymous(ctx) => "",
        Some(signed) if signed.algorithm == "AWS" => "SigV2",
        _ => "SigV4",
    }
}

/// Where the signature stood. That of a form stands in its body.
fn authentication_type(ctx: &Ctx) -> &'static str {
    match ctx.origin() {
        origin if is_anonymous(ctx) || origin.plane.is_some() => "",
        origin if origin.is_presigned() => "QueryString",
        _ => "AuthHeader",
    }
}

fn is_anonymous(ctx: &Ctx) -> bool {
    ctx.caller().principal == Principal::Anonymous
}

fn canonical(account: &str) -> String {
    account.parse().map(canonical_user::of_account).unwrap_or_default()
}

fn requester(ctx: &Ctx) -> String {
    match ctx.caller().principal {
        Principal::Anonymous => String::new(),
        Principal::Root => canonical(ctx.account()),
        _ => ctx.caller().arn().unwrap_or_default(),
    }
}

/// Delivers the lines of a bucket to its target, as the service that the target's policy must let in.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(logs) = timer.read::<Logs>() else { return Err(DeliveryFailure::GiveUp) };
        let delivered = deliver_some(&ctx, &logs).await;
        delivered.map_err(|failure| {
            tracing::error!("access logs can't be delivered: {failure:?}");
            DeliveryFailure::Retry(GATHERED)
        })
    })
}

async fn deliver_some(ctx: &Ctx, logs: &Logs) -> Result<(), virga_kit::Failure> {
    let range = keys::log_lines(logs.bucket_id);
    let read = ctx.world().store().read()?;
    let lines = read.scan(&range, Direction::Forward, MOST_LINES)?;
    let bucket = read.get(&keys::bucket(&logs.bucket))?.filter(|bucket: &Bucket| bucket.id == logs.bucket_id);
    if let (Some(bucket), Some((_, first))) = (&bucket, lines.first()) {
        let given: Option<api::LoggingEnabled> = document::find(&read, bucket, Kind::Logging)?;
        if let Some(given) = given {
            let text: String = lines.iter().flat_map(|(_, line)| [line.text.as_str(), "\n"]).collect();
            put(ctx, logs, bucket, &LoggingConfiguration::read(&given), (first.time, text)).await;
        }
    }
    let is_complete = lines.len() < MOST_LINES;
    ctx.transact(|txn| {
        for (key, _) in &lines {
            txn.delete(key)?;
        }
        txn.delete(&keys::logs_armed(logs.bucket_id))?;
        match &bucket {
            Some(bucket) if !is_complete => arm(ctx, txn, &logs.bucket, bucket),
            _ => Ok::<_, Error>(()),
        }
    })
    .await
}

/// Logs that the target does not take are lost, as they are in AWS.
async fn put(
    ctx: &Ctx,
    logs: &Logs,
    bucket: &Bucket,
    configuration: &LoggingConfiguration,
    (first, text): (i64, String),
) {
    const LETTERS: &[u8] = b"0123456789ABCDEF";
    let source = LogSource { account: &bucket.account, region: &bucket.region, bucket: &logs.bucket };
    let unique = ctx.random_letters(LETTERS, 16);
    let key = log_key(configuration, source, (ctx.now().secs(), first / 1_000_000), &unique);
    let account: AccountId = bucket.account.parse().unwrap_or(AccountId::DEFAULT);
    let arn = bucket::arn(&logs.bucket);
    let caller = Arc::new(Caller::service("logging.s3.amazonaws.com", account, Some(arn)));
    let target = configuration.target_bucket.as_str();
    let input = api::PutObjectInput::new().with_bucket(target).with_key(key).with_content_type("text/plain");
    let body = &mut Incoming::from(Bytes::from(text));
    if let Err(error) = ctx.call_streaming::<api::op::PutObject>(caller, &bucket.region, input, body).await {
        tracing::warn!(bucket = logs.bucket, target, "an access log was refused: {}", error.message);
    }
}
