//! A service for tests, under SQS's model: a queue is a list of texts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use virga_api::sqs as api;
use virga_iam::Caller;
use virga_kit::{
    Access, Call, Ctx, DeliveryFailure, Endpoint, Failure, Origin, Service, Services, Timer, TimerHandler,
    TimerKind, Topic, Validation, Via, Waited, World, WorldSettings, dispatch,
};
use virga_model::view::{Operation, Structure};
use virga_model::{ApiError, Record, Text, Timestamp};
use virga_store::{Counter, Direction, Read, Reader as _, Space, Store, Write, stored};

#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Line(pub(crate) String);
stored!(Line, 1);

static LINES: Space<Line> = Space::new("test.lines");
static FIRED: Space<Line> = Space::new("test.fired");
static CALLS: Space<Counter> = Space::new("test.calls");

/// How often the delivery has been tried in this process.
pub(crate) static DELIVERIES: AtomicU32 = AtomicU32::new(0);

virga_kit::service_errors! {
    /// Errors of the test service.
    pub(crate) enum Error in virga_api::sqs {
        /// It is not there.
        QueueDoesNotExist => modelled queue_does_not_exist: "The specified queue does not exist.";
        /// Not this one.
        Refused { name: String } => common "RefusedException" "Refused" 409: "not {name}";
    }
}

virga_kit::operations! {
    static OPERATIONS in virga_api::sqs;
    write CreateQueue => create_queue;
    read ListQueues => list_queues;
    write SendMessage => send_message, ignoring ["DelaySeconds"];
    wait ReceiveMessage => receive_message;
    write PurgeQueue => panics;
    call GetQueueUrl => create_through_call;
    write AddPermission => add_permission;
    write UntagQueue => sends_within;
}

pub(crate) static SERVICE: Service = Service {
    model: api::model(),
    action_prefix: "sqs",
    operations: OPERATIONS,
    access: |ctx, operation, _| vec![Access::to(operation.name(), ctx.arn("sqs", "q"))],
    timers: &[
        TimerKind { name: "note", handler: TimerHandler::Transaction(note) },
        TimerKind {
            name: "deliver",
            handler: TimerHandler::Delivery(|_, timer| {
                Box::pin(async move {
                    match DELIVERIES.fetch_add(1, Ordering::SeqCst) {
                        0 => Err(DeliveryFailure::Retry(Duration::from_secs(60))),
                        1 => panic!("{}", timer.id),
                        _ => Ok(()),
                    }
                })
            }),
        },
    ],
    validation: Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};

/// `CreateQueue` sets a timer of the kind that an attribute names, due after the seconds that the name ends with.
fn create_queue(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateQueueInput,
) -> Result<api::CreateQueueOutput, Error> {
    let name = input.queue_name();
    if name == "refused" {
        return Err(Error::Refused { name: name.to_owned() });
    }
    let (kind, seconds) = name.split_once('-').ok_or(Error::QueueDoesNotExist)?;
    let seconds = seconds.parse().map_err(|_| Error::QueueDoesNotExist)?;
    let timer = Timer {
        service: "sqs",
        kind: if kind == "deliver" { "deliver" } else { "note" },
        id: name.to_owned(),
        due: ctx.now().plus(Duration::from_secs(seconds)),
        payload: name.as_bytes().to_vec(),
        attempts: 0,
    };
    ctx.schedule(txn, &timer)?;
    Ok(api::CreateQueueOutput::new().with_queue_url(format!("{}/{}/{name}", ctx.endpoint(), ctx.account())))
}

fn note(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let text = String::from_utf8_lossy(&timer.payload).into_owned();
    txn.put(&FIRED.key(ctx.sequence()), &Line(format!("{text}@{}", ctx.now().secs())))?;
    Ok(())
}

fn list_queues(_: &Ctx, txn: &Read, _: &api::ListQueuesInput) -> Result<api::ListQueuesOutput, Error> {
    let fired = txn.scan(&FIRED.all(), Direction::Forward, 1000)?;
    Ok(api::ListQueuesOutput::new()
        .with_queue_urls(fired.into_iter().map(|(_, line)| line.0).collect::<Vec<_>>()))
}

fn send_message(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::SendMessageInput,
) -> Result<api::SendMessageOutput, Error> {
    // A read that conflicts with every other sender, on purpose.
    let count = txn.counter(&CALLS.key(()))?;
    txn.add(&CALLS.key(()), 1)?;
    txn.put(&LINES.key(ctx.sequence()), &Line(input.message_body().to_owned()))?;
    ctx.wake(txn, Topic::of("lines"));
    Ok(api::SendMessageOutput::new().with_message_id(count.to_string()))
}

fn receive_message(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::ReceiveMessageInput,
) -> Result<Waited<api::ReceiveMessageOutput>, Error> {
    let wait = u64::try_from(input.wait_time_seconds().unwrap_or(0)).unwrap_or(0);
    let deadline = ctx.started().plus(Duration::from_secs(wait));
    match txn.first(&LINES.all())? {
        Some((key, line)) => {
            txn.delete(&key)?;
            let message = api::Message::new().with_body(line.0);
            Ok(Waited::Ready(api::ReceiveMessageOutput::new().with_messages(vec![message])))
        }
        None if ctx.now() >= deadline => Ok(Waited::Ready(api::ReceiveMessageOutput::new())),
        None => Ok(Waited::Until { topic: Topic::of("lines"), at: deadline }),
    }
}

fn panics(_: &Ctx, _: &mut Write, input: &api::PurgeQueueInput) -> Result<virga_api::Nothing, Error> {
    panic!("on purpose: {}", input.queue_url());
}

