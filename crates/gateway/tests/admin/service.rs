//! A service for tests, under SQS's model: a queue is a name that a timer deletes after an hour.

use std::time::Duration;

use virga_api::sqs as api;
use virga_kit::{Access, Ctx, Failure, Service, Timer, TimerHandler, TimerKind, Validation};
use virga_store::{Direction, Read, Reader as _, Space, Write, stored};

#[derive(serde::Serialize, serde::Deserialize)]
struct Queue;
stored!(Queue, 1);

static QUEUES: Space<Queue> = Space::new("test.queues");

virga_kit::service_errors! {
    /// Errors of the test service.
    enum Error in virga_api::sqs {
        /// Not this one.
        Refused => modelled queue_name_exists: "not this one";
    }
}

virga_kit::operations! {
    static OPERATIONS in virga_api::sqs;
    write CreateQueue => create_queue, ignoring ["tags"];
    read ListQueues => list_queues;
}

pub(crate) static SERVICE: Service = Service {
    model: api::model(),
    action_prefix: "sqs",
    operations: OPERATIONS,
    access: |ctx, operation, _| vec![Access::to(operation.name(), ctx.arn("sqs", "q"))],
    timers: &[TimerKind { name: "delete", handler: TimerHandler::Transaction(delete) }],
    validation: Validation::STANDARD,
    around: virga_kit::Around::NOTHING,
};

fn create_queue(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateQueueInput,
) -> Result<api::CreateQueueOutput, Error> {
    let name = input.queue_name();
    if name == "refused" {
        return Err(Error::Refused);
    }
    txn.put(&QUEUES.key(name), &Queue)?;
    let timer = Timer {
        service: "sqs",
        kind: "delete",
        id: name.to_owned(),
        due: ctx.now().plus(Duration::from_secs(3600)),
        payload: name.as_bytes().to_vec(),
        attempts: 0,
    };
    ctx.schedule(txn, &timer)?;
    Ok(api::CreateQueueOutput::new().with_queue_url(name))
}

fn delete(_: &Ctx, txn: &mut Write, timer: &Timer) -> Result<(), Failure> {
    let name = String::from_utf8_lossy(&timer.payload);
    txn.delete(&QUEUES.key(&*name))?;
    Ok(())
}

fn list_queues(_: &Ctx, txn: &Read, _: &api::ListQueuesInput) -> Result<api::ListQueuesOutput, Error> {
    let queues = txn.scan(&QUEUES.all(), Direction::Forward, 1000)?;
    let count = queues.len().to_string();
    Ok(api::ListQueuesOutput::new().with_queue_urls(vec![count]))
}
