//! What S3 stores. Times are microseconds since the epoch by the world's clock.

mod access_point;
mod body;
mod bucket;
mod encryption;
mod job;
mod multi_region_access_point;
mod upload;
mod version;
mod work;

pub use access_point::{AccessPoint, AccessPointName};
pub use body::{Body, BodyId, Encryption, InlineBody, KmsKey, Layer, Master, Salt, Segment};
pub use bucket::{Bucket, CustomerManagedKey, MfaDelete, PublicAccessBlock};
pub use job::{Job, JobStatus, JobToken};
pub use multi_region_access_point::{
    AsyncRequest, MultiRegionAccessPoint, MultiRegionStatus, RequestKind, RequestStatus, RequestToken,
};
pub use upload::{Completion, Part, Upload};
pub use version::{
    Content, ContentHeaders, NullVersion, Restore, StoredChecksum, Summary, Tiering, Version, VersionId,
};
pub use work::{AnalysisLine, JournalBatch, LogLine, RenameToken, RestoreJob};

// Values of which records are made.
pub use virga_object::access_point_scope::AccessPointScope;
pub use virga_object::batch_task::{Task, TaskResult};
pub use virga_object::metadata_table::{MetadataConfiguration, MetadataTable, TableStatus};
pub use virga_object::multi_region::{Refusal, Route};
pub use virga_object::{
    Acl, ArchiveTier, ChecksumAlgorithm, ChecksumType, Etag, Grant, Grantee, Lock, LockMode, ObjectOwnership,
    OpaqueId, PartSize, Permission, ReplicationStatus, Retention, StorageClass, Tags, Versioning,
};
