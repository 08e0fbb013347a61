//! Exports of a table, as it was at a moment, to Amazon S3: compressed lines of DynamoDB JSON or Ion, and manifests.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataExport.Output.html>

use std::io::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use md5::{Digest as _, Md5};
use serde_json::json;
use virga_api::{dynamodb as api, s3};
use virga_item::interchange::{ion, json as lines};
use virga_kit::{Ctx, Failure};
use virga_model::view::Structure as _;
use virga_model::{Timestamp, Value};
use virga_store::{Direction, Fault, Read, Reader, Write};

use crate::error::Error;
use crate::records::{Export, Increment, StoredItem, Table};
use crate::rules::{ResourceAddress, TableAddress};
use crate::sealing::opened;
use crate::{data_key, increment, keys, recovery, restore, table};

/// Items that are read at once.
const BATCH: usize = 200;
/// Items of one data file.
const ITEMS_OF_FILE: i64 = 100_000;
/// How long a client token is remembered: eight hours.
const TOKEN_MICROS: i64 = 8 * 3_600_000_000;
/// Exports in a page of a listing, when nothing is said.
const PAGE: i32 = 25;

/// Exports a table. The files are there when the answer leaves.
pub(crate) async fn export_table_to_point_in_time(
    ctx: &Ctx,
    input: &api::ExportTableToPointInTimeInput,
) -> Result<api::ExportTableToPointInTimeOutput, Failure> {
    let at = TableAddress::parse(ctx, input.table_arn())?;
    let read = ctx.world().store().read()?;
    if let Some((id, known)) = repeated(ctx, &read, at, input)? {
        let period = read.get(&keys::increment(at, &id))?;
        let description = describe(at, &id, (&known, period.as_ref()), api::export_status::IN_PROGRESS);
        return Ok(api::ExportTableToPointInTimeOutput::new().with_export_description(description));
    }
    let table = recovery::find_table(&read, at)?;
    let details = table::details(&read, &table)?;
    let now = ctx.now().micros();
    let unavailable = || Error::RecoveryUnavailable { name: at.name.to_owned() };
    let kept = details.recovery.ok_or_else(unavailable)?;
    let period = increment::period(input, now)?;
    if period.as_ref().is_some_and(|period| period.from < recovery::earliest(kept, now)) {
        return Err(Error::InvalidExportTime.into());
    }
    let given = input.export_time().filter(|_| period.is_none());
    let moment = given.map_or(now, Timestamp::micros);
    if moment < recovery::earliest(kept, now) || moment > now {
        return Err(Error::InvalidExportTime.into());
    }
    let id = format!("{:014}-{:08x}", now / 1000, ctx.random() as u32);
    let mut export = Export {
        table_uuid: details.uuid,
        started: now,
        ended: now,
        moment,
        bucket: input.s3_bucket().to_owned(),
        bucket_owner: input.s3_bucket_owner().map(str::to_owned),
        prefix: input.s3_prefix().map(str::to_owned),
        algorithm: input.s3_sse_algorithm().map(str::to_owned),
        kms_key: input.s3_sse_kms_key_id().map(str::to_owned),
        is_ion: input.export_format() == Some(api::export_format::ION),
        token: input.client_token().map(str::to_owned),
        items: 0,
        bytes: 0,
        failure: None,
    };
    let mut files =
        Files { ctx, at, id: &id, export: &mut export, period: period.as_ref(), written: Vec::new() };
    // What S3 refuses ends the export: its description tells.
    match files.write(&read, &table).await {
        Ok(()) => {}
        Err(Failure::Api(error)) => {
            export.failure = Some((error.code.to_string(), error.message.to_string()));
        }
        Err(fault) => return Err(fault),
    }
    export.ended = ctx.now().micros();
    ctx.transact(|txn: &mut Write| {
        if let Some(period) = &period {
            txn.put_new(&keys::increment(at, &id), period)?;
        }
        txn.put_new(&keys::export(at, &id), &export)
    })
    .await?;
    let description = describe(at, &id, (&export, period.as_ref()), api::export_status::IN_PROGRESS);
    Ok(api::ExportTableToPointInTimeOutput::new().with_export_description(description))
}

