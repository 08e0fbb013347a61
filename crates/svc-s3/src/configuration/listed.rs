//! Configurations of which a bucket has many, each with an id: request metrics, storage class analysis, inventories,
//! archive tiers of Intelligent-Tiering. What is done with them is not here.

use virga_api::Nothing;
use virga_api::s3 as api;
use virga_kit::Ctx;
use virga_model::view::Structure;
use virga_store::{Direction, Read, Reader, Write};

use super::Kind;
use super::document::{self, Document};
use crate::{analytics, bucket, intelligent_tiering, inventory, keys};
use virga_object::listed_configuration::{check_analytics, check_inventory, check_metrics, check_tiering};
use virga_object::{Error, page_token};

/// The most configurations of a kind.
const MOST: usize = 1000;
/// Configurations on a page of a listing.
const PAGE: usize = 100;
/// The longest id.
const LONGEST_ID: usize = 64;

/// Where the configuration of a request belongs.
struct Place<'a> {
    bucket: &'a str,
    expected_owner: Option<&'a str>,
    kind: Kind,
    id: &'a str,
}

/// Keeps a configuration, in place of one with the same id.
fn put<T: Structure>(
    txn: &mut Write,
    at: &Place<'_>,
    (id, configuration): (&str, &T),
) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, at.bucket, at.expected_owner)?;
    document::check(configuration)?;
    if id != at.id {
        return Err(Error::IdMismatch);
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(is_plain) {
        return Err(Error::InvalidConfigurationId);
    }
    let is_new = txn.get(&keys::configuration::<Document>(bucket.id, at.kind, id))?.is_none();
    if is_new {
        let range = keys::configurations::<Document>(bucket.id, at.kind);
        if txn.scan_keys(&range, Direction::Forward, MOST)?.len() >= MOST {
            return Err(Error::TooManyConfigurations);
        }
    }
    super::put(txn, at.bucket, &mut bucket, (at.kind, id), &Document::of(configuration))?;
    Ok(Nothing::new())
}

/// Has reports made that are to be made regularly.
fn arm(ctx: &Ctx, txn: &mut Write, at: &Place<'_>) -> Result<(), Error> {
    let bucket = bucket::find(txn, at.bucket, at.expected_owner)?;
    match at.kind {
        Kind::Inventory => inventory::arm(ctx, txn, at.bucket, &bucket, at.id),
        Kind::Analytics => analytics::arm(ctx, txn, at.bucket, &bucket, at.id),
        Kind::IntelligentTiering => intelligent_tiering::arm(ctx, txn, at.bucket, &bucket),
        _ => Ok(()),
    }
}

/// A configuration by its id.
fn get<T: Structure>(txn: &impl Reader, at: &Place<'_>) -> Result<T, Error> {
    let bucket = bucket::find(txn, at.bucket, at.expected_owner)?;
    let found = txn.get(&keys::configuration::<Document>(bucket.id, at.kind, at.id))?;
    Ok(found.ok_or(Error::NoSuchConfiguration)?.read()?)
}

/// Removes a configuration by its id.
fn delete(txn: &mut Write, at: &Place<'_>) -> Result<Nothing, Error> {
    let mut bucket = bucket::find(txn, at.bucket, at.expected_owner)?;
    if txn.get(&keys::configuration::<Document>(bucket.id, at.kind, at.id))?.is_none() {
        return Err(Error::NoSuchConfiguration);
    }
    super::delete(txn, at.bucket, &mut bucket, (at.kind, at.id))?;
    if at.kind == Kind::Analytics {
        analytics::forget(txn, bucket.id, at.id)?;
    }
    Ok(Nothing::new())
}

/// A page of the configurations by id, and the token of the next one. `at.id` is the token of this page.
fn list<T: Structure>(txn: &impl Reader, at: &Place<'_>) -> Result<(Vec<T>, Option<String>), Error> {
    let bucket = bucket::find(txn, at.bucket, at.expected_owner)?;
    let mut range = keys::configurations::<Document>(bucket.id, at.kind);
    if !at.id.is_empty() {
        let incorrect = || Error::InvalidArgumentName {
            reason: "The continuation token provided is incorrect".to_owned(),
            argument: "continuation-token".to_owned(),
        };
        range = range.after(page_token::last(at.id).ok_or_else(incorrect)?.as_str());
    }
    let mut found = txn.scan(&range, Direction::Forward, PAGE + 1)?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let mut next = None;
    if let Some((key, _)) = found.last().filter(|_| more) {
        let (_, _, id): (u64, u8, String) = key.parts()?;
        next = Some(page_token::after(&id));
    }
    let configurations = found.iter().map(|(_, document)| document.read()).collect::<Result<_, _>>()?;
    Ok((configurations, next))
}

