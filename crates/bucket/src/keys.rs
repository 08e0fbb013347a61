//! Every key space of S3: names, keys, ranges.
//!
//! Bucket names are global: [`bucket()`] finds a bucket by its name alone, [`buckets_of`] those of an account. All else is
//! keyed by the bucket's id, so that a bucket made anew under an old name has nothing of the old one.
//!
//! The newest version of every key is under [`current`], the older ones under [`noncurrent`], newest first, so that a
//! listing of objects never steps over old versions. Where the version called `null` is among the older ones,
//! [`null_version`] tells which. Small bodies are under [`inline_body`], so that listings do not drag them along.
//!
//! Configurations of a bucket share one key space ([`configuration`]); each kind has a record of its own.

use virga_store::{Counter, Fault, Key, Range, Space};

use crate::configured::Kind;
use crate::records::{
    AccessPoint, AccessPointName, AccessPointScope, AnalysisLine, AsyncRequest, BodyId, Bucket, Completion,
    InlineBody, Job, JobToken, JournalBatch, LogLine, Master, MultiRegionAccessPoint, NullVersion, OpaqueId,
    Part, PublicAccessBlock, RenameToken, RequestToken, RestoreJob, Summary, Task, TaskResult, Upload,
    Version,
};
use virga_object::metadata_table::Row;

static BUCKETS: Space<Bucket> = Space::new("s3.bucket");
static BUCKETS_OF: Space<()> = Space::new("s3.bucket-of");
static DIRECTORY_BUCKETS_OF: Space<()> = Space::new("s3.directory-bucket-of");
static BUCKET_COUNTS: Space<Counter> = Space::new("s3.bucket-count");
static CURRENT: Space<Version> = Space::new("s3.v");
static NONCURRENT: Space<Version> = Space::new("s3.n");
static NULL_VERSIONS: Space<NullVersion> = Space::new("s3.0");
static BODIES: Space<InlineBody> = Space::new("s3.b");
static UPLOADS: Space<Upload> = Space::new("s3.u");
static PARTS: Space<Part> = Space::new("s3.p");
static COMPLETIONS: Space<Completion> = Space::new("s3.completed");
static RENAME_TOKENS: Space<RenameToken> = Space::new("s3.rename-token");
static ACCESS_POINTS: Space<AccessPoint> = Space::new("s3.access-point");
static ACCESS_POINT_SCOPES: Space<AccessPointScope> = Space::new("s3.access-point-scope");
static ACCESS_POINT_ALIASES: Space<AccessPointName> = Space::new("s3.alias");
static MULTI_REGION_ACCESS_POINTS: Space<MultiRegionAccessPoint> = Space::new("s3.multi-region");
static ASYNC_REQUESTS: Space<AsyncRequest> = Space::new("s3.async-request");
static REQUEST_TOKENS: Space<RequestToken> = Space::new("s3.request-token");
static ACCOUNT_PUBLIC_ACCESS_BLOCKS: Space<PublicAccessBlock> = Space::new("s3.account-block");
static MASTER: Space<Master> = Space::new("s3.master");
static RESTORE_JOBS: Space<RestoreJob> = Space::new("s3.restore");
static LOG_LINES: Space<LogLine> = Space::new("s3.log");
static LOGS_ARMED: Space<()> = Space::new("s3.log-armed");
static JOURNAL: Space<Row> = Space::new("s3.journal");
static JOURNAL_BATCHES: Space<JournalBatch> = Space::new("s3.journal-batch");
static JOURNALS_ARMED: Space<()> = Space::new("s3.journal-armed");
static JOBS: Space<Job> = Space::new("s3.job");
static JOB_TOKENS: Space<JobToken> = Space::new("s3.job-token");
static JOB_TASKS: Space<Task> = Space::new("s3.job-task");
static JOB_RESULTS: Space<TaskResult> = Space::new("s3.job-result");
static ANALYSIS_LINES: Space<AnalysisLine> = Space::new("s3.analysis");
static ANALYSIS_COUNTS: Space<Counter> = Space::new("s3.analysis-count");
/// The name of the space of all configurations, whatever their records.
const CONFIGURATIONS: &str = "s3.cfg";

