//! The replication configuration of a bucket.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html>

use virga_api::s3 as api;

use super::ObjectFilter;
use crate::StorageClass;

/// The replication configuration of a bucket.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplicationConfiguration {
    /// ARN of the role that S3 assumes.
    pub role: String,
    /// The rules, in the order of the document.
    pub rules: Vec<ReplicationRule>,
}

/// One rule. Switches of the document are none where it does not have them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplicationRule {
    /// Name of the rule.
    pub id: String,
    /// Which rule goes first where several have the same destination: the one with the greatest number.
    pub priority: Option<i32>,
    /// Whether the document has the first version's form, without `Filter`, in which delete markers are replicated by
    /// themselves.
    pub is_first_version: bool,
    /// What it is about.
    pub filter: ObjectFilter,
    /// Whether it is acted on.
    pub is_enabled: bool,
    /// Whether objects encrypted with KMS keys are replicated.
    pub kms_encrypted_objects: Option<bool>,
    /// Whether changes of the metadata of replicas are replicated too.
    pub replica_modifications: bool,
    /// Whether delete markers are replicated.
    pub delete_markers: Option<bool>,
    /// Where to.
    pub destination: ReplicationDestination,
}

/// Where replicas go, and what they are there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplicationDestination {
    /// ARN of the bucket.
    pub bucket: String,
    /// Whose bucket it is.
    pub account: Option<String>,
    /// The class of the replicas; none is that of the object.
    pub storage_class: Option<StorageClass>,
    /// Whether replicas belong to the owner of the destination bucket.
    pub owner_override: bool,
    /// After how many minutes a replica is late; none where nobody wants to know.
    pub threshold_minutes: Option<u32>,
    /// The KMS key of replicas of encrypted objects.
    pub replica_kms_key: Option<String>,
}

impl ReplicationConfiguration {
    /// Reads what the caller gave.
    pub fn read(given: &api::ReplicationConfiguration) -> Self {
        ReplicationConfiguration {
            role: given.role().to_owned(),
            rules: given.rules().iter().map(ReplicationRule::read).collect(),
        }
    }
}

fn is_on(status: &str) -> bool {
    status == "Enabled"
}

impl ReplicationRule {
    fn read(given: &api::ReplicationRule) -> Self {
        let criteria = given.source_selection_criteria();
        let kms = criteria.and_then(api::SourceSelectionCriteria::sse_kms_encrypted_objects);
        let markers = given.delete_marker_replication().and_then(api::DeleteMarkerReplication::status);
        let filter = given.filter();
        let and = filter.and_then(api::ReplicationRuleFilter::and);
        let prefix = filter.and_then(api::ReplicationRuleFilter::prefix);
        let prefix = prefix.or(and.and_then(api::ReplicationRuleAndOperator::prefix));
        ReplicationRule {
            id: given.id().unwrap_or_default().to_owned(),
            priority: given.priority(),
            is_first_version: filter.is_none(),
            filter: ObjectFilter::read(
                prefix.or(given.prefix()),
                filter.and_then(api::ReplicationRuleFilter::tag),
                and.and_then(api::ReplicationRuleAndOperator::tags),
            ),
            is_enabled: is_on(given.status()),
            kms_encrypted_objects: kms.map(|kms| is_on(kms.status())),
            replica_modifications: criteria
                .and_then(api::SourceSelectionCriteria::replica_modifications)
                .is_some_and(|modifications| is_on(modifications.status())),
            delete_markers: markers.map(is_on),
            destination: ReplicationDestination::read(given.destination()),
        }
    }
}

impl ReplicationDestination {
    fn read(given: &api::Destination) -> Self {
        let encryption = given.encryption_configuration();
        let metrics = given.metrics().filter(|metrics| is_on(metrics.status()));
        let threshold = metrics.and_then(api::Metrics::event_threshold);
        let minutes = threshold.and_then(api::ReplicationTimeValue::minutes);
        ReplicationDestination {
            bucket: given.bucket().to_owned(),
            account: given.account().map(str::to_owned),
            storage_class: given
                .storage_class()
                .and_then(StorageClass::parse)
                .filter(|class| *class != StorageClass::ExpressOnezone),
            owner_override: given.access_control_translation().is_some(),
            threshold_minutes: minutes.and_then(|minutes| u32::try_from(minutes).ok()),
            replica_kms_key: encryption
                .and_then(api::EncryptionConfiguration::replica_kms_key_id)
                .map(str::to_owned),
        }
    }
}
