//! Which rules replicate what.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-what-is-isnt-replicated.html>

use super::configured::{ReplicationConfiguration, ReplicationRule};
use super::object_filter::Subject;
use super::storage_class::archive;
use crate::StorageClass;

/// What may be replicated.
#[derive(Debug, Clone, Copy)]
pub struct Original<'a> {
    /// What filters look at.
    pub subject: Subject<'a>,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
    /// Where it is stored.
    pub storage_class: StorageClass,
    /// Whether it is in one of the archives of Intelligent-Tiering.
    pub is_in_archive_tier: bool,
    /// Whether it is encrypted with a KMS key.
    pub is_kms_encrypted: bool,
    /// Whether it is a replica itself.
    pub is_replica: bool,
    /// Whether nothing but its tags or its access control list have changed.
    pub is_modification: bool,
}

impl ReplicationRule {
    fn replicates(&self, original: &Original<'_>) -> bool {
        self.is_enabled
            && (!original.is_replica || (original.is_modification && self.replica_modifications))
            && archive(original.storage_class).is_none()
            && !original.is_in_archive_tier
            && (!original.is_kms_encrypted || self.kms_encrypted_objects == Some(true))
            && if original.is_delete_marker {
                self.replicates_marker(original)
            } else {
                self.filter.matches(original.subject)
            }
    }

    fn replicates_marker(&self, original: &Original<'_>) -> bool {
        let wants = self.delete_markers.unwrap_or(self.is_first_version);
        wants && self.filter.tags.is_empty() && original.subject.key.starts_with(self.filter.prefix())
    }
}

/// The rules that replicate a version: for each destination the one that goes first.
pub fn rules<'a>(
    configuration: &'a ReplicationConfiguration,
    original: &Original<'_>,
) -> Vec<&'a ReplicationRule> {
    let mut chosen: Vec<&ReplicationRule> = Vec::new();
    for rule in configuration.rules.iter().filter(|rule| rule.replicates(original)) {
        match chosen.iter_mut().find(|other| other.destination.bucket == rule.destination.bucket) {
            Some(other) if other.priority < rule.priority => *other = rule,
            Some(_) => {}
            None => chosen.push(rule),
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::configured::{ObjectFilter, ReplicationDestination};

    fn rule(id: &str, priority: Option<i32>, prefix: &str, bucket: &str) -> ReplicationRule {
        ReplicationRule {
            id: id.to_owned(),
            priority,
            is_first_version: priority.is_none(),
            filter: ObjectFilter { prefix: Some(prefix.to_owned()), ..ObjectFilter::default() },
            is_enabled: true,
            destination: ReplicationDestination {
                bucket: bucket.to_owned(),
                ..ReplicationDestination::default()
            },
            ..ReplicationRule::default()
        }
    }

    fn object() -> Original<'static> {
        Original {
            subject: Subject { key: "logs/a", size: Some(1), tags: &[] },
            is_delete_marker: false,
            storage_class: StorageClass::Standard,
            is_in_archive_tier: false,
            is_kms_encrypted: false,
            is_replica: false,
            is_modification: false,
        }
    }

    fn chosen(rules: Vec<ReplicationRule>, original: &Original<'_>) -> Vec<String> {
        let configuration = ReplicationConfiguration { role: "role".to_owned(), rules };
        super::rules(&configuration, original).into_iter().map(|rule| rule.id.clone()).collect()
    }

    #[test]
    fn the_rule_with_the_greatest_priority_goes_first_for_each_destination() {
        let rules = vec![
            rule("a", Some(1), "", "x"),
            rule("b", Some(3), "logs/", "x"),
            rule("c", Some(2), "", "x"),
            rule("d", Some(0), "", "y"),
            rule("e", Some(9), "other/", "y"),
        ];
        assert_eq!(chosen(rules, &object()), ["b", "d"]);
    }

    #[test]
    fn delete_markers_go_with_rules_of_the_first_version_or_when_asked_for() {
        let marker = Original { is_delete_marker: true, ..object() };
        let check = |rule: ReplicationRule, expected: bool| {
            assert_eq!(!chosen(vec![rule], &marker).is_empty(), expected);
        };
        check(rule("a", None, "logs/", "x"), true);
        check(rule("a", None, "other/", "x"), false);
        check(rule("a", Some(1), "logs/", "x"), false);
        check(ReplicationRule { delete_markers: Some(true), ..rule("a", Some(1), "logs/", "x") }, true);
        let mut tagged = ReplicationRule { delete_markers: Some(true), ..rule("a", Some(1), "logs/", "x") };
        tagged.filter.tags.push(("a".to_owned(), "b".to_owned()));
        check(tagged, false);
    }

    #[test]
    fn what_is_never_replicated() {
        let check = |original: Original<'_>, expected: bool| {
            assert_eq!(!chosen(vec![rule("a", Some(1), "", "x")], &original).is_empty(), expected);
        };
        check(object(), true);
        check(Original { is_replica: true, ..object() }, false);
        check(Original { is_replica: true, is_modification: true, ..object() }, false);
        let synced = ReplicationRule { replica_modifications: true, ..rule("a", Some(1), "", "x") };
        let replica = Original { is_replica: true, ..object() };
        assert!(chosen(vec![synced.clone()], &replica).is_empty());
        assert_eq!(chosen(vec![synced], &Original { is_modification: true, ..replica }), ["a"]);
        check(Original { storage_class: StorageClass::Glacier, ..object() }, false);
        check(Original { storage_class: StorageClass::GlacierIr, ..object() }, true);
        let tiered = Original { storage_class: StorageClass::IntelligentTiering, ..object() };
        check(tiered, true);
        check(Original { is_in_archive_tier: true, ..tiered }, false);
        check(Original { is_kms_encrypted: true, ..object() }, false);
        let kms = ReplicationRule { kms_encrypted_objects: Some(true), ..rule("a", Some(1), "", "x") };
        assert_eq!(chosen(vec![kms], &Original { is_kms_encrypted: true, ..object() }), ["a"]);
    }
}
