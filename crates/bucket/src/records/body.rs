//! Where the bytes of an object are, and how they are encrypted.

use std::fmt;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use virga_store::{BlobId, Fault, Stored, stored};

/// Where the bytes are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Body {
    /// There are none.
    #[default]
    Nothing,
    /// In the store, sealed.
    Inline(BodyId, Salt),
    /// In files, one after another.
    Blobs(Vec<Segment>),
    /// Here, sealed: a body so small that a record of its own would cost more than listings lose by stepping over it.
    Here(InlineBody, Salt),
    /// Here, sealed with a key of the world under a nonce that was counted, so that no key has to be derived for it.
    Counted(InlineBody),
}

impl Body {
    /// The body that lies in these files.
    pub fn of_segments(segments: Vec<Segment>) -> Self {
        if segments.is_empty() { Body::Nothing } else { Body::Blobs(segments) }
    }

    /// The files that it lies in; those of a small one are none.
    pub fn segments(&self) -> &[Segment] {
        match self {
            Body::Blobs(segments) => segments,
            Body::Nothing | Body::Inline(..) | Body::Here(..) | Body::Counted(_) => &[],
        }
    }
}

/// What tells the keys of two bodies with the same data key apart.
pub type Salt = [u8; 16];

/// Names a body in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyId {
    /// When it was written.
    pub sequence: u64,
    /// Tells it from others of the same sequence.
    pub salt: u64,
}

/// A part of a body in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    /// The file.
    pub blob: BlobId,
    /// Bytes that it holds once opened.
    pub length: u64,
    /// Tells its key from those of other segments.
    pub salt: Salt,
}

/// A small body, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct InlineBody(pub Vec<u8>);

/// As one string of bytes: serde's own way for a vector goes byte by byte.
impl Serialize for InlineBody {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(&self.0)
    }
}

impl<'de> Deserialize<'de> for InlineBody {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(SealedBytes)
    }
}

struct SealedBytes;

impl Visitor<'_> for SealedBytes {
    type Value = InlineBody;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the bytes of a sealed body")
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<InlineBody, E> {
        Ok(InlineBody(bytes.to_vec()))
    }
}

impl Stored for InlineBody {
    const VERSION: u8 = 1;

    fn encode(&self, body: &mut Vec<u8>) -> Result<(), Fault> {
        body.extend_from_slice(&self.0);
        Ok(())
    }

    fn decode(version: u8, body: &[u8]) -> Result<Self, Fault> {
        if version == 1 {
            return Ok(InlineBody(body.to_vec()));
        }
        Err(Fault::new(format!("a stored body has version {version}, which this release does not know")))
    }
}

/// How a body is encrypted. There is always one key below: the world's, one of KMS, or the customer's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encryption {
    /// `AES256`: with a key derived from the world's S3 key.
    S3,
    /// `aws:kms` or, with two layers, `aws:kms:dsse`.
    Kms(KmsKey),
    /// With a key that the customer gives with every request: only a check of it is kept.
    Customer {
        /// The key's MD5, as the customer is shown it.
        key_md5: String,
        /// What tells the right key: a code of the salt under it.
        check: [u8; 32],
        /// What the check is made of.
        salt: Salt,
    },
}

/// Encryption under a key of KMS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KmsKey {
    /// The ARN of the key.
    pub key_arn: String,
    /// Whether the data key is one of the bucket.
    pub bucket_key: bool,
    /// The further encryption context that the caller gave, as text in base64.
    pub context: Option<String>,
    /// The data key, or two of them, as KMS has wrapped them.
    pub layers: Vec<Layer>,
}

/// A data key as KMS has wrapped it, in base64.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Layer(pub String);

/// The key from which the data keys of this world's S3 are derived.
#[derive(Clone, Serialize, Deserialize)]
pub struct Master(pub [u8; 32]);
stored!(Master, 1);
