//! Queues: creation, deletion, attributes, listing, purging. Messages are in `message`.

use std::sync::Arc;

use virga_api::Nothing;
use virga_api::sqs as api;
use virga_api::sqs::queue_attribute_name as name;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::Ctx;
use virga_model::view::{Entries, List};
use virga_store::{Direction, Read, Reader, Write};

use crate::delivery::{self, QueueAt, now, seconds};
use crate::error::Error;
use crate::records::{DeletedQueue, Details, Queue, Tags};
use crate::rules::redrive::{self, Allowed};
use crate::rules::{QueueAddress, queue_attributes};
use crate::{keys, page, tag, workers};

/// How long the name of a deleted queue stays taken, and how long a purge keeps the next away.
const PAUSE_SECONDS: u32 = 60;

/// The URL of a queue, as this client reaches it.
pub(crate) fn url(ctx: &Ctx, at: QueueAddress<'_>) -> String {
    format!("{}/{}/{}", ctx.endpoint(), at.account, at.name)
}

/// Creates the queue, or returns the existing one when the attributes agree.
pub(crate) fn create_queue(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateQueueRequest,
) -> Result<api::CreateQueueResult, Error> {
    let at = QueueAddress { account: ctx.account(), region: ctx.region(), name: input.queue_name() };
    let output = api::CreateQueueResult::new().with_queue_url(url(ctx, at));
    let given: Vec<(&str, &str)> = input.attributes().into_iter().flat_map(Entries::iter).collect();
    let key = keys::queue(at);
    if let Some(queue) = txn.get(&key)? {
        let details = details_with_policy(ctx, txn, at, &queue)?;
        queue_attributes::agree(given.iter().copied(), (&queue, &details), at)?;
        return Ok(output);
    }
    let now = now(ctx);
    let fifo_queue =
        given.iter().find(|(attribute, _)| *attribute == name::FIFO_QUEUE).map(|(_, value)| *value);
    let ids = (ctx.random(), ctx.random());
    let (mut queue, mut details) = queue_attributes::new_queue(at.name, fifo_queue, ids, now)?;
    queue_attributes::apply(given.iter().copied(), &mut queue, &mut details, at)?;
    let deleted = keys::deleted(at);
    if let Some(DeletedQueue { at: time }) = txn.get(&deleted)? {
        if now < time + seconds(PAUSE_SECONDS) {
            return Err(Error::QueueDeletedRecently);
        }
        txn.delete(&deleted)?;
    }
    let tags = Tags(input.tags().into_iter().flat_map(Entries::iter).map(tag::owned).collect());
    tag::check(&tags)?;
    if !tags.0.is_empty() {
        txn.put(&keys::tags(&queue), &tags)?;
    }
    let at = QueueAt { at, queue: Arc::new(queue) };
    connect(txn, None, &at, &details)?;
    put_details(ctx, txn, &at, None, &details)?;
    workers::arm_expiry(ctx, txn, &at, now + seconds(at.queue.retention_seconds))?;
    txn.insert(&key, &*at.queue)?;
    Ok(output)
}

/// The part of a queue that is stored apart.
pub(crate) fn details(txn: &impl Reader, queue: &Queue) -> Result<Details, Error> {
    let details = txn.get(&keys::details(queue))?;
    Ok(details.ok_or_else(|| virga_store::Fault::new("a queue has no details"))?)
}

/// The same, with the policy as it reads now: the permissions know which of its principals were deleted.
pub(crate) fn details_with_policy(
    ctx: &Ctx,
    txn: &impl Reader,
    at: QueueAddress<'_>,
    queue: &Queue,
) -> Result<Details, Error> {
    let details = details(txn, queue)?;
    Ok(Details { policy: ctx.resource_policy(txn, &at.arn())?, ..details })
}

