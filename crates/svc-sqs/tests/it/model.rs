//! Random calls against a small reference model: nothing is lost, nothing comes twice, FIFO order holds, the numbers
//! are right. A failure prints its seed.

use std::collections::{BTreeMap, BTreeSet};

use virga_api::sqs as api;

use crate::cloud::{Cloud, Received};

const VISIBILITY_SECONDS: u64 = 30;
const RETENTION_SECONDS: u64 = 600;
const DEDUPLICATION_SECONDS: u64 = 300;

/// What the model knows of a message.
#[derive(Debug, Clone)]
struct Expected {
    group: u64,
    /// Order of sending.
    number: u64,
    sent: u64,
    /// Hidden until then.
    hidden_until: u64,
    in_flight: bool,
    /// The handle that deletes it.
    handle: Option<String>,
}

/// A queue as it should be.
struct Model {
    fifo: bool,
    now: u64,
    sent: u64,
    messages: BTreeMap<String, Expected>,
    /// When a message with a deduplication id was taken last.
    taken: BTreeMap<String, u64>,
}

/// A message to send.
struct Draft {
    body: String,
    group: u64,
    deduplication_id: String,
    delay: i32,
}

impl Model {
    /// A new message; every fourth of a FIFO queue has the deduplication id of an earlier one.
    fn draft(&mut self, random: &mut fastrand::Rng) -> Draft {
        self.sent += 1;
        let earlier = self.fifo && random.u32(..4) == 0;
        let id = if earlier { random.u64(self.sent.saturating_sub(60)..=self.sent) } else { self.sent };
        let delay = if !self.fifo && random.u32(..8) == 0 { random.i32(1..20) } else { 0 };
        let (body, deduplication_id) = (format!("m{}", self.sent), format!("d{id}"));
        Draft { body, group: random.u64(0..4), deduplication_id, delay }
    }

    /// Takes a message that was sent, unless one with its deduplication id was taken a short while ago.
    fn take(&mut self, number: u64, draft: Draft) {
        let Draft { body, group, deduplication_id, delay } = draft;
        let (now, sent) = (self.now, self.now);
        if self.fifo {
            if self.taken.get(&deduplication_id).is_some_and(|taken| now < taken + DEDUPLICATION_SECONDS) {
                return;
            }
            self.taken.insert(deduplication_id, now);
        }
        let hidden_until = if delay > 0 { now + u64::from(delay.unsigned_abs()) } else { 0 };
        let expected = Expected { group, number, sent, hidden_until, in_flight: false, handle: None };
        self.messages.insert(body, expected);
    }

    /// Time passes: what is due is visible again, what is old is gone, unless it is hidden.
    fn advance(&mut self, seconds: u64) {
        let target = self.now + seconds;
        // Whole seconds one after another: what is released and expires at the same time is told apart.
        while self.now < target {
            self.now += 1;
            let now = self.now;
            for message in self.messages.values_mut().filter(|message| message.hidden_until <= now) {
                message.in_flight = false;
                message.hidden_until = 0;
            }
            self.messages
                .retain(|_, message| message.hidden_until > now || message.sent + RETENTION_SECONDS > now);
        }
    }

    fn numbers(&self) -> (i64, i64, i64) {
        let hidden = |in_flight: bool| {
            let hidden =
                |message: &&Expected| message.hidden_until > self.now && message.in_flight == in_flight;
            i64::try_from(self.messages.values().filter(hidden).count()).unwrap()
        };
        let (in_flight, delayed) = (hidden(true), hidden(false));
        (i64::try_from(self.messages.len()).unwrap() - in_flight - delayed, in_flight, delayed)
    }

    /// Messages that a receiver may get: in a FIFO queue, those with nothing hidden before them in their group.
    fn receivable(&self) -> BTreeSet<String> {
        let mut first_hidden: BTreeMap<u64, u64> = BTreeMap::new();
        for message in self.messages.values().filter(|message| message.hidden_until > self.now) {
            let first = first_hidden.entry(message.group).or_insert(message.number);
            *first = message.number.min(*first);
        }
        let blocked = |message: &Expected| {
            self.fifo && first_hidden.get(&message.group).is_some_and(|first| *first < message.number)
        };
        let visible = |message: &Expected| message.hidden_until <= self.now && !blocked(message);
        self.messages.iter().filter(|(_, message)| visible(message)).map(|(body, _)| body.clone()).collect()
    }

    /// Checks a receive of up to `max` messages and takes note of it.
    fn received(&mut self, received: &[Received], max: usize, visibility_seconds: u64) {
        let receivable = self.receivable();
        assert_eq!(received.len(), receivable.len().min(max), "received {received:?} of {receivable:?}");
        let mut last: BTreeMap<u64, u64> = BTreeMap::new();
        for message in received {
            assert!(receivable.contains(&message.body), "{} of {receivable:?}", message.body);
            let expected = self.messages.get_mut(&message.body).unwrap();
            if self.fifo {
                let before = last.insert(expected.group, expected.number);
                assert!(before.is_none_or(|before| before < expected.number), "order within a group");
            }
            expected.handle = Some(message.handle.clone());
            if visibility_seconds > 0 {
                expected.in_flight = true;
                expected.hidden_until = self.now + visibility_seconds;
            }
        }
        if self.fifo {
            // What was received of a group is its front.
            for (group, number) in last {
                let left =
                    receivable.iter().filter(|body| !received.iter().any(|message| message.body == **body));
                let skipped = left.filter(|body| {
                    let message = &self.messages[*body];
                    message.group == group && message.number < number
                });
                assert_eq!(skipped.count(), 0, "a message of the group was left behind");
            }
        }
    }
}