/// The export that was asked for with the same client token.
fn repeated(
    ctx: &Ctx,
    read: &Read,
    at: TableAddress<'_>,
    input: &api::ExportTableToPointInTimeInput,
) -> Result<Option<(String, Export)>, Error> {
    let Some(token) = input.client_token() else { return Ok(None) };
    let oldest = ctx.now().micros() - TOKEN_MICROS;
    for (key, export) in read.scan(&keys::exports_of(at), Direction::Backward, usize::MAX)? {
        if export.token.as_deref() == Some(token) && export.started > oldest {
            if export.bucket != input.s3_bucket() || export.prefix.as_deref() != input.s3_prefix() {
                return Err(Error::ExportConflict);
            }
            let (.., id): (String, String, String, String) = key.parts()?;
            return Ok(Some((id, export)));
        }
    }
    Ok(None)
}

/// A data file that is in the bucket.
struct Written {
    key: String,
    items: i64,
    md5: [u8; 16],
}

/// The files of an export.
struct Files<'a> {
    ctx: &'a Ctx,
    at: TableAddress<'a>,
    id: &'a str,
    export: &'a mut Export,
    /// Of an incremental export.
    period: Option<&'a Increment>,
    written: Vec<Written>,
}

impl Files<'_> {
    async fn write(&mut self, read: &Read, table: &Table) -> Result<(), Failure> {
        self.put("_started", Bytes::new()).await?;
        match self.period {
            Some(period) => self.write_changes(read, table, period).await?,
            None => self.write_items(read, table).await?,
        }
        self.manifests().await
    }

    /// Writes what has changed within a period.
    async fn write_changes(&mut self, read: &Read, table: &Table, period: &Increment) -> Result<(), Failure> {
        let cipher = data_key::of_table(self.ctx, table.id)?;
        let mut file = DataFile::default();
        for (key, changed) in increment::changes(read, (table.id, cipher.as_deref()), period)? {
            let line = changed.line(table, &key, (period, self.export.is_ion))?;
            file.add_line(&line, changed.size(), self.export)?;
            if file.items >= ITEMS_OF_FILE {
                self.finish(std::mem::take(&mut file)).await?;
            }
        }
        self.finish(file).await
    }

    /// Writes all items as they were at the moment.
    async fn write_items(&mut self, read: &Read, table: &Table) -> Result<(), Failure> {
        let cipher = data_key::of_table(self.ctx, table.id)?;
        let mut former = restore::former(read, table.id, self.export.moment)?;
        let mut file = DataFile::default();
        let mut range = keys::items(table.id);
        loop {
            let found = read.scan(&range, Direction::Forward, BATCH)?;
            let last = found.last().map(|(key, _)| key.clone()).filter(|_| found.len() == BATCH);
            for (key, stored) in found {
                let was = match former.remove(&keys::item_key(&key)?) {
                    None => Some(stored),
                    Some(was) => was,
                };
                if let Some(was) = was {
                    file.add(&opened(was, cipher.as_deref())?, self.export)?;
                }
            }
            if file.items >= ITEMS_OF_FILE {
                self.finish(std::mem::take(&mut file)).await?;
            }
            match last {
                Some(last) => range = range.after_key(&last),
                None => break,
            }
        }
        for was in former.into_values().flatten() {
            file.add(&opened(was, cipher.as_deref())?, self.export)?;
        }
        self.finish(file).await
    }

    /// Puts a data file into the bucket.
    async fn finish(&mut self, file: DataFile) -> Result<(), Failure> {
        if file.items == 0 {
            return Ok(());
        }
        let (items, body) = (file.items, file.into_bytes()?);
        let form = if self.export.is_ion { "ion" } else { "json" };
        let name = self.ctx.random_letters(b"abcdefghijklmnopqrstuvwxyz234567", 26);
        let md5: [u8; 16] = Md5::digest(&body).into();
        // The data of all incremental exports are in one folder.
        let folder = if self.period.is_some() { "data".to_owned() } else { format!("{}/data", self.id) };
        let key = self.put_at(&format!("{folder}/{name}.{form}.gz"), body).await?;
        self.written.push(Written { key, items, md5 });
        Ok(())
    }

    async fn manifests(&mut self) -> Result<(), Failure> {
        let line = |file: &Written| {
            let line = json!({
                "itemCount": file.items,
                "md5Checksum": STANDARD.encode(file.md5),
                "etag": hex(&file.md5),
                "dataFileS3Key": file.key,
            });
            format!("{line}\n")
        };
        let files: String = self.written.iter().map(line).collect();
        let files_key = self.put_with_checksum("manifest-files", files).await?;
        let export = &*self.export;
        let time = |micros: i64| self.ctx.iso_time(micros.div_euclid(1_000_000));
        let mut summary = json!({
            "version": "2020-06-30",
            "exportArn": arn(self.at, self.id),
            "startTime": time(export.started),
            "endTime": time(self.ctx.now().micros()),
            "tableArn": self.at.arn(),
            "tableId": export.table_uuid,
            "exportTime": time(export.moment),
            "s3Bucket": export.bucket,
            "s3Prefix": export.prefix,
            "s3SseAlgorithm": export.algorithm.as_deref().unwrap_or("AES256"),
            "s3SseKmsKeyId": export.kms_key,
            "manifestFilesS3Key": files_key,
            "billedSizeBytes": export.bytes,
            "itemCount": export.items,
            "outputFormat": format_of(export),
            "exportType": type_of(self.period),
        });
        if let (Some(period), Some(summary)) = (self.period, summary.as_object_mut()) {
            summary.remove("exportTime");
            summary.insert("version".to_owned(), json!("2023-08-01"));
            summary.insert("exportFromTime".to_owned(), json!(time(period.from)));
            summary.insert("exportToTime".to_owned(), json!(time(period.to)));
            summary.insert("outputView".to_owned(), json!(increment::view(period)));
        }
        self.put_with_checksum("manifest-summary", summary.to_string()).await.map(|_| ())
    }

    /// Puts a manifest and the digest of it. Gives the key of the manifest.
    async fn put_with_checksum(&self, name: &str, text: String) -> Result<String, Failure> {
        let checksum = STANDARD.encode(Md5::digest(&text));
        let key = self.put(&format!("{name}.json"), Bytes::from(text)).await?;
        self.put(&format!("{name}.md5"), Bytes::from(checksum)).await?;
        Ok(key)
    }

    /// Puts a file into the bucket, as the caller. Gives its key.
    async fn put(&self, name: &str, body: Bytes) -> Result<String, Failure> {
        self.put_at(&format!("{}/{name}", self.id), body).await
    }

    async fn put_at(&self, path: &str, body: Bytes) -> Result<String, Failure> {
        let prefix = self.export.prefix.as_deref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
        let key = format!("{prefix}AWSDynamoDB/{path}");
        let encryption = match self.export.algorithm.as_deref() {
            Some(api::s3_sse_algorithm::KMS) => Some("aws:kms"),
            Some(_) => Some("AES256"),
            None => None,
        };
        let mut input = s3::PutObjectInput::new()
            .with_bucket(&self.export.bucket)
            .with_key(&*key)
            .with_expected_bucket_owner(self.export.bucket_owner.as_deref())
            .with_server_side_encryption(encryption)
            .with_ssekms_key_id(self.export.kms_key.as_deref())
            .into_record();
        input.set_by_name("Body", Value::Blob(body));
        let caller = Arc::new(self.ctx.caller().clone());
        self.ctx.call::<s3::op::PutObject>(caller, s3::PutObjectInput::from_record(input)).await?;
        Ok(key)
    }
}