/// Stores the rarely needed part of a queue, and its policy where permissions are looked up.
pub(crate) fn put_details(
    ctx: &Ctx,
    txn: &mut Write,
    at: &QueueAt<'_>,
    before: Option<&Details>,
    details: &Details,
) -> Result<(), Error> {
    txn.put(&keys::details(&at.queue), details)?;
    match &details.policy {
        policy if before.is_some_and(|before| before.policy == *policy) => {}
        Some(text) => {
            // What is no policy was refused when the attribute was read.
            if let Ok(policy) = Policy::parse(text, PolicyKind::Resource)
                && ctx.missing_principal(&policy)?.is_some()
            {
                return Err(Error::attribute_value(name::POLICY));
            }
            ctx.put_resource_policy(txn, &at.at.arn(), text)?;
        }
        None => ctx.delete_resource_policy(txn, &at.at.arn())?,
    }
    Ok(())
}

/// Enters a queue among the sources of its dead-letter queue, in place of the one before. The dead-letter queue has to
/// be there and to allow it.
fn connect(
    txn: &mut Write,
    before: Option<&Queue>,
    at: &QueueAt<'_>,
    details: &Details,
) -> Result<(), Error> {
    let redrive = at.queue.redrive.as_ref();
    let old = before.and_then(|queue| queue.redrive.as_ref());
    if let Some(old) =
        old.filter(|old| redrive.is_none_or(|new| (&new.account, &new.name) != (&old.account, &old.name)))
    {
        let target = QueueAddress { account: &old.account, region: at.at.region, name: &old.name };
        txn.delete(&keys::source(target, at.at))?;
    }
    let Some(new) = redrive.filter(|new| old != Some(new)) else { return Ok(()) };
    let text = details.redrive_policy.as_deref().unwrap_or_default();
    let target = QueueAddress { account: &new.account, region: at.at.region, name: &new.name };
    if target == at.at {
        return Err(redrive::refused(
            text,
            "Dead-letter target owner should be same as the source and not the source itself.",
        ));
    }
    let found = txn
        .get(&keys::queue(target))?
        .ok_or_else(|| redrive::refused(text, "Dead letter target does not exist."))?;
    if let Some(policy) = self::details(txn, &found)?.redrive_allow_policy
        && !Allowed::parse(&policy)?.allows(at.at)
    {
        return Err(redrive::refused(text, "Dead-letter target does not allow this queue as a source."));
    }
    Ok(txn.put(&keys::source(target, at.at), &())?)
}

/// Deletes the queue at once; its messages are removed in the background.
pub(crate) fn delete_queue(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteQueueRequest,
) -> Result<Nothing, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    if let Some(redrive) = &at.queue.redrive {
        let target = QueueAddress { account: &redrive.account, region: at.at.region, name: &redrive.name };
        txn.delete(&keys::source(target, at.at))?;
    }
    txn.delete(&keys::queue(at.at))?;
    txn.delete(&keys::details(&at.queue))?;
    ctx.delete_resource_policy(txn, &at.at.arn())?;
    txn.delete(&keys::tags(&at.queue))?;
    txn.delete(&keys::current_data_key(&at.queue))?;
    txn.delete_range(&keys::tasks(at.at), usize::MAX)?;
    txn.put(&keys::deleted(at.at), &DeletedQueue { at: now(ctx) })?;
    workers::disarm(ctx, txn, &at)?;
    workers::drop_later(ctx, txn, at.queue.content)?;
    Ok(Nothing::new())
}

/// Deletes all messages of the queue.
pub(crate) fn purge_queue(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PurgeQueueRequest,
) -> Result<Nothing, Error> {
    let mut at = delivery::open(ctx, txn, input.queue_url())?;
    let now = now(ctx);
    if at.queue.purged.is_some_and(|purged| now < purged + seconds(PAUSE_SECONDS)) {
        return Err(Error::PurgeQueueInProgress { queue_name: at.at.name.to_owned() });
    }
    workers::drop_later(ctx, txn, at.queue.content)?;
    let queue = Arc::make_mut(&mut at.queue);
    queue.purged = Some(now);
    queue.content = ctx.random();
    txn.put(&keys::queue(at.at), queue)?;
    Ok(Nothing::new())
}

