//! Message move tasks: dead-letter queue redrive.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;
use virga_api::sqs as api;
use virga_kit::{Ctx, Failure, Timer};
use virga_store::{Direction, Key, Read, Reader as _, Write};

use crate::delivery::{self, QueueAt, now, seconds};
use crate::error::Error;
use crate::records::{Message, MoveTask, Place, TaskStatus};
use crate::rules::QueueAddress;
use crate::{encryption, keys, workers};

/// Kind of the timer that moves.
pub(crate) const MOVE: &str = "move";

/// Messages that a task without a rate moves at once.
const BATCH: usize = 100;
/// Pages of messages that one firing of the timer looks through for some that are not in flight.
const PAGES: usize = 20;
/// The highest rate.
const MOST_PER_SECOND: i32 = 500;
/// The most tasks that a listing shows.
const MOST_LISTED: i32 = 10;
/// Why a task fails whose queues are not there.
const QUEUE_GONE: &str = "AWS.SimpleQueueService.NonExistentQueue";
/// Why a task fails that finds a message which no other queue has buried.
const SOURCE_UNKNOWN: &str = "CouldNotDetermineMessageSource";
/// Active tasks of an account and region are few; finished ones are kept until there are this many for a queue.
const KEPT: usize = 10;

/// What the timer of a task knows.
#[derive(Serialize, Deserialize)]
struct Running {
    account: String,
    region: String,
    name: String,
    started: i64,
    id: String,
}

impl Running {
    fn source(&self) -> QueueAddress<'_> {
        QueueAddress { account: &self.account, region: &self.region, name: &self.name }
    }

    fn key(&self) -> Key<MoveTask> {
        keys::task(self.source(), self.started, &self.id)
    }
}

/// Starts a task that moves the messages of a dead-letter queue to another queue, or back where they came from.
pub(crate) fn start_message_move_task(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::StartMessageMoveTaskRequest,
) -> Result<api::StartMessageMoveTaskResult, Error> {
    let source = queue_of_arn(txn, input.source_arn(), "SourceArn")?;
    if txn.scan_keys(&keys::sources(source.at), Direction::Forward, 1)?.is_empty() {
        let reason = "Source queue must be configured as a Dead Letter Queue.".to_owned();
        return Err(Error::InvalidParameterValue { reason });
    }
    if let Some(arn) = input.destination_arn() {
        let destination = queue_of_arn(txn, arn, "DestinationArn")?;
        if destination.queue.fifo.is_some() != source.queue.fifo.is_some() || destination.at == source.at {
            let reason = "Source and destination queue must be different queues of the same type.".to_owned();
            return Err(Error::InvalidParameterValue { reason });
        }
    }
    let rate = input.max_number_of_messages_per_second();
    let messages_per_second = rate.map(|rate| {
        u32::try_from(rate).ok().filter(|_| (1..=MOST_PER_SECOND).contains(&rate)).ok_or_else(|| {
            let reason = format!("Must be between 1 and {MOST_PER_SECOND}, if provided.");
            Error::invalid_value(rate, "MaxNumberOfMessagesPerSecond", reason)
        })
    });
    let messages_per_second = messages_per_second.transpose()?;
    let earlier = txn.scan(&keys::tasks(source.at), Direction::Backward, KEPT + 1)?;
    if earlier.iter().any(|(_, task)| task.status == TaskStatus::Running) {
        let reason = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
        return Err(Error::InvalidParameterValue { reason: reason.to_owned() });
    }
    for (key, _) in earlier.iter().skip(KEPT - 1) {
        txn.delete(key)?;
    }
    let now = now(ctx);
    let at = source.at;
    let (account, region, name) = (at.account.to_owned(), at.region.to_owned(), at.name.to_owned());
    let running = Running { account, region, name, started: now, id: ctx.uuid() };
    let task = MoveTask {
        status: TaskStatus::Running,
        destination_arn: input.destination_arn().map(str::to_owned),
        messages_per_second,
        to_move: u64::try_from(source.numbers(txn, now)?.visible).unwrap_or_default(),
        moved: 0,
        failure: None,
    };
    txn.put(&running.key(), &task)?;
    workers::set(ctx, txn, MOVE, running.id.clone(), now, &running)?;
    Ok(api::StartMessageMoveTaskResult::new().with_task_handle(handle(&at.arn(), &running.id)))
}