/// Lines of items, compressed.
struct DataFile {
    items: i64,
    encoder: GzEncoder<Vec<u8>>,
}

impl Default for DataFile {
    fn default() -> Self {
        DataFile { items: 0, encoder: GzEncoder::new(Vec::new(), Compression::default()) }
    }
}

impl DataFile {
    fn add(&mut self, stored: &StoredItem, export: &mut Export) -> Result<(), Fault> {
        let item = stored.item()?;
        let line = if export.is_ion { ion::write_line(&item) } else { lines::write_line(&item) };
        self.add_line(&line, stored.size, export)
    }

    fn add_line(&mut self, line: &str, size: u32, export: &mut Export) -> Result<(), Fault> {
        writeln!(self.encoder, "{line}").map_err(|error| Fault::with_source("an export", error))?;
        self.items += 1;
        export.items += 1;
        export.bytes += i64::from(size);
        Ok(())
    }

    fn into_bytes(self) -> Result<Bytes, Fault> {
        let bytes = self.encoder.finish().map_err(|error| Fault::with_source("an export", error))?;
        Ok(Bytes::from(bytes))
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn format_of(export: &Export) -> &'static str {
    if export.is_ion { api::export_format::ION } else { api::export_format::DYNAMODB_JSON }
}

fn type_of(period: Option<&Increment>) -> &'static str {
    if period.is_some() { api::export_type::INCREMENTAL_EXPORT } else { api::export_type::FULL_EXPORT }
}

fn arn(at: TableAddress<'_>, id: &str) -> String {
    format!("{}/export/{id}", at.arn())
}