/// Gives the URL of a queue by its name.
pub(crate) fn get_queue_url(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetQueueUrlRequest,
) -> Result<api::GetQueueUrlResult, Error> {
    let account = input.queue_owner_aws_account_id().unwrap_or(ctx.account());
    let at = QueueAddress { account, region: ctx.region(), name: input.queue_name() };
    if !txn.contains(&keys::queue(at))? {
        return Err(Error::QueueDoesNotExist);
    }
    Ok(api::GetQueueUrlResult::new().with_queue_url(url(ctx, at)))
}

/// Lists the queues of the account and region by name.
pub(crate) fn list_queues(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListQueuesRequest,
) -> Result<api::ListQueuesResult, Error> {
    let page = page::Page::new(input.max_results(), input.next_token())?;
    let prefix = input.queue_name_prefix().unwrap_or_default();
    let mut range = keys::queues(ctx.account(), ctx.region());
    range = match &page.after {
        Some(last) => range.after(last),
        None => range.from(prefix),
    };
    let names = txn
        .scan_keys(&range, Direction::Forward, page.limit + 1)?
        .iter()
        .map(|key| Ok(key.parts::<(String, String, String)>()?.2))
        // Names with the prefix follow each other.
        .take_while(|name: &Result<String, Error>| name.as_ref().is_ok_and(|name| name.starts_with(prefix)))
        .collect::<Result<Vec<_>, Error>>()?;
    let (shown, next_token) = page.cut(&names, String::clone);
    let urls: Vec<String> = shown
        .iter()
        .map(|name| url(ctx, QueueAddress { account: ctx.account(), region: ctx.region(), name }))
        .collect();
    let urls = (!urls.is_empty()).then_some(urls);
    Ok(api::ListQueuesResult::new().with_queue_urls(urls).with_next_token(next_token))
}

/// Reads the attributes that are asked for.
pub(crate) fn get_queue_attributes(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetQueueAttributesRequest,
) -> Result<api::GetQueueAttributesResult, Error> {
    let at = delivery::open(ctx, txn, input.queue_url())?;
    let asked: Vec<&str> = input.attribute_names().into_iter().flat_map(List::iter).collect();
    if let Some(unknown) = asked.iter().find(|attribute| !name::ALL.contains(attribute)) {
        return Err(Error::unknown_attribute(unknown));
    }
    let details = details_with_policy(ctx, txn, at.at, &at.queue)?;
    let numbers = at.numbers(txn, now(ctx))?;
    let all = asked.contains(&name::ALL_);
    let values: Vec<(&str, String)> = name::ALL
        .iter()
        .filter(|attribute| all || asked.contains(attribute))
        .filter_map(|attribute| {
            let value = queue_attributes::read(attribute, (&at.queue, &details), numbers, at.at)?;
            Some((*attribute, value))
        })
        .collect();
    let values = (!values.is_empty()).then_some(values);
    Ok(api::GetQueueAttributesResult::new().with_attributes(values))
}

/// Sets attributes.
pub(crate) fn set_queue_attributes(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::SetQueueAttributesRequest,
) -> Result<Nothing, Error> {
    let mut at = delivery::open(ctx, txn, input.queue_url())?;
    let before = Arc::clone(&at.queue);
    let old = details_with_policy(ctx, txn, at.at, &at.queue)?;
    let mut details = old.clone();
    let given: Vec<(&str, &str)> = input.attributes().iter().collect();
    queue_attributes::apply(given.iter().copied(), Arc::make_mut(&mut at.queue), &mut details, at.at)?;
    connect(txn, Some(&before), &at, &details)?;
    let queue = Arc::make_mut(&mut at.queue);
    queue.modified = now(ctx);
    txn.put(&keys::queue(at.at), queue)?;
    put_details(ctx, txn, &at, Some(&old), &details)?;
    if at.queue.retention_seconds < before.retention_seconds {
        // The oldest message may have to go at once: the sweep finds out.
        workers::arm_expiry(ctx, txn, &at, now(ctx))?;
    }
    Ok(Nothing::new())
}