/// Sends a message as a part of its own transaction, and fails after that when it is told to.
fn sends_within(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UntagQueueInput,
) -> Result<virga_api::Nothing, Failure> {
    let message = api::SendMessageInput::new().with_queue_url("q");
    let message = if input.queue_url() == "bodiless" { message } else { message.with_message_body("within") };
    ctx.call_within::<api::op::SendMessage>(txn, message)?;
    if input.queue_url() == "fail" {
        Err(Error::QueueDoesNotExist.into())
    } else {
        Ok(virga_api::Nothing::new())
    }
}

/// The label is the policy of the queue `q`; an empty one removes it.
fn add_permission(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::AddPermissionInput,
) -> Result<virga_api::Nothing, Error> {
    let arn = ctx.arn("sqs", "q");
    match input.label() {
        "" => ctx.delete_resource_policy(txn, &arn)?,
        policy => ctx.put_resource_policy(txn, &arn, policy)?,
    }
    Ok(virga_api::Nothing::new())
}

/// Calls an operation of a service, then writes a line.
async fn create_through_call(
    ctx: &Ctx,
    input: &api::GetQueueUrlInput,
) -> Result<api::GetQueueUrlOutput, Failure> {
    let name = input.queue_name();
    assert_ne!(name, "panic", "on purpose");
    let create = api::CreateQueueInput::new();
    let create = if name == "nameless" { create } else { create.with_queue_name(name) };
    let created = ctx.call::<api::op::CreateQueue>(Arc::new(ctx.caller().clone()), create).await?;
    ctx.transact(|txn| txn.put(&LINES.key(ctx.sequence()), &Line(name.to_owned()))).await?;
    Ok(api::GetQueueUrlOutput::new().with_queue_url(created.queue_url().map(str::to_owned)))
}

/// A world of the test service, in memory, with its clock frozen at a round time.
pub(crate) fn world() -> Arc<World> {
    world_with(WorldSettings { own_host: "localhost".into(), ..WorldSettings::default() })
}

/// The same of another service.
pub(crate) fn world_of(service: &'static Service) -> Arc<World> {
    open(service, WorldSettings::default())
}

/// The same with other settings.
pub(crate) fn world_with(settings: WorldSettings) -> Arc<World> {
    open(&SERVICE, settings)
}

fn open(service: &'static Service, settings: WorldSettings) -> Arc<World> {
    world_on(Store::memory(), service, settings)
}

/// A world on a store, as one of the nodes that serve it.
pub(crate) fn world_on(store: Store, service: &'static Service, settings: WorldSettings) -> Arc<World> {
    let world = World::open("main", store, Arc::new(Services::new(&[service])), settings).unwrap();
    world.clock().freeze(world.store()).unwrap();
    world.clock().set(world.store(), Timestamp::from_secs(1_800_000_000)).unwrap();
    world
}

pub(crate) async fn call<O: Operation>(world: &Arc<World>, input: O::Input) -> Result<O::Output, ApiError> {
    raw(world, O::model(), input.into_record()).await.map(O::Output::from_record)
}

pub(crate) async fn call_as<O: Operation>(
    world: &Arc<World>,
    caller: Caller,
    input: O::Input,
) -> Result<O::Output, ApiError> {
    raw_as(world, caller, O::model(), input.into_record()).await.map(O::Output::from_record)
}

pub(crate) async fn raw(
    world: &Arc<World>,
    operation: virga_model::Operation,
    input: Record,
) -> Result<Record, ApiError> {
    raw_as(world, Caller::of_unknown_key("111122223333"), operation, input).await
}

async fn raw_as(
    world: &Arc<World>,
    caller: Caller,
    operation: virga_model::Operation,
    input: Record,
) -> Result<Record, ApiError> {
    let endpoint = Endpoint { secure: false, host: "localhost:4566".into() };
    let call = Call {
        operation,
        input,
        caller: Arc::new(caller),
        region: Text::from_static("eu-west-1"),
        request_id: Text::from_static("request-1"),
        origin: Arc::new(Origin { secure: false, ..Origin::internal(endpoint) }),
        via: Via::default(),
    };
    dispatch(world, call).await
}

pub(crate) async fn create(world: &Arc<World>, name: &str) -> Result<String, ApiError> {
    let output =
        call::<api::op::CreateQueue>(world, api::CreateQueueInput::new().with_queue_name(name)).await?;
    Ok(output.queue_url().unwrap_or_default().to_owned())
}

pub(crate) async fn send(world: &Arc<World>, body: &str) -> String {
    let input = api::SendMessageInput::new().with_queue_url("q").with_message_body(body);
    call::<api::op::SendMessage>(world, input).await.unwrap().message_id().unwrap().to_owned()
}

pub(crate) async fn receive(world: &Arc<World>, wait_seconds: i32) -> Option<String> {
    let input = api::ReceiveMessageInput::new().with_queue_url("q").with_wait_time_seconds(wait_seconds);
    let output = call::<api::op::ReceiveMessage>(world, input).await.unwrap();
    output.messages().and_then(|messages| messages.iter().next()?.body().map(str::to_owned))
}

/// The timers that have fired, with the seconds after the round time.
pub(crate) async fn fired(world: &Arc<World>) -> Vec<(String, i64)> {
    let output = call::<api::op::ListQueues>(world, api::ListQueuesInput::new()).await.unwrap();
    let lines = output.queue_urls().unwrap();
    lines
        .iter()
        .map(|line| {
            let (name, second) = line.split_once('@').unwrap();
            (name.to_owned(), second.parse::<i64>().unwrap() - 1_800_000_000)
        })
        .collect()
}
