//! How the encryption of an object shows.

use virga_model::{Record, Text, Value};
use virga_object::members;

use super::{Encryption, KmsKey};

impl Encryption {
    /// Whether the entity tag of what came in one piece is its MD5.
    pub fn shows_md5(&self) -> bool {
        *self == Encryption::S3
    }

    /// As callers spell it; none for a key of the customer.
    pub fn name(&self) -> Option<&'static str> {
        match self {
            Encryption::S3 => Some("AES256"),
            Encryption::Kms(KmsKey { layers, .. }) if layers.len() > 1 => Some("aws:kms:dsse"),
            Encryption::Kms(_) => Some("aws:kms"),
            Encryption::Customer { .. } => None,
        }
    }

    /// Shows it in an answer.
    pub fn show(&self, output: &mut Record) {
        if let Some(name) = self.name() {
            members::set(output, "ServerSideEncryption", Value::String(Text::from_static(name)));
        }
        match self {
            Encryption::S3 => {}
            Encryption::Kms(key) => {
                members::set_text(output, "SSEKMSKeyId", Some(&key.key_arn));
                if key.bucket_key {
                    members::set(output, "BucketKeyEnabled", Value::Bool(true));
                }
            }
            Encryption::Customer { key_md5, .. } => {
                members::set_text(output, "SSECustomerAlgorithm", Some("AES256"));
                members::set_text(output, "SSECustomerKeyMD5", Some(key_md5));
            }
        }
    }
}
