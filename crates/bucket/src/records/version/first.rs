//! The first form of a stored version, which knew nothing of Intelligent-Tiering.

use serde::{Deserialize, Serialize};

use super::{ContentHeaders, Lock, PartSize, StoredChecksum, Summary};
use crate::records::{Acl, Body, Encryption, ReplicationStatus};

/// A version of an object.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Version {
    summary: Summary,
    content: Content,
}

#[derive(Debug, Serialize, Deserialize)]
struct Content {
    headers: ContentHeaders,
    metadata: Vec<(String, String)>,
    checksum: Option<StoredChecksum>,
    tags: Vec<(String, String)>,
    encryption: Option<Encryption>,
    acl: Option<Acl>,
    lock: Lock,
    replication: Option<ReplicationStatus>,
    body: Body,
    parts: Vec<PartSize>,
}

impl From<Version> for super::Version {
    fn from(old: Version) -> Self {
        let Content { headers, metadata, checksum, tags, encryption, acl, lock, replication, body, parts } =
            old.content;
        let content = super::Content {
            headers,
            metadata,
            checksum,
            tags,
            encryption,
            acl,
            lock,
            replication,
            body,
            parts,
            tiering: None,
        };
        super::Version { summary: old.summary, content }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::{Etag, OpaqueId, StorageClass, VersionId};
    use virga_store::Stored as _;

    #[test]
    fn old_versions_open() {
        let summary = Summary {
            version: VersionId { id: OpaqueId { sequence: 7, salt: 9 }, is_null: true },
            is_delete_marker: false,
            modified: 5,
            size: 3,
            etag: Etag::default(),
            class: StorageClass::IntelligentTiering,
            checksum: None,
            owner: None,
            restore: None,
        };
        let content = Content {
            headers: ContentHeaders::default(),
            metadata: vec![("a".to_owned(), "b".to_owned())],
            checksum: None,
            tags: Vec::new(),
            encryption: Some(Encryption::S3),
            acl: None,
            lock: Lock::default(),
            replication: None,
            body: Body::Nothing,
            parts: Vec::new(),
        };
        let bytes = postcard::to_allocvec(&Version { summary: summary.clone(), content }).unwrap();
        let opened = super::super::Version::decode(1, &bytes).unwrap();
        assert_eq!((&opened.summary, opened.content.tiering), (&summary, None));
        assert_eq!(opened.content.metadata, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(Summary::decode(1, &bytes).unwrap(), summary);
        let mut bytes = Vec::new();
        opened.encode(&mut bytes).unwrap();
        for version in [2, 3] {
            assert_eq!(super::super::Version::decode(version, &bytes).unwrap(), opened);
        }
    }
}
