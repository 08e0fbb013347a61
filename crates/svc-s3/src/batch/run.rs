//! A job at work, a step at a time: it reads its manifest, does some tasks, writes its report. Between steps everything
//! is in the store; a step that was interrupted is done again.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use virga_api::{s3, s3control as api};
use virga_iam::Caller;
use virga_kit::{Ctx, Delivering, DeliveryFailure, Failure, Incoming, Timer};
use virga_model::{ApiError, Timestamp};
use virga_store::{Direction, Reader as _, Write};

use super::{checksum, generated, structure};
use crate::records::{Job, JobStatus, Task, TaskResult};
use crate::{keys, role, workers};
use virga_batch::Doer;
use virga_object::event_record::iso_millis;
use virga_object::{batch_manifest as manifest, batch_report as report};

/// Tasks that one step does.
const TASKS_AT_ONCE: usize = 50;
/// The longest manifest, in bytes, that is read.
const MOST_MANIFEST_BYTES: usize = 64 << 20;
/// Tasks that one transaction writes.
const TASKS_PER_TRANSACTION: usize = 1000;
/// Tasks after which a job with too many failures ends.
const TASKS_BEFORE_FAILING: u64 = 1000;

/// How long a job that has ended is known.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-list-jobs.html>
const KNOWN: Duration = Duration::from_secs(90 * 86_400);

/// What the timer of a job knows.
#[derive(Serialize, Deserialize)]
struct OfJob {
    account: String,
    region: String,
    id: String,
}

/// Has the job take its next step.
pub(super) fn go_on(ctx: &Ctx, txn: &mut Write, id: &str) -> Result<(), virga_object::Error> {
    let payload =
        OfJob { account: ctx.account().to_owned(), region: ctx.region().to_owned(), id: id.to_owned() };
    // The timer of the step that is under way is another one.
    let timer = format!("{id}-{:016x}", ctx.sequence());
    workers::set(ctx, txn, workers::JOB, timer, ctx.now().micros(), &payload)
}

/// Takes a step.
pub(crate) fn step(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(of) = timer.read::<OfJob>() else { return Err(DeliveryFailure::GiveUp) };
        let worker = Worker { ctx: &ctx, of };
        match worker.step().await {
            Ok(()) => Ok(()),
            Err(Failure::Api(error)) => worker.fail(&error).await.map_err(|_| DeliveryFailure::GiveUp),
            Err(Failure::Fault(fault)) => {
                tracing::error!("a batch job can't go on: {fault}");
                Err(DeliveryFailure::Retry(Duration::from_secs(5)))
            }
        }
    })
}

struct Worker<'a> {
    ctx: &'a Ctx,
    of: OfJob,
}

fn failed(code: &'static str, reason: impl Into<String>) -> Failure {
    ApiError::common(code, 400, reason.into()).into()
}

