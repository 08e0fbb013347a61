//! A multipart upload under way, and its parts.

use serde::{Deserialize, Serialize};
use virga_store::stored;

use super::{
    Acl, Body, ChecksumAlgorithm, ChecksumType, ContentHeaders, Encryption, Etag, Lock, StorageClass,
    VersionId,
};

/// An upload under way: what its object will be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Upload {
    /// When it was initiated.
    pub initiated: i64,
    /// The initiator's account.
    pub initiator: String,
    /// The initiator's ARN, or the account's canonical id for a root user.
    pub initiator_arn: String,
    /// The owner's account of the object to be.
    pub owner: String,
    /// Where the object will be stored.
    pub class: StorageClass,
    /// Which checksum the parts have; none when the caller did not say.
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    /// Headers of the object.
    pub headers: ContentHeaders,
    /// `x-amz-meta-…` of the object.
    pub metadata: Vec<(String, String)>,
    /// Tags of the object.
    pub tags: Vec<(String, String)>,
    /// How the parts are encrypted.
    pub encryption: Encryption,
    /// Access control list of the object.
    pub acl: Option<Acl>,
    /// Retention and legal hold of the object.
    pub lock: Lock,
}
stored!(Upload, 1);

/// A part that was uploaded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// When it was uploaded.
    pub modified: i64,
    /// Bytes.
    pub size: u64,
    /// Its entity tag.
    pub etag: Etag,
    /// Its checksum in base64.
    pub checksum: Option<(ChecksumAlgorithm, String)>,
    /// Where the bytes are.
    pub body: Body,
}
stored!(Part, 1);

/// What became of an upload, for whoever completes it again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Completion {
    /// When it was completed.
    pub completed: i64,
    /// The key of its object.
    pub key: String,
    /// The version that was made of it.
    pub version: VersionId,
}
stored!(Completion, 1);
