//! `/_virga/requests`: the recent calls of the world, as a list, as a stream, and one of them explained.

use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::sync::broadcast::error::RecvError;
use virga_iam::Caller;
use virga_kit::{LoggedAccess, LoggedCall, authorization_message};

use super::answer::{Answer, json, with_type};
use super::error::AdminError;
use super::query::Query;
use super::request_filter::RequestFilter;
use super::time_text::format_time;
use super::visit::Visit;
use crate::cloud::Cloud;
use crate::http::ResponseBody;

/// Calls in a list unless the caller says otherwise.
const LISTED: usize = 100;
/// Calls in a list at most.
const MOST_LISTED: usize = 4096;
/// Lines of a tail that wait to be sent.
const WAITING_LINES: usize = 64;

/// `GET /_virga/requests`: newest first, or as a stream with `tail=true`.
pub(super) fn list(visit: &Visit<'_>) -> Answer {
    let mut query = visit.query()?;
    if query.take_parsed::<bool>("tail")?.unwrap_or(false) {
        return follow(visit, query);
    }
    let limit = query.take_parsed("limit")?.unwrap_or(LISTED);
    let filter = RequestFilter::take(&mut query)?;
    query.finish()?;
    let calls = visit.world.log().recent(limit.min(MOST_LISTED), |call| filter.takes(call));
    let calls: Vec<Value> = calls.iter().map(summary).collect();
    json(&json!({ "requests": calls }))
}

/// `GET /_virga/requests/tail`: a JSON object per line and call, from now on.
pub(super) fn tail(visit: &Visit<'_>) -> Answer {
    follow(visit, visit.query()?)
}

/// `GET /_virga/requests/{request-id}`: a call with what it needed permission for and why it was decided so.
pub(super) fn show(visit: &Visit<'_>, request_id: &str) -> Answer {
    let found = visit.world.log().recent(1, |call| &*call.request_id == request_id);
    let Some(call) = found.first() else {
        return Err(AdminError::not_found(format!(
            "{request_id} is not among the recent calls of this world"
        )));
    };
    let mut accesses: Vec<Value> =
        call.accesses.iter().map(|access| explained(access, &call.caller)).collect();
    for (access, shown) in call.accesses.iter().zip(&mut accesses) {
        if let Some(decision) = access.decision.as_ref().filter(|decision| !decision.allows()) {
            let message = authorization_message::describe(&call.caller, decision);
            let account = call.caller.account.as_str();
            let encoded = authorization_message::encode(visit.world.store(), account, &message)?;
            shown["encoded_authorization_message"] = encoded.into();
        }
    }
    let mut shown = summary(call);
    shown["accesses"] = accesses.into();
    json(&shown)
}

fn explained(access: &LoggedAccess, caller: &Caller) -> Value {
    let mut shown = json!({ "action": access.full_action(), "resources": access.resources });
    match &access.decision {
        None => {
            shown["allowed"] = true.into();
            shown["reason"] = "the account's root user: no policy restricts it here".into();
        }
        Some(decision) => {
            shown["allowed"] = decision.allows().into();
            shown["resource"] = decision.resource.as_str().into();
            shown["reason"] = match (decision.is_granted, decision.allows()) {
                (true, _) => "a grant allows it".into(),
                (false, true) => "policies allow it".into(),
                (false, false) => decision.message(caller).into(),
            };
            shown["explanation"] = json!(decision.explain(caller));
            let keys = decision.asked.iter().map(|(key, values)| (key.clone(), json!(values)));
            shown["condition_keys"] = Value::Object(keys.collect());
        }
    }
    shown
}

fn follow(visit: &Visit<'_>, mut query: Query) -> Answer {
    let filter = RequestFilter::take(&mut query)?;
    query.finish()?;
    let mut calls = visit.world.log().tail();
    let (sender, body) = ResponseBody::channel(WAITING_LINES);
    let stopped = Cloud::stopped(visit.cloud);
    tokio::spawn(async move {
        tokio::pin!(stopped);
        loop {
            let call = tokio::select! {
                call = calls.recv() => call,
                () = sender.closed() => return,
                () = &mut stopped => return,
            };
            let line = match call {
                Ok(call) if filter.takes(&call) => summary(&call),
                Ok(_) => continue,
                Err(RecvError::Lagged(missed)) => json!({ "missed": missed }),
                Err(RecvError::Closed) => return,
            };
            if !sender.send(Bytes::from(format!("{line}\n"))).await {
                return;
            }
        }
    });
    Ok(with_type("application/x-ndjson", body))
}

fn summary(call: &LoggedCall) -> Value {
    let caller = Arc::as_ref(&call.caller);
    let error = call.error.as_ref();
    json!({
        "sequence": call.sequence,
        "time": format_time(call.time),
        "request_id": &*call.request_id,
        "service": call.operation.service().name(),
        "operation": call.operation.name(),
        "region": &*call.region,
        "caller": {
            "account": caller.account.as_str(),
            "arn": caller.arn(),
            "access_key_id": caller.access_key_id,
        },
        "status": call.status,
        "error": error.map(|error| json!({ "code": error.code, "message": &*error.message })),
        "took_micros": u64::try_from(call.took.as_micros()).unwrap_or(u64::MAX),
    })
}
