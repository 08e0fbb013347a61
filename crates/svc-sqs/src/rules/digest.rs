//! The MD5 digests that clients check, and the hashes that are part of keys.

use md5::{Digest, Md5};
use sha2::Sha256;

use crate::records::{Attribute, AttributeValue};

/// MD5 of a text.
pub(crate) fn md5(text: &str) -> [u8; 16] {
    Md5::digest(text.as_bytes()).into()
}

/// MD5 of message attributes: name, type and value of each in the order of names, each with its length before it.
/// <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html>
pub(crate) fn md5_of_attributes<'a>(sorted: impl IntoIterator<Item = &'a Attribute>) -> Option<[u8; 16]> {
    let mut digest = Md5::new();
    let mut any = false;
    for attribute in sorted {
        any = true;
        add(&mut digest, attribute.name.as_bytes());
        add(&mut digest, attribute.data_type.as_bytes());
        let (kind, value) = match &attribute.value {
            AttributeValue::Text(text) => (1, text.as_bytes()),
            AttributeValue::Binary(bytes) => (2, bytes.as_slice()),
        };
        digest.update([kind]);
        add(&mut digest, value);
    }
    any.then(|| digest.finalize().into())
}

fn add(digest: &mut Md5, part: &[u8]) {
    let length = u32::try_from(part.len()).expect("a message is shorter than 4 GiB");
    digest.update(length.to_be_bytes());
    digest.update(part);
}

/// A digest as it is shown: lower-case hexadecimal digits.
pub(crate) fn hex(digest: [u8; 16]) -> String {
    str::from_utf8(&hex_digits(digest)).expect("digits are ASCII").to_owned()
}

/// The digits of [`hex()`].
pub(crate) fn hex_digits(digest: [u8; 16]) -> [u8; 32] {
    let mut digits = [0; 32];
    hex::encode_to_slice(digest, &mut digits).expect("two digits per byte");
    digits
}

/// The deduplication id of a body: its SHA-256 in hexadecimal.
pub(crate) fn content_deduplication_id(body: &str) -> String {
    hex::encode(Sha256::digest(body.as_bytes()))
}

/// The number by which a group is known in keys. Stored, so it may never change.
pub(crate) fn group_hash(group_id: &str) -> u64 {
    let digest = md5(group_id);
    u64::from_be_bytes(digest[..8].try_into().expect("a digest has sixteen bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_that_aws_recorded() {
        assert_eq!(hex::encode(md5("message-1")), "3d6b824fd8c1520e9a047d21fee6fb1f");
        let attributes = [Attribute {
            name: "MyAttribute".into(),
            data_type: "String".into(),
            value: AttributeValue::Text("foobar".into()),
        }];
        let digest = md5_of_attributes(&attributes).map(hex::encode);
        assert_eq!(digest.as_deref(), Some("adb59cd4678ea5a855436b949cd07ab6"));
        let bytes = b"traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01".to_vec();
        let attributes = [Attribute {
            name: "attr1".into(),
            data_type: "Binary".into(),
            value: AttributeValue::Binary(bytes),
        }];
        let digest = md5_of_attributes(&attributes).map(hex::encode);
        assert_eq!(digest.as_deref(), Some("8cbe4db156db8a94db8b801b7addb984"));
        assert_eq!(md5_of_attributes([]), None);
    }

    #[test]
    fn group_hashes_stay_what_they_are() {
        assert_eq!(group_hash("group"), 0xdb0f_6f37_ebeb_6ea0);
    }
}