/// The four operations of a kind.
macro_rules! kind {
    ($what:literal, $kind:expr, $configuration:ident, $member:ident, $check:path;
     $put:ident($put_input:ident), $get:ident($get_input:ident) -> $get_output:ident, $delete:ident($delete_input:ident),
     $list:ident($list_input:ident) -> $list_output:ident, $with:ident, $with_list:ident) => {
        #[doc = concat!("Keeps ", $what, ".")]
        pub(crate) fn $put(ctx: &Ctx, txn: &mut Write, input: &api::$put_input) -> Result<Nothing, Error> {
            let at = Place {
                bucket: input.bucket(),
                expected_owner: input.expected_bucket_owner(),
                kind: $kind,
                id: input.id(),
            };
            let configuration: &api::$configuration = input.$member();
            bucket::find(txn, at.bucket, at.expected_owner)?;
            document::check(configuration)?;
            $check(configuration)?;
            let done = put(txn, &at, (configuration.id(), configuration))?;
            arm(ctx, txn, &at)?;
            Ok(done)
        }

        #[doc = concat!("Shows ", $what, ".")]
        pub(crate) fn $get(_: &Ctx, txn: &Read, input: &api::$get_input) -> Result<api::$get_output, Error> {
            let at = Place {
                bucket: input.bucket(),
                expected_owner: input.expected_bucket_owner(),
                kind: $kind,
                id: input.id(),
            };
            Ok(api::$get_output::new().$with(get::<api::$configuration>(txn, &at)?))
        }

        #[doc = concat!("Removes ", $what, ".")]
        pub(crate) fn $delete(
            _: &Ctx,
            txn: &mut Write,
            input: &api::$delete_input,
        ) -> Result<Nothing, Error> {
            let at = Place {
                bucket: input.bucket(),
                expected_owner: input.expected_bucket_owner(),
                kind: $kind,
                id: input.id(),
            };
            delete(txn, &at)
        }

        #[doc = concat!("Lists all like ", $what, ", by id.")]
        pub(crate) fn $list(
            _: &Ctx,
            txn: &Read,
            input: &api::$list_input,
        ) -> Result<api::$list_output, Error> {
            let at = Place {
                bucket: input.bucket(),
                expected_owner: input.expected_bucket_owner(),
                kind: $kind,
                id: input.continuation_token().unwrap_or_default(),
            };
            let (configurations, next) = list::<api::$configuration>(txn, &at)?;
            let configurations = (!configurations.is_empty()).then_some(configurations);
            Ok(api::$list_output::new()
                .with_is_truncated(next.is_some())
                .with_continuation_token(input.continuation_token())
                .with_next_continuation_token(next)
                .$with_list(configurations))
        }
    };
}

kind! {
    "a metrics configuration", Kind::Metrics, MetricsConfiguration, metrics_configuration, check_metrics;
    put_bucket_metrics_configuration(PutBucketMetricsConfigurationRequest),
    get_bucket_metrics_configuration(GetBucketMetricsConfigurationRequest) -> GetBucketMetricsConfigurationOutput,
    delete_bucket_metrics_configuration(DeleteBucketMetricsConfigurationRequest),
    list_bucket_metrics_configurations(ListBucketMetricsConfigurationsRequest)
        -> ListBucketMetricsConfigurationsOutput,
    with_metrics_configuration, with_metrics_configuration_list
}

kind! {
    "a storage class analysis", Kind::Analytics, AnalyticsConfiguration, analytics_configuration, check_analytics;
    put_bucket_analytics_configuration(PutBucketAnalyticsConfigurationRequest),
    get_bucket_analytics_configuration(GetBucketAnalyticsConfigurationRequest)
        -> GetBucketAnalyticsConfigurationOutput,
    delete_bucket_analytics_configuration(DeleteBucketAnalyticsConfigurationRequest),
    list_bucket_analytics_configurations(ListBucketAnalyticsConfigurationsRequest)
        -> ListBucketAnalyticsConfigurationsOutput,
    with_analytics_configuration, with_analytics_configuration_list
}

kind! {
    "an inventory", Kind::Inventory, InventoryConfiguration, inventory_configuration, check_inventory;
    put_bucket_inventory_configuration(PutBucketInventoryConfigurationRequest),
    get_bucket_inventory_configuration(GetBucketInventoryConfigurationRequest)
        -> GetBucketInventoryConfigurationOutput,
    delete_bucket_inventory_configuration(DeleteBucketInventoryConfigurationRequest),
    list_bucket_inventory_configurations(ListBucketInventoryConfigurationsRequest)
        -> ListBucketInventoryConfigurationsOutput,
    with_inventory_configuration, with_inventory_configuration_list
}

kind! {
    "an Intelligent-Tiering configuration", Kind::IntelligentTiering, IntelligentTieringConfiguration,
    intelligent_tiering_configuration, check_tiering;
    put_bucket_intelligent_tiering_configuration(PutBucketIntelligentTieringConfigurationRequest),
    get_bucket_intelligent_tiering_configuration(GetBucketIntelligentTieringConfigurationRequest)
        -> GetBucketIntelligentTieringConfigurationOutput,
    delete_bucket_intelligent_tiering_configuration(DeleteBucketIntelligentTieringConfigurationRequest),
    list_bucket_intelligent_tiering_configurations(ListBucketIntelligentTieringConfigurationsRequest)
        -> ListBucketIntelligentTieringConfigurationsOutput,
    with_intelligent_tiering_configuration, with_intelligent_tiering_configuration_list
}