/// A bucket by its name.
pub fn bucket(name: &str) -> Key<Bucket> {
    BUCKETS.key(name)
}

/// That the account owns the bucket.
pub fn bucket_of(account: &str, name: &str) -> Key<()> {
    BUCKETS_OF.key((account, name))
}

/// The buckets of an account, by name.
pub fn buckets_of(account: &str) -> Range<()> {
    BUCKETS_OF.prefix(account)
}

/// That the account owns the directory bucket.
pub fn directory_bucket_of(account: &str, region: &str, name: &str) -> Key<()> {
    DIRECTORY_BUCKETS_OF.key((account, region, name))
}

/// The directory buckets of an account in a region, by name.
pub fn directory_buckets_of(account: &str, region: &str) -> Range<()> {
    DIRECTORY_BUCKETS_OF.prefix((account, region))
}

/// How many buckets an account has.
pub fn bucket_count(account: &str) -> Key<Counter> {
    BUCKET_COUNTS.key(account)
}

/// The newest version of a key.
pub fn current(bucket: u64, key: &str) -> Key<Version> {
    CURRENT.key((bucket, key))
}

/// The newest versions of all keys of a bucket, by key.
pub fn currents(bucket: u64) -> Range<Version> {
    CURRENT.prefix(bucket)
}

/// The newest versions of all keys of a bucket, read for a listing only.
pub fn current_summaries(bucket: u64) -> Range<Summary> {
    Space::<Summary>::new(CURRENT.name()).prefix(bucket)
}

/// An older version of a key.
pub fn noncurrent(bucket: u64, key: &str, sequence: u64) -> Key<Version> {
    NONCURRENT.key((bucket, key, !sequence))
}

/// The older versions of a key, newest first.
pub fn noncurrents(bucket: u64, key: &str) -> Range<Version> {
    NONCURRENT.prefix((bucket, key))
}

/// The older versions of a key that are older than the one of this sequence, newest first.
pub fn noncurrents_after(bucket: u64, key: &str, sequence: u64) -> Range<Version> {
    noncurrents(bucket, key).after(!sequence)
}

/// The older versions of all keys of a bucket.
pub fn noncurrents_of_all(bucket: u64) -> Range<Version> {
    NONCURRENT.prefix(bucket)
}

/// The key of the object of which this is a version.
pub fn key_of_version(place: &Key<Version>) -> Result<String, Fault> {
    match place.parts::<(u64, String)>() {
        Ok((_, key)) => Ok(key),
        Err(_) => place.parts::<(u64, String, u64)>().map(|(_, key, _)| key),
    }
}

/// The newest versions of all keys of all buckets.
pub fn every_current() -> Range<Version> {
    CURRENT.all()
}

/// The older versions of all keys of all buckets.
pub fn every_noncurrent() -> Range<Version> {
    NONCURRENT.all()
}

/// The parts of all uploads of all buckets.
pub fn every_part() -> Range<Part> {
    PARTS.all()
}

/// The older versions of all keys of a bucket, read for a listing only.
pub fn noncurrent_summaries(bucket: u64) -> Range<Summary> {
    Space::<Summary>::new(NONCURRENT.name()).prefix(bucket)
}

/// Which of the older versions of a key is called `null`.
pub fn null_version(bucket: u64, key: &str) -> Key<NullVersion> {
    NULL_VERSIONS.key((bucket, key))
}

/// A small body.
pub fn inline_body(bucket: u64, id: BodyId) -> Key<InlineBody> {
    BODIES.key((bucket, id.sequence, id.salt))
}

/// An upload under way.
pub fn upload(bucket: u64, key: &str, id: OpaqueId) -> Key<Upload> {
    UPLOADS.key((bucket, key, id.sequence, id.salt))
}