/// Shows an export.
pub(crate) fn describe_export(
    _: &Ctx,
    txn: &Read,
    input: &api::DescribeExportInput,
) -> Result<api::DescribeExportOutput, Error> {
    let arn = input.export_arn();
    if ResourceAddress::parse(arn).is_none_or(|address| !address.rest.starts_with("export/")) {
        return Err(Error::validation("Invalid Export ARN"));
    }
    let missing = || Error::ExportNotFound { arn: arn.to_owned() };
    let address = ResourceAddress::parse(arn).ok_or_else(missing)?;
    let id = address.rest.strip_prefix("export/").ok_or_else(missing)?;
    let export = txn.get(&keys::export(address.table, id))?.ok_or_else(missing)?;
    let period = txn.get(&keys::increment(address.table, id))?;
    let description = describe(address.table, id, (&export, period.as_ref()), status(&export));
    Ok(api::DescribeExportOutput::new().with_export_description(description))
}

fn status(export: &Export) -> &'static str {
    if export.failure.is_some() { api::export_status::FAILED } else { api::export_status::COMPLETED }
}

fn describe(
    at: TableAddress<'_>,
    id: &str,
    (export, period): (&Export, Option<&Increment>),
    status: &str,
) -> api::ExportDescription {
    let description = api::ExportDescription::new()
        .with_export_arn(arn(at, id))
        .with_export_status(status)
        .with_start_time(Timestamp::from_micros(export.started))
        .with_table_arn(at.arn())
        .with_table_id(&export.table_uuid)
        .with_export_time(period.is_none().then(|| Timestamp::from_micros(export.moment)))
        .with_client_token(export.token.as_deref())
        .with_s3_bucket(&export.bucket)
        .with_s3_bucket_owner(export.bucket_owner.as_deref())
        .with_s3_prefix(export.prefix.as_deref())
        .with_s3_sse_algorithm(export.algorithm.as_deref())
        .with_s3_sse_kms_key_id(export.kms_key.as_deref())
        .with_export_format(format_of(export))
        .with_export_type(type_of(period))
        .with_incremental_export_specification(period.map(increment::describe));
    if status == api::export_status::IN_PROGRESS {
        return description;
    }
    let prefix = export.prefix.as_deref().map(|prefix| format!("{prefix}/")).unwrap_or_default();
    let manifest = format!("{prefix}AWSDynamoDB/{id}/manifest-summary.json");
    let (code, message) = export.failure.clone().unzip();
    description
        .with_end_time(Timestamp::from_micros(export.ended))
        .with_export_manifest(export.failure.is_none().then_some(manifest))
        .with_billed_size_bytes(export.bytes)
        .with_item_count(export.items)
        .with_failure_code(code)
        .with_failure_message(message)
}

/// Lists exports of one table or of all. The token is the ARN of the last one.
pub(crate) fn list_exports(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListExportsInput,
) -> Result<api::ListExportsOutput, Error> {
    let limit = usize::try_from(input.max_results().unwrap_or(PAGE)).unwrap_or(0);
    let mut range = match input.table_arn() {
        Some(arn) => keys::exports_of(TableAddress::parse(ctx, arn)?),
        None => keys::exports(ctx.account(), ctx.region()),
    };
    if let Some(token) = input.next_token() {
        let invalid = || Error::validation("Invalid NextToken");
        let last = ResourceAddress::parse(token).ok_or_else(invalid)?;
        let id = last.rest.strip_prefix("export/").ok_or_else(invalid)?;
        range = range.after_key(&keys::export(last.table, id));
    }
    let found = txn.scan(&range, Direction::Forward, limit + 1)?;
    let has_more = found.len() > limit;
    let summaries = found.into_iter().take(limit).map(|(key, export)| {
        let (account, region, name, id): (String, String, String, String) = key.parts()?;
        let at = TableAddress { account: &account, region: &region, name: &name };
        let period = txn.get(&keys::increment(at, &id))?;
        Ok(api::ExportSummary::new()
            .with_export_arn(arn(at, &id))
            .with_export_status(status(&export))
            .with_export_type(type_of(period.as_ref())))
    });
    let summaries = summaries.collect::<Result<Vec<_>, Fault>>()?;
    let last = summaries.last().and_then(api::ExportSummary::export_arn).filter(|_| has_more);
    let next = last.map(str::to_owned);
    Ok(api::ListExportsOutput::new().with_export_summaries(summaries).with_next_token(next))
}
