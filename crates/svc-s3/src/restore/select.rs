//! Restores of the type SELECT: a query over an archived object, whose results go to a place in S3.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreObject.html>

use std::sync::Arc;

use bytes::Bytes;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use virga_api::s3 as api;
use virga_iam::Caller;
use virga_kit::{Access, Ctx, Delivering, DeliveryFailure, Failure, Incoming, Timer};
use virga_model::view::{List, Structure as _};
use virga_store::{Read, Reader as _, Write};

use super::{given_tier, ready_at};
use crate::configuration::document::Document;
use crate::records::{OpaqueId, StorageClass, Version};
use crate::versions::ObjectAt;
use crate::{bucket, keys, object, select, workers};
use virga_object::acl::{self, AclHeaders};
use virga_object::storage_class::Archive;
use virga_object::{Error, encryption_context};

/// A query to come.
#[derive(Serialize, Deserialize)]
struct Job {
    id: String,
    bucket: String,
    bucket_id: u64,
    key: String,
    version_id: String,
    version: OpaqueId,
    /// Whose query it is: they have shown that they may write the results.
    account: String,
    request: Document,
}

/// Takes a query on: it is checked, and done when the archive has handed the object out.
pub(super) fn begin(
    ctx: &Ctx,
    txn: &mut Write,
    at: &ObjectAt<'_>,
    version: &Version,
    request: &api::RestoreRequest,
) -> Result<api::RestoreObjectOutput, Error> {
    let parameters = request.select_parameters().ok_or(Error::MalformedXml)?;
    let output = request.output_location().and_then(api::OutputLocation::s3).ok_or(Error::MalformedXml)?;
    if request.r#type() != Some(api::restore_request_type::SELECT) || request.days().is_some() {
        return Err(Error::MalformedXml);
    }
    if version.summary.class != StorageClass::Glacier {
        let storage_class = version.summary.class.as_str().to_owned();
        return Err(Error::NotRestorable { storage_class });
    }
    select::query_of_restore(ctx, parameters)?;
    let target = bucket::find(txn, output.bucket_name(), None)?;
    let target_arn = bucket::arn(output.bucket_name());
    let mut access = Access::to("PutObject", format!("{target_arn}/{}", output.prefix()));
    access.policy_holder = Some(target_arn.clone());
    access.owner = target.account.parse().ok();
    let caller = Arc::new(ctx.caller().clone());
    ctx.authorize(&caller, access.clone())?;
    let input = acl::with_list_of(api::PutObjectInput::new(), output)?;
    if !AclHeaders::of(input.as_record()).is_empty() {
        ctx.authorize(&caller, Access { action: "PutObjectAcl".into(), ..access })?;
    }
    let arn = || format!("{target_arn}/{}", output.prefix());
    object::ownership_of_new(ctx, txn, &target, input.as_record(), arn)?;
    if let Some(context) = output.encryption().and_then(api::Encryption::kms_context) {
        encryption_context::parse(context)?;
    }
    let due = ready_at(ctx, Archive::Flexible, given_tier(request)?)?;
    let job = Job {
        id: ctx.uuid(),
        bucket: at.bucket_name.to_owned(),
        bucket_id: at.bucket.id,
        key: at.key.to_owned(),
        version_id: version.summary.version.text(),
        version: version.summary.version.id,
        account: ctx.account().to_owned(),
        request: Document::of(request),
    };
    workers::set(ctx, txn, workers::RESTORE_SELECT, job.id.clone(), due, &job)?;
    let path = format!("{}/{}", output.prefix().trim_end_matches('/'), job.id);
    Ok(api::RestoreObjectOutput::new().with_restore_output_path(path))
}

/// Does a query and writes what it finds.
pub(crate) fn deliver(ctx: Ctx, timer: Timer) -> Delivering {
    Box::pin(async move {
        let Ok(job) = timer.read::<Job>() else { return Err(DeliveryFailure::GiveUp) };
        match run(&ctx, &job).await {
            Ok(()) => Ok(()),
            Err(error) => {
                tracing::warn!(bucket = job.bucket, key = job.key, "a query of a restore failed: {error:?}");
                Err(DeliveryFailure::GiveUp)
            }
        }
    })
}

