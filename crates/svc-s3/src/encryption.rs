//! Which keys encrypt an object: the world's, a key of KMS, or one that the customer gives.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>

mod bucket_key;
mod customer;
mod kms;
mod master;

use virga_kit::Ctx;
use virga_model::Record;

use crate::body::DataKeys;
use crate::configuration::Kind;
use crate::configuration::encryption::{self as default_encryption, Default};
use crate::records::{Bucket, Encryption};
use crate::{bucket, express};
use virga_object::{Error, directory_bucket, encryption_context, members};

pub(crate) use customer::{CustomerKey, GIVEN, SOURCE};
pub(crate) use kms::try_key;

/// How a new object is encrypted, and the keys for it.
pub(crate) struct Sealing {
    /// As it is stored.
    pub(crate) encryption: Encryption,
    /// The data keys.
    pub(crate) keys: DataKeys,
}

/// What a request, or the bucket, wants.
enum Wanted {
    S3,
    Kms(kms::Wanted),
}

/// Chooses the encryption of a new object and draws its keys. `default` is what the bucket says ([`default_of`]).
pub(crate) async fn of_new_object(
    ctx: &Ctx,
    request: &Record,
    (bucket, key): (&str, &str),
    default: Option<&Default>,
) -> Result<Sealing, Error> {
    if let Some(key) = CustomerKey::of_request(ctx, request, &GIVEN)? {
        if let Some(method) = members::text(request, "ServerSideEncryption") {
            let reason = "Server Side Encryption with Customer provided key is incompatible with the encryption method specified";
            return Err(Error::argument(reason, "x-amz-server-side-encryption", method));
        }
        if default.is_some_and(|default| default.blocks_customer_keys) {
            return Err(Error::AccessDenied);
        }
        return key.sealing(ctx);
    }
    let of_session = express::encryption(ctx);
    let default = of_session.as_ref().or(default);
    let is_directory = directory_bucket::is_name(bucket);
    if is_directory {
        let default = default.map(|default| (&*default.algorithm, default.kms_key.as_deref()));
        directory_bucket::check_encryption(request, default)?;
    }
    match wanted(request, default)? {
        Wanted::S3 => Ok(Sealing { encryption: Encryption::S3, keys: master::data_keys(ctx).await? }),
        Wanted::Kms(wanted) => {
            let wanted = kms::Wanted { bucket_key: wanted.bucket_key || is_directory, ..wanted };
            let arn = bucket_arn(ctx, bucket)?;
            if is_directory {
                encryption_context::check_of_directory_bucket(wanted.context.as_deref(), &arn)?;
            }
            kms::generate(ctx, &wanted, &arn, &format!("{arn}/{key}")).await
        }
    }
}

/// The ARN of a bucket as KMS is told it: that of a directory bucket says more than its name.
fn bucket_arn(ctx: &Ctx, name: &str) -> Result<String, Error> {
    let found = if directory_bucket::is_name(name) { bucket::of_call(ctx, name)? } else { None };
    Ok(match found {
        Some((name, bucket)) => directory_bucket::arn(&bucket.region, &bucket.account, &name),
        None => bucket::arn(name),
    })
}

/// The default encryption of a bucket, where it has one other than the world's key.
pub(crate) fn default_of(txn: &impl virga_store::Reader, bucket: &Bucket) -> Result<Option<Default>, Error> {
    let configured = bucket.configured.has(Kind::Encryption);
    Ok(configured.then(|| default_encryption::of(txn, bucket)).transpose()?)
}

fn wanted(request: &Record, default: Option<&Default>) -> Result<Wanted, Error> {
    let key_id = members::owned(request, "SSEKMSKeyId");
    let bucket_key = members::flag(request, "BucketKeyEnabled");
    let context = members::owned(request, "SSEKMSEncryptionContext");
    match members::text(request, "ServerSideEncryption") {
        Some("AES256") if key_id.is_some() => Err(Error::argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption",
            "AES256",
        )),
        Some("AES256") => Ok(Wanted::S3),
        Some(name @ ("aws:kms" | "aws:kms:dsse")) => {
            let bucket_key = bucket_key.unwrap_or_else(|| default.is_some_and(|default| default.bucket_key));
            let key_id = key_id.or_else(|| default.and_then(|default| default.kms_key.clone()));
            Ok(Wanted::Kms(kms::Wanted { key_id, bucket_key, context, dual_layer: name == "aws:kms:dsse" }))
        }
        Some(other) => Err(Error::argument(
            "The encryption method specified is not supported",
            "x-amz-server-side-encryption",
            other,
        )),
        None if key_id.is_some() => Err(Error::argument(
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : aws:kms",
            "x-amz-server-side-encryption",
            "null",
        )),
        None => Ok(match default.filter(|default| default.algorithm != "AES256") {
            None => Wanted::S3,
            Some(default) => Wanted::Kms(kms::Wanted {
                key_id: default.kms_key.clone(),
                bucket_key: bucket_key.unwrap_or(default.bucket_key),
                context,
                dual_layer: default.algorithm == "aws:kms:dsse",
            }),
        }),
    }
}

/// The data keys of an object, for whoever reads it: KMS is asked as the caller, and the customer's key must be given.
pub(crate) async fn data_keys(
    ctx: &Ctx,
    encryption: &Encryption,
    (bucket, object): (&str, &str),
    customer_key: Option<CustomerKey>,
) -> Result<DataKeys, Error> {
    customer::check(encryption, customer_key.as_ref())?;
    match (encryption, customer_key) {
        (Encryption::S3, _) => Ok(master::data_keys(ctx).await?),
        (Encryption::Kms(key), _) => {
            let arn = bucket_arn(ctx, bucket)?;
            kms::open(ctx, key, &arn, &format!("{arn}/{object}")).await
        }
        (Encryption::Customer { .. }, Some(key)) => Ok(key.data_keys()),
        (Encryption::Customer { .. }, None) => Err(customer::missing()),
    }
}

/// Checks that the customer's key is given where it must be, and is the right one.
pub(crate) fn check_customer_key(encryption: &Encryption, key: Option<&CustomerKey>) -> Result<(), Error> {
    customer::check(encryption, key)
}
