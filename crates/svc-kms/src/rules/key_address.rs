//! Where a key is, and the ways in which callers name it.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id>

use serde::{Deserialize, Serialize};
use virga_kit::Arn;

use crate::error::Error;

/// What every alias begins with.
pub(crate) const ALIAS_PREFIX: &str = "alias/";
/// What the ids of multi-Region keys begin with.
const MULTI_REGION_PREFIX: &str = "mrk-";

/// Account, region and id of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KeyAddress {
    /// Owner.
    pub(crate) account: String,
    /// Region.
    pub(crate) region: String,
    /// `KeyId`.
    pub(crate) id: String,
}

impl KeyAddress {
    /// The key's ARN.
    pub(crate) fn arn(&self) -> String {
        let KeyAddress { account, region, id } = self;
        format!("arn:aws:kms:{region}:{account}:key/{id}")
    }

    /// The related key of another region.
    pub(crate) fn in_region(&self, region: &str) -> Self {
        KeyAddress { region: region.to_owned(), ..self.clone() }
    }
}

/// How a caller names a key.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum KeyReference {
    /// By id or ARN.
    Key(KeyAddress),
    /// By an alias or its ARN.
    Alias {
        /// Owner of the alias.
        account: String,
        /// Its region.
        region: String,
        /// Its name, which begins with `alias/`.
        name: String,
    },
}

impl KeyReference {
    /// Understands a `KeyId` of a caller in this account and region.
    pub(crate) fn parse(text: &str, account: &str, region: &str) -> Result<Self, Error> {
        let (account, resource) = if text.starts_with("arn:") {
            let arn = Arn::parse(text).filter(|arn| arn.service == "kms");
            let arn = arn.ok_or_else(|| Error::InvalidArn { reason: format!("Invalid arn {text}") })?;
            if arn.region != region {
                return Err(Error::NotFound { reason: format!("Invalid arn {}", arn.region) });
            }
            (arn.account, arn.resource)
        } else {
            (account, text)
        };
        let (account, region) = (account.to_owned(), region.to_owned());
        if resource.starts_with(ALIAS_PREFIX) {
            return Ok(KeyReference::Alias { account, region, name: resource.to_owned() });
        }
        let id = if text.starts_with("arn:") {
            let id = resource.strip_prefix("key/");
            id.ok_or_else(|| Error::InvalidArn { reason: format!("Invalid arn {text}") })?
        } else {
            resource
        };
        if !is_key_id(id) {
            return Err(Error::NotFound { reason: format!("Invalid keyId '{id}'") });
        }
        Ok(KeyReference::Key(KeyAddress { account, region, id: id.to_owned() }))
    }
}

/// The ARN of an alias.
pub(crate) fn alias_arn(account: &str, region: &str, name: &str) -> String {
    format!("arn:aws:kms:{region}:{account}:{name}")
}

/// The 16 bytes of a key id, and whether it is a multi-Region key's.
pub(crate) fn key_id_bytes(id: &str) -> Option<(bool, [u8; 16])> {
    if !is_key_id(id) {
        return None;
    }
    let multi_region = id.strip_prefix(MULTI_REGION_PREFIX);
    let digits: String = multi_region.unwrap_or(id).chars().filter(|letter| *letter != '-').collect();
    let mut bytes = [0; 16];
    hex::decode_to_slice(digits, &mut bytes).ok()?;
    Some((multi_region.is_some(), bytes))
}

/// The key id of 16 bytes.
pub(crate) fn key_id(multi_region: bool, bytes: [u8; 16]) -> String {
    let digits = hex::encode(bytes);
    if multi_region {
        return format!("{MULTI_REGION_PREFIX}{digits}");
    }
    let part = |from: usize, to: usize| &digits[from..to];
    format!("{}-{}-{}-{}-{}", part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32))
}

fn is_key_id(id: &str) -> bool {
    let hexadecimal =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if let Some(digits) = id.strip_prefix(MULTI_REGION_PREFIX) {
        return digits.len() == 32 && hexadecimal(digits);
    }
    let lengths = id.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && id.split('-').all(hexadecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<KeyReference, String> {
        KeyReference::parse(text, "111122223333", "eu-west-1").map_err(|error| match error {
            Error::NotFound { reason } | Error::InvalidArn { reason } => reason,
            other => format!("{other:?}"),
        })
    }

    #[test]
    fn keys_are_named_by_id_arn_and_alias() {
        let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
        let address = |account: &str, id: &str| {
            KeyReference::Key(KeyAddress {
                account: account.to_owned(),
                region: "eu-west-1".to_owned(),
                id: id.to_owned(),
            })
        };
        assert_eq!(check(id), Ok(address("111122223333", id)));
        let mrk = "mrk-1234abcd12ab34cd56ef1234567890ab";
        assert_eq!(check(mrk), Ok(address("111122223333", mrk)));
        let arn = format!("arn:aws:kms:eu-west-1:999988887777:key/{id}");
        assert_eq!(check(&arn), Ok(address("999988887777", id)));
        let alias = KeyReference::Alias {
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
            name: "alias/a/b".to_owned(),
        };
        assert_eq!(check("arn:aws:kms:eu-west-1:111122223333:alias/a/b").as_ref(), Ok(&alias));
        assert_eq!(check("alias/a/b"), Ok(alias));
    }

    #[test]
    fn other_names_are_refused_in_the_words_of_aws() {
        let refused = |text: &str, reason: &str| assert_eq!(check(text), Err(reason.to_owned()));
        refused("fake-key-id", "Invalid keyId 'fake-key-id'");
        refused("mrk-fake-key-id", "Invalid keyId 'mrk-fake-key-id'");
        refused("134f2428cec14b25a1ae9048164dba47", "Invalid keyId '134f2428cec14b25a1ae9048164dba47'");
        refused("arn:aws:kms:us-east-1:1:key/x", "Invalid arn us-east-1");
        refused("arn:aws:sqs:eu-west-1:1:x", "Invalid arn arn:aws:sqs:eu-west-1:1:x");
        refused("arn:aws:kms:eu-west-1:1:kex/x", "Invalid arn arn:aws:kms:eu-west-1:1:kex/x");
    }

    #[test]
    fn ids_come_back_from_their_bytes() {
        for id in ["1234abcd-12ab-34cd-56ef-1234567890ab", "mrk-1234abcd12ab34cd56ef1234567890ab"] {
            let (multi_region, bytes) = key_id_bytes(id).unwrap();
            assert_eq!(key_id(multi_region, bytes), id);
        }
        assert_eq!(key_id_bytes("1234ABCD-12ab-34cd-56ef-1234567890ab"), None);
    }
}
