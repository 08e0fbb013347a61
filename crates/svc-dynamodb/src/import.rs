//! Imports of files in Amazon S3 into a new table: DynamoDB JSON, Ion or CSV, compressed or not.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.HowItWorks.html>

use std::io::{self, Read as _};
use std::sync::Arc;

use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use ruzstd::decoding::StreamingDecoder;
use virga_api::{dynamodb as api, s3};
use virga_item::Item;
use virga_item::interchange::{csv, ion, json as lines};
use virga_kit::{Ctx, Failure};
use virga_model::view::{List, Structure as _};
use virga_model::{Record, Timestamp, Value};
use virga_store::{Direction, Fault, Read, Reader as _, Write};

use crate::access::text;
use crate::error::Error;
use crate::item::{self, Cause, ItemKey, Open};
use crate::records::{Import, Table};
use crate::rules::{ResourceAddress, TableAddress, TableDefinition};
use crate::table::{new_table, put_new_table};
use crate::{data_key, encryption, keys, table_key};

/// Items that one transaction writes.
const BATCH: usize = 100;
/// Bytes of a file when it is decompressed.
const MOST_BYTES: u64 = 256 << 20;
/// Imports in a page of a listing, when nothing is said.
const PAGE: i32 = 25;
/// Members of a new table, which have the same names in `CreateTable`.
const MEMBERS: [&str; 8] = [
    "TableName",
    "AttributeDefinitions",
    "KeySchema",
    "BillingMode",
    "ProvisionedThroughput",
    "OnDemandThroughput",
    "SSESpecification",
    "GlobalSecondaryIndexes",
];

/// Imports files into a new table. The items are there when the answer leaves.
pub(crate) async fn import_table(
    ctx: &Ctx,
    input: &api::ImportTableInput,
) -> Result<api::ImportTableOutput, Failure> {
    let parameters = input.table_creation_parameters();
    let at = TableAddress::parse(ctx, parameters.table_name())?;
    let mut wanted = api::CreateTableInput::new().into_record();
    for member in MEMBERS {
        let value = parameters.as_record().by_name(member).cloned().unwrap_or_default();
        wanted.set_by_name(member, value);
    }
    let wanted = api::CreateTableInput::from_record(wanted);
    let definition = TableDefinition::read(&wanted)?;
    let (table, mut details) = new_table(ctx, &definition);
    let taken = ctx.transact(|txn| txn.contains(&keys::table(at))).await?;
    if taken {
        return Err(Error::ResourceInUse { reason: format!("Table already exists: {}", at.name) }.into());
    }
    let specification = wanted.sse_specification();
    details.kms_key =
        ctx.transact(|txn| encryption::key_of(ctx, txn, at.region, specification, None)).await?;
    if let Some(key) = &details.kms_key {
        ctx.transact(|txn| table_key::set(ctx, txn, at, table.id, Some(key))).await?;
    }
    let cipher = data_key::of_table(ctx, table.id)?;
    let now = ctx.now().micros();
    let source = input.s3_bucket_source();
    let mut import = Import {
        table_uuid: details.uuid.clone(),
        started: now,
        ended: now,
        bucket: source.s3_bucket().to_owned(),
        bucket_owner: source.s3_bucket_owner().map(str::to_owned),
        prefix: source.s3_key_prefix().map(str::to_owned),
        format: input.input_format().to_owned(),
        compression: input.input_compression_type().unwrap_or(api::input_compression_type::NONE).to_owned(),
        token: input.client_token().map(str::to_owned),
        bytes: 0,
        processed: 0,
        imported: 0,
        errors: 0,
        failure: None,
    };
    let mut importing = Importing {
        ctx,
        open: Open { at, table: &table, cipher: cipher.as_deref() },
        input,
        import: &mut import,
    };
    // What S3 refuses ends the import: its description tells.
    match importing.run().await {
        Ok(()) => {}
        Err(Failure::Api(error)) => {
            import.failure = Some((error.code.to_string(), error.message.to_string()));
        }
        Err(fault) => return Err(fault),
    }
    import.ended = ctx.now().micros();
    let id = format!("{:014}-{:08x}", now / 1000, ctx.random() as u32);
    ctx.transact(|txn: &mut Write| {
        if import.failure.is_none() {
            put_new_table(ctx, txn, at, &mut table.clone(), &mut details.clone(), None)?;
        }
        txn.put_new(&keys::import(at, &id), &import)?;
        Ok::<_, Failure>(())
    })
    .await?;
    let description = describe(at, &id, &import, api::import_status::IN_PROGRESS)
        .with_table_creation_parameters(parameters.clone());
    Ok(api::ImportTableOutput::new().with_import_table_description(description))
}

/// An import under way.
struct Importing<'a> {
    ctx: &'a Ctx,
    open: Open<'a>,
    input: &'a api::ImportTableInput,
    import: &'a mut Import,
}

