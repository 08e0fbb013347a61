//! Cost allocation tags of queues.
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html>

use virga_api::Nothing;
use virga_api::sqs as api;
use virga_kit::Ctx;
use virga_store::{Read, Reader as _, Write};

use crate::error::Error;
use crate::records::Tags;
use crate::{delivery, keys};

/// The most tags of a queue.
const MOST: usize = 50;
/// The longest key and value, in characters.
const LONGEST_KEY: usize = 128;
const LONGEST_VALUE: usize = 256;

/// A tag as it is stored.
pub(crate) fn owned((key, value): (&str, &str)) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

/// Refuses too many or too long tags.
pub(crate) fn check(tags: &Tags) -> Result<(), Error> {
    if tags.0.len() > MOST {
        let reason = format!("Too many tags added for queue. Maximum allowed is {MOST}.");
        return Err(Error::InvalidParameterValue { reason });
    }
    for (key, value) in &tags.0 {
        if key.is_empty() || key.chars().count() > LONGEST_KEY {
            let reason = format!("Tag keys must be between 1 and {LONGEST_KEY} characters in length.");
            return Err(Error::InvalidParameterValue { reason });
        }
        if value.chars().count() > LONGEST_VALUE {
            let reason = format!("Tag values must be between 0 and {LONGEST_VALUE} characters in length.");
            return Err(Error::InvalidParameterValue { reason });
        }
    }
    Ok(())
}

/// Sets tags.
pub(crate) fn tag_queue(ctx: &Ctx, txn: &mut Write, input: &api::TagQueueRequest) -> Result<Nothing, Error> {
    let queue = delivery::open(ctx, txn, input.queue_url())?.queue;
    let key = keys::tags(&queue);
    let mut tags = txn.get(&key)?.unwrap_or_default();
    tags.0.extend(input.tags().iter().map(owned));
    check(&tags)?;
    txn.put(&key, &tags)?;
    Ok(Nothing::new())
}

/// Removes tags; those that are not there are no error.
pub(crate) fn untag_queue(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UntagQueueRequest,
) -> Result<Nothing, Error> {
    let queue = delivery::open(ctx, txn, input.queue_url())?.queue;
    let key = keys::tags(&queue);
    if let Some(mut tags) = txn.get(&key)? {
        for name in input.tag_keys().iter() {
            tags.0.remove(name);
        }
        txn.put(&key, &tags)?;
    }
    Ok(Nothing::new())
}

/// Lists the tags; the member is absent when there are none.
pub(crate) fn list_queue_tags(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListQueueTagsRequest,
) -> Result<api::ListQueueTagsResult, Error> {
    let queue = delivery::open(ctx, txn, input.queue_url())?.queue;
    let tags = txn.get(&keys::tags(&queue))?.map(|tags| tags.0).filter(|tags| !tags.is_empty());
    Ok(api::ListQueueTagsResult::new().with_tags(tags))
}
