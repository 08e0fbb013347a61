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
use virga_store::{Direction, Fault, Reader as _, Write};

use crate::configuration::{Kind, document};
use crate::records::{Bucket, LogLine};
use crate::{bucket, keys, object, workers};
use virga_object::Error;
use virga_object::access_log::{AccessLogEntry, LogSource, log_key, operation_name};
use virga_object::configured::LoggingConfiguration;
use virga_object::members;

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
    let Some(name) = members::text(call.input, "Bucket") else { return };
    // A call on an object changes nothing about its bucket's logs.
    let of_object = members::text(call.input, "Key").and_then(|_| bucket::kept(ctx, name));
    if of_object.is_some_and(|bucket| !bucket.configured.has(Kind::Logging)) {
        return;
    }
    let noted = wanted(ctx, name).and_then(|bucket| match bucket {
        Some(bucket) => keep(ctx, name, &bucket, &entry(ctx, name, &bucket, call)),
        None => Ok(()),
    });
    if let Err(fault) = noted {
        tracing::error!("a request can't be noted in an access log: {fault}");
    }
}

fn wanted(ctx: &Ctx, name: &str) -> Result<Option<Bucket>, Fault> {
    let bucket = ctx.world().store().read()?.get(&keys::bucket(name))?;
    Ok(bucket.filter(|bucket: &Bucket| bucket.configured.has(Kind::Logging)))
}

fn keep(ctx: &Ctx, name: &str, bucket: &Bucket, entry: &AccessLogEntry) -> Result<(), Fault> {
    let line = LogLine { time: ctx.now().micros(), text: entry.line() };
    let kept = ctx.world().store().write(|txn| {
        txn.put(&keys::log_line(bucket.id, ctx.sequence()), &line)?;
        arm(ctx, txn, name, bucket).map_err(|error| match error {
            Error::Fault(fault) => fault,
            _ => Fault::new("access logs can't be delivered"),
        })
    });
    kept.map(|_| ())
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

fn entry(ctx: &Ctx, name: &str, bucket: &Bucket, call: &Answered<'_>) -> AccessLogEntry {
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
    // A form is sent to the bucket; the key is one of its fields.
    let path = if key.is_empty() || is_form { format!("/{name}") } else { format!("/{name}/{key}") };
    let method = if is_form { "POST" } else { call.operation.method() };
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    AccessLogEntry {
        bucket_owner: canonical(&bucket.account),
        bucket: name.to_owned(),
        time: ctx.now().secs(),
        remote_ip: origin.source_ip.map(|ip| ip.to_string()).unwrap_or_default(),
        requester: requester(ctx),
        request_id: ctx.request_id().to_owned(),
        operation: operation_name(call.operation.name(), (plane, method), !key.is_empty()),
        key: key.to_owned(),
        request_uri: format!("{method} {path} HTTP/1.1"),
        status: call.status,
        error_code: call.result.map_or_else(|error| error.code.to_string(), |_| String::new()),
        bytes_sent: length.filter(|_| call.operation.name() == "GetObject"),
        object_size: length.or(sent),
        total_millis: u64::try_from(call.took.as_millis()).ok(),
        referer: text(&origin.referer),
        user_agent: text(&origin.user_agent),
        version_id: members::text(call.input, "VersionId").unwrap_or_default().to_owned(),
        signature_version: signature_version(ctx).to_owned(),
        authentication_type: authentication_type(ctx).to_owned(),
        host_header: origin.endpoint.host.to_string(),
        tls_version: origin.tls.map(|tls| format!("TLSv{}", tls.number())).unwrap_or_default(),
        ..AccessLogEntry::default()
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
