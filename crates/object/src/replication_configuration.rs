//! What makes a replication configuration wrong.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html>

use virga_api::s3 as api;
use virga_kit::Arn;

use crate::{Error, document};

/// The most rules.
const MOST_RULES: usize = 1000;
/// The only time within which replicas are to be there.
const THRESHOLD_MINUTES: i32 = 15;
/// The longest id of a rule.
const LONGEST_ID: usize = 255;

/// The name in the ARN of a bucket.
pub fn bucket_of_arn(arn: &str) -> Option<&str> {
    arn.strip_prefix("arn:aws:s3:::").filter(|name| !name.is_empty() && !name.contains('/'))
}

/// Checks the rules of a replication.
pub fn check(configuration: &api::ReplicationConfiguration) -> Result<(), Error> {
    document::check(configuration)?;
    let rules = configuration.rules();
    if rules.is_empty() {
        return Err(Error::MalformedXml);
    }
    let role = configuration.role();
    if !Arn::parse(role).is_some_and(|arn| arn.service == "iam" && arn.resource.starts_with("role/")) {
        return Err(Error::argument(
            "The role of a replication must be the ARN of an IAM role",
            "Role",
            role,
        ));
    }
    if rules.len() > MOST_RULES {
        return Err(Error::request(format!("The number of replication rules must not exceed {MOST_RULES}")));
    }
    let mut ids = Vec::new();
    let mut priorities = Vec::new();
    for rule in rules.iter() {
        check_rule(rule)?;
        if let Some(id) = rule.id().filter(|id| !id.is_empty()) {
            if id.chars().count() > LONGEST_ID {
                return Err(Error::argument("Rule Id must not be longer than 255 characters", "ID", id));
            }
            if ids.contains(&id) {
                return Err(Error::argument("Rule Id must be unique", "ID", id));
            }
            ids.push(id);
        }
        if let Some(priority) = rule.priority() {
            if priority < 0 {
                return Err(Error::argument(
                    "Priority must be a nonnegative integer",
                    "Priority",
                    priority.to_string(),
                ));
            }
            if priorities.contains(&priority) {
                return Err(Error::request(format!(
                    "Found duplicate priority {priority}. Priority must be unique."
                )));
            }
            priorities.push(priority);
        }
    }
    Ok(())
}

/// The replicas' owner, key and time need what they stand on.
fn check_destination(rule: &api::ReplicationRule) -> Result<(), Error> {
    let destination = rule.destination();
    let criteria = rule.source_selection_criteria();
    let kms = criteria.and_then(api::SourceSelectionCriteria::sse_kms_encrypted_objects);
    let wants_kms = kms.is_some_and(|kms| kms.status() == api::sse_kms_encrypted_objects_status::ENABLED);
    let encryption = destination.encryption_configuration();
    let key = encryption.and_then(api::EncryptionConfiguration::replica_kms_key_id);
    if wants_kms && key.is_none() {
        return Err(Error::request(
            "ReplicaKmsKeyID must be specified if SseKmsEncryptedObjects tag is present.",
        ));
    }
    if encryption.is_some() && kms.is_none() {
        return Err(Error::request(
            "SseKmsEncryptedObjects must be specified if EncryptionConfiguration is present.",
        ));
    }
    if destination.access_control_translation().is_some() && destination.account().is_none() {
        return Err(Error::request("Account must be specified if AccessControlTranslation is present."));
    }
    let metrics = destination.metrics();
    if destination.replication_time().is_some() && metrics.is_none() {
        return Err(Error::request("ReplicationTime cannot be used without Metrics."));
    }
    let of_metrics = metrics.and_then(api::Metrics::event_threshold);
    let of_time = destination.replication_time().map(api::ReplicationTime::time);
    let minutes = of_metrics.into_iter().chain(of_time).map(api::ReplicationTimeValue::minutes);
    match minutes.into_iter().find(|minutes| *minutes != Some(THRESHOLD_MINUTES)) {
        Some(_) => Err(Error::MalformedXml),
        None => Ok(()),
    }
}

/// Rules with a filter are of the present schema, those with a prefix alone of the first one.
fn check_rule(rule: &api::ReplicationRule) -> Result<(), Error> {
    // AWS takes existing objects through batch replication only.
    if rule.existing_object_replication().is_some() {
        return Err(Error::MalformedXml);
    }
    check_destination(rule)?;
    let Some(filter) = rule.filter() else {
        // The first schema has a prefix and neither priorities nor delete markers.
        let is_of_first = rule.prefix().is_some() && rule.delete_marker_replication().is_none();
        return if is_of_first { Ok(()) } else { Err(Error::MalformedXml) };
    };
    let members = [filter.prefix().is_some(), filter.tag().is_some(), filter.and().is_some()];
    if rule.prefix().is_some() || members.into_iter().filter(|member| *member).count() > 1 {
        return Err(Error::MalformedXml);
    }
    let needed = |what: &str| {
        Error::request(format!(
            "{what} must be specified for this version of Cross Region Replication configuration schema. Please refer \
             to S3 Developer Guide for more information."
        ))
    };
    if rule.priority().is_none() {
        return Err(needed("Priority"));
    }
    let Some(markers) = rule.delete_marker_replication() else {
        return Err(needed("DeleteMarkerReplication"));
    };
    let has_tags = filter.tag().is_some()
        || filter.and().and_then(api::ReplicationRuleAndOperator::tags).is_some_and(|tags| !tags.is_empty());
    if has_tags && markers.status() == Some(api::delete_marker_replication_status::ENABLED) {
        return Err(Error::request(
            "Delete marker replication is not supported if any Tag filter is specified. Please refer to S3 Developer \
             Guide for more information.",
        ));
    }
    Ok(())
}