/// Cancels a running task. What was moved stays moved.
pub(crate) fn cancel_message_move_task(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CancelMessageMoveTaskRequest,
) -> Result<api::CancelMessageMoveTaskResult, Error> {
    let invalid =
        || Error::InvalidParameterValue { reason: "Value for parameter TaskHandle is invalid.".to_owned() };
    let (source_arn, id) = read_handle(input.task_handle()).ok_or_else(invalid)?;
    let source = queue_of_arn(txn, &source_arn, "SourceArn")?;
    let tasks = txn.scan(&keys::tasks(source.at), Direction::Backward, KEPT + 1)?;
    let mut found = None;
    for (key, task) in tasks {
        let (_, _, _, _, other): (String, String, String, i64, String) = key.parts()?;
        if other == id {
            found = Some((key, task));
        }
    }
    let (key, task) =
        found.ok_or_else(|| Error::ResourceNotFound { reason: "Task does not exist.".to_owned() })?;
    if task.status != TaskStatus::Running {
        let reason = "Only active tasks can be cancelled.".to_owned();
        return Err(Error::InvalidParameterValue { reason });
    }
    let moved = task.moved;
    txn.put(&key, &MoveTask { status: TaskStatus::Cancelled, ..task })?;
    ctx.unschedule(txn, "sqs", MOVE, &id)?;
    let moved = i64::try_from(moved).unwrap_or(i64::MAX);
    Ok(api::CancelMessageMoveTaskResult::new().with_approximate_number_of_messages_moved(moved))
}

/// Lists the newest tasks of a source queue, newest first.
pub(crate) fn list_message_move_tasks(
    _: &Ctx,
    txn: &Read,
    input: &api::ListMessageMoveTasksRequest,
) -> Result<api::ListMessageMoveTasksResult, Error> {
    let source = queue_of_arn(txn, input.source_arn(), "SourceArn")?;
    let limit = input.max_results().unwrap_or(1);
    let limit =
        usize::try_from(limit).ok().filter(|_| (1..=MOST_LISTED).contains(&limit)).ok_or_else(|| {
            let reason = format!("Must be between 1 and {MOST_LISTED}, if provided.");
            Error::invalid_value(limit, "MaxResults", reason)
        })?;
    let source_arn = source.at.arn();
    let entries = txn
        .scan(&keys::tasks(source.at), Direction::Backward, limit)?
        .into_iter()
        .map(|(key, task)| {
            let (_, _, _, started, id): (String, String, String, i64, String) = key.parts()?;
            Ok(entry(&source_arn, started, &id, &task))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(api::ListMessageMoveTasksResult::new().with_results(entries))
}

fn entry(source_arn: &str, started: i64, id: &str, task: &MoveTask) -> api::ListMessageMoveTasksResultEntry {
    let status = match task.status {
        TaskStatus::Running => "RUNNING",
        TaskStatus::Completed => "COMPLETED",
        TaskStatus::Cancelled => "CANCELLED",
        TaskStatus::Failed => "FAILED",
    };
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let rate = task.messages_per_second.and_then(|rate| i32::try_from(rate).ok());
    api::ListMessageMoveTasksResultEntry::new()
        .with_task_handle((task.status == TaskStatus::Running).then(|| handle(source_arn, id)))
        .with_status(status)
        .with_source_arn(source_arn)
        .with_destination_arn(task.destination_arn.clone())
        .with_max_number_of_messages_per_second(rate)
        .with_approximate_number_of_messages_moved(number(task.moved))
        .with_approximate_number_of_messages_to_move(number(task.to_move))
        .with_failure_reason(task.failure.clone())
        .with_started_timestamp(started.div_euclid(1000))
}

/// A task handle is the task's id and source in JSON, in base64.
fn handle(source_arn: &str, id: &str) -> String {
    STANDARD.encode(json!({ "taskId": id, "sourceArn": source_arn }).to_string())
}

/// The source that a task handle names.
pub(crate) fn source_of(handle: &str) -> Option<String> {
    read_handle(handle).map(|(source_arn, _)| source_arn)
}

fn read_handle(handle: &str) -> Option<(String, String)> {
    let value: serde_json::Value = serde_json::from_slice(&STANDARD.decode(handle).ok()?).ok()?;
    let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    Some((text("sourceArn")?, text("taskId")?))
}

fn queue_of_arn<'a>(
    txn: &impl virga_store::Reader,
    arn: &'a str,
    parameter: &str,
) -> Result<QueueAt<'a>, Error> {
    let found = QueueAddress::of_arn(arn).map(|at| delivery::find(txn, at)).transpose()?.flatten();
    found.ok_or_else(|| Error::ResourceNotFound {
        reason: format!("The resource that you specified for the {parameter} parameter doesn't exist."),
    })
}

