//! What lifecycle rules do to a version, and when.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-configuration-examples.html#lifecycle-config-conceptual-ex5>

use super::configured::{Expiration, LifecycleConfiguration, LifecycleRule, TransitionMinimumSize, When};
use super::midnight::{self, DAY};
use super::object_filter::Subject;
use super::storage_class::{archive, coldness};
use crate::StorageClass;

/// Objects below this size stay where they are, unless a rule filters by size.
const MINIMUM_TRANSITION_BYTES: u64 = 128 << 10;

/// Where a version stands among those of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The newest.
    Current {
        /// Whether there is no other version.
        is_only: bool,
    },
    /// An older one.
    Noncurrent {
        /// Since when, in Unix seconds.
        since: i64,
        /// How many noncurrent versions are newer.
        newer: u32,
    },
}

/// A version as the rules see it.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// What filters look at.
    pub subject: Subject<'a>,
    /// When it was made, in Unix seconds.
    pub modified: i64,
    /// Where it is stored.
    pub storage_class: StorageClass,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
    /// Where it stands among the versions of its key.
    pub place: Place,
}

/// What happens to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// The object is deleted as by a request without a version id: for good, or with a delete marker.
    Expire,
    /// The version goes for good.
    Remove,
    /// It moves to another storage class.
    Transition(StorageClass),
}

/// An action, when it is due, and the rule that wants it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due<'a> {
    /// When, in Unix seconds.
    pub at: i64,
    /// What.
    pub action: Action,
    /// The id of the rule.
    pub rule: &'a str,
}

/// What to do now, and when to look again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// What is due, if anything.
    pub now: Option<Due<'a>>,
    /// When to look again, in Unix seconds; none when nothing will ever happen.
    pub next: Option<i64>,
}

/// Decides for one version. Removal for good goes before a transition, a transition before a delete marker, and of
/// several transitions the one to the most favoured class is made. `is_versioned`: whether expiring leaves a delete marker.
pub fn decide<'a>(
    configuration: &'a LifecycleConfiguration,
    candidate: &Candidate<'_>,
    is_versioned: bool,
    now: i64,
) -> Decision<'a> {
    let rank = |action: Action| match action {
        Action::Remove => 0,
        Action::Expire if !is_versioned => 0,
        Action::Transition(_) => 1,
        Action::Expire => 2,
    };
    let dues = dues(configuration, candidate);
    let favour = |action: Action| match action {
        Action::Transition(class) => favour(class),
        _ => 0,
    };
    let first = dues.iter().filter(|due| due.at <= now).min_by(|a, b| {
        let (left, right) = (rank(a.action), rank(b.action));
        left.cmp(&right).then(favour(b.action).cmp(&favour(a.action))).then(a.at.cmp(&b.at))
    });
    let is_transition = first.is_some_and(|due| matches!(due.action, Action::Transition(_)));
    let later = dues.iter().filter(|due| due.at > now).map(|due| due.at).min();
    // After a transition, what else is due is looked at on the next day.
    let next = if is_transition && dues.iter().any(|due| due.at <= now && rank(due.action) == 2) {
        Some(midnight::after(now))
    } else {
        later
    };
    Decision { now: first.copied(), next }
}

/// When the current version expires, and by which rule: what the header `x-amz-expiration` tells.
pub fn expiration<'a>(
    configuration: &'a LifecycleConfiguration,
    candidate: &Candidate<'_>,
) -> Option<(i64, &'a str)> {
    let dues = dues(configuration, candidate);
    let expiry = dues.iter().filter(|due| due.action == Action::Expire).min_by_key(|due| due.at)?;
    Some((expiry.at, expiry.rule))
}

/// When an incomplete upload is aborted, and by which rule.
pub fn abort<'a>(
    configuration: &'a LifecycleConfiguration,
    key: &str,
    initiated: i64,
) -> Option<(i64, &'a str)> {
    let subject = Subject { key, size: None, tags: &[] };
    let rules = enabled(configuration).filter(|rule| rule.filter.matches(subject));
    rules
        .filter_map(|rule| Some((midnight::after_days(initiated, rule.abort_incomplete_days?), &*rule.id)))
        .min()
}

/// The first moment at which something could be due for what is made or changed after `now`.
///
/// Rules that look at tags, at the number of newer versions, or at what else is left of an object can be made due by any
/// change, and are looked at every midnight; the others not before their days have passed.
pub fn earliest_for_new(configuration: &LifecycleConfiguration, now: i64) -> Option<i64> {
    enabled(configuration).filter_map(|rule| earliest_of_rule(rule, now)).min()
}

fn earliest_of_rule(rule: &LifecycleRule, now: i64) -> Option<i64> {
    let every_day = !rule.filter.tags.is_empty()
        || rule.expiration == Some(Expiration::DeleteMarker(true))
        || rule.noncurrent_expiration.is_some_and(|expiration| expiration.newer_versions.is_some())
        || rule.noncurrent_transitions.iter().any(|transition| transition.newer_versions.is_some());
    if every_day {
        return Some(midnight::after(now));
    }
    let expiration = match rule.expiration {
        Some(Expiration::At(when)) => Some(when),
        _ => None,
    };
    let whens = rule.transitions.iter().map(|transition| transition.when).chain(expiration);
    let current = whens.map(|when| match when {
        When::Days(days) => midnight::after_days(now, days),
        When::Date(date) => date.max(midnight::after(now)),
    });
    let noncurrent = rule.noncurrent_expiration.iter().map(|expiration| expiration.days);
    let noncurrent = noncurrent.chain(rule.noncurrent_transitions.iter().map(|transition| transition.days));
    let by_age = noncurrent.chain(rule.abort_incomplete_days).map(|days| midnight::after_days(now, days));
    current.chain(by_age).min()
}

