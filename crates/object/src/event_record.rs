//! Event notifications as their receivers read them.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use time::OffsetDateTime;
use time::macros::format_description;

/// What stays as it is in the key of an event.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*').remove(b'/').remove(b' ');

/// Something that happened to an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRecord {
    /// `ObjectCreated:Put` and the like.
    pub name: String,
    /// The key, not encoded.
    pub key: String,
    /// None where AWS does not tell it: removals, tags, access control lists.
    pub size: Option<u64>,
    /// Without quotes.
    pub etag: Option<String>,
    /// The version, where the bucket has versions.
    pub version_id: Option<String>,
    /// Tells the order of events about a key; none where AWS does not tell it.
    pub sequencer: Option<u64>,
    /// What only this kind of event tells.
    pub details: EventDetails,
}

/// What only some events tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum EventDetails {
    /// Nothing more.
    #[default]
    Nothing,
    /// A restored copy is there, or gone. Times in ISO 8601.
    Restored {
        /// Until when.
        expiry: String,
        /// The class of the object.
        storage_class: String,
    },
    /// A rule has moved the object to a class.
    Transitioned {
        /// The new class.
        storage_class: String,
    },
    /// An object has been moved to an archive of Intelligent-Tiering.
    Tiered {
        /// The archive.
        access_tier: String,
    },
    /// A replication rule has met or missed something.
    Replication {
        /// The rule.
        rule_id: String,
        /// The ARN of the bucket that it copies to.
        destination: String,
        /// Why it failed, if it did.
        reason: Option<String>,
        /// When the object was written, in ISO 8601.
        request_time: String,
    },
}

/// The call that caused an event, and the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSource {
    /// The region of the bucket.
    pub region: String,
    /// In ISO 8601 with milliseconds.
    pub time: String,
    /// The principal id of who caused it.
    pub principal: String,
    /// The address of who caused it.
    pub source_ip: String,
    /// The id of the request.
    pub request_id: String,
    /// The extended id of the request.
    pub host_id: String,
    /// The name of the bucket.
    pub bucket: String,
    /// The account that has the bucket.
    pub owner: String,
}

impl EventRecord {
    /// The version of the record's form, which AWS raises for families that came later.
    fn record_version(&self) -> &'static str {
        match self.name.split(':').next() {
            Some("Replication") => "2.2",
            Some(
                "LifecycleExpiration"
                | "LifecycleTransition"
                | "IntelligentTiering"
                | "ObjectTagging"
                | "ObjectAcl",
            ) => "2.3",
            _ if self.name == "ObjectRestore:Delete" => "2.3",
            _ => "2.1",
        }
    }
}

/// The message with one event for one target.
pub fn message(source: &EventSource, event: &EventRecord, configuration_id: &str) -> String {
    json!({ "Records": [record(source, event, configuration_id)] }).to_string()
}

fn record(source: &EventSource, event: &EventRecord, configuration_id: &str) -> Value {
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
    put("eventVersion", event.record_version().into());
    put("eventSource", "aws:s3".into());
    put("awsRegion", source.region.as_str().into());
    put("eventTime", source.time.as_str().into());
    put("eventName", event.name.as_str().into());
    put("userIdentity", json!({ "principalId": source.principal }));
    put("requestParameters", json!({ "sourceIPAddress": source.source_ip }));
    put("responseElements", json!({ "x-amz-request-id": source.request_id, "x-amz-id-2": source.host_id }));
    put(
        "s3",
        json!({
            "s3SchemaVersion": "1.0",
            "configurationId": configuration_id,
            "bucket": {
                "name": source.bucket,
                "ownerIdentity": { "principalId": source.owner },
                "arn": format!("arn:aws:s3:::{}", source.bucket),
            },
            "object": object(event),
        }),
    );
    if let Some((name, value)) = details(&event.details) {
        put(name, value);
    }
    Value::Object(record)
}