/// The uploads of a bucket, by key, oldest first.
pub fn uploads(bucket: u64) -> Range<Upload> {
    UPLOADS.prefix(bucket)
}

/// What became of an upload.
pub fn completion(bucket: u64, id: OpaqueId) -> Key<Completion> {
    COMPLETIONS.key((bucket, id.sequence, id.salt))
}

/// What became of the uploads of a bucket, in the order in which they were initiated.
pub fn completions(bucket: u64) -> Range<Completion> {
    COMPLETIONS.prefix(bucket)
}

/// What a client's token of a rename stands for.
pub fn rename_token(bucket: u64, token: &str) -> Key<RenameToken> {
    RENAME_TOKENS.key((bucket, token))
}

/// A part of an upload.
pub fn part(bucket: u64, upload: OpaqueId, number: u16) -> Key<Part> {
    PARTS.key((bucket, upload.sequence, upload.salt, number))
}

/// The parts of an upload, by number.
pub fn parts(bucket: u64, upload: OpaqueId) -> Range<Part> {
    PARTS.prefix((bucket, upload.sequence, upload.salt))
}

/// The parts of all uploads of a bucket.
pub fn all_parts(bucket: u64) -> Range<Part> {
    PARTS.prefix(bucket)
}

/// The key that wraps the data keys of this world's S3.
pub fn master() -> Key<Master> {
    MASTER.key(())
}

/// A configuration of a bucket; `id` is empty for the kinds of which a bucket has one.
pub fn configuration<V>(bucket: u64, kind: Kind, id: &str) -> Key<V> {
    Space::<V>::new(CONFIGURATIONS).key((bucket, kind as u8, id))
}

/// The configurations of a kind of a bucket, by id.
pub fn configurations<V>(bucket: u64, kind: Kind) -> Range<V> {
    Space::<V>::new(CONFIGURATIONS).prefix((bucket, kind as u8))
}

/// All configurations of a bucket, to be deleted with it.
pub fn all_configurations(bucket: u64) -> Range<()> {
    Space::<()>::new(CONFIGURATIONS).prefix(bucket)
}

/// What of public access to an account is blocked.
pub fn account_public_access_block(account: &str) -> Key<PublicAccessBlock> {
    ACCOUNT_PUBLIC_ACCESS_BLOCKS.key(account)
}

/// The restore under way of a version.
pub fn restore_job(version: OpaqueId) -> Key<RestoreJob> {
    RESTORE_JOBS.key((version.sequence, version.salt))
}

/// A batch job.
pub fn job(account: &str, region: &str, id: &str) -> Key<Job> {
    JOBS.key((account, region, id))
}

/// The batch jobs of an account and region, by id.
pub fn jobs(account: &str, region: &str) -> Range<Job> {
    JOBS.prefix((account, region))
}

/// The batch job that a client's token stands for.
pub fn job_token(account: &str, region: &str, token: &str) -> Key<JobToken> {
    JOB_TOKENS.key((account, region, token))
}

/// A task of a batch job that is not done.
pub fn job_task(job: &str, number: u64) -> Key<Task> {
    JOB_TASKS.key((job, number))
}

/// The tasks of a batch job that are not done.
pub fn job_tasks(job: &str) -> Range<Task> {
    JOB_TASKS.prefix(job)
}

/// What became of a task.
pub fn job_result(job: &str, number: u64) -> Key<TaskResult> {
    JOB_RESULTS.key((job, number))
}

/// What became of the tasks of a batch job.
pub fn job_results(job: &str) -> Range<TaskResult> {
    JOB_RESULTS.prefix(job)
}

/// An access point.
pub fn access_point(account: &str, region: &str, name: &str) -> Key<AccessPoint> {
    ACCESS_POINTS.key((account, region, name))
}

