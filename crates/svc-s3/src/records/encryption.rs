//! The default encryption of a bucket.

use serde::{Deserialize, Serialize};
use virga_store::stored;

/// How new objects are encrypted whose requests do not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct DefaultEncryption {
    /// With a key of KMS; none for the world's key.
    pub(crate) kms: Option<DefaultKms>,
    /// `BucketKeyEnabled`.
    pub(crate) bucket_key: bool,
    /// `BlockedEncryptionTypes`: whether keys of customers are refused.
    pub(crate) blocks_customer_keys: bool,
}
stored!(DefaultEncryption, 1);

/// The key of KMS with which new objects are encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Default)]
pub(crate) struct DefaultKms {
    /// Its id, ARN or alias as it was given; none for the key that KMS keeps for S3.
    pub(crate) key_id: Option<String>,
    /// Whether bodies are sealed twice: `aws:kms:dsse`.
    pub(crate) dual_layer: bool,
}

impl DefaultEncryption {
    /// The key of KMS, where one is named.
    pub(crate) fn key_id(&self) -> Option<String> {
        self.kms.as_ref()?.key_id.clone()
    }
}
