//! The one way of a call once it is decoded: faults, authorization, transaction, durability, record.

use std::any::Any;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, Instant};

use virga_iam::Caller;
use virga_model::{ApiError, Operation, Record, Shape, Text, Value};
use virga_store::{CommitError, Fault, Ticket, Write};

use crate::authorize::authorize;
use crate::ctx::Origin;
use crate::service::Served;
use crate::usage;
use crate::{
    Answered, Ctx, Failure, Handler, Incoming, LoggedAccesses, LoggedCall, Outcome, Outgoing, Streamed,
    Waited, World,
};

/// Conflicts after which a transaction waits before it runs again.
const EAGER_ATTEMPTS: u32 = 4;
/// Conflicts after which a call is given up.
const MOST_ATTEMPTS: u32 = 1000;
/// Longest body, in bytes, that a call within the cloud gets as a part of its output.
const MOST_COLLECTED: usize = 64 * 1024 * 1024;

/// A decoded call.
#[derive(Debug, Clone)]
pub struct Call {
    /// The operation.
    pub operation: Operation,
    /// Its input, valid by the model.
    pub input: Record,
    /// Who calls.
    pub caller: Arc<Caller>,
    /// Region.
    pub region: Text,
    /// Request id.
    pub request_id: Text,
    /// Where it came from.
    pub origin: Arc<Origin>,
    /// Through whom it came.
    pub via: Via,
}

/// Through whom a call came; by default straight from its caller.
#[derive(Debug, Clone, Default)]
pub struct Via {
    /// Services that call on behalf of the caller, first to last, by the prefix of their actions.
    pub services: Vec<&'static str>,
    /// Whether it stays within the cloud's own walls, where no permission is asked.
    pub trusted: bool,
}

/// Runs a call. When it returns, the change is durable and the call recorded.
///
/// # Errors
/// The operation's error, an error of any service (access denied, throttled, not implemented), or an internal error.
///
/// A streamed payload is the blob in its member, at most 64 MiB long in an output. Nothing in the output is deferred.
pub async fn dispatch(world: &Arc<World>, mut call: Call) -> Result<Record, ApiError> {
    let operation = call.operation;
    let mut incoming = take_payload(&mut call);
    let Streamed { mut output, body, .. } = dispatch_streaming(world, call, &mut incoming).await?;
    if !matches!(body, Outgoing::Nothing) {
        let body = body.collect(MOST_COLLECTED).await.map_err(|fault| internal(operation, &fault))?;
        if let Some(place) = operation.output().and_then(Shape::payload) {
            output.set(place, Value::Blob(body));
        }
    }
    Ok(output.settled())
}

/// The blob in the streaming member of an input, as the body of the call.
fn take_payload(call: &mut Call) -> Incoming {
    let streams = |shape: &Shape| {
        let place = shape.payload()?;
        shape.member(place)?.is_streaming().then_some(place)
    };
    let Some(place) = call.operation.input().as_ref().and_then(streams) else { return Incoming::empty() };
    let Value::Blob(bytes) = call.input.get(place) else { return Incoming::empty() };
    let incoming = Incoming::from(bytes.clone());
    call.input.set(place, Value::Stream);
    incoming
}

/// Runs a call whose payloads travel beside the records. When it returns, the change is durable and the call recorded;
/// the body of the answer may still be on its way.
///
/// # Errors
/// As [`dispatch`].
pub async fn dispatch_streaming(
    world: &Arc<World>,
    mut call: Call,
    incoming: &mut Incoming,
) -> Result<Streamed, ApiError> {
    let Some(served) = world.services().find(call.operation) else {
        return Err(not_implemented(call.operation));
    };
    (served.service.around.route)(world, &mut call);
    #[expect(clippy::disallowed_methods, reason = "how long a call took is measured in real time")]
    let started = Instant::now();
    let mut ctx = Ctx::new(world, served.service.action_prefix, &call);
    if served.entry.handler.is_asynchronous() {
        ctx = ctx.asking();
    }
    let mut accesses = LoggedAccesses::new();
    let mut result = serve(&ctx, &served, &call, incoming, &mut accesses).await;
    let answer = result.as_mut().map(|streamed| &mut streamed.output);
    (served.service.around.complete)(&ctx, call.operation, &call.input, answer);
    accesses.extend(ctx.take_asked());
    let took = started.elapsed();
    let status = match &result {
        Ok(streamed) => ctx.origin().success_status.unwrap_or_else(|| streamed.status(call.operation)),
        Err(error) => error.status,
    };
    (served.service.around.answered)(
        &ctx,
        &Answered {
            operation: call.operation,
            input: &call.input,
            result: result.as_ref().map(|streamed| &streamed.output),
            status,
            took,
        },
    );
    record(&ctx, &served, call, Told { status, error: result.as_ref().err().cloned(), took }, accesses);
    result
}

