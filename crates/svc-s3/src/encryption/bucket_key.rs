//! Keys of buckets: a data key that KMS makes for a bucket is used for many of its objects for some minutes, and one that
//! KMS has opened opens others, without asking KMS again. Each requester asks at least once; what changes about the key or
//! its permissions is therefore noticed when the time is over.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>

use std::collections::HashMap;

use bytes::Bytes;
use parking_lot::Mutex;
use virga_iam::{Caller, Principal};
use virga_kit::Ctx;

use crate::records::Layer;

/// How long a key is used, in microseconds: AWS says "a limited time" and no more.
const LIFETIME: i64 = 5 * 60 * 1_000_000;
/// Keys that are kept at once.
const MOST_KEPT: usize = 10_000;

/// Whom KMS has answered: AWS tells accounts, users and roles apart, and sessions of a role with policies of their own.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Requester {
    account: String,
    identity: String,
    session_policies: Vec<String>,
}

impl Requester {
    fn of(caller: &Caller) -> Self {
        let identity = match &caller.principal {
            Principal::Service { name, source_arn } => {
                format!("{name} {}", source_arn.as_deref().unwrap_or_default())
            }
            _ => caller.identity_arn().unwrap_or_else(|| caller.user_id()),
        };
        let session_policies = caller
            .session
            .iter()
            .flat_map(|session| session.policy.iter().chain(&session.policy_arns).cloned())
            .collect();
        Requester { account: caller.account.to_string(), identity, session_policies }
    }
}

/// What KMS is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Wish {
    /// A new data key under this key.
    New(String),
    /// This one, opened.
    Opened(Layer),
}

/// A question that KMS need not answer twice. The context names the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    requester: Requester,
    region: String,
    context: Vec<(String, String)>,
    wish: Wish,
}

impl Question {
    /// The question of the present caller.
    pub(super) fn new(ctx: &Ctx, context: &[(String, String)], wish: Wish) -> Self {
        let requester = Requester::of(ctx.caller());
        Question { requester, region: ctx.region().to_owned(), context: context.to_vec(), wish }
    }

    /// The key that answered it a short while ago.
    pub(super) fn known(&self, ctx: &Ctx) -> Option<BucketKey> {
        let now = ctx.now().micros();
        let kept = ctx.world().memory::<Kept>();
        let kept = kept.0.lock();
        kept.get(self).filter(|(since, _)| is_fresh(*since, now)).map(|(_, key)| key.clone())
    }

    /// Keeps the answer for a while.
    pub(super) fn keep(self, ctx: &Ctx, key: &BucketKey) {
        let now = ctx.now().micros();
        let kept = ctx.world().memory::<Kept>();
        let mut kept = kept.0.lock();
        if kept.len() >= MOST_KEPT {
            kept.retain(|_, (since, _)| is_fresh(*since, now));
        }
        if kept.len() < MOST_KEPT {
            kept.insert(self, (now, key.clone()));
        }
    }
}

/// Whether a key of then is still used. The clock may have been set back.
fn is_fresh(since: i64, now: i64) -> bool {
    (since..since + LIFETIME).contains(&now)
}

/// Answers of KMS, with the times at which they came.
#[derive(Default)]
struct Kept(Mutex<HashMap<Question, (i64, BucketKey)>>);

/// A data key.
#[derive(Clone)]
pub(super) struct BucketKey {
    /// The ARN of the key of KMS.
    pub(super) key_arn: String,
    /// As KMS has wrapped it.
    pub(super) wrapped: Layer,
    /// In the clear.
    pub(super) plain: Bytes,
}
