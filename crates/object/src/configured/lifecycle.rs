//! The lifecycle configuration of a bucket.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html>

use virga_api::s3 as api;
use virga_model::Timestamp;

use super::ObjectFilter;
use crate::StorageClass;

/// The lifecycle configuration of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifecycleConfiguration {
    /// The rules, in the order of the document.
    pub rules: Vec<LifecycleRule>,
    /// Which small objects stay.
    pub minimum_size: TransitionMinimumSize,
}

/// Which small objects are not moved, unless a rule filters by size.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TransitionMinimumSize {
    /// `all_storage_classes_128K`: none below 128 KiB to any class.
    #[default]
    AllStorageClasses128K,
    /// `varies_by_storage_class`: those below 128 KiB go to the Glacier classes all the same.
    VariesByStorageClass,
}

/// One rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LifecycleRule {
    /// Name of the rule.
    pub id: String,
    /// Whether it is acted on.
    pub is_enabled: bool,
    /// What it is about.
    pub filter: ObjectFilter,
    /// When current versions go.
    pub expiration: Option<Expiration>,
    /// When current versions move.
    pub transitions: Vec<Transition>,
    /// When noncurrent versions go.
    pub noncurrent_expiration: Option<NoncurrentExpiration>,
    /// When noncurrent versions move.
    pub noncurrent_transitions: Vec<NoncurrentTransition>,
    /// Days after which an incomplete multipart upload is aborted.
    pub abort_incomplete_days: Option<u32>,
}

/// When something happens to a current version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Days after its creation.
    Days(u32),
    /// At a midnight UTC, in Unix seconds, and at every midnight after it.
    Date(i64),
}

/// When current versions expire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiration {
    /// By age or date.
    At(When),
    /// `ExpiredObjectDeleteMarker`: whether delete markers go with whose object nothing else is left.
    DeleteMarker(bool),
}

/// When current versions move to another storage class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    /// When.
    pub when: When,
    /// Where to.
    pub storage_class: StorageClass,
}

/// When noncurrent versions are removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoncurrentExpiration {
    /// Days after another version has taken its place.
    pub days: u32,
    /// Newer noncurrent versions that are kept.
    pub newer_versions: Option<u32>,
}

/// When noncurrent versions move to another storage class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoncurrentTransition {
    /// Days after another version has taken its place.
    pub days: u32,
    /// Newer noncurrent versions that stay.
    pub newer_versions: Option<u32>,
    /// Where to.
    pub storage_class: StorageClass,
}

impl LifecycleConfiguration {
    /// Reads what the caller gave.
    pub fn read(given: &api::GetBucketLifecycleConfigurationOutput) -> Self {
        let varies = api::transition_default_minimum_object_size::VARIES_BY_STORAGE_CLASS;
        LifecycleConfiguration {
            rules: given
                .rules()
                .into_iter()
                .flat_map(virga_model::view::List::iter)
                .map(LifecycleRule::read)
                .collect(),
            minimum_size: match given.transition_default_minimum_object_size() {
                Some(minimum) if minimum == varies => TransitionMinimumSize::VariesByStorageClass,
                _ => TransitionMinimumSize::AllStorageClasses128K,
            },
        }
    }
}

fn days(days: Option<i32>) -> Option<u32> {
    days.and_then(|days| u32::try_from(days).ok())
}

fn when(given_days: Option<i32>, date: Option<Timestamp>) -> Option<When> {
    days(given_days).map(When::Days).or(date.map(|date| When::Date(date.secs())))
}

impl LifecycleRule {
    fn read(given: &api::LifecycleRule) -> Self {
        let abort = given.abort_incomplete_multipart_upload();
        let transitions = given.transitions().into_iter().flat_map(virga_model::view::List::iter);
        let noncurrent =
            given.noncurrent_version_transitions().into_iter().flat_map(virga_model::view::List::iter);
        LifecycleRule {
            id: given.id().unwrap_or_default().to_owned(),
            is_enabled: given.status() == "Enabled",
            filter: filter(given),
            expiration: given.expiration().and_then(expiration),
            transitions: transitions.filter_map(transition).collect(),
            noncurrent_expiration: given.noncurrent_version_expiration().and_then(|given| {
                Some(NoncurrentExpiration {
                    days: days(given.noncurrent_days())?,
                    newer_versions: days(given.newer_noncurrent_versions()),
                })
            }),
            noncurrent_transitions: noncurrent.filter_map(noncurrent_transition).collect(),
            abort_incomplete_days: abort.and_then(|abort| days(abort.days_after_initiation())),
        }
    }
}

fn filter(given: &api::LifecycleRule) -> ObjectFilter {
    let Some(filter) = given.filter() else { return ObjectFilter::read(given.prefix(), None, None) };
    let and = filter.and();
    let prefix = filter.prefix().or(and.and_then(api::LifecycleRuleAndOperator::prefix));
    let greater = filter.object_size_greater_than();
    let greater = greater.or(and.and_then(api::LifecycleRuleAndOperator::object_size_greater_than));
    let less = filter.object_size_less_than();
    let less = less.or(and.and_then(api::LifecycleRuleAndOperator::object_size_less_than));
    ObjectFilter {
        size_greater_than: greater.and_then(|size| u64::try_from(size).ok()),
        size_less_than: less.and_then(|size| u64::try_from(size).ok()),
        ..ObjectFilter::read(prefix, filter.tag(), and.and_then(api::LifecycleRuleAndOperator::tags))
    }
}

fn expiration(given: &api::LifecycleExpiration) -> Option<Expiration> {
    let at = when(given.days(), given.date()).map(Expiration::At);
    at.or(given.expired_object_delete_marker().map(Expiration::DeleteMarker))
}

fn transition(given: &api::Transition) -> Option<Transition> {
    let storage_class = StorageClass::parse(given.storage_class()?)?;
    Some(Transition { when: when(given.days(), given.date())?, storage_class })
}

fn noncurrent_transition(given: &api::NoncurrentVersionTransition) -> Option<NoncurrentTransition> {
    Some(NoncurrentTransition {
        days: days(given.noncurrent_days())?,
        newer_versions: days(given.newer_noncurrent_versions()),
        storage_class: StorageClass::parse(given.storage_class()?)?,
    })
}
