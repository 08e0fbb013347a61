//! S3 Batch Operations: jobs, their descriptions and tags. What a running job does is in the files below.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops.html>

mod checksum;
mod generated;
pub(crate) mod run;

use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_model::view::Structure;
use virga_model::{Text, Timestamp};
use virga_store::{Direction, Fault, Read, Reader, Write};
use virga_wire::json;

use crate::batch_error::Error;
use crate::keys;
use crate::records::{Job, JobStatus, JobToken};

/// Jobs on a page of a listing.
const MOST_LISTED: usize = 1000;
/// Tags that a job may have.
const MOST_TAGS: usize = 50;

/// A structure as a document to keep.
pub(crate) fn document(structure: &impl Structure) -> String {
    json::record_to_json(structure.as_record())
}

/// A structure that is kept as a document.
pub(crate) fn structure<T: Structure>(document: &str) -> Result<T, Fault> {
    let shape = T::shape().ok_or_else(|| Fault::new("a structure without members is not stored"))?;
    let record = json::record_from_json(shape, &Text::from(document));
    record.map(T::from_record).map_err(|error| Fault::with_source("a stored job is damaged", error))
}

fn find(ctx: &Ctx, txn: &impl Reader, id: &str) -> Result<Job, Error> {
    let job = txn.get(&keys::job(ctx.account(), ctx.region(), id))?;
    job.ok_or_else(|| Error::NotFound { reason: format!("No such job: {id}") })
}

/// The ARN of a job.
fn arn(ctx: &Ctx, id: &str) -> String {
    ctx.arn("s3", &format!("job/{id}"))
}

/// Creates a job, which begins to prepare itself; the same token stands for the same job.
pub(crate) fn create_job(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateJobInput,
) -> Result<api::CreateJobOutput, Error> {
    let token = keys::job_token(ctx.account(), ctx.region(), input.client_request_token());
    if let Some(JobToken(id)) = txn.get(&token)?
        && txn.contains(&keys::job(ctx.account(), ctx.region(), &id))?
    {
        return Ok(api::CreateJobOutput::new().with_job_id(id));
    }
    check(input)?;
    let tags = input.tags().into_iter().flat_map(virga_model::view::List::iter);
    let tags: Vec<_> = tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    let job = Job {
        created: ctx.now().micros(),
        status: JobStatus::New,
        priority: input.priority(),
        operation: document(input.operation()),
        report: document(input.report()),
        manifest: input.manifest().map(document),
        generator: input.manifest_generator().map(document),
        generated: None,
        description: input.description().map(str::to_owned),
        role: input.role_arn().to_owned(),
        confirmation_required: input.confirmation_required() == Some(true),
        tags,
        total: 0,
        succeeded: 0,
        failed: 0,
        active_since: None,
        active_seconds: 0,
        terminated: None,
        suspended: None,
        reason: None,
        failure: None,
    };
    let id = ctx.uuid();
    txn.put(&token, &JobToken(id.clone()))?;
    txn.put_new(&keys::job(ctx.account(), ctx.region(), &id), &job)?;
    run::go_on(ctx, txn, &id)?;
    Ok(api::CreateJobOutput::new().with_job_id(id))
}

fn check(input: &api::CreateJobInput) -> Result<(), Error> {
    let bad = |reason: &str| Err(Error::BadRequest { reason: reason.to_owned() });
    if let Some(operation) = virga_batch::refused(input.operation()) {
        return Err(Error::NotImplemented {
            reason: format!("S3 Batch Operations can't do {operation} here yet."),
        });
    }
    if virga_batch::name(input.operation()).is_none() {
        return bad("Exactly one operation must be specified");
    }
    if input.manifest().is_some() == input.manifest_generator().is_some() {
        return bad("Exactly one of Manifest and ManifestGenerator must be specified");
    }
    if input.operation().s3_compute_object_checksum().is_some_and(|given| !checksum::is_possible(given)) {
        return bad("The checksum algorithm doesn't support the checksum type");
    }
    let report = input.report();
    if report.enabled()
        && (report.bucket().is_none() || report.format().is_none() || report.report_scope().is_none())
    {
        return bad("A report needs a bucket, a format and a scope");
    }
    if let Some(manifest) = input.manifest() {
        let is_csv = manifest.spec().format() == api::job_manifest_format::S3_BATCH_OPERATIONS_CSV_20180820;
        let fields: Vec<&str> =
            manifest.spec().fields().into_iter().flat_map(virga_model::view::List::iter).collect();
        if is_csv && !(fields.contains(&"Bucket") && fields.contains(&"Key")) {
            return bad("Required field Bucket or Key is missing in the manifest's fields");
        }
    }
    if input.tags().is_some_and(|tags| tags.len() > MOST_TAGS) {
        return bad("A job can have at most 50 tags");
    }
    Ok(())
}