impl Importing<'_> {
    async fn run(&mut self) -> Result<(), Failure> {
        let mut token: Option<String> = None;
        loop {
            let input = s3::ListObjectsV2Input::new()
                .with_bucket(&self.import.bucket)
                .with_prefix(self.import.prefix.as_deref())
                .with_expected_bucket_owner(self.import.bucket_owner.as_deref())
                .with_continuation_token(token.as_deref());
            let page = self.ctx.call::<s3::op::ListObjectsV2>(self.caller(), input).await?;
            let keys = page.contents().into_iter().flat_map(List::iter).filter_map(s3::Object::key);
            let keys: Vec<String> = keys.filter(|key| !key.ends_with('/')).map(str::to_owned).collect();
            for key in &keys {
                self.file(key).await?;
            }
            token = page.next_continuation_token().map(str::to_owned);
            if token.is_none() {
                return Ok(());
            }
        }
    }

    fn caller(&self) -> Arc<virga_iam::Caller> {
        Arc::new(self.ctx.caller().clone())
    }

    /// Imports one file.
    async fn file(&mut self, key: &str) -> Result<(), Failure> {
        let input = s3::GetObjectInput::new()
            .with_bucket(&self.import.bucket)
            .with_key(key)
            .with_expected_bucket_owner(self.import.bucket_owner.as_deref());
        let found = self.ctx.call::<s3::op::GetObject>(self.caller(), input).await?.into_record();
        let body = match found.by_name("Body") {
            Some(Value::Blob(bytes)) => bytes.clone(),
            _ => Bytes::new(),
        };
        self.import.bytes += body.len() as i64;
        let text = self.decompressed(&body)?;
        let mut items: Vec<(ItemKey, Item)> = Vec::new();
        for item in self.parsed(&text) {
            self.import.processed += 1;
            match item.and_then(|item| self.checked(item)) {
                Some(item) => items.push(item),
                None => self.import.errors += 1,
            }
        }
        for some in items.chunks(BATCH) {
            self.ctx
                .transact(|txn| {
                    for (key, item) in some {
                        let old = item::find(txn, &self.open, key)?;
                        item::write(self.ctx, txn, &self.open, key, old.as_ref(), Some(item), Cause::Call)?;
                    }
                    Ok::<_, Failure>(())
                })
                .await?;
            self.import.imported += some.len() as i64;
        }
        Ok(())
    }

    fn decompressed(&self, body: &[u8]) -> Result<String, Failure> {
        let mut text = Vec::new();
        let result = match self.import.compression.as_str() {
            api::input_compression_type::GZIP => {
                MultiGzDecoder::new(body).take(MOST_BYTES).read_to_end(&mut text)
            }
            api::input_compression_type::ZSTD => read_zstd(body, &mut text),
            _ => body.take(MOST_BYTES).read_to_end(&mut text),
        };
        let text = result.ok().and_then(|_| String::from_utf8(text).ok());
        Ok(text.ok_or_else(|| Error::validation("The input file can't be read in the given format"))?)
    }

    /// The items of a text; none in place of those that can't be read.
    fn parsed(&self, text: &str) -> Vec<Option<Item>> {
        match self.import.format.as_str() {
            api::input_format::ION => match ion::read(text) {
                Ok(items) => items.into_iter().map(Some).collect(),
                Err(_) => vec![None],
            },
            api::input_format::CSV => self.parsed_csv(text),
            _ => {
                let filled = text.lines().filter(|line| !line.trim().is_empty());
                filled.map(|line| lines::read_line(line).ok()).collect()
            }
        }
    }

    fn parsed_csv(&self, text: &str) -> Vec<Option<Item>> {
        let options = self.input.input_format_options().and_then(api::InputFormatOptions::csv);
        let delimiter = options.and_then(api::CsvOptions::delimiter).and_then(|text| text.chars().next());
        let mut rows = csv::Rows::new(text, delimiter.unwrap_or(','));
        let given: Option<Vec<String>> = options
            .and_then(api::CsvOptions::header_list)
            .map(|list| list.iter().map(str::to_owned).collect());
        let columns = match given {
            Some(columns) => columns,
            None => match rows.next() {
                Some(Ok(columns)) => columns,
                _ => return Vec::new(),
            },
        };
        let table: &Table = self.open.table;
        let kind = |name: &str| {
            let is_key = table.attributes.iter().any(|(known, _)| known == name);
            is_key.then(|| table.type_of(name).attribute_type())
        };
        rows.map(|row| csv::item(&columns, row.ok()?, kind).ok()).collect()
    }

    /// An item that the table takes, with its key.
    fn checked(&self, item: Item) -> Option<(ItemKey, Item)> {
        item::check_new(self.open.table, &item).ok().map(|key| (key, item))
    }
}

