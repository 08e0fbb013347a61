//! Which metadata tables a bucket has, and what callers say and see of them.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-configuring.html>

use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_store::stored;

use crate::Error;

use api::expiration_state;
use api::inventory_configuration_state as inventory_state;

/// The namespace of tables in a customer's table bucket.
const V1_NAMESPACE: &str = "aws_s3_metadata";
/// The table bucket that AWS manages in each region of an account.
pub const MANAGED_BUCKET: &str = "aws-s3";
/// The fewest days for which a journal keeps its records.
const FEWEST_DAYS: i32 = 7;

/// The configuration of a bucket's metadata tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataConfiguration {
    /// Whether it was made by `CreateBucketMetadataTableConfiguration`: one table, in a table bucket of the customer.
    pub is_v1: bool,
    /// The table bucket.
    pub table_bucket_arn: String,
    /// The namespace of the tables.
    pub namespace: String,
    /// When it was made.
    pub created: i64,
    /// The journal.
    pub journal: MetadataTable,
    /// After how many days records leave the journal; none is never.
    pub expiration_days: Option<i32>,
    /// The live inventory, if it is enabled.
    pub inventory: Option<MetadataTable>,
}
stored!(MetadataConfiguration, 1);

/// A metadata table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataTable {
    /// Its name.
    pub name: String,
    /// Since when it is wanted.
    pub since: i64,
    /// How far it is.
    pub status: TableStatus,
    /// The key of KMS under which its files are.
    pub kms_key: Option<String>,
    /// The table, once it is made.
    pub made: Option<MadeTable>,
}

/// A table that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeTable {
    /// Its ARN.
    pub arn: String,
    /// The bucket of its files.
    pub warehouse: String,
}

/// How far a metadata table is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum TableStatus {
    /// It is being made.
    Creating,
    /// What the bucket had before is being listed.
    Backfilling,
    /// It follows the bucket.
    Active,
    /// It can't be written, for a reason with this code.
    Failed(String),
}

/// The bucket that a configuration is about.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Its name.
    pub bucket: &'a str,
    /// Its owner.
    pub account: &'a str,
    /// Its region.
    pub region: &'a str,
    /// What time it is, in microseconds.
    pub now: i64,
}

impl MetadataConfiguration {
    /// Of `CreateBucketMetadataConfiguration`: a journal, and an inventory if it is wanted.
    pub fn given(given: &api::MetadataConfiguration, about: About<'_>) -> Result<Self, Error> {
        let About { bucket, account, region, now } = about;
        let journal = given.journal_table_configuration();
        let mut configuration = MetadataConfiguration {
            is_v1: false,
            table_bucket_arn: format!("arn:aws:s3tables:{region}:{account}:bucket/{MANAGED_BUCKET}"),
            namespace: format!("b_{}", bucket.replace('.', "_")),
            created: now,
            journal: MetadataTable::named("journal", now, journal.encryption_configuration())?,
            expiration_days: days(journal.record_expiration())?,
            inventory: None,
        };
        if let Some(wanted) = given.inventory_table_configuration() {
            configuration.set_inventory(
                wanted.configuration_state(),
                now,
                wanted.encryption_configuration(),
            )?;
        }
        Ok(configuration)
    }

    /// Of `CreateBucketMetadataTableConfiguration`: a journal in a table bucket of the customer.
    pub fn given_v1(given: &api::MetadataTableConfiguration, about: About<'_>) -> Result<Self, Error> {
        let destination = given.s3_tables_destination();
        let here = format!("arn:aws:s3tables:{}:{}:bucket/", about.region, about.account);
        let table_bucket = destination.table_bucket_arn();
        if !table_bucket.starts_with(&here) {
            return Err(Error::request(
                "The destination table bucket must be in the same Region and AWS account as the general purpose bucket.",
            ));
        }
        Ok(MetadataConfiguration {
            is_v1: true,
            table_bucket_arn: table_bucket.to_owned(),
            namespace: V1_NAMESPACE.to_owned(),
            created: about.now,
            journal: MetadataTable::named(destination.table_name(), about.now, None)?,
            expiration_days: None,
            inventory: None,
        })
    }

    /// Says when records leave the journal.
    pub fn set_expiration(&mut self, given: &api::RecordExpiration) -> Result<(), Error> {
        self.expiration_days = days(given)?;
        Ok(())
    }

    /// Turns the inventory on or off, at a time.
    pub fn set_inventory(
        &mut self,
        state: &str,
        now: i64,
        encryption: Option<&api::MetadataTableEncryptionConfiguration>,
    ) -> Result<(), Error> {
        match state {
            inventory_state::ENABLED if self.inventory.is_some() => {}
            inventory_state::ENABLED => {
                self.inventory = Some(MetadataTable::named("inventory", now, encryption)?);
            }
            inventory_state::DISABLED => self.inventory = None,
            _ => return Err(Error::MalformedXml),
        }
        Ok(())
    }

