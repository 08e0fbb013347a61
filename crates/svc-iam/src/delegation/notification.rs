//! What the product provider hears of its delegation requests, at its topic: the states they come to, and the exchange
//! token. Deliveries are in the outbox, committed with the change.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::json;
use virga_api::sns;
use virga_iam::Caller;
use virga_kit::{Arn, Ctx, Delivering, DeliveryFailure, Timer, TimerHandler, TimerKind, notifications};
use virga_store::{Fault, Write};

use crate::records::delegation::DelegationRequest;
use crate::rules::delegation_life;

/// How often an undelivered notification is tried, and how long it waits between.
const MOST_ATTEMPTS: u32 = 50;
const RETRY_AFTER: Duration = Duration::from_secs(20);

/// Delivers one notification.
pub(crate) const DELIVERY_TIMER: TimerKind =
    TimerKind { name: "notify", handler: TimerHandler::Delivery(deliver) };

/// What the timer of a delivery carries.
#[derive(Serialize, Deserialize)]
struct Letter {
    topic: String,
    message: String,
}

/// Tells the state of a request.
pub(super) fn of_state(ctx: &Ctx, txn: &mut Write, request: &DelegationRequest) -> Result<(), Fault> {
    send(ctx, txn, request, json!({ "Type": "StateChange" }))
}

/// Sends the exchange token.
pub(super) fn of_token(
    ctx: &Ctx,
    txn: &mut Write,
    request: &DelegationRequest,
    token: &str,
    expires_at: i64,
) -> Result<(), Fault> {
    let more =
        json!({ "Type": "ExchangeToken", "ExchangeToken": token, "ExpiresAt": ctx.iso_time(expires_at) });
    send(ctx, txn, request, more)
}

fn send(
    ctx: &Ctx,
    txn: &mut Write,
    request: &DelegationRequest,
    mut message: serde_json::Value,
) -> Result<(), Fault> {
    message["RequestId"] = json!(request.id);
    message["RequestorWorkflowId"] = json!(request.workflow_id);
    message["State"] = json!(delegation_life::word(request.state));
    message["UpdatedAt"] = json!(ctx.iso_time(request.updated));
    if let Some(account) = &request.owner_account {
        message["OwnerAccountId"] = json!(account);
    }
    let letter = Letter { topic: request.topic.clone(), message: message.to_string() };
    notifications::keep(ctx, txn, &letter.topic, &letter.message)?;
    let due = ctx.now();
    // Ids in the order of the events: timers of the same time fire by them.
    let id = format!("{:020}", ctx.sequence());
    ctx.schedule(txn, &Timer::new("iam", DELIVERY_TIMER.name, id, due, &letter)?)
}

fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let letter: Letter = timer.read().map_err(|_| DeliveryFailure::GiveUp)?;
        let Letter { topic, message } = letter;
        let arn = Arn::parse(&topic).ok_or(DeliveryFailure::GiveUp)?;
        let account = arn.account.parse().map_err(|_| DeliveryFailure::GiveUp)?;
        let caller = Arc::new(Caller::service("iam.amazonaws.com", account, None));
        let input = sns::PublishInput::new().with_topic_arn(&*topic).with_message(message);
        match ctx.call_in::<sns::op::Publish>(arn.region, caller, input).await {
            Ok(_) => Ok(()),
            // A fault of ours may pass; a topic that is not there or does not let IAM publish hears nothing.
            Err(error) if error.status == 500 && timer.attempts < MOST_ATTEMPTS => {
                Err(DeliveryFailure::Retry(RETRY_AFTER))
            }
            Err(_) => Err(DeliveryFailure::GiveUp),
        }
    })
}
