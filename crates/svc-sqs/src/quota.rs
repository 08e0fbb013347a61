//! The rates of FIFO queues, where quotas are enforced.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-fifo.html>

use virga_kit::Ctx;

use crate::delivery::QueueAt;
use crate::error::Error;

/// Calls of each action per second: of a queue, or of a message group with high throughput.
const CALLS: u32 = 300;
/// Calls of each action per second of a queue with high throughput, in the regions that allow most.
const HIGH_THROUGHPUT_CALLS: u32 = 70_000;

/// Counts a call to a queue.
pub(crate) fn check(ctx: &Ctx, at: &QueueAt<'_>, action: &str) -> Result<(), Error> {
    let Some(fifo) = at.queue.fifo else { return Ok(()) };
    let rate = if fifo.throughput_per_group { HIGH_THROUGHPUT_CALLS } else { CALLS };
    within(ctx.is_within_rate(("sqs", at.queue.id, action), rate))
}

/// Counts a message that is sent to a group.
pub(crate) fn check_group(ctx: &Ctx, at: &QueueAt<'_>, group: Option<&str>) -> Result<(), Error> {
    match (at.queue.fifo, group) {
        (Some(fifo), Some(group)) if fifo.throughput_per_group => {
            within(ctx.is_within_rate(("sqs", at.queue.id, "group", group), CALLS))
        }
        _ => Ok(()),
    }
}

fn within(is_within: bool) -> Result<(), Error> {
    if is_within { Ok(()) } else { Err(Error::RequestThrottled) }
}