/// Runs random calls; the numbers are compared after every few.
async fn run(seed: u64, fifo: bool, calls: usize) {
    let mut random = fastrand::Rng::with_seed(seed);
    let cloud = Cloud::new();
    let retention = RETENTION_SECONDS.to_string();
    let attributes = [("MessageRetentionPeriod", retention.as_str())];
    let url = match fifo {
        true => cloud.create_fifo("q.fifo", &attributes).await,
        false => cloud.create_with("q", &attributes).await.unwrap(),
    };
    let mut model = Model { fifo, now: 0, sent: 0, messages: BTreeMap::new(), taken: BTreeMap::new() };
    for call in 0..calls {
        match random.u32(..100) {
            0..5 => send_batch(&cloud, &url, &mut model, &mut random).await,
            5..35 => send(&cloud, &url, &mut model, &mut random).await,
            35..65 => receive(&cloud, &url, &mut model, &mut random).await,
            65..85 => with_handle(&cloud, &url, &mut model, &mut random, None).await,
            85..95 => {
                let seconds = random.i32(0..60);
                with_handle(&cloud, &url, &mut model, &mut random, Some(seconds)).await;
            }
            _ => {
                let seconds = random.u64(1..40);
                cloud.advance(seconds).await;
                model.advance(seconds);
            }
        }
        if call % 16 == 0 {
            assert_eq!(cloud.numbers(&url).await, model.numbers(), "after call {call}");
        }
    }
}

async fn send(cloud: &Cloud, url: &str, model: &mut Model, random: &mut fastrand::Rng) {
    let draft = model.draft(random);
    let input = api::SendMessageInput::new().with_queue_url(url).with_message_body(draft.body.as_str());
    let input = match model.fifo {
        true => input
            .with_message_group_id(draft.group.to_string())
            .with_message_deduplication_id(draft.deduplication_id.as_str()),
        false => input.with_delay_seconds(draft.delay),
    };
    cloud.call::<api::op::SendMessage>(input).await.unwrap();
    model.take(model.sent, draft);
}

async fn send_batch(cloud: &Cloud, url: &str, model: &mut Model, random: &mut fastrand::Rng) {
    let drafts: Vec<(u64, Draft)> =
        (0..random.usize(1..=10)).map(|_| (model.sent + 1, model.draft(random))).collect();
    let entries = drafts.iter().map(|(number, draft)| {
        let entry = api::SendMessageBatchRequestEntry::new()
            .with_id(number.to_string())
            .with_message_body(draft.body.as_str());
        match model.fifo {
            true => entry
                .with_message_group_id(draft.group.to_string())
                .with_message_deduplication_id(draft.deduplication_id.as_str()),
            false => entry.with_delay_seconds(draft.delay),
        }
    });
    let input =
        api::SendMessageBatchInput::new().with_queue_url(url).with_entries(entries.collect::<Vec<_>>());
    let sent = cloud.call::<api::op::SendMessageBatch>(input).await.unwrap();
    assert_eq!(sent.successful().iter().count(), drafts.len());
    drafts.into_iter().for_each(|(number, draft)| model.take(number, draft));
}

async fn receive(cloud: &Cloud, url: &str, model: &mut Model, random: &mut fastrand::Rng) {
    let max = random.usize(1..=10);
    let visibility_seconds = if random.u32(..10) == 0 { 0 } else { random.u64(1..=VISIBILITY_SECONDS) };
    let input = api::ReceiveMessageInput::new()
        .with_queue_url(url)
        .with_max_number_of_messages(i32::try_from(max).unwrap())
        .with_visibility_timeout(i32::try_from(visibility_seconds).unwrap());
    let received = cloud.receive_with(input).await;
    model.received(&received, max, visibility_seconds);
}

/// Deletes a message that was received, or changes its visibility.
async fn with_handle(
    cloud: &Cloud,
    url: &str,
    model: &mut Model,
    random: &mut fastrand::Rng,
    visibility_seconds: Option<i32>,
) {
    let known: Vec<&String> =
        model.messages.iter().filter(|(_, message)| message.handle.is_some()).map(|(body, _)| body).collect();
    if known.is_empty() {
        return;
    }
    let body = known[random.usize(..known.len())].clone();
    let expected = model.messages.get_mut(&body).unwrap();
    let handle = expected.handle.clone().unwrap();
    let in_flight = expected.in_flight && expected.hidden_until > model.now;
    let result = match visibility_seconds {
        None => cloud.delete(url, &handle).await,
        Some(seconds) => cloud.change_visibility(url, &handle, seconds).await,
    };
    // A FIFO queue refuses a handle whose time is over; a standard one takes it.
    assert_eq!(result.is_ok(), in_flight || !model.fifo, "{body}: {result:?}");
    match visibility_seconds {
        None if result.is_ok() => drop(model.messages.remove(&body)),
        Some(0) if in_flight && expected.sent + RETENTION_SECONDS <= model.now => {
            drop(model.messages.remove(&body));
        }
        Some(0) if in_flight => (expected.hidden_until, expected.in_flight) = (0, false),
        Some(seconds) if in_flight => expected.hidden_until = model.now + u64::from(seconds.unsigned_abs()),
        _ => {}
    }
}

#[tokio::test]
async fn a_standard_queue_does_as_the_model() {
    for seed in 0..10 {
        println!("seed {seed}");
        run(seed, false, 5_000).await;
    }
}

#[tokio::test]
async fn a_fifo_queue_does_as_the_model() {
    for seed in 100..110 {
        println!("seed {seed}");
        run(seed, true, 5_000).await;
    }
}
