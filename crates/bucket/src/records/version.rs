//! A version of an object: an object or a delete marker.

mod first;

use serde::{Deserialize, Serialize};
use virga_model::Timestamp;
use virga_object::condition::Validators;
use virga_store::{Fault, Stored, stored};

use super::{
    Acl, ArchiveTier, Body, ChecksumAlgorithm, ChecksumType, Encryption, Etag, Lock, OpaqueId, PartSize,
    ReplicationStatus, StorageClass,
};

/// The id of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VersionId {
    /// Orders the versions of a key.
    pub id: OpaqueId,
    /// Whether callers know it as `null`: written while versioning was off.
    pub is_null: bool,
}

impl VersionId {
    /// As callers know it.
    pub fn text(self) -> String {
        if self.is_null { "null".to_owned() } else { virga_object::opaque_id::letters(self.id) }
    }
}

/// What a listing shows of a version. It is the front of a stored [`Version`], so that a listing reads no more.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Its id.
    pub version: VersionId,
    /// Whether it is a delete marker.
    pub is_delete_marker: bool,
    /// When it was written.
    pub modified: i64,
    /// Bytes of the body.
    pub size: u64,
    /// Its entity tag.
    pub etag: Etag,
    /// Where it is stored.
    pub class: StorageClass,
    /// Which checksum it has.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    /// The owner's account, where it is not the bucket's.
    pub owner: Option<String>,
    /// How far its restoring from an archive is.
    pub restore: Option<Restore>,
}

impl Summary {
    /// What conditions are about.
    pub fn validators(&self) -> Validators {
        Validators { etag: self.etag, modified: self.modified }
    }

    /// The same of an object: a delete marker is none.
    pub fn object_validators(&self) -> Option<Validators> {
        (!self.is_delete_marker).then(|| self.validators())
    }
}

/// A copy of an archived object that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    /// Until when it can be read; none while it is being restored.
    pub until: Option<i64>,
}

/// A version of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Version {
    /// What listings show.
    pub summary: Summary,
    /// The rest.
    pub content: Content,
}
// The second form had the same members; it knew of no bodies within.
stored!(Version, 3, 2 => Self, 1 => first::Version);

impl Version {
    /// When it was last read or written, in Unix seconds, as exactly as Intelligent-Tiering needs it.
    pub fn accessed(&self) -> i64 {
        let written = Timestamp::from_micros(self.summary.modified).secs();
        self.content.tiering.map_or(written, |tiering| tiering.accessed.max(written))
    }

    /// The archive of Intelligent-Tiering in which it is.
    pub fn archive_tier(&self) -> Option<ArchiveTier> {
        let is_tiered = self.summary.class == StorageClass::IntelligentTiering;
        self.content.tiering.filter(|_| is_tiered).and_then(|tiering| tiering.archive)
    }
}

/// What Intelligent-Tiering knows of a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tiering {
    /// When it was last read, in Unix seconds: the first time on that day.
    pub accessed: i64,
    /// The archive in which it is.
    pub archive: Option<ArchiveTier>,
}

/// The part of a version that listings do not show. All absent for a delete marker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Content {
    /// Headers that come back as they were given.
    pub headers: ContentHeaders,
    /// `x-amz-meta-…`, without the prefix.
    pub metadata: Vec<(String, String)>,
    /// The checksum, in base64; of a composite one without the number of parts.
    pub checksum: Option<StoredChecksum>,
    /// Tags.
    pub tags: Vec<(String, String)>,
    /// How the body is encrypted; none for a delete marker.
    pub encryption: Option<Encryption>,
    /// Access control list; none is the private one of the owner.
    pub acl: Option<Acl>,
    /// Retention and legal hold.
    pub lock: Lock,
    /// How far replication is.
    pub replication: Option<ReplicationStatus>,
    /// Where the bytes are.
    pub body: Body,
    /// The parts of a multipart object.
    pub parts: Vec<PartSize>,
    /// What Intelligent-Tiering knows of it; none while it was never read nor archived.
    pub tiering: Option<Tiering>,
}

/// Headers that come back as they were given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub struct ContentHeaders {
    /// `Cache-Control`.
    pub cache_control: Option<String>,
    /// `Content-Disposition`.
    pub content_disposition: Option<String>,
    /// `Content-Encoding`, without `aws-chunked`.
    pub content_encoding: Option<String>,
    /// `Content-Language`.
    pub content_language: Option<String>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Expires`.
    pub expires: Option<String>,
    /// `x-amz-website-redirect-location`.
    pub website_redirect_location: Option<String>,
}

/// A checksum with its algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredChecksum {
    /// How it is computed.
    pub algorithm: ChecksumAlgorithm,
    /// Over what.
    pub kind: ChecksumType,
    /// In base64; of a composite one with `-` and the number of parts, as callers see it.
    pub value: String,
}

impl Stored for Summary {
    const VERSION: u8 = Version::VERSION;

    fn encode(&self, _: &mut Vec<u8>) -> Result<(), Fault> {
        Err(Fault::new("a summary is only read: it is the front of a version"))
    }

    fn decode(version: u8, body: &[u8]) -> Result<Self, Fault> {
        // The front has been the same in all versions.
        if !(1..=Self::VERSION).contains(&version) {
            return Err(Fault::new(format!(
                "a stored version of an object has the unknown version {version}"
            )));
        }
        let front = postcard::take_from_bytes(body).map(|(summary, _)| summary);
        front.map_err(|error| Fault::with_source("a stored version of an object is damaged", error))
    }
}

/// Which of the older versions of a key is called `null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NullVersion {
    /// Its sequence.
    pub sequence: u64,
}
stored!(NullVersion, 1);
