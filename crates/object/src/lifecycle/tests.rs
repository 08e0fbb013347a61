//! Lifecycle rules against versions of all kinds.

use super::*;
use crate::configured::{NoncurrentExpiration, NoncurrentTransition, ObjectFilter, Transition};

const T0: i64 = 1_800_000_000 - 1_800_000_000 % DAY;
const NOON: i64 = T0 + DAY / 2;

fn rule(id: &str, change: impl FnOnce(&mut LifecycleRule)) -> LifecycleRule {
    let mut rule = LifecycleRule { id: id.to_owned(), is_enabled: true, ..LifecycleRule::default() };
    change(&mut rule);
    rule
}

fn configuration(rules: Vec<LifecycleRule>) -> LifecycleConfiguration {
    LifecycleConfiguration { rules, minimum_size: TransitionMinimumSize::default() }
}

fn object(size: u64) -> Candidate<'static> {
    Candidate {
        subject: Subject { key: "logs/a", size: Some(size), tags: &[] },
        modified: NOON,
        storage_class: StorageClass::Standard,
        is_delete_marker: false,
        place: Place::Current { is_only: true },
    }
}

const LARGE: u64 = 1 << 20;

fn transition(days: u32, storage_class: StorageClass) -> Transition {
    Transition { when: When::Days(days), storage_class }
}

#[test]
fn objects_expire_at_the_midnight_after_their_days() {
    let configuration =
        configuration(vec![rule("r", |rule| rule.expiration = Some(Expiration::At(When::Days(3))))]);
    let object = object(1);
    let before = decide(&configuration, &object, true, T0 + 4 * DAY - 1);
    assert_eq!(before, Decision { now: None, next: Some(T0 + 4 * DAY) });
    let after = decide(&configuration, &object, true, T0 + 4 * DAY);
    assert_eq!(after.now.map(|due| (due.action, due.rule)), Some((Action::Expire, "r")));
    assert_eq!(expiration(&configuration, &object), Some((T0 + 4 * DAY, "r")));
}

#[test]
fn of_several_rules_the_earliest_expiry_is_told() {
    let rules = [("one", 5), ("two", 2), ("three", 9)]
        .map(|(id, days)| rule(id, |rule| rule.expiration = Some(Expiration::At(When::Days(days)))));
    assert_eq!(expiration(&configuration(rules.into()), &object(1)), Some((T0 + 3 * DAY, "two")));
}

#[test]
fn intelligent_tiering_goes_before_all_but_the_archives() {
    use StorageClass::{DeepArchive, Glacier, GlacierIr, IntelligentTiering, OnezoneIa, StandardIa};
    let made = |classes: &[StorageClass]| {
        let rules =
            classes.iter().map(|class| rule("r", |rule| rule.transitions = vec![transition(30, *class)]));
        let configuration = configuration(rules.collect());
        let mut object = object(LARGE);
        let mut made = Vec::new();
        for day in 31..34 {
            let due = decide(&configuration, &object, true, T0 + day * DAY).now;
            let Some(Action::Transition(class)) = due.map(|due| due.action) else { continue };
            object.storage_class = class;
            made.push(class);
        }
        made
    };
    assert_eq!(made(&[OnezoneIa, IntelligentTiering, GlacierIr, StandardIa]), [IntelligentTiering]);
    assert_eq!(made(&[IntelligentTiering, Glacier]), [Glacier]);
    assert_eq!(made(&[StandardIa, OnezoneIa, DeepArchive]), [DeepArchive]);
    assert_eq!(made(&[StandardIa, GlacierIr]), [GlacierIr]);
}

#[test]
fn disabled_rules_and_other_prefixes_do_nothing() {
    let expiring = |rule: &mut LifecycleRule| rule.expiration = Some(Expiration::At(When::Days(1)));
    let disabled = rule("off", |rule| {
        expiring(rule);
        rule.is_enabled = false;
    });
    let elsewhere = rule("else", |rule| {
        expiring(rule);
        rule.filter = ObjectFilter { prefix: Some("tmp/".to_owned()), ..ObjectFilter::default() };
    });
    let configuration = configuration(vec![disabled, elsewhere]);
    assert_eq!(decide(&configuration, &object(1), true, T0 + 99 * DAY), Decision { now: None, next: None });
}

#[test]
fn the_coldest_class_wins_and_small_objects_stay() {
    let rules = configuration(vec![rule("r", |rule| {
        rule.transitions =
            vec![transition(30, StorageClass::StandardIa), transition(90, StorageClass::Glacier)];
    })]);
    let action = |candidate: &Candidate<'_>, days: i64| {
        decide(&rules, candidate, true, T0 + days * DAY).now.map(|due| due.action)
    };
    assert_eq!(action(&object(LARGE), 30), None);
    assert_eq!(action(&object(LARGE), 31), Some(Action::Transition(StorageClass::StandardIa)));
    assert_eq!(action(&object(LARGE), 91), Some(Action::Transition(StorageClass::Glacier)));
    assert_eq!(action(&object(1), 91), None);
    let moved = Candidate { storage_class: StorageClass::StandardIa, ..object(LARGE) };
    assert_eq!(action(&moved, 31), None);
    assert_eq!(decide(&rules, &moved, true, T0 + 31 * DAY).next, Some(T0 + 91 * DAY));
}