fn object(event: &EventRecord) -> Value {
    let mut object = Map::new();
    object.insert("key".to_owned(), encoded_key(&event.key).into());
    if let Some(size) = event.size {
        object.insert("size".to_owned(), size.into());
    }
    if let Some(etag) = &event.etag {
        object.insert("eTag".to_owned(), etag.as_str().into());
    }
    if let Some(version_id) = &event.version_id {
        object.insert("versionId".to_owned(), version_id.as_str().into());
    }
    if let Some(sequencer) = event.sequencer {
        object.insert("sequencer".to_owned(), format!("{sequencer:018X}").into());
    }
    Value::Object(object)
}

/// The key as in the query of a URL: spaces are plus signs.
fn encoded_key(key: &str) -> String {
    utf8_percent_encode(key, KEPT).to_string().replace(' ', "+")
}

fn details(details: &EventDetails) -> Option<(&'static str, Value)> {
    Some(match details {
        EventDetails::Nothing => return None,
        EventDetails::Restored { expiry, storage_class } => (
            "glacierEventData",
            json!({ "restoreEventData": {
                "lifecycleRestorationExpiryTime": expiry,
                "lifecycleRestoreStorageClass": storage_class,
            }}),
        ),
        EventDetails::Transitioned { storage_class } => (
            "lifecycleEventData",
            json!({ "transitionEventData": { "destinationStorageClass": storage_class } }),
        ),
        EventDetails::Tiered { access_tier } => {
            ("intelligentTieringEventData", json!({ "destinationAccessTier": access_tier }))
        }
        EventDetails::Replication { rule_id, destination, reason, request_time } => {
            let mut data = json!({
                "replicationRuleId": rule_id,
                "destinationBucket": destination,
                "s3Operation": "OBJECT_PUT",
                "requestTime": request_time,
            });
            if let (Some(reason), Some(data)) = (reason, data.as_object_mut()) {
                data.insert("failureReason".to_owned(), reason.as_str().into());
            }
            ("replicationEventData", data)
        }
    })
}

/// A time with milliseconds, as events tell it.
pub fn iso_millis(millis: i64) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000);
    time.ok().and_then(|time| time.format(format).ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source() -> EventSource {
        EventSource {
            region: "eu-west-1".to_owned(),
            time: "2030-01-01T00:00:00.000Z".to_owned(),
            principal: "AIDAEXAMPLE".to_owned(),
            source_ip: "127.0.0.1".to_owned(),
            request_id: "ABC".to_owned(),
            host_id: "def".to_owned(),
            bucket: "b".to_owned(),
            owner: "111122223333".to_owned(),
        }
    }

    fn event(name: &str) -> EventRecord {
        EventRecord {
            name: name.to_owned(),
            key: "a b/ü@".to_owned(),
            size: Some(9),
            etag: Some("437b".to_owned()),
            version_id: None,
            sequencer: Some(0xab),
            details: EventDetails::Nothing,
        }
    }

    #[test]
    fn a_created_object() {
        let message: Value =
            serde_json::from_str(&message(&source(), &event("ObjectCreated:Put"), "c")).unwrap();
        let record = &message["Records"][0];
        assert_eq!(record["eventVersion"], "2.1");
        assert_eq!(
            record["s3"]["object"],
            json!({ "key": "a+b/%C3%BC%40", "size": 9, "eTag": "437b", "sequencer": "0000000000000000AB" })
        );
        assert_eq!(record["s3"]["bucket"]["arn"], "arn:aws:s3:::b");
        assert_eq!(record["s3"]["configurationId"], "c");
        assert!(record.get("glacierEventData").is_none());
    }

    #[test]
    fn later_families_have_later_versions() {
        let check = |name: &str, version| assert_eq!(event(name).record_version(), version, "{name}");
        check("ObjectRemoved:Delete", "2.1");
        check("ObjectRestore:Completed", "2.1");
        check("ObjectRestore:Delete", "2.3");
        check("ObjectTagging:Put", "2.3");
        check("LifecycleTransition", "2.3");
        check("Replication:OperationFailedReplication", "2.2");
    }
}
