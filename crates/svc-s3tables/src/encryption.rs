//! How tables are encrypted: as they say when they are made, else as their table bucket does, else with keys of S3.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-kms-encryption.html>

use virga_api::Nothing;
use virga_api::s3tables as api;
use virga_kit::Ctx;
use virga_store::{Fault, Read, Reader, Write};

use crate::error::Error;
use crate::records::{Encryption, TableBucket};
use crate::{keys, table, table_bucket};

const KMS: &str = "aws:kms";
const S3: &str = "AES256";

impl Encryption {
    /// What an input says; a key goes with KMS and with nothing else.
    pub(crate) fn given(given: &api::EncryptionConfiguration) -> Result<Self, Error> {
        match (given.sse_algorithm(), given.kms_key_arn()) {
            (KMS, Some(key)) => Ok(Encryption::Kms(key.to_owned())),
            (KMS, None) => Err(Error::InvalidEncryption {
                reason: "The ARN of a KMS key is required for aws:kms encryption.".to_owned(),
            }),
            (_, Some(_)) => Err(Error::InvalidEncryption {
                reason: "A KMS key can be specified for aws:kms encryption only.".to_owned(),
            }),
            (_, None) => Ok(Encryption::S3),
        }
    }

    fn show(&self) -> api::EncryptionConfiguration {
        let shown = api::EncryptionConfiguration::new();
        match self {
            Encryption::S3 => shown.with_sse_algorithm(S3),
            Encryption::Kms(key) => shown.with_sse_algorithm(KMS).with_kms_key_arn(&**key),
        }
    }
}

/// How a new table is encrypted that does not say how.
pub(crate) fn by_default(txn: &impl Reader, bucket: &TableBucket) -> Result<Encryption, Fault> {
    Ok(txn.get(&keys::encryption(bucket))?.unwrap_or(Encryption::S3))
}

/// Sets how new tables are encrypted.
pub(crate) fn put_table_bucket_encryption(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutTableBucketEncryptionRequest,
) -> Result<Nothing, Error> {
    let bucket = table_bucket::find_to_change(ctx, txn, input.table_bucket_arn())?;
    txn.put(&keys::encryption(&bucket), &Encryption::given(input.encryption_configuration())?)?;
    Ok(Nothing::new())
}

/// How new tables are encrypted.
pub(crate) fn get_table_bucket_encryption(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetTableBucketEncryptionRequest,
) -> Result<api::GetTableBucketEncryptionResponse, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    let encryption = txn.get(&keys::encryption(&bucket))?.ok_or(Error::EncryptionNotFound)?;
    Ok(api::GetTableBucketEncryptionResponse::new().with_encryption_configuration(encryption.show()))
}

/// Has new tables encrypted with keys of S3.
pub(crate) fn delete_table_bucket_encryption(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteTableBucketEncryptionRequest,
) -> Result<Nothing, Error> {
    let bucket = table_bucket::find_to_change(ctx, txn, input.table_bucket_arn())?;
    txn.delete(&keys::encryption(&bucket))?;
    Ok(Nothing::new())
}

/// How a table is encrypted.
pub(crate) fn get_table_encryption(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetTableEncryptionRequest,
) -> Result<api::GetTableEncryptionResponse, Error> {
    let at = (input.table_bucket_arn(), input.namespace(), input.name());
    let (_, table) = table::find(ctx, txn, at)?;
    Ok(api::GetTableEncryptionResponse::new().with_encryption_configuration(table.encryption.show()))
}