/// Runs a call inside the transaction of another one, as that one's part: it commits or fails with it. Only operations
/// that neither wait nor call others can be called so. A read sees the committed state.
///
/// # Errors
/// As [`dispatch`].
pub(crate) fn dispatch_within(world: &Arc<World>, txn: &mut Write, call: Call) -> Result<Record, ApiError> {
    let Some(served) = world.services().find(call.operation) else {
        return Err(not_implemented(call.operation));
    };
    let ctx = Ctx::new(world, served.service.action_prefix, &call);
    let mut accesses = LoggedAccesses::new();
    let result = authorize(&ctx, &served, &call, &mut accesses).and_then(|()| {
        match world.faults().strike(call.operation, &accesses) {
            // A transaction does not wait.
            (_, Some(error)) => Err(error),
            (_, None) => run_within(&ctx, txn, served.entry.handler, &call.input)
                .map_err(|failure| answered(&ctx, call.operation, failure)),
        }
    });
    let told = Told {
        status: result.as_ref().map_or_else(|error| error.status, |_| call.operation.status()),
        error: result.as_ref().err().cloned(),
        took: Duration::ZERO,
    };
    match &result {
        // The transaction may run again: what it has called counts once.
        Ok(_) => txn.on_commit(move || record(&ctx, &served, call, told, accesses)),
        Err(_) => record(&ctx, &served, call, told, accesses),
    }
    result.map(Record::settled)
}

/// What the caller was told, and after how long.
struct Told {
    status: u16,
    error: Option<ApiError>,
    took: Duration,
}

/// Counts and logs a call that has been answered, and notes what it used.
fn record(ctx: &Ctx, served: &Served, call: Call, told: Told, accesses: LoggedAccesses) {
    let Told { status, error, took } = told;
    let world = ctx.world();
    world.metrics().count(served, status, took);
    if status < 400 {
        usage::note(ctx, &accesses);
    }
    world.log().add(LoggedCall {
        sequence: 0,
        time: ctx.now(),
        request_id: call.request_id,
        operation: call.operation,
        region: call.region,
        caller: call.caller,
        status,
        error,
        took,
        accesses,
    });
}

fn run_within(ctx: &Ctx, txn: &mut Write, handler: Handler, input: &Record) -> Result<Record, Failure> {
    match handler {
        Handler::Read(handler) => {
            let read = ctx.world().store().read()?;
            guarded(|| handler(ctx, &read, input))
        }
        Handler::Write(handler) => guarded(|| handler(ctx, txn, input)),
        Handler::Begin(handler) => guarded(|| handler(ctx, txn, input)).map(Outcome::into_inner),
        Handler::Wait(_) | Handler::Call(_) | Handler::Stream(_) => {
            Err(Fault::new("an operation that waits can't be part of a transaction").into())
        }
    }
}

async fn serve(
    ctx: &Ctx,
    served: &Served,
    call: &Call,
    incoming: &mut Incoming,
    accesses: &mut LoggedAccesses,
) -> Result<Streamed, ApiError> {
    (served.service.around.admit)(ctx, call.operation, &call.input)?;
    authorize(ctx, served, call, accesses)?;
    let (delay, fault) = ctx.world().faults().strike(call.operation, accesses);
    if delay > Duration::ZERO {
        tokio::time::sleep(delay).await;
    }
    if let Some(error) = fault {
        return Err(error);
    }
    match run(ctx, served.entry.handler, &call.input, incoming).await {
        Ok(output) => Ok(output),
        Err(failure) => Err(answered(ctx, call.operation, failure)),
    }
}

/// What the caller hears of a failure: a fault is logged and hidden.
fn answered(ctx: &Ctx, operation: Operation, failure: Failure) -> ApiError {
    match failure {
        Failure::Api(error) => *error,
        Failure::Fault(fault) => {
            tracing::error!(
                request_id = ctx.request_id(),
                service = operation.service().name(),
                operation = operation.name(),
                "{fault}"
            );
            told(&fault)
        }
    }
}

/// What is told of a fault. A disk that is full is no bug: the caller may try again once there is room.
fn told(fault: &Fault) -> ApiError {
    if fault.is_full_disk() { ApiError::unavailable() } else { ApiError::internal() }
}

/// What the caller within the cloud hears when the body of an answer fails.
fn internal(operation: Operation, fault: &Fault) -> ApiError {
    tracing::error!(service = operation.service().name(), operation = operation.name(), "{fault}");
    told(fault)
}