/// Reads the frames of a file, one after the other.
fn read_zstd(mut body: &[u8], text: &mut Vec<u8>) -> io::Result<usize> {
    while !body.is_empty() && (text.len() as u64) < MOST_BYTES {
        let left = MOST_BYTES - text.len() as u64;
        let frame = StreamingDecoder::new(&mut body).map_err(io::Error::other)?;
        frame.take(left).read_to_end(text)?;
    }
    Ok(text.len())
}

fn arn(at: TableAddress<'_>, id: &str) -> String {
    format!("{}/import/{id}", at.arn())
}

fn status(import: &Import) -> &'static str {
    if import.failure.is_some() { api::import_status::FAILED } else { api::import_status::COMPLETED }
}

fn source(import: &Import) -> api::S3BucketSource {
    api::S3BucketSource::new()
        .with_s3_bucket(&import.bucket)
        .with_s3_bucket_owner(import.bucket_owner.as_deref())
        .with_s3_key_prefix(import.prefix.as_deref())
}

fn describe(at: TableAddress<'_>, id: &str, import: &Import, status: &str) -> api::ImportTableDescription {
    let description = api::ImportTableDescription::new()
        .with_import_arn(arn(at, id))
        .with_import_status(status)
        .with_table_arn(at.arn())
        .with_table_id(&import.table_uuid)
        .with_client_token(import.token.as_deref())
        .with_s3_bucket_source(source(import))
        .with_input_format(&import.format)
        .with_input_compression_type(&import.compression)
        .with_start_time(Timestamp::from_micros(import.started));
    if status == api::import_status::IN_PROGRESS {
        return description;
    }
    let (code, message) = import.failure.clone().unzip();
    description
        .with_end_time(Timestamp::from_micros(import.ended))
        .with_processed_size_bytes(import.bytes)
        .with_processed_item_count(import.processed)
        .with_imported_item_count(import.imported)
        .with_error_count(import.errors)
        .with_failure_code(code)
        .with_failure_message(message)
}

/// Shows an import.
pub(crate) fn describe_import(
    _: &Ctx,
    txn: &Read,
    input: &api::DescribeImportInput,
) -> Result<api::DescribeImportOutput, Error> {
    let arn = input.import_arn();
    if ResourceAddress::parse(arn).is_none_or(|address| !address.rest.starts_with("import/")) {
        return Err(Error::validation("Invalid Import ARN"));
    }
    let missing = || Error::ImportNotFound { arn: arn.to_owned() };
    let address = ResourceAddress::parse(arn).ok_or_else(missing)?;
    let id = address.rest.strip_prefix("import/").ok_or_else(missing)?;
    let import = txn.get(&keys::import(address.table, id))?.ok_or_else(missing)?;
    let description = describe(address.table, id, &import, status(&import));
    Ok(api::DescribeImportOutput::new().with_import_table_description(description))
}

/// Lists imports into one table or all.
pub(crate) fn list_imports(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListImportsInput,
) -> Result<api::ListImportsOutput, Error> {
    let limit = usize::try_from(input.page_size().unwrap_or(PAGE)).unwrap_or(0);
    let named = input.table_arn().map(|arn| TableAddress::parse(ctx, arn)).transpose()?;
    let range = match named {
        Some(at) => keys::imports_of(at),
        None => keys::imports(ctx.account(), ctx.region()),
    };
    // Tokens have the form that the model gives them: the number of entries before, in hexadecimal digits.
    let before =
        input.next_token().and_then(|token| usize::from_str_radix(token.trim_start_matches('0'), 16).ok());
    let before = before.unwrap_or(0);
    let found = txn.scan(&range, Direction::Forward, usize::MAX)?;
    let has_more = found.len() > before + limit;
    let summaries = found.into_iter().skip(before).take(limit).map(|(key, import)| {
        let (account, region, name, id): (String, String, String, String) = key.parts()?;
        let at = TableAddress { account: &account, region: &region, name: &name };
        Ok(api::ImportSummary::new()
            .with_import_arn(arn(at, &id))
            .with_import_status(status(&import))
            .with_table_arn(at.arn())
            .with_s3_bucket_source(source(&import))
            .with_input_format(&import.format)
            .with_start_time(Timestamp::from_micros(import.started))
            .with_end_time(Timestamp::from_micros(import.ended)))
    });
    let summaries = summaries.collect::<Result<Vec<_>, Fault>>()?;
    let next = has_more.then(|| format!("{:0112x}", before + limit));
    Ok(api::ListImportsOutput::new().with_import_summary_list(summaries).with_next_token(next))
}

/// The table that an import makes, for its permissions.
pub(crate) fn target(input: &Record) -> Option<&str> {
    match input.by_name("TableCreationParameters") {
        Some(Value::Structure(parameters)) => text(parameters, "TableName"),
        _ => None,
    }
}