fn progress(ctx: &Ctx, job: &Job) -> api::JobProgressSummary {
    let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let running = job.active_since.map_or(0, |since| (ctx.now().micros() - since) / 1_000_000);
    api::JobProgressSummary::new()
        .with_total_number_of_tasks(number(job.total))
        .with_number_of_tasks_succeeded(number(job.succeeded))
        .with_number_of_tasks_failed(number(job.failed))
        .with_timers(api::JobTimers::new().with_elapsed_time_in_active_seconds(job.active_seconds + running))
}

/// Everything about a job.
pub(crate) fn describe_job(
    ctx: &Ctx,
    txn: &Read,
    input: &api::DescribeJobInput,
) -> Result<api::DescribeJobOutput, Error> {
    let id = input.job_id();
    let job = find(ctx, txn, id)?;
    let failure = job.failure.as_ref().map(|(code, reason)| {
        vec![api::JobFailure::new().with_failure_code(code.as_str()).with_failure_reason(reason.as_str())]
    });
    let manifest: Option<api::JobManifest> = job.manifest.as_deref().map(structure).transpose()?;
    let generator: Option<api::JobManifestGenerator> = job.generator.as_deref().map(structure).transpose()?;
    let generated: Option<api::S3GeneratedManifestDescriptor> =
        job.generated.as_deref().map(structure).transpose()?;
    let described = api::JobDescriptor::new()
        .with_job_id(id)
        .with_confirmation_required(job.confirmation_required)
        .with_description(job.description.as_deref())
        .with_job_arn(arn(ctx, id))
        .with_status(job.status.as_str())
        .with_manifest(manifest)
        .with_operation(structure::<api::JobOperation>(&job.operation)?)
        .with_priority(job.priority)
        .with_progress_summary(progress(ctx, &job))
        .with_status_update_reason(job.reason.as_deref())
        .with_failure_reasons(failure)
        .with_report(structure::<api::JobReport>(&job.report)?)
        .with_creation_time(Timestamp::from_micros(job.created))
        .with_termination_date(job.terminated.map(Timestamp::from_micros))
        .with_role_arn(job.role.as_str())
        .with_suspended_date(job.suspended.map(Timestamp::from_micros))
        .with_suspended_cause(job.suspended.map(|_| "AwaitingConfirmation"))
        .with_manifest_generator(generator)
        .with_generated_manifest_descriptor(generated);
    Ok(api::DescribeJobOutput::new().with_job(described))
}

/// Jobs in brief, of some statuses or all.
pub(crate) fn list_jobs(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListJobsInput,
) -> Result<api::ListJobsOutput, Error> {
    let most = input.max_results().and_then(|most| usize::try_from(most).ok()).filter(|most| *most > 0);
    let most = most.unwrap_or(MOST_LISTED).min(MOST_LISTED);
    let wanted: Vec<&str> =
        input.job_statuses().into_iter().flat_map(virga_model::view::List::iter).collect();
    let mut range = keys::jobs(ctx.account(), ctx.region());
    if let Some(token) = input.next_token() {
        check_token(token)?;
        range = range.after(token);
    }
    let mut listed = Vec::new();
    let mut last = None;
    for (key, job) in txn.scan(&range, Direction::Forward, usize::MAX)? {
        if !wanted.is_empty() && !wanted.contains(&job.status.as_str()) {
            continue;
        }
        if listed.len() == most {
            return Ok(api::ListJobsOutput::new().with_jobs(listed).with_next_token(last));
        }
        let (_, _, id): (String, String, String) = key.parts()?;
        listed.push(brief(ctx, &id, &job)?);
        last = Some(id);
    }
    Ok(api::ListJobsOutput::new().with_jobs(listed))
}