/// An operation that no service of this cloud serves.
fn not_implemented(operation: Operation) -> ApiError {
    let (service, name) = (operation.service().name(), operation.name());
    ApiError::common("NotImplemented", 501, format!("virga does not implement {service} {name} yet."))
}

/// Runs the handler until its transaction commits, and waits until the commit is durable.
async fn run(
    ctx: &Ctx,
    handler: Handler,
    input: &Record,
    incoming: &mut Incoming,
) -> Result<Streamed, Failure> {
    let store = ctx.world().store();
    let (output, ticket) = match handler {
        Handler::Read(handler) => {
            let read = store.read()?;
            let output = guarded(|| handler(ctx, &read, input))?;
            (output, read.ticket())
        }
        Handler::Write(handler) => transact(ctx, |txn| handler(ctx, txn, input)).await?,
        Handler::Begin(handler) => {
            let (outcome, ticket) = transact(ctx, |txn| handler(ctx, txn, input)).await?;
            store.durable(ticket).await?;
            let is_accepted = matches!(outcome, Outcome::Accepted(_));
            return Ok(Streamed { is_accepted, ..Streamed::done(outcome.into_inner()) });
        }
        Handler::Wait(handler) => wait(ctx, |txn| handler(ctx, txn, input)).await?,
        // Its transactions are durable already.
        Handler::Call(handler) => {
            let output = guarded_call(handler(ctx, input)).await?;
            return Ok(Streamed::done(output));
        }
        Handler::Stream(handler) => return guarded_call(handler(ctx, input, incoming)).await,
    };
    store.durable(ticket).await?;
    Ok(Streamed::done(output))
}

/// Runs a transaction, again whenever it conflicts.
pub(crate) async fn transact<T>(
    ctx: &Ctx,
    mut handler: impl FnMut(&mut Write) -> Result<T, Failure>,
) -> Result<(T, Ticket), Failure> {
    let store = ctx.world().store();
    for attempt in 0..MOST_ATTEMPTS {
        let mut txn = store.begin()?;
        let output = guarded(|| handler(&mut txn));
        let committed = match output {
            // Even an error is void when what it was decided on has changed.
            _ if txn.is_stale() => Err(CommitError::Conflict),
            Err(failure) => return Err(failure),
            Ok(output) => store.commit(txn).map(|ticket| (output, ticket)),
        };
        match committed {
            Ok(done) => return Ok(done),
            Err(CommitError::Fault(fault)) => return Err(fault.into()),
            Err(CommitError::Conflict) if attempt < EAGER_ATTEMPTS => {}
            Err(CommitError::Conflict) => {
                let most = 50 << attempt.min(7);
                tokio::time::sleep(Duration::from_micros(fastrand::u64(1..=most))).await;
            }
        }
    }
    Err(Fault::new(format!("a transaction conflicted {MOST_ATTEMPTS} times")).into())
}

/// Runs a waiting handler until it has an answer. It takes its place among the listeners before it looks a second
/// time, so that no wake-up is lost between looking and listening.
async fn wait<T>(
    ctx: &Ctx,
    mut handler: impl FnMut(&mut Write) -> Result<Waited<T>, Failure>,
) -> Result<(T, Ticket), Failure> {
    let (mut waited, mut ticket) = transact(ctx, &mut handler).await?;
    let listener = match &waited {
        Waited::Ready(_) => None,
        Waited::Until { topic, .. } => {
            let listener = ctx.world().wakeups().listen(*topic);
            (waited, ticket) = transact(ctx, &mut handler).await?;
            Some(listener)
        }
    };
    loop {
        let (at, listener) = match (waited, &listener) {
            (Waited::Ready(output), _) => return Ok((output, ticket)),
            (Waited::Until { at, .. }, Some(listener)) => (at, listener),
            (Waited::Until { .. }, None) => return Err(Fault::new("a call waits without listening").into()),
        };
        tokio::select! {
            () = listener.woken() => {}
            () = ctx.world().clock().reach(at) => {}
        }
        (waited, ticket) = transact(ctx, &mut handler).await?;
    }
}

/// A panic in a handler is a fault of that call only.
fn guarded<T>(handler: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|panic| Err(panicked(&*panic)))
}

/// The same for an asynchronous handler.
async fn guarded_call<T>(
    mut call: Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + '_>>,
) -> Result<T, Failure> {
    poll_fn(|context| {
        let polled = catch_unwind(AssertUnwindSafe(|| call.as_mut().poll(context)));
        polled.unwrap_or_else(|panic| Poll::Ready(Err(panicked(&*panic))))
    })
    .await
}

fn panicked(panic: &(dyn Any + Send)) -> Failure {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no text");
    Fault::new(format!("a handler panicked: {text}")).into()
}