fn enabled(configuration: &LifecycleConfiguration) -> impl Iterator<Item = &LifecycleRule> {
    configuration.rules.iter().filter(|rule| rule.is_enabled)
}

/// Everything that the rules want of a version, whenever.
fn dues<'a>(configuration: &'a LifecycleConfiguration, candidate: &Candidate<'_>) -> Vec<Due<'a>> {
    let matching = enabled(configuration).filter(|rule| rule.filter.matches(candidate.subject));
    let (mut dues, mut in_tiering) = (Vec::new(), Vec::new());
    for rule in matching {
        in_tiering.extend(tiered(rule, candidate));
        match candidate.place {
            Place::Current { is_only } if candidate.is_delete_marker => {
                dues.extend(is_only.then(|| expired_marker(rule, candidate)).flatten());
            }
            Place::Current { .. } => current(rule, candidate, configuration.minimum_size, &mut dues),
            Place::Noncurrent { since, newer } => {
                noncurrent(rule, candidate, (since, newer), configuration.minimum_size, &mut dues);
            }
        }
    }
    // What was due on the day of a move to Intelligent-Tiering, and was not made for it, is not made later either.
    dues.retain(|due| match due.action {
        Action::Transition(to) => {
            favour(to) >= favour(StorageClass::IntelligentTiering) || !in_tiering.contains(&due.at)
        }
        Action::Expire | Action::Remove => true,
    });
    dues
}

/// Which of several transitions that are due is made: the one to the cheapest class, but Intelligent-Tiering goes before
/// all except the archives.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-conflicts.html>
fn favour(class: StorageClass) -> u8 {
    match class {
        StorageClass::Glacier | StorageClass::DeepArchive => 10 + coldness(class),
        StorageClass::IntelligentTiering => 10,
        _ => coldness(class),
    }
}

/// When a rule wants a version in Intelligent-Tiering, be it there already or not.
fn tiered(rule: &LifecycleRule, candidate: &Candidate<'_>) -> Vec<i64> {
    let is_tiering = |class: StorageClass| class == StorageClass::IntelligentTiering;
    match candidate.place {
        Place::Current { .. } => {
            let wanted = rule.transitions.iter().filter(|to| is_tiering(to.storage_class));
            wanted.map(|to| at(to.when, candidate.modified)).collect()
        }
        Place::Noncurrent { since, .. } => {
            let wanted = rule.noncurrent_transitions.iter().filter(|to| is_tiering(to.storage_class));
            wanted.map(|to| midnight::after_days(since, to.days)).collect()
        }
    }
}

fn at(when: When, modified: i64) -> i64 {
    match when {
        When::Days(days) => midnight::after_days(modified, days),
        When::Date(date) => date.max(modified - modified.rem_euclid(DAY)),
    }
}

/// A delete marker that is all that is left of an object goes when its rule says so, or when it has the age at which
/// the object would expire.
fn expired_marker<'a>(rule: &'a LifecycleRule, candidate: &Candidate<'_>) -> Option<Due<'a>> {
    if rule.filter.is_by_size() {
        return None;
    }
    let at = match rule.expiration? {
        Expiration::DeleteMarker(true) => midnight::after(candidate.modified),
        Expiration::DeleteMarker(false) => return None,
        Expiration::At(when) => at(when, candidate.modified),
    };
    Some(Due { at, action: Action::Remove, rule: &rule.id })
}

fn current<'a>(
    rule: &'a LifecycleRule,
    candidate: &Candidate<'_>,
    minimum: TransitionMinimumSize,
    dues: &mut Vec<Due<'a>>,
) {
    if let Some(Expiration::At(when)) = rule.expiration {
        dues.push(Due { at: at(when, candidate.modified), action: Action::Expire, rule: &rule.id });
    }
    for transition in &rule.transitions {
        if may_move(rule, candidate, transition.storage_class, minimum) {
            let at = at(transition.when, candidate.modified);
            dues.push(Due { at, action: Action::Transition(transition.storage_class), rule: &rule.id });
        }
    }
}

fn noncurrent<'a>(
    rule: &'a LifecycleRule,
    candidate: &Candidate<'_>,
    (since, newer): (i64, u32),
    minimum: TransitionMinimumSize,
    dues: &mut Vec<Due<'a>>,
) {
    let is_past = |kept: Option<u32>| kept.is_none_or(|kept| newer >= kept);
    if let Some(expiration) =
        rule.noncurrent_expiration.filter(|expiration| is_past(expiration.newer_versions))
    {
        let at = midnight::after_days(since, expiration.days);
        dues.push(Due { at, action: Action::Remove, rule: &rule.id });
    }
    if candidate.is_delete_marker {
        return;
    }
    for transition in
        rule.noncurrent_transitions.iter().filter(|transition| is_past(transition.newer_versions))
    {
        if may_move(rule, candidate, transition.storage_class, minimum) {
            let at = midnight::after_days(since, transition.days);
            dues.push(Due { at, action: Action::Transition(transition.storage_class), rule: &rule.id });
        }
    }
}

/// Whether a rule may move a version: only down the ladder of classes, and not when it is small.
fn may_move(
    rule: &LifecycleRule,
    candidate: &Candidate<'_>,
    to: StorageClass,
    minimum: TransitionMinimumSize,
) -> bool {
    let is_small = candidate.subject.size.is_none_or(|size| size < MINIMUM_TRANSITION_BYTES);
    let small_stays = match minimum {
        TransitionMinimumSize::AllStorageClasses128K => true,
        TransitionMinimumSize::VariesByStorageClass => archive(to).is_none(),
    };
    coldness(to) > coldness(candidate.storage_class)
        && (rule.filter.is_by_size() || !(is_small && small_stays))
}

#[cfg(test)]
mod tests;
