//! What a bucket reports of itself: access logs, inventories, analyses; and Intelligent-Tiering's archives.

use serde::{Deserialize, Serialize};
use virga_api::s3 as api;

use super::ObjectFilter;

/// Where access logs go.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLogging.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LoggingConfiguration {
    /// Name of the bucket that gets the logs.
    pub(crate) target_bucket: String,
    /// What the keys of logs begin with.
    pub(crate) target_prefix: String,
    /// How keys go on; none where the document does not say, which is the simple form.
    pub(crate) key_format: Option<LogKeyFormat>,
}

/// How the keys of logs go on after their prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogKeyFormat {
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
pub(crate) struct InventoryConfiguration {
    /// Name of the configuration.
    pub(crate) id: String,
    /// Whether it is acted on.
    pub(crate) is_enabled: bool,
    /// What keys begin with; none without a filter.
    pub(crate) prefix: Option<String>,
    /// Whether all versions are listed, not only the current ones.
    pub(crate) all_versions: bool,
    /// `Size`, `ETag` and the like, in the order of the document.
    pub(crate) optional_fields: Vec<String>,
    /// Whether it is written each week rather than each day.
    pub(crate) is_weekly: bool,
    /// Where to.
    pub(crate) destination: InventoryDestination,
}

/// Where an inventory goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InventoryDestination {
    /// Whose bucket it is.
    pub(crate) account: Option<String>,
    /// ARN of the bucket.
    pub(crate) bucket: String,
    /// What keys begin with.
    pub(crate) prefix: Option<String>,
    /// In which form.
    pub(crate) format: InventoryFormat,
    /// How the files are encrypted; none where the document does not say.
    pub(crate) encryption: Option<InventoryEncryption>,
}

/// The form of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InventoryFormat {
    /// Compressed with gzip.
    Csv,
    /// Apache ORC.
    Orc,
    /// Apache Parquet.
    Parquet,
}

/// How the files of an inventory are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InventoryEncryption {
    /// `SSE-S3`.
    S3,
    /// `SSE-KMS` with this key.
    Kms(String),
}

/// A storage class analysis.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AnalyticsConfiguration.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnalyticsConfiguration {
    /// Name of the configuration.
    pub(crate) id: String,
    /// What it is about.
    pub(crate) filter: ObjectFilter,
    /// Where its results go each day; none when they go nowhere.
    pub(crate) export: Option<AnalyticsExport>,
}

/// Where the results of an analysis go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AnalyticsExport {
    /// Whose bucket it is.
    pub(crate) account: Option<String>,
    /// ARN of the bucket.
    pub(crate) bucket: String,
    /// What keys begin with.
    pub(crate) prefix: Option<String>,
}

/// When Intelligent-Tiering archives.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_IntelligentTieringConfiguration.html>
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IntelligentTieringConfiguration {
    /// What it is about.
    pub(crate) filter: ObjectFilter,
    /// Whether it is acted on.
    pub(crate) is_enabled: bool,
    /// Archives, with the days without access after which objects go there.
    pub(crate) tierings: Vec<(ArchiveTier, u32)>,
}

/// An archive of Intelligent-Tiering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum ArchiveTier {
    /// `ARCHIVE_ACCESS`.
    Archive,
    /// `DEEP_ARCHIVE_ACCESS`.
    DeepArchive,
}

impl LoggingConfiguration {
    /// Reads what the caller gave.
    pub(crate) fn read(given: &api::LoggingEnabled) -> Self {
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
    pub(crate) fn read(given: &api::InventoryConfiguration) -> Self {
        let fields = given.optional_fields().into_iter().flat_map(|fields| fields.iter());
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

impl AnalyticsConfiguration {
    /// Reads what the caller gave.
    pub(crate) fn read(given: &api::AnalyticsConfiguration) -> Self {
        let export = given.storage_class_analysis().data_export();
        AnalyticsConfiguration {
            id: given.id().to_owned(),
            filter: given.filter().map_or_else(ObjectFilter::default, |filter| {
                let and = filter.and();
                ObjectFilter::read(
                    filter.prefix().or(and.and_then(api::AnalyticsAndOperator::prefix)),
                    filter.tag(),
                    and.and_then(api::AnalyticsAndOperator::tags),
                )
            }),
            export: export.map(|export| {
                let destination = export.destination().s3_bucket_destination();
                AnalyticsExport {
                    account: destination.bucket_account_id().map(str::to_owned),
                    bucket: destination.bucket().to_owned(),
                    prefix: destination.prefix().map(str::to_owned),
                }
            }),
        }
    }
}

impl IntelligentTieringConfiguration {
    /// Reads what the caller gave.
    pub(crate) fn read(given: &api::IntelligentTieringConfiguration) -> Self {
        let tierings = given.tierings().iter();
        let tierings = tierings.filter_map(|tiering| {
            Some((ArchiveTier::parse(tiering.access_tier())?, u32::try_from(tiering.days()).ok()?))
        });
        IntelligentTieringConfiguration {
            filter: given.filter().map_or_else(ObjectFilter::default, |filter| {
                let and = filter.and();
                ObjectFilter::read(
                    filter.prefix().or(and.and_then(api::IntelligentTieringAndOperator::prefix)),
                    filter.tag(),
                    and.and_then(api::IntelligentTieringAndOperator::tags),
                )
            }),
            is_enabled: given.status() == "Enabled",
            tierings: tierings.collect(),
        }
    }
}