/// The scope of an access point of a directory bucket, if it has one.
pub fn access_point_scope(account: &str, region: &str, name: &str) -> Key<AccessPointScope> {
    ACCESS_POINT_SCOPES.key((account, region, name))
}

/// The access points of an account in a region, by name.
pub fn access_points(account: &str, region: &str) -> Range<AccessPoint> {
    ACCESS_POINTS.prefix((account, region))
}

/// The access points of all accounts.
pub fn every_access_point() -> Range<AccessPoint> {
    ACCESS_POINTS.all()
}

/// The access points of an account in all regions.
pub fn access_points_of(account: &str) -> Range<AccessPoint> {
    ACCESS_POINTS.prefix(account)
}

/// Which access point has an alias.
pub fn access_point_alias(alias: &str) -> Key<AccessPointName> {
    ACCESS_POINT_ALIASES.key(alias)
}

/// A multi-Region access point. Its alias is under [`access_point_alias`] too, without a region.
pub fn multi_region_access_point(account: &str, name: &str) -> Key<MultiRegionAccessPoint> {
    MULTI_REGION_ACCESS_POINTS.key((account, name))
}

/// The multi-Region access points of an account, by name.
pub fn multi_region_access_points(account: &str) -> Range<MultiRegionAccessPoint> {
    MULTI_REGION_ACCESS_POINTS.prefix(account)
}

/// A request about a multi-Region access point, by the end of its ARN.
pub fn async_request(account: &str, token: &str) -> Key<AsyncRequest> {
    ASYNC_REQUESTS.key((account, token))
}

/// The request that a client's token stands for.
pub fn request_token(account: &str, client_token: &str) -> Key<RequestToken> {
    REQUEST_TOKENS.key((account, client_token))
}

/// A line of the export of a storage class analysis, by the number of its age group, its day and its storage class.
pub fn analysis_line(bucket: u64, id: &str, (group, day, class): (u8, i64, &str)) -> Key<AnalysisLine> {
    ANALYSIS_LINES.key((bucket, id, group, day, class))
}

/// The lines of the export of a storage class analysis.
pub fn analysis_lines(bucket: u64, id: &str) -> Range<AnalysisLine> {
    ANALYSIS_LINES.prefix((bucket, id))
}

/// How much of something an analysis has counted on a day, by storage class and the number of the age group.
pub fn analysis_count(bucket: u64, id: &str, (day, class, group, what): (i64, &str, u8, u8)) -> Key<Counter> {
    ANALYSIS_COUNTS.key((bucket, id, day, class, group, what))
}

/// What an analysis has counted.
pub fn analysis_counts(bucket: u64, id: &str) -> Range<Counter> {
    ANALYSIS_COUNTS.prefix((bucket, id))
}

/// A line of the access log of a bucket.
pub fn log_line(bucket: u64, sequence: u64) -> Key<LogLine> {
    LOG_LINES.key((bucket, sequence))
}

/// The lines of the access log of a bucket that are not delivered.
pub fn log_lines(bucket: u64) -> Range<LogLine> {
    LOG_LINES.prefix(bucket)
}

/// That the access log of a bucket is going to be delivered.
pub fn logs_armed(bucket: u64) -> Key<()> {
    LOGS_ARMED.key(bucket)
}

/// A row of the journal of a bucket that is not in its table yet.
pub fn journal_row(bucket: u64, sequence: u64) -> Key<Row> {
    JOURNAL.key((bucket, sequence))
}

/// The rows of the journal of a bucket that are not in its table yet.
pub fn journal_rows(bucket: u64) -> Range<Row> {
    JOURNAL.prefix(bucket)
}

/// That the journal of a bucket is going to be written.
pub fn journal_armed(bucket: u64) -> Key<()> {
    JOURNALS_ARMED.key(bucket)
}

/// The rows of the journal of a bucket that are being written.
pub fn journal_batch(bucket: u64) -> Key<JournalBatch> {
    JOURNAL_BATCHES.key(bucket)
}
