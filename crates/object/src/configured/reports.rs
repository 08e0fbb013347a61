//! What a bucket reports of itself: access logs and inventories.

use virga_api::s3 as api;

/// Where access logs go.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggingConfiguration {
    /// Name of the bucket that gets the logs.
    pub target_bucket: String,
    /// What the keys of logs begin with.
    pub target_prefix: String,
    /// How keys go on; none where the document does not say, which is the simple form.
    pub key_format: Option<LogKeyFormat>,
}

/// How the keys of logs go on after their prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogKeyFormat {
    /// The time.
    Simple,
    /// Account, region, bucket, the day of delivery, the time.
    PartitionedByDelivery,
    /// The same with the day of the requests.
    PartitionedByEvent,
}

/// A list of objects that is written regularly.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_InventoryConfiguration.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryConfiguration {
    /// Name of the configuration.
    pub id: String,
    /// Whether it is acted on.
    pub is_enabled: bool,
    /// What keys begin with; none without a filter.
    pub prefix: Option<String>,
    /// Whether all versions are listed, not only the current ones.
    pub all_versions: bool,
    /// `Size`, `ETag` and the like, in the order of the document.
    pub optional_fields: Vec<String>,
    /// Whether it is written each week rather than each day.
    pub is_weekly: bool,
    /// Where to.
    pub destination: InventoryDestination,
}

/// Where an inventory goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryDestination {
    /// Whose bucket it is.
    pub account: Option<String>,
    /// ARN of the bucket.
    pub bucket: String,
    /// What keys begin with.
    pub prefix: Option<String>,
    /// In which form.
    pub format: InventoryFormat,
    /// How the files are encrypted; none where the document does not say.
    pub encryption: Option<InventoryEncryption>,
}

/// The form of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InventoryFormat {
    /// Compressed with gzip.
    Csv,
    /// Apache ORC.
    Orc,
    /// Apache Parquet.
    Parquet,
}

/// How the files of an inventory are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InventoryEncryption {
    /// `SSE-S3`.
    S3,
    /// `SSE-KMS` with this key.
    Kms(String),
}

impl LoggingConfiguration {
    /// Reads what the caller gave.
    pub fn read(given: &api::LoggingEnabled) -> Self {
        let format = given.target_object_key_format();
        let partitioned = format.and_then(api::TargetObjectKeyFormat::partitioned_prefix);
        let key_format = match partitioned.map(api::PartitionedPrefix::partition_date_source) {
            Some(Some("EventTime")) => Some(LogKeyFormat::PartitionedByEvent),
            Some(_) => Some(LogKeyFormat::PartitionedByDelivery),
            None => format.map(|_| LogKeyFormat::Simple),
        };
        LoggingConfiguration {
            target_bucket: given.target_bucket().to_owned(),
            target_prefix: given.target_prefix().to_owned(),
            key_format,
        }
    }
}

impl InventoryConfiguration {
    /// Reads what the caller gave.
    pub fn read(given: &api::InventoryConfiguration) -> Self {
        let fields = given.optional_fields().into_iter().flat_map(virga_model::view::List::iter);
        InventoryConfiguration {
            id: given.id().to_owned(),
            is_enabled: given.is_enabled(),
            prefix: given.filter().map(|filter| filter.prefix().to_owned()),
            all_versions: given.included_object_versions() == "All",
            optional_fields: fields.map(str::to_owned).collect(),
            is_weekly: given.schedule().frequency() == "Weekly",
            destination: InventoryDestination::read(given.destination().s3_bucket_destination()),
        }
    }
}

impl InventoryDestination {
    fn read(given: &api::InventoryS3BucketDestination) -> Self {
        let encryption = given.encryption();
        let kms = encryption.and_then(api::InventoryEncryption::ssekms).map(|kms| kms.key_id().to_owned());
        InventoryDestination {
            account: given.account_id().map(str::to_owned),
            bucket: given.bucket().to_owned(),
            prefix: given.prefix().map(str::to_owned),
            format: match given.format() {
                "ORC" => InventoryFormat::Orc,
                "Parquet" => InventoryFormat::Parquet,
                _ => InventoryFormat::Csv,
            },
            encryption: kms.map(InventoryEncryption::Kms).or(encryption.map(|_| InventoryEncryption::S3)),
        }
    }
}
