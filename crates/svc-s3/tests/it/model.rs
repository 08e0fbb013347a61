//! Versions, lifecycle rules and locks together, against a model that knows nothing of how they are stored: random
//! operations on a few keys while days pass. A failure prints its seed.

use std::collections::BTreeMap;

use virga_api::s3 as api;
use virga_model::Timestamp;

use crate::time::{Bucket, expiring};

const DAY: i64 = 86_400;
const KEYS: [&str; 3] = ["a", "b/c", "d"];
/// Days after which objects expire, and older versions go.
const EXPIRY: i64 = 3;
const NONCURRENT: i64 = 2;
/// Older versions that are kept in any case.
const KEPT: usize = 1;

#[derive(Debug, Clone)]
struct Version {
    /// None where only the rules know it.
    id: Option<String>,
    is_marker: bool,
    is_null: bool,
    created: i64,
    kept_until: i64,
    is_held: bool,
}

impl Version {
    fn new(id: Option<String>, is_marker: bool, created: i64, is_null: bool) -> Self {
        Version { id, is_marker, is_null, created, kept_until: 0, is_held: false }
    }

    fn is_locked(&self, now: i64) -> bool {
        self.kept_until > now || self.is_held
    }
}

/// What should be there: versions by key, the newest first.
#[derive(Debug, Default)]
struct Model {
    versions: BTreeMap<&'static str, Vec<Version>>,
    is_suspended: bool,
}

fn midnight_after(time: i64, days: i64) -> i64 {
    ((time + days * DAY) / DAY + 1) * DAY
}

impl Model {
    fn place(&mut self, key: &'static str, id: Option<String>, is_marker: bool, now: i64) {
        let versions = self.versions.entry(key).or_default();
        if self.is_suspended {
            versions.retain(|version| !version.is_null);
        }
        versions.insert(0, Version::new(id, is_marker, now, self.is_suspended));
    }

    /// What the rules do at a midnight, seen from what was there before.
    fn night(&mut self, midnight: i64) {
        for key in KEYS {
            let before = self.versions.get(key).cloned().unwrap_or_default();
            let Some(current) = before.first() else { continue };
            let goes = |place: usize, version: &Version| {
                place > KEPT
                    && midnight_after(before[place - 1].created, NONCURRENT) <= midnight
                    && !version.is_locked(midnight)
            };
            let is_old = midnight_after(current.created, EXPIRY) <= midnight;
            let mut after: Vec<Version> = before
                .iter()
                .enumerate()
                .filter(|(place, version)| !goes(*place, version))
                .map(|(_, version)| version.clone())
                .collect();
            if is_old && current.is_marker && before.len() == 1 {
                after.clear();
            }
            self.versions.insert(key, after);
            if is_old && !current.is_marker {
                self.place(key, None, true, midnight);
            }
        }
    }
}

struct Run {
    bucket: Bucket,
    model: Model,
    random: fastrand::Rng,
    is_lockable: bool,
}

