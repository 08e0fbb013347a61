//! Manifests that S3 makes itself: the objects of a bucket that a filter finds.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/specify-batchjob-manifest.html>

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use virga_api::{s3, s3control as api};
use virga_iam::Caller;
use virga_kit::{Access, Ctx, Failure, Incoming};
use virga_model::view::List;
use virga_store::{Direction, Fault, Reader as _};

use super::document;
use crate::records::{Bucket, Encryption, Task, Version, Versioning};
use crate::{bucket, keys, replication};

/// Keys that are read at once.
const PAGE: usize = 1000;

/// What a generator's filter wants.
struct Filter<'a>(Option<&'a api::JobManifestGeneratorFilter>);

fn any<'a>(list: Option<List<'a, &'a str>>, is_found: impl Fn(&str) -> bool) -> bool {
    let Some(list) = list else { return true };
    let mut items = list.iter().peekable();
    items.peek().is_none() || items.any(is_found)
}

impl Filter<'_> {
    fn matches(&self, key: &str, version: &Version) -> bool {
        let Some(filter) = self.0 else { return true };
        let summary = &version.summary;
        let names = filter.key_name_constraint();
        let status = version.content.replication.map_or("NONE", |status| status.as_str());
        let size = i64::try_from(summary.size).unwrap_or(i64::MAX);
        filter.created_after().is_none_or(|after| summary.modified > after.micros())
            && filter.created_before().is_none_or(|before| summary.modified < before.micros())
            && any(filter.object_replication_statuses(), |wanted| wanted == status)
            && any(names.and_then(api::KeyNameConstraint::match_any_prefix), |text| key.starts_with(text))
            && any(names.and_then(api::KeyNameConstraint::match_any_suffix), |text| key.ends_with(text))
            && any(names.and_then(api::KeyNameConstraint::match_any_substring), |text| key.contains(text))
            && filter.object_size_greater_than_bytes().is_none_or(|least| size > least)
            && filter.object_size_less_than_bytes().is_none_or(|most| size < most)
            && any(filter.match_any_storage_class(), |class| class == summary.class.as_str())
            && self.matches_encryption(version)
    }

    fn matches_encryption(&self, version: &Version) -> bool {
        let Some(wanted) = self.0.and_then(api::JobManifestGeneratorFilter::match_any_object_encryption)
        else {
            return true;
        };
        wanted.iter().any(|wanted| match &version.content.encryption {
            Some(Encryption::S3) => wanted.sses3().is_some(),
            Some(Encryption::Kms(key)) => {
                let of_key = |arn: Option<&str>| arn.is_none_or(|arn| arn == key.key_arn);
                let bucket_key = |wanted: Option<bool>| wanted.is_none_or(|wanted| wanted == key.bucket_key);
                match key.layers.len() {
                    1 => wanted
                        .ssekms()
                        .is_some_and(|kms| of_key(kms.kms_key_arn()) && bucket_key(kms.bucket_key_enabled())),
                    _ => wanted.dssekms().is_some_and(|kms| of_key(kms.kms_key_arn())),
                }
            }
            Some(Encryption::Customer { .. }) => wanted.ssec().is_some(),
            None => wanted.notsse().is_some(),
        })
    }
}

/// The tasks that a generator finds, and the description of the manifest where it is to be written.
pub(super) async fn tasks(
    ctx: &Ctx,
    caller: &Arc<Caller>,
    generator: &api::JobManifestGenerator,
    job: (&str, &str),
) -> Result<(Vec<Task>, Option<String>), Failure> {
    let Some(generator) = generator.s3_job_manifest_generator() else {
        return Err(Fault::new("a manifest generator of an unknown kind").into());
    };
    let arn = generator.source_bucket();
    let name = arn.rsplit(':').next().unwrap_or(arn);
    ctx.authorize(caller, Access::to("PutInventoryConfiguration", bucket::arn(name)))?;
    let found = bucket::find(&ctx.world().store().read()?, name, generator.expected_bucket_owner())?;
    let tasks = found_tasks(ctx, name, &found, generator.filter())?;
    let output = generator.manifest_output_location().filter(|_| generator.enable_manifest_output());
    let Some(output) = output else { return Ok((tasks, None)) };
    let generated = write(ctx, caller, output, &tasks, job).await?;
    Ok((tasks, Some(generated)))
}

