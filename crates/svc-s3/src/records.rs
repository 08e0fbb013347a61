//! What S3 stores. Times are microseconds since the epoch by the world's clock.

mod access_point;
mod body;
mod bucket;
mod job;
mod upload;
mod version;
mod work;

pub(crate) use access_point::{AccessPoint, AccessPointName};
pub(crate) use body::{Body, BodyId, Encryption, InlineBody, KmsKey, Layer, Master, Salt, Segment};
pub(crate) use bucket::{Bucket, CustomerManagedKey, PublicAccessBlock};
pub(crate) use job::{Job, JobStatus, JobToken};
pub(crate) use upload::{Completion, Part, Upload};
pub(crate) use version::{
    Content, ContentHeaders, NullVersion, Restore, StoredChecksum, Summary, Tiering, Version, VersionId,
};
pub(crate) use work::{AnalysisLine, LogLine, RenameToken, RestoreJob};

// Values of which records are made.
pub(crate) use virga_object::batch_task::{Task, TaskResult};
pub(crate) use virga_object::metadata_table::{MetadataConfiguration, MetadataTable, TableStatus};
pub(crate) use virga_object::{
    Acl, ArchiveTier, ChecksumAlgorithm, ChecksumType, Etag, Grant, Grantee, Lock, LockMode, ObjectOwnership,
    OpaqueId, PartSize, Permission, ReplicationStatus, Retention, StorageClass, Tags, Versioning,
};