/// The timer of a task: moves the oldest messages, one second's worth or a batch.
pub(crate) fn move_some(ctx: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let running: Running = timer.read()?;
    let key = running.key();
    let Some(task) = txn.get(&key)?.filter(|task| task.status == TaskStatus::Running) else { return Ok(()) };
    let before = task.moved;
    let task = match delivery::find(txn, running.source())? {
        Some(source) => advance(ctx, txn, &source, task)?,
        None => failed(task, QUEUE_GONE),
    };
    if task.status == TaskStatus::Running {
        // A task that finds only messages in flight waits like one with a rate.
        let waits = task.messages_per_second.is_some() || task.moved == before;
        let pause = if waits { seconds(1) } else { 0 };
        workers::set(ctx, txn, MOVE, timer.id.clone(), now(ctx) + pause, &running)?;
    }
    txn.put(&key, &task)?;
    Ok(())
}

fn failed(task: MoveTask, reason: &str) -> MoveTask {
    let failure = Some(reason.to_owned());
    MoveTask { status: TaskStatus::Failed, failure, ..task }
}

/// Moves some messages; the task is over when none is left or it has moved as many as there were when it started.
fn advance(ctx: &Ctx, txn: &mut Write, source: &QueueAt<'_>, mut task: MoveTask) -> Result<MoveTask, Error> {
    let mut left = task.messages_per_second.map_or(BATCH, |rate| rate as usize);
    source.release(ctx, txn, delivery::RELEASED_BY_CALL)?;
    let mut after = None;
    for _ in 0..PAGES {
        let (rows, _) = workers::oldest(txn, source, after)?;
        let Some((last, _)) = rows.last() else {
            task.status = TaskStatus::Completed;
            return Ok(task);
        };
        after = Some(*last);
        for (place, message) in rows {
            if task.moved >= task.to_move {
                task.status = TaskStatus::Completed;
            }
            if left == 0 || task.status == TaskStatus::Completed {
                return Ok(task);
            }
            let arn = task.destination_arn.clone().or_else(|| message.dead_letter_source_arn.clone());
            // It was sent here by itself.
            let Some(arn) = arn else { return Ok(failed(task, SOURCE_UNKNOWN)) };
            let at = QueueAddress::of_arn(&arn);
            let destination = at.map(|at| delivery::find(txn, at)).transpose()?.flatten();
            let Some(destination) = destination else { return Ok(failed(task, QUEUE_GONE)) };
            if relocate(ctx, txn, source, &destination, place, message)? {
                left -= 1;
                task.moved += 1;
            }
        }
    }
    Ok(task)
}

/// Moves one message, unless it is hidden. It counts as new: with another id, time of sending and receive count.
fn relocate(
    ctx: &Ctx,
    txn: &mut Write,
    source: &QueueAt<'_>,
    destination: &QueueAt<'_>,
    place: Place,
    message: Message,
) -> Result<bool, Error> {
    if !source.remove_visible(txn, place, &message)? {
        return Ok(false);
    }
    let message = Message { id: ctx.uuid(), sent: now(ctx), dead_letter_source_arn: None, ..message };
    encryption::keep(ctx, txn, &message)?;
    destination.send(ctx, txn, &message, 0)?;
    Ok(true)
}
