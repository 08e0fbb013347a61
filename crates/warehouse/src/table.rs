//! A table, and the files in its warehouse.

use std::sync::Arc;

use bytes::Bytes;
use virga_api::{s3, s3tables};
use virga_iam::{AccountId, Caller};
use virga_iceberg::{File, Schema};
use virga_kit::Ctx;
use virga_model::Value;
use virga_model::view::Structure as _;

use crate::Error;

/// The service that writes tables about buckets.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-kms-permissions.html>
const WRITER: &str = "metadata.s3.amazonaws.com";

/// A table of S3 Tables.
#[derive(Debug, Clone, Copy)]
pub struct Table<'a> {
    /// Whose it is.
    pub account: AccountId,
    /// Its region.
    pub region: &'a str,
    /// The ARN of its table bucket.
    pub table_bucket: &'a str,
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
    /// The bucket of its files.
    pub warehouse: &'a str,
    /// Its columns.
    pub schema: Schema,
}

/// The file of metadata that is the table now.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    /// Changes with each commit.
    pub(crate) token: String,
    /// Where it is; none of a table that was never written to.
    pub(crate) metadata: Option<String>,
}

impl Table<'_> {
    /// Where its files go.
    pub fn location(&self) -> String {
        format!("s3://{}", self.warehouse)
    }

    /// Who reads and writes the files: warehouses let it in, keys of KMS have to.
    fn writer(&self) -> Arc<Caller> {
        Arc::new(Caller::service(WRITER, self.account, None))
    }

    /// Writes a file into the warehouse.
    ///
    /// # Errors
    /// When the table is gone or S3 refuses.
    pub async fn write(&self, ctx: &Ctx, file: File) -> Result<(), Error> {
        let input = s3::PutObjectInput::new().with_bucket(self.warehouse).with_key(self.key(&file.path));
        let mut input = input.into_record();
        input.set_by_name("Body", Value::Blob(Bytes::from(file.bytes)));
        let input = s3::PutObjectInput::from_record(input);
        ctx.call_in::<s3::op::PutObject>(self.region, self.writer(), input).await?;
        Ok(())
    }

    /// Reads a file of the warehouse.
    pub(crate) async fn read(&self, ctx: &Ctx, path: &str) -> Result<Bytes, Error> {
        let input = s3::GetObjectInput::new().with_bucket(self.warehouse).with_key(self.key(path));
        let output = ctx.call_in::<s3::op::GetObject>(self.region, self.writer(), input).await?;
        match output.as_record().by_name("Body") {
            Some(Value::Blob(bytes)) => Ok(bytes.clone()),
            _ => Ok(Bytes::new()),
        }
    }

    /// Deletes a file of the warehouse.
    pub(crate) async fn delete(&self, ctx: &Ctx, path: &str) -> Result<(), Error> {
        let input = s3::DeleteObjectInput::new().with_bucket(self.warehouse).with_key(self.key(path));
        ctx.call_in::<s3::op::DeleteObject>(self.region, self.writer(), input).await?;
        Ok(())
    }

    /// What the table is now.
    pub(crate) async fn head(&self, ctx: &Ctx) -> Result<Head, Error> {
        let input = s3tables::GetTableMetadataLocationInput::new()
            .with_table_bucket_arn(self.table_bucket)
            .with_namespace(self.namespace)
            .with_name(self.name);
        let call =
            ctx.call_trusted::<s3tables::op::GetTableMetadataLocation>(self.account, self.region, input);
        let output = call.await?;
        Ok(Head {
            token: output.version_token().to_owned(),
            metadata: output.metadata_location().map(str::to_owned),
        })
    }

    /// Makes a file of metadata the table, unless somebody else was faster. Answers with the next token.
    pub(crate) async fn set_head(&self, ctx: &Ctx, token: &str, metadata: &str) -> Result<String, Error> {
        let input = s3tables::UpdateTableMetadataLocationInput::new()
            .with_table_bucket_arn(self.table_bucket)
            .with_namespace(self.namespace)
            .with_name(self.name)
            .with_version_token(token)
            .with_metadata_location(metadata);
        let call =
            ctx.call_trusted::<s3tables::op::UpdateTableMetadataLocation>(self.account, self.region, input);
        Ok(call.await?.version_token().to_owned())
    }

    /// The key of a file in the warehouse.
    fn key<'p>(&self, path: &'p str) -> &'p str {
        path.strip_prefix(&self.location()).map_or(path, |key| key.trim_start_matches('/'))
    }
}