    /// As `GetBucketMetadataConfiguration` shows it.
    pub fn shown(&self) -> api::MetadataConfigurationResult {
        let destination = api::DestinationResult::new()
            .with_table_bucket_type(if self.is_v1 { "customer" } else { "aws" })
            .with_table_bucket_arn(self.table_bucket_arn.as_str())
            .with_table_namespace(self.namespace.as_str());
        let expiration = match self.expiration_days {
            Some(days) => {
                api::RecordExpiration::new().with_expiration(expiration_state::ENABLED).with_days(days)
            }
            None => api::RecordExpiration::new().with_expiration(expiration_state::DISABLED),
        };
        let journal = api::JournalTableConfigurationResult::new()
            .with_table_status(self.journal.status.name())
            .with_error(self.journal.error())
            .with_table_name(self.journal.name.as_str())
            .with_table_arn(self.journal.arn())
            .with_record_expiration(expiration);
        let inventory = match &self.inventory {
            Some(table) => api::InventoryTableConfigurationResult::new()
                .with_configuration_state(inventory_state::ENABLED)
                .with_table_status(table.status.name())
                .with_error(table.error())
                .with_table_name(table.name.as_str())
                .with_table_arn(table.arn()),
            None => api::InventoryTableConfigurationResult::new()
                .with_configuration_state(inventory_state::DISABLED),
        };
        api::MetadataConfigurationResult::new()
            .with_destination_result(destination)
            .with_journal_table_configuration_result(journal)
            .with_inventory_table_configuration_result(Some(inventory).filter(|_| !self.is_v1))
    }

    /// As `GetBucketMetadataTableConfiguration` shows it.
    pub fn shown_v1(&self) -> api::GetBucketMetadataTableConfigurationResult {
        let destination = api::S3TablesDestinationResult::new()
            .with_table_bucket_arn(self.table_bucket_arn.as_str())
            .with_table_name(self.journal.name.as_str())
            .with_table_arn(self.journal.arn().unwrap_or_default())
            .with_table_namespace(self.namespace.as_str());
        let shown =
            api::MetadataTableConfigurationResult::new().with_s3_tables_destination_result(destination);
        api::GetBucketMetadataTableConfigurationResult::new()
            .with_metadata_table_configuration_result(shown)
            .with_status(self.journal.status.name())
            .with_error(self.journal.error())
    }
}

/// The days of an expiration, if it is enabled.
fn days(given: &api::RecordExpiration) -> Result<Option<i32>, Error> {
    match (given.expiration(), given.days()) {
        (expiration_state::ENABLED, Some(days)) if days >= FEWEST_DAYS => Ok(Some(days)),
        (expiration_state::ENABLED, Some(_)) => {
            Err(Error::request("Journal table records must be retained for a minimum of 7 days."))
        }
        (expiration_state::DISABLED, None) => Ok(None),
        _ => Err(Error::MalformedXml),
    }
}

impl MetadataTable {
    fn named(
        name: &str,
        since: i64,
        encryption: Option<&api::MetadataTableEncryptionConfiguration>,
    ) -> Result<Self, Error> {
        let kms_key = match encryption.map(|given| (given.sse_algorithm(), given.kms_key_arn())) {
            None | Some(("AES256", None)) => None,
            Some(("aws:kms", Some(key))) => Some(key.to_owned()),
            Some(_) => return Err(Error::MalformedXml),
        };
        Ok(MetadataTable { name: name.to_owned(), since, status: TableStatus::Creating, kms_key, made: None })
    }

    fn arn(&self) -> Option<&str> {
        self.made.as_ref().map(|made| made.arn.as_str())
    }

    fn error(&self) -> Option<api::ErrorDetails> {
        let TableStatus::Failed(code) = &self.status else { return None };
        Some(api::ErrorDetails::new().with_error_code(code.as_str()).with_error_message(reason(code)))
    }
}

impl TableStatus {
    fn name(&self) -> &'static str {
        match self {
            TableStatus::Creating => "CREATING",
            TableStatus::Backfilling => "BACKFILLING",
            TableStatus::Active => "ACTIVE",
            TableStatus::Failed(_) => "FAILED",
        }
    }
}

/// What the codes mean. <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ErrorDetails.html>
fn reason(code: &str) -> String {
    let first = match code {
        "DestinationTableNotFound" => "The destination table doesn't exist.",
        "AccessDeniedWritingToTable" => {
            "Unable to write to the metadata table because of missing resource permissions. To fix the resource policy, Amazon S3 needs to create a new metadata table."
        }
        "TableAlreadyExists" => {
            "The table that you specified already exists in the table bucket's namespace. Specify a different table name."
        }
        "TableBucketNotFound" => {
            "The table bucket that you specified doesn't exist in this AWS Region and account. Create or choose a different table bucket."
        }
        "JournalTableAlreadyExists" => {
            "A journal table already exists in the AWS managed table bucket's namespace. Delete the journal table, and then try again."
        }
        "InventoryTableAlreadyExists" => {
            "An inventory table already exists in the AWS managed table bucket's namespace. Delete the inventory table, and then try again."
        }
        "JournalTableNotAvailable" => {
            "The journal table that the inventory table relies on has a FAILED status. An inventory table requires a journal table with an ACTIVE status."
        }
        _ => "An internal error has occurred.",
    };
    format!(
        "{first} To create a new metadata table, you must delete the metadata configuration for this bucket, and then create a new metadata configuration."
    )
}