async fn run(ctx: &Ctx, job: &Job) -> Result<(), Failure> {
    let request: api::RestoreRequest = job.request.read()?;
    let place = request.output_location().and_then(api::OutputLocation::s3);
    let (Some(place), Some(parameters)) = (place, request.select_parameters()) else { return Ok(()) };
    let caller = Arc::new(Caller::of_unknown_key(&job.account));
    let out = Out { ctx: &ctx.acting_as(Arc::clone(&caller)), caller, job, place };
    out.put("job.txt", description(job, parameters).into_bytes()).await?;
    match found(out.ctx, job, parameters).await {
        Ok(found) => {
            let name = "results/part-00000";
            out.put(name, found).await?;
            out.put("result_manifest.txt", format!("{name}\n").into_bytes()).await?;
        }
        Err(error) => {
            let error = error.into_api()?;
            let name = "errors/part-00000";
            let text = format!("{},{}\n", error.code, error.message);
            out.put(name, text.into_bytes()).await?;
            out.put("error_manifest.txt", format!("{name}\n").into_bytes()).await?;
        }
    }
    Ok(())
}

fn description(job: &Job, parameters: &api::SelectParameters) -> String {
    let Job { id, bucket, key, .. } = job;
    format!("JobId: {id}\nObject: arn:aws:s3:::{bucket}/{key}\nExpression: {}\n", parameters.expression())
}

async fn found(ctx: &Ctx, job: &Job, parameters: &api::SelectParameters) -> Result<Vec<u8>, Error> {
    let find = |txn: &Read| {
        let bucket = txn.get(&keys::bucket(&job.bucket))?;
        let missing = || Error::NoSuchKey { key: job.key.clone() };
        let bucket = bucket.filter(|bucket| bucket.id == job.bucket_id).ok_or_else(missing)?;
        let found = ObjectAt::new(&job.bucket, &bucket, &job.key).version(txn, &job.version_id)?;
        found.filter(|found| found.version.summary.version.id == job.version).ok_or_else(missing)
    };
    ctx.read(find).await?;
    let query = select::query_of_restore(ctx, parameters)?;
    let version = (job.key.as_str(), Some(job.version_id.as_str()));
    let object = object::open_archived(ctx, (&job.bucket, None), version, None).await?;
    select::collect(query, Arc::new(object)).await
}

/// Where the results go.
struct Out<'a> {
    ctx: &'a Ctx,
    caller: Arc<Caller>,
    job: &'a Job,
    place: &'a api::S3Location,
}

impl Out<'_> {
    async fn put(&self, name: &str, bytes: Vec<u8>) -> Result<(), Failure> {
        let place = self.place;
        let encryption = place.encryption();
        let metadata = place.user_metadata().into_iter().flat_map(List::iter).filter_map(|entry| {
            Some((entry.name()?.to_owned(), entry.value().unwrap_or_default().to_owned()))
        });
        let input = api::PutObjectInput::new()
            .with_bucket(place.bucket_name())
            .with_key(format!("{}/{}/{name}", place.prefix().trim_end_matches('/'), self.job.id))
            .with_storage_class(place.storage_class())
            .with_tagging(place.tagging().map(tag_text))
            .with_metadata(metadata.collect::<Vec<(String, String)>>())
            .with_server_side_encryption(encryption.map(api::Encryption::encryption_type))
            .with_ssekms_key_id(encryption.and_then(api::Encryption::kms_key_id))
            .with_ssekms_encryption_context(encryption.and_then(api::Encryption::kms_context));
        let input = acl::with_list_of(input, place)?;
        let body = &mut Incoming::from(Bytes::from(bytes));
        let (caller, region) = (Arc::clone(&self.caller), self.ctx.region());
        self.ctx.call_streaming::<api::op::PutObject>(caller, region, input, body).await?;
        Ok(())
    }
}

/// Tags as the header of an upload has them.
fn tag_text(tagging: &api::Tagging) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let tags = tagging.tag_set().iter().map(|tag| format!("{}={}", encoded(tag.key()), encoded(tag.value())));
    tags.collect::<Vec<_>>().join("&")
}
