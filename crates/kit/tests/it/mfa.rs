//! MFA devices in use: whose code is right, and that it is right once.

use std::sync::Arc;
use std::time::Duration;

use virga_api::sqs as api;
use virga_iam::totp;
use virga_kit::mfa::{self, MfaDevice, MfaOwner};
use virga_kit::{Access, Ctx, Service, Validation, World};
use virga_store::Write;

use crate::service::{Error, call, world_of};

const SERIAL: &str = "arn:aws:iam::111122223333:mfa/phone";
const SEED: &[u8] = b"12345678901234567890";

virga_kit::operations! {
    static OPERATIONS in virga_api::sqs;
    write GetQueueUrl => verify;
    write DeleteQueue => enable;
}

static SERVICE: Service = Service {
    model: api::model(),
    action_prefix: "sqs",
    operations: OPERATIONS,
    access: |_, operation, _| vec![Access::without_resource(operation.name())],
    timers: &[],
    validation: Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};

/// Answers with the owner's id when the code, given as the name, is right.
fn verify(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::GetQueueUrlInput,
) -> Result<api::GetQueueUrlOutput, Error> {
    let owner = mfa::verify(ctx, txn, ctx.account(), SERIAL, input.queue_name())?;
    Ok(api::GetQueueUrlOutput::new().with_queue_url(owner.map(|owner| match owner {
        MfaOwner::Root => "root".to_owned(),
        MfaOwner::User { id } => id,
    })))
}

/// Enables the device, whose clock runs two steps ahead.
fn enable(ctx: &Ctx, txn: &mut Write, _: &api::DeleteQueueInput) -> Result<virga_api::Nothing, Error> {
    let owner = MfaOwner::User { id: "AIDAEXAMPLE".into() };
    let device = MfaDevice { owner, seed: SEED.to_vec(), ahead_steps: 2, last_step: 0 };
    mfa::put(txn, ctx.account(), SERIAL, &device)?;
    Ok(virga_api::Nothing::new())
}

async fn owner_of(world: &Arc<World>, code: &str) -> Option<String> {
    let input = api::GetQueueUrlInput::new().with_queue_name(code);
    call::<api::op::GetQueueUrl>(world, input).await.unwrap().queue_url().map(str::to_owned)
}

#[tokio::test]
async fn a_code_is_good_once_and_in_its_time() {
    let world = world_of(&SERVICE);
    let step = totp::step_at(world.clock().now().secs()) + 2;
    assert_eq!(owner_of(&world, &totp::code(SEED, step)).await, None, "no such device yet");
    call::<api::op::DeleteQueue>(&world, api::DeleteQueueInput::new().with_queue_url("q")).await.unwrap();
    assert_eq!(owner_of(&world, &totp::code(SEED, step - 2)).await, None, "the device is two steps ahead");
    let code = totp::code(SEED, step);
    assert_eq!(owner_of(&world, &code).await.as_deref(), Some("AIDAEXAMPLE"));
    assert_eq!(owner_of(&world, &code).await, None, "a code can't be used again");
    assert_eq!(owner_of(&world, &totp::code(SEED, step - 1)).await, None, "nor one before it");
    world.advance_to(world.clock().now().plus(Duration::from_secs(30))).await.unwrap();
    assert_eq!(owner_of(&world, &totp::code(SEED, step + 1)).await.as_deref(), Some("AIDAEXAMPLE"));
}
