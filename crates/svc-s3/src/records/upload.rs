//! A multipart upload under way, and its parts.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use super::{
    Acl, Body, ChecksumAlgorithm, ChecksumType, ContentHeaders, Encryption, Etag, Lock, StorageClass,
    VersionId,
};

/// An upload under way: what its object will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Upload {
    /// When it was initiated.
    pub(crate) initiated: i64,
    /// The initiator's account.
    pub(crate) initiator: String,
    /// The initiator's ARN, or the account's canonical id for a root user.
    pub(crate) initiator_arn: String,
    /// The owner's account of the object to be.
    pub(crate) owner: String,
    /// Where the object will be stored.
    pub(crate) class: StorageClass,
    /// Which checksum the parts have; none when the caller did not say.
    pub(crate) checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    /// Headers of the object.
    pub(crate) headers: ContentHeaders,
    /// `x-amz-meta-…` of the object.
    pub(crate) metadata: Vec<(String, String)>,
    /// Tags of the object.
    pub(crate) tags: Vec<(String, String)>,
    /// How the parts are encrypted.
    pub(crate) encryption: Encryption,
    /// Access control list of the object.
    pub(crate) acl: Option<Acl>,
    /// Retention and legal hold of the object.
    pub(crate) lock: Lock,
}
stored!(Upload, 1);

/// A part that was uploaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Part {
    /// When it was uploaded.
    pub(crate) modified: i64,
    /// Bytes.
    pub(crate) size: u64,
    /// Its entity tag.
    pub(crate) etag: Etag,
    /// Its checksum in base64.
    pub(crate) checksum: Option<(ChecksumAlgorithm, String)>,
    /// Where the bytes are.
    pub(crate) body: Body,
}
stored!(Part, 1);

/// What became of an upload, for whoever completes it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Completion {
    /// When it was completed.
    pub(crate) completed: i64,
    /// The key of its object.
    pub(crate) key: String,
    /// The version that was made of it.
    pub(crate) version: VersionId,
}
stored!(Completion, 1);