/// Tokens of lists are ids of jobs.
fn check_token(token: &str) -> Result<(), Error> {
    let is_id = token.len() == 36 && token.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    if is_id { Ok(()) } else { Err(Error::InvalidNextToken) }
}

fn brief(ctx: &Ctx, id: &str, job: &Job) -> Result<api::JobListDescriptor, Error> {
    let operation: api::JobOperation = structure(&job.operation)?;
    Ok(api::JobListDescriptor::new()
        .with_job_id(id)
        .with_description(job.description.as_deref())
        .with_operation(virga_batch::name(&operation))
        .with_priority(job.priority)
        .with_status(job.status.as_str())
        .with_creation_time(Timestamp::from_micros(job.created))
        .with_termination_date(job.terminated.map(Timestamp::from_micros))
        .with_progress_summary(progress(ctx, job)))
}

/// Changes how soon a job runs.
pub(crate) fn update_job_priority(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateJobPriorityInput,
) -> Result<api::UpdateJobPriorityOutput, Error> {
    let mut job = find(ctx, txn, input.job_id())?;
    if job.status.has_ended() {
        return Err(Error::BadRequest {
            reason: format!("A job that is {} has no priority", job.status.as_str()),
        });
    }
    job.priority = input.priority();
    txn.put(&keys::job(ctx.account(), ctx.region(), input.job_id()), &job)?;
    Ok(api::UpdateJobPriorityOutput::new().with_job_id(input.job_id()).with_priority(job.priority))
}

/// Confirms a job, or ends it.
pub(crate) fn update_job_status(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::UpdateJobStatusInput,
) -> Result<api::UpdateJobStatusOutput, Error> {
    let mut job = find(ctx, txn, input.job_id())?;
    let status = match (input.requested_job_status(), job.status) {
        ("Ready", JobStatus::Suspended) => JobStatus::Ready,
        ("Cancelled", status) if !status.has_ended() => JobStatus::Cancelling,
        (requested @ ("Ready" | "Cancelled"), status) => {
            return Err(Error::JobStatus {
                reason: format!("A job that is {} can't become {requested}", status.as_str()),
            });
        }
        (other, _) => return Err(Error::BadRequest { reason: format!("Unknown status: {other}") }),
    };
    job.status = status;
    job.reason = input.status_update_reason().map(str::to_owned);
    txn.put(&keys::job(ctx.account(), ctx.region(), input.job_id()), &job)?;
    run::go_on(ctx, txn, input.job_id())?;
    let output =
        api::UpdateJobStatusOutput::new().with_job_id(input.job_id()).with_status(job.status.as_str());
    Ok(output.with_status_update_reason(job.reason.as_deref()))
}

/// Replaces the tags of a job.
pub(crate) fn put_job_tagging(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutJobTaggingInput,
) -> Result<api::PutJobTaggingOutput, Error> {
    let mut job = find(ctx, txn, input.job_id())?;
    if input.tags().len() > MOST_TAGS {
        return Err(Error::TooManyTags { reason: "A job can have at most 50 tags".to_owned() });
    }
    job.tags = input.tags().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    txn.put(&keys::job(ctx.account(), ctx.region(), input.job_id()), &job)?;
    Ok(api::PutJobTaggingOutput::new())
}

/// The tags of a job.
pub(crate) fn get_job_tagging(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetJobTaggingInput,
) -> Result<api::GetJobTaggingOutput, Error> {
    let job = find(ctx, txn, input.job_id())?;
    let tags = job
        .tags
        .iter()
        .map(|(key, value)| api::S3Tag::new().with_key(key.as_str()).with_value(value.as_str()));
    Ok(api::GetJobTaggingOutput::new().with_tags(tags.collect::<Vec<_>>()))
}

/// Removes the tags of a job.
pub(crate) fn delete_job_tagging(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteJobTaggingInput,
) -> Result<api::DeleteJobTaggingOutput, Error> {
    let mut job = find(ctx, txn, input.job_id())?;
    job.tags.clear();
    txn.put(&keys::job(ctx.account(), ctx.region(), input.job_id()), &job)?;
    Ok(api::DeleteJobTaggingOutput::new())
}