impl Worker<'_> {
    fn find(&self, txn: &impl virga_store::Reader) -> Result<Option<Job>, Failure> {
        Ok(txn.get(&keys::job(&self.of.account, &self.of.region, &self.of.id))?)
    }

    /// Changes the job and has it go on, unless it has ended or waits; not when its status is no longer the one given.
    async fn change(
        &self,
        expected: JobStatus,
        mut change: impl FnMut(&Ctx, &mut Write, &mut Job) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.ctx
            .transact(|txn| {
                let Some(mut job) = self.find(txn)? else { return Ok(()) };
                if job.status == expected {
                    change(self.ctx, txn, &mut job)?;
                    txn.put(&keys::job(&self.of.account, &self.of.region, &self.of.id), &job)?;
                    if !job.status.has_ended() && job.status != JobStatus::Suspended {
                        go_on(self.ctx, txn, &self.of.id)?;
                    }
                }
                Ok::<_, Failure>(())
            })
            .await
    }

    async fn step(&self) -> Result<(), Failure> {
        let job = self.find(&self.ctx.world().store().read()?)?;
        let Some(job) = job else { return Ok(()) };
        match job.status {
            JobStatus::New => self.become_(JobStatus::New, JobStatus::Preparing).await,
            JobStatus::Preparing => self.prepare(&job).await,
            JobStatus::Ready => {
                self.change(JobStatus::Ready, |ctx, _, job| {
                    job.status = JobStatus::Active;
                    job.active_since = Some(ctx.now().micros());
                    Ok(())
                })
                .await
            }
            JobStatus::Active => self.work(&job).await,
            JobStatus::Completing => self.end(&job, JobStatus::Complete).await,
            JobStatus::Cancelling => self.end(&job, JobStatus::Cancelled).await,
            JobStatus::Failing => self.end(&job, JobStatus::Failed).await,
            JobStatus::Suspended => Ok(()),
            JobStatus::Complete | JobStatus::Cancelled | JobStatus::Failed => self.forget(&job).await,
        }
    }

    /// Has a job forgotten that ends now.
    fn forget_later(&self, txn: &mut Write) -> Result<(), virga_object::Error> {
        let due = self.ctx.now().plus(KNOWN).micros();
        workers::set(self.ctx, txn, workers::JOB, format!("{}-end", self.of.id), due, &self.of)
    }

    /// Forgets a job that ended long ago.
    async fn forget(&self, job: &Job) -> Result<(), Failure> {
        let is_known = |terminated| self.ctx.now() < Timestamp::from_micros(terminated).plus(KNOWN);
        if job.terminated.is_none_or(is_known) {
            return Ok(());
        }
        let forget = |txn: &mut Write| {
            txn.delete_range(&keys::job_tasks(&self.of.id), usize::MAX)?;
            txn.delete_range(&keys::job_results(&self.of.id), usize::MAX)?;
            Ok::<_, Failure>(txn.delete(&keys::job(&self.of.account, &self.of.region, &self.of.id))?)
        };
        self.ctx.transact(forget).await
    }

    async fn become_(&self, from: JobStatus, to: JobStatus) -> Result<(), Failure> {
        self.change(from, |_, _, job| {
            job.status = to;
            Ok(())
        })
        .await
    }

    async fn caller(&self, job: &Job) -> Result<Arc<Caller>, Failure> {
        let arn = format!("arn:aws:s3:{}:{}:job/{}", self.of.region, self.of.account, self.of.id);
        let principal = "batchoperations.s3.amazonaws.com";
        Ok(role::assume(self.ctx, principal, (&self.of.account, arn), &job.role).await?)
    }

    async fn read(&self, caller: &Arc<Caller>, input: s3::GetObjectInput) -> Result<Bytes, Failure> {
        let body = &mut Incoming::empty();
        let (caller, region) = (Arc::clone(caller), self.ctx.region());
        let (_, body) = self.ctx.call_streaming::<s3::op::GetObject>(caller, region, input, body).await?;
        Ok(body.collect(MOST_MANIFEST_BYTES).await?)
    }

    /// Reads the manifest and keeps its tasks.
    async fn prepare(&self, job: &Job) -> Result<(), Failure> {
        let caller = self.caller(job).await?;
        let (tasks, generated) = match (&job.manifest, &job.generator) {
            (Some(manifest), _) => (self.tasks(&caller, &structure(manifest)?).await?, None),
            (None, Some(generator)) => {
                let generator: api::JobManifestGenerator = structure(generator)?;
                generated::tasks(self.ctx, &caller, &generator, (&self.of.account, &self.of.id)).await?
            }
            (None, None) => return Err(failed("InvalidManifest", "The job has no manifest")),
        };
        for (part, tasks) in tasks.chunks(TASKS_PER_TRANSACTION).enumerate() {
            let first = part * TASKS_PER_TRANSACTION;
            let write = |txn: &mut Write| {
                for (number, task) in tasks.iter().enumerate() {
                    txn.put(&keys::job_task(&self.of.id, (first + number) as u64), task)?;
                }
                Ok::<_, Failure>(())
            };
            self.ctx.transact(write).await?;
        }
        self.change(JobStatus::Preparing, |ctx, _, job| {
            job.total = tasks.len() as u64;
            job.generated.clone_from(&generated);
            job.status = if job.confirmation_required { JobStatus::Suspended } else { JobStatus::Ready };
            job.suspended = job.confirmation_required.then(|| ctx.now().micros());
            Ok(())
        })
        .await
    }

    async fn tasks(&self, caller: &Arc<Caller>, given: &api::JobManifest) -> Result<Vec<Task>, Failure> {
        let location = given.location();
        let invalid = |reason: &str| failed("InvalidManifest", reason);
        let object =
            location.object_arn().strip_prefix("arn:aws:s3:::").and_then(|path| path.split_once('/'));
        let (bucket, key) =
            object.ok_or_else(|| invalid("The ARN of the manifest is not that of an object"))?;
        let input = s3::GetObjectInput::new()
            .with_bucket(bucket)
            .with_key(key)
            .with_version_id(location.object_version_id())
            .with_if_match(location.e_tag());
        let manifest = self.read(caller, input).await?;
        if given.spec().format() == api::job_manifest_format::S3_BATCH_OPERATIONS_CSV_20180820 {
            let text = std::str::from_utf8(&manifest).map_err(|_| invalid("The manifest is not UTF-8"))?;
            return manifest::tasks_of_csv(text, given.spec()).map_err(|reason| invalid(&reason));
        }
        let (schema, bucket, files) = manifest::inventory(&manifest).map_err(|reason| invalid(&reason))?;
        let mut tasks = Vec::new();
        for key in files {
            let input = s3::GetObjectInput::new().with_bucket(&*bucket).with_key(key);
            let file = self.read(caller, input).await?;
            tasks.extend(manifest::tasks_of_inventory(&file, &schema).map_err(|reason| invalid(&reason))?);
        }
        Ok(tasks)
    }

    /// Does some tasks.
    async fn work(&self, job: &Job) -> Result<(), Failure> {
        let range = keys::job_tasks(&self.of.id);
        let tasks = self.ctx.world().store().read()?.scan(&range, Direction::Forward, TASKS_AT_ONCE)?;
        if tasks.is_empty() {
            return self.become_(JobStatus::Active, JobStatus::Completing).await;
        }
        let doer = Doer { ctx: self.ctx, caller: self.caller(job).await? };
        let operation: api::JobOperation = structure(&job.operation)?;
        let mut results = Vec::new();
        for (key, task) in tasks {
            let (message, error) = match self.do_task(&doer, &operation, &task).await {
                Ok(message) => (message, None),
                Err(error) => (None, Some((error.code.to_string(), error.status, error.message.to_string()))),
            };
            results.push((key, TaskResult { task, error, message }));
        }
        self.change(JobStatus::Active, |_, txn, job| {
            for (key, result) in &results {
                // Another step may have done it too.
                if !txn.contains(key)? {
                    continue;
                }
                let (_, number): (String, u64) = key.parts()?;
                txn.delete(key)?;
                txn.put(&keys::job_result(&self.of.id, number), result)?;
                let count = if result.error.is_some() { &mut job.failed } else { &mut job.succeeded };
                *count += 1;
            }
            // A job of which more than half fails is not worth going on with.
            if job.failed + job.succeeded > TASKS_BEFORE_FAILING && job.failed > job.succeeded {
                job.status = JobStatus::Failing;
                let reason = "More than half of the tasks failed".to_owned();
                job.failure = Some(("JobFailureThresholdExceeded".to_owned(), reason));
            }
            Ok(())
        })
        .await
    }

    /// Does one task; what is to be said of it in the report, if anything.
    async fn do_task(
        &self,
        doer: &Doer<'_>,
        operation: &api::JobOperation,
        task: &Task,
    ) -> Result<Option<String>, ApiError> {
        if operation.s3_replicate_object().is_some() {
            return crate::replication::replicate_existing(self.ctx, task).await.map(|()| None);
        }
        if let Some(wanted) = operation.s3_compute_object_checksum() {
            let ctx = self.ctx.acting_as(Arc::clone(&doer.caller));
            return checksum::compute(&ctx, wanted, task).await.map(Some);
        }
        doer.run(operation, task).await.map(|()| None)
    }

    /// Writes the report and forgets the tasks.
    async fn end(&self, job: &Job, status: JobStatus) -> Result<(), Failure> {
        let given: api::JobReport = structure(&job.report)?;
        if given.enabled() {
            self.report(job, &given).await?;
        }
        self.change(job.status, |ctx, txn, job| {
            txn.delete_range(&keys::job_tasks(&self.of.id), usize::MAX)?;
            txn.delete_range(&keys::job_results(&self.of.id), usize::MAX)?;
            job.status = status;
            job.terminated = Some(ctx.now().micros());
            let since = job.active_since.take();
            job.active_seconds += since.map_or(0, |since| (ctx.now().micros() - since) / 1_000_000);
            Ok(self.forget_later(txn)?)
        })
        .await
    }

    async fn report(&self, job: &Job, given: &api::JobReport) -> Result<(), Failure> {
        let range = keys::job_results(&self.of.id);
        let results = self.ctx.world().store().read()?.scan(&range, Direction::Forward, usize::MAX)?;
        let results: Vec<TaskResult> = results.into_iter().map(|(_, result)| result).collect();
        let bucket = given.bucket().unwrap_or_default();
        let bucket = bucket.rsplit(':').next().unwrap_or(bucket);
        let place = report::Place { job: &self.of.id, bucket, prefix: given.prefix().unwrap_or_default() };
        let only_failed = given.report_scope() == Some(api::job_report_scope::FAILED_TASKS_ONLY);
        let created = iso_millis(self.ctx.now().millis());
        let caller = self.caller(job).await?;
        for file in place.files(&results, only_failed, &created) {
            let input = s3::PutObjectInput::new().with_bucket(bucket).with_key(file.key);
            let body = &mut Incoming::from(Bytes::from(file.text));
            let (caller, region) = (Arc::clone(&caller), self.ctx.region());
            self.ctx.call_streaming::<s3::op::PutObject>(caller, region, input, body).await?;
        }
        Ok(())
    }

    /// Ends a job that can't go on.
    async fn fail(&self, error: &ApiError) -> Result<(), Failure> {
        let change = |txn: &mut Write| {
            let Some(mut job) = self.find(txn)? else { return Ok(()) };
            if !job.status.has_ended() {
                job.status = JobStatus::Failed;
                job.terminated = Some(self.ctx.now().micros());
                job.failure = Some((error.code.to_string(), error.message.to_string()));
                txn.put(&keys::job(&self.of.account, &self.of.region, &self.of.id), &job)?;
                self.forget_later(txn)?;
            }
            Ok::<_, Failure>(())
        };
        self.ctx.transact(change).await
    }
}
