//! Keys that customers give with every request. They are never kept: a salted code tells the right one.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ServerSideEncryptionCustomerKeys.html>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use ring::hmac;
use virga_kit::Ctx;
use virga_model::Record;

use super::Sealing;
use crate::body::DataKeys;
use crate::records::Encryption;
use virga_object::Error;
use virga_object::members;

/// The members of a request that give a key: its algorithm, the key, its MD5.
pub(crate) struct Given([&'static str; 3]);

/// The key of the object that is read or written.
pub(crate) const GIVEN: Given = Given(["SSECustomerAlgorithm", "SSECustomerKey", "SSECustomerKeyMD5"]);
/// The key of the source of a copy.
pub(crate) const SOURCE: Given =
    Given(["CopySourceSSECustomerAlgorithm", "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5"]);

/// A key that a request gives.
#[derive(Clone)]
pub(crate) struct CustomerKey {
    key: [u8; 32],
    md5: String,
}

impl CustomerKey {
    /// Reads the key of a request.
    pub(crate) fn of_request(ctx: &Ctx, request: &Record, given: &Given) -> Result<Option<Self>, Error> {
        let invalid = |reason: &str| Error::InvalidArgumentName {
            reason: reason.to_owned(),
            argument: "x-amz-server-side-encryption".to_owned(),
        };
        let [algorithm, key, md5] = given.0.map(|member| members::text(request, member));
        if (algorithm, key, md5) == (None, None, None) {
            return Ok(None);
        }
        if !ctx.origin().secure {
            let reason = "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.";
            return Err(Error::request(reason));
        }
        match algorithm {
            None => {
                let reason = "Requests specifying Server Side Encryption with Customer provided keys must provide a valid encryption algorithm.";
                return Err(invalid(reason));
            }
            Some("AES256") => {}
            Some(other) => {
                let argument = "x-amz-server-side-encryption".to_owned();
                return Err(Error::InvalidEncryptionAlgorithm { argument, algorithm: other.to_owned() });
            }
        }
        let reason = "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate secret key.";
        let key = key.ok_or_else(|| invalid(reason))?;
        let bytes: Option<[u8; 32]> = STANDARD.decode(key).ok().and_then(|bytes| bytes.try_into().ok());
        let bytes =
            bytes.ok_or_else(|| invalid("The secret key was invalid for the specified algorithm."))?;
        let reason = "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated MD5 of the secret key.";
        let md5 = md5.ok_or_else(|| invalid(reason))?;
        if STANDARD.encode(Md5::digest(bytes)) != md5 {
            let reason = "The calculated MD5 hash of the key did not match the hash that was provided.";
            return Err(invalid(reason));
        }
        Ok(Some(CustomerKey { key: bytes, md5: md5.to_owned() }))
    }

    /// What seals an object with this key.
    pub(super) fn sealing(&self, ctx: &Ctx) -> Result<Sealing, Error> {
        let mut salt = [0; 16];
        salt.copy_from_slice(&ctx.secret_bytes(16)?);
        let encryption = Encryption::Customer { key_md5: self.md5.clone(), check: self.check(&salt), salt };
        Ok(Sealing { encryption, keys: self.data_keys() })
    }

    pub(super) fn data_keys(&self) -> DataKeys {
        DataKeys::new([self.key.as_slice()])
    }

    fn check(&self, salt: &[u8; 16]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, &self.key));
        context.update(b"check of a customer's key");
        context.update(salt);
        let mut check = [0; 32];
        check.copy_from_slice(context.sign().as_ref());
        check
    }
}

/// Checks that the key is given where it must be, and is the right one.
pub(super) fn check(encryption: &Encryption, given: Option<&CustomerKey>) -> Result<(), Error> {
    match (encryption, given) {
        (Encryption::Customer { .. }, None) => Err(missing()),
        (Encryption::Customer { check, salt, .. }, Some(key)) if key.check(salt) != *check => {
            let reason = "Requests specifying Server Side Encryption with Customer provided keys must provide the correct secret key.";
            Err(Error::AccessDeniedBecause { reason: reason.to_owned() })
        }
        (Encryption::S3 | Encryption::Kms(_), Some(_)) => {
            Err(Error::request("The encryption parameters are not applicable to this object."))
        }
        _ => Ok(()),
    }
}

/// A request for an object whose key is the customer's, without it.
pub(super) fn missing() -> Error {
    let reason = "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.";
    Error::request(reason)
}