#[test]
fn a_filter_by_size_overrules_the_minimum() {
    let mut rules = configuration(vec![rule("r", |rule| {
        rule.transitions = vec![transition(0, StorageClass::Glacier)];
    })]);
    let acts = |rules: &LifecycleConfiguration| decide(rules, &object(5), true, T0 + DAY).now.is_some();
    assert!(!acts(&rules));
    rules.minimum_size = TransitionMinimumSize::VariesByStorageClass;
    assert!(acts(&rules));
    rules.minimum_size = TransitionMinimumSize::AllStorageClasses128K;
    rules.rules[0].filter.size_greater_than = Some(1);
    assert!(acts(&rules));
}

#[test]
fn permanent_removal_goes_before_transition_and_transition_before_a_delete_marker() {
    let rules = configuration(vec![rule("r", |rule| {
        rule.expiration = Some(Expiration::At(When::Days(1)));
        rule.transitions = vec![transition(1, StorageClass::Glacier)];
    })]);
    let now = T0 + 2 * DAY;
    let unversioned = decide(&rules, &object(LARGE), false, now);
    assert_eq!(unversioned.now.map(|due| due.action), Some(Action::Expire));
    let versioned = decide(&rules, &object(LARGE), true, now);
    assert_eq!(versioned.now.map(|due| due.action), Some(Action::Transition(StorageClass::Glacier)));
    assert_eq!(versioned.next, Some(now + DAY));
}

#[test]
fn newer_noncurrent_versions_are_kept() {
    let rules = configuration(vec![rule("r", |rule| {
        rule.noncurrent_expiration = Some(NoncurrentExpiration { days: 2, newer_versions: Some(2) });
        rule.noncurrent_transitions = vec![NoncurrentTransition {
            days: 1,
            newer_versions: None,
            storage_class: StorageClass::Glacier,
        }];
    })]);
    let action = |newer, days: i64| {
        let place = Place::Noncurrent { since: NOON, newer };
        let candidate = Candidate { place, ..object(LARGE) };
        decide(&rules, &candidate, true, T0 + days * DAY).now.map(|due| due.action)
    };
    assert_eq!(action(1, 10), Some(Action::Transition(StorageClass::Glacier)));
    assert_eq!(action(2, 1), None);
    assert_eq!(action(2, 2), Some(Action::Transition(StorageClass::Glacier)));
    assert_eq!(action(2, 3), Some(Action::Remove));
}

#[test]
fn a_delete_marker_goes_when_nothing_else_is_left() {
    let marker = |is_only| Candidate {
        subject: Subject { size: None, ..object(0).subject },
        is_delete_marker: true,
        place: Place::Current { is_only },
        ..object(0)
    };
    let check = |expiration, is_only, days: i64| {
        let rules = configuration(vec![rule("r", |rule| rule.expiration = Some(expiration))]);
        decide(&rules, &marker(is_only), true, T0 + days * DAY).now.map(|due| due.action)
    };
    assert_eq!(check(Expiration::DeleteMarker(true), true, 1), Some(Action::Remove));
    assert_eq!(check(Expiration::DeleteMarker(true), false, 1), None);
    assert_eq!(check(Expiration::DeleteMarker(false), true, 1), None);
    assert_eq!(check(Expiration::At(When::Days(5)), true, 5), None);
    assert_eq!(check(Expiration::At(When::Days(5)), true, 6), Some(Action::Remove));
    assert_eq!(check(Expiration::At(When::Days(5)), false, 6), None);
}

#[test]
fn a_date_is_past_for_all_that_comes_later() {
    let rules = configuration(vec![rule("r", |rule| {
        rule.expiration = Some(Expiration::At(When::Date(T0 - 9 * DAY)));
    })]);
    assert_eq!(decide(&rules, &object(1), true, NOON).now.map(|due| due.action), Some(Action::Expire));
    assert_eq!(earliest_for_new(&rules, NOON), Some(T0 + DAY));
}

#[test]
fn buckets_are_looked_at_no_more_often_than_their_rules_need() {
    let check =
        |change: fn(&mut LifecycleRule)| earliest_for_new(&configuration(vec![rule("r", change)]), NOON);
    assert_eq!(check(|_| {}), None);
    assert_eq!(check(|rule| rule.expiration = Some(Expiration::At(When::Days(30)))), Some(T0 + 31 * DAY));
    assert_eq!(check(|rule| rule.abort_incomplete_days = Some(7)), Some(T0 + 8 * DAY));
    assert_eq!(check(|rule| rule.expiration = Some(Expiration::DeleteMarker(true))), Some(T0 + DAY));
    let tagged = |rule: &mut LifecycleRule| {
        rule.expiration = Some(Expiration::At(When::Days(30)));
        rule.filter.tags = vec![("a".to_owned(), "b".to_owned())];
    };
    assert_eq!(check(tagged), Some(T0 + DAY));
}

#[test]
fn incomplete_uploads_are_aborted_by_prefix() {
    let rules = configuration(vec![rule("r", |rule| {
        rule.abort_incomplete_days = Some(2);
        rule.filter.prefix = Some("up/".to_owned());
    })]);
    assert_eq!(abort(&rules, "up/a", NOON), Some((T0 + 3 * DAY, "r")));
    assert_eq!(abort(&rules, "a", NOON), None);
}