impl Run {
    async fn new(seed: u64) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let is_lockable = random.bool();
        let bucket = if is_lockable { Bucket::lockable().await } else { Bucket::new(true).await };
        let noncurrent = api::NoncurrentVersionExpiration::new()
            .with_noncurrent_days(NONCURRENT as i32)
            .with_newer_noncurrent_versions(KEPT as i32);
        bucket.rules(vec![expiring(EXPIRY as i32).with_noncurrent_version_expiration(noncurrent)]).await;
        Run { bucket, model: Model::default(), random, is_lockable }
    }

    fn now(&self) -> i64 {
        self.bucket.cloud.world.clock().now().secs()
    }

    /// A version of a key that has an id, by its place.
    fn choose(&mut self, key: &'static str) -> Option<usize> {
        let versions = self.model.versions.get(key)?;
        let known: Vec<usize> = (0..versions.len()).filter(|place| versions[*place].id.is_some()).collect();
        (!known.is_empty()).then(|| known[self.random.usize(..known.len())])
    }

    /// Does something, to a key that it names.
    async fn step(&mut self) -> &'static str {
        let key = KEYS[self.random.usize(..KEYS.len())];
        // No two versions are of the same time.
        self.bucket.pass(1).await;
        match self.random.u8(..10) {
            0..=2 => {
                let id = self.bucket.put(key, 10).await;
                let id = if self.model.is_suspended { "null".to_owned() } else { id };
                let now = self.now();
                self.model.place(key, Some(id), false, now);
            }
            3 => {
                let id = self.bucket.delete_current(key).await;
                let now = self.now();
                self.model.place(key, id, true, now);
            }
            4 => self.delete_version(key).await,
            5 if self.is_lockable => self.retain(key).await,
            6 if self.is_lockable => self.hold(key).await,
            5 => {
                self.model.is_suspended = !self.model.is_suspended;
                self.bucket.version(if self.model.is_suspended { "Suspended" } else { "Enabled" }).await;
            }
            _ => {
                let days = self.random.i64(1..4);
                for _ in 0..days {
                    self.model.night(midnight_after(self.now(), 0));
                    self.bucket.pass(DAY as u64).await;
                }
            }
        }
        key
    }

    async fn delete_version(&mut self, key: &'static str) {
        let Some(place) = self.choose(key) else { return };
        let version = self.model.versions[key][place].clone();
        let deleted = self.bucket.delete(key, version.id.as_deref()).await;
        assert_eq!(deleted.is_err(), version.is_locked(self.now()), "{version:?}");
        if deleted.is_ok()
            && let Some(versions) = self.model.versions.get_mut(key)
        {
            versions.remove(place);
        }
    }

    async fn retain(&mut self, key: &'static str) {
        let Some(place) = self.choose(key) else { return };
        let until = self.now() + self.random.i64(1..8) * DAY;
        let version = &self.model.versions[key][place];
        let (is_marker, id, old) = (version.is_marker, version.id.clone(), version.kept_until);
        let retention = api::ObjectLockRetention::new()
            .with_mode("COMPLIANCE")
            .with_retain_until_date(Timestamp::from_secs(until));
        let done = self.bucket.retain_version(key, id.as_deref(), retention).await;
        let is_allowed = !is_marker && (old <= self.now() || until >= old);
        assert_eq!(done.is_ok(), is_allowed, "{key} {id:?} {old} {until}");
        if let (true, Some(versions)) = (is_allowed, self.model.versions.get_mut(key)) {
            versions[place].kept_until = until;
        }
    }

    async fn hold(&mut self, key: &'static str) {
        let Some(place) = self.choose(key) else { return };
        let version = &self.model.versions[key][place];
        let (is_marker, id, is_held) = (version.is_marker, version.id.clone(), !version.is_held);
        let done = self.bucket.hold_version(key, id.as_deref(), is_held).await;
        assert_eq!(done.is_ok(), !is_marker);
        if let (false, Some(versions)) = (is_marker, self.model.versions.get_mut(key)) {
            versions[place].is_held = is_held;
        }
    }

    /// Compares what is there with what should be.
    async fn check(&self, keys: &[&str]) {
        for key in keys.iter().copied() {
            let expected = self.model.versions.get(key).cloned().unwrap_or_default();
            let found = self.bucket.versions(key).await;
            let shape =
                |versions: &[Version]| versions.iter().map(|version| version.is_marker).collect::<Vec<_>>();
            let markers: Vec<bool> = found.iter().map(|(_, is_marker)| *is_marker).collect();
            assert_eq!(markers, shape(&expected), "{key}: {found:?} {expected:?} at {}", self.now());
            for ((id, _), version) in found.iter().zip(&expected) {
                assert!(
                    version.id.as_ref().is_none_or(|expected| expected == id),
                    "{key}: {found:?} {expected:?}"
                );
            }
        }
    }
}

/// Worlds of their own, so that each begins with nothing; together more than 100,000 operations.
const RUNS: u64 = 1_000;
const STEPS: usize = 105;
/// After how many steps everything is compared, and not the key alone that was changed.
const COMPARED: usize = 8;
/// Worlds that are open at a time.
const AT_ONCE: usize = 8;

async fn run(seed: u64) {
    let mut run = Run::new(seed).await;
    for step in 1..=STEPS {
        let key = run.step().await;
        let all: &[&str] = if step % COMPARED == 0 { &KEYS } else { &[key] };
        run.check(all).await;
    }
    run.check(&KEYS).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_rules_and_locks_follow_the_model() {
    let mut runs = tokio::task::JoinSet::new();
    for seed in 0..RUNS {
        runs.spawn(async move {
            let done = tokio::spawn(run(seed)).await;
            assert!(done.is_ok(), "seed {seed}: {done:?}");
        });
        if runs.len() >= AT_ONCE {
            runs.join_next().await.unwrap().unwrap();
        }
    }
    while let Some(done) = runs.join_next().await {
        done.unwrap();
    }
}