fn found_tasks(
    ctx: &Ctx,
    name: &str,
    bucket: &Bucket,
    filter: Option<&api::JobManifestGeneratorFilter>,
) -> Result<Vec<Task>, Failure> {
    let eligible = filter.and_then(api::JobManifestGeneratorFilter::eligible_for_replication);
    let wanted = Filter(filter);
    let read = ctx.world().store().read()?;
    let mut range = keys::currents(bucket.id);
    let mut tasks = Vec::new();
    loop {
        let rows = read.scan(&range, Direction::Forward, PAGE)?;
        let is_last = rows.len() < PAGE;
        for (place, version) in rows {
            let (_, key): (u64, String) = place.parts()?;
            range = range.after_key(&place);
            if version.summary.is_delete_marker || !wanted.matches(&key, &version) {
                continue;
            }
            if eligible.is_some_and(|eligible| {
                eligible != replication::is_eligible(&read, bucket, &key, &version).unwrap_or(false)
            }) {
                continue;
            }
            let version_id = version.summary.version.text();
            let version_id = Some(version_id).filter(|_| bucket.versioning != Versioning::Never);
            tasks.push(Task { bucket: name.to_owned(), key, version_id });
        }
        if is_last {
            return Ok(tasks);
        }
    }
}

/// Writes the manifest like one of an inventory.
async fn write(
    ctx: &Ctx,
    caller: &Arc<Caller>,
    output: &api::S3ManifestOutputLocation,
    tasks: &[Task],
    (account, job): (&str, &str),
) -> Result<String, Failure> {
    let bucket_arn = output.bucket();
    let bucket = bucket_arn.rsplit(':').next().unwrap_or(bucket_arn);
    let prefix =
        output.manifest_prefix().map_or(String::new(), |prefix| format!("{}/", prefix.trim_end_matches('/')));
    let folder = format!("{prefix}manifest-{job}-{account}");
    let mut rows = GzEncoder::new(Vec::new(), Compression::default());
    for task in tasks {
        let key = utf8_percent_encode(&task.key, NON_ALPHANUMERIC);
        let version_id = task.version_id.as_deref().unwrap_or_default();
        let row = writeln!(rows, "\"{}\",\"{key}\",\"{version_id}\"", task.bucket);
        row.map_err(|error| Fault::with_source("a manifest can't be written", error))?;
    }
    let rows = rows.finish().map_err(|error| Fault::with_source("a manifest can't be written", error))?;
    let digest = hex::encode(Md5::digest(&rows));
    let file = format!("{folder}/data/{digest}.csv.gz");
    let manifest = json!({
        "sourceBucket": tasks.first().map(|task| &task.bucket),
        "destinationBucket": bucket_arn,
        "version": "2021-11-30",
        "creationTimestamp": ctx.now().millis().to_string(),
        "fileFormat": "CSV",
        "fileSchema": "Bucket, Key, VersionId",
        "files": [{ "key": file, "size": rows.len(), "MD5checksum": digest }],
    });
    put(ctx, caller, bucket, &file, Bytes::from(rows)).await?;
    let manifest = manifest.to_string();
    let etag = hex::encode(Md5::digest(&manifest));
    let key = format!("{folder}/manifest.json");
    put(ctx, caller, bucket, &key, Bytes::from(manifest)).await?;
    let location = api::JobManifestLocation::new()
        .with_object_arn(format!("arn:aws:s3:::{bucket}/{key}"))
        .with_e_tag(etag);
    let described = api::S3GeneratedManifestDescriptor::new()
        .with_format(output.manifest_format())
        .with_location(location);
    Ok(document(&described))
}

async fn put(ctx: &Ctx, caller: &Arc<Caller>, bucket: &str, key: &str, bytes: Bytes) -> Result<(), Failure> {
    let input = s3::PutObjectInput::new().with_bucket(bucket).with_key(key);
    let body = &mut Incoming::from(bytes);
    ctx.call_streaming::<s3::op::PutObject>(Arc::clone(caller), ctx.region(), input, body).await?;
    Ok(())
}
