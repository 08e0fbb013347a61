//! What S3 stores. Times are microseconds since the epoch by the world's clock.

mod access_point;
mod body;
mod bucket;
mod job;
mod terms;
mod upload;
mod version;
mod work;

pub(crate) use access_point::{AccessPoint, AccessPointName};
pub(crate) use body::{Body, BodyId, Encryption, InlineBody, KmsKey, Layer, Master, Segment};
pub(crate) use bucket::{Acl, Bucket, Grant, Grantee, Permission, PublicAccessBlock, Tags};
pub(crate) use job::{Job, JobStatus, JobToken, Task, TaskResult};
pub(crate) use terms::{
    ArchiveTier, ChecksumAlgorithm, ChecksumType, LockMode, ObjectOwnership, ReplicationStatus, StorageClass,
    Versioning,
};
pub(crate) use upload::{Part, Upload};
pub(crate) use version::{
    Content, ContentHeaders, Etag, Lock, NullVersion, OpaqueId, PartSize, Restore, Retention, StoredChecksum,
    Summary, Tiering, Version, VersionId,
};
pub(crate) use work::{AnalysisLine, LogLine, RestoreJob};
