//! Multi-Region access points are made, shown, listed and removed. They belong to an account, not to a region of it.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CreatingMultiRegionAccessPoints.html>

mod policy;
mod request;
mod routes;

pub(crate) use policy::{
    get_multi_region_access_point_policy, get_multi_region_access_point_policy_status,
    put_multi_region_access_point_policy,
};
pub(crate) use request::{complete, describe_multi_region_access_point_operation};
pub(crate) use routes::{get_multi_region_access_point_routes, submit_multi_region_access_point_routes};

use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader, Write};

use super::account_public_access_block::{members, shown};
use super::{own_account, page_size, page_start};
use crate::batch::document;
use crate::records::{
    AccessPointName, MultiRegionAccessPoint, MultiRegionStatus, PublicAccessBlock, Refusal, RequestKind,
    Route,
};
use crate::{keys, warehouse};
use request::Asked;
use virga_object::multi_region::{self, ALIAS_END, ALIAS_LENGTH};
use virga_object::{Error, directory_bucket, page_token};

/// Begins to make one.
pub(crate) fn create_multi_region_access_point(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateMultiRegionAccessPointRequest,
) -> Result<api::CreateMultiRegionAccessPointResult, Error> {
    let account = own_account(ctx, input.account_id())?;
    let details = input.details();
    let asked = Asked::new(RequestKind::Create, details.name(), document(details));
    let arn = asked.once(ctx, txn, input.client_token(), |txn, asked| {
        check_new(txn, account, details)?;
        Ok(match new_routes(ctx, txn, details)? {
            Err(refusal) => asked.refused(refusal),
            Ok(routes) => asked.about(insert(ctx, txn, details, routes)?),
        })
    })?;
    Ok(api::CreateMultiRegionAccessPointResult::new().with_request_token_arn(arn))
}

/// Refuses what can't even be begun.
fn check_new(
    txn: &impl Reader,
    account: &str,
    details: &api::CreateMultiRegionAccessPointInput,
) -> Result<(), Error> {
    if !multi_region::is_name(details.name()) {
        return Err(Error::request("The specified Multi-Region Access Point name is not valid"));
    }
    match details.regions().len() {
        0 => return Err(Error::MalformedXml),
        count if count > multi_region::MOST_REGIONS => {
            return Err(Error::TooManyMultiRegionAccessPointRegions);
        }
        _ => {}
    }
    let all = keys::multi_region_access_points(account);
    match txn.scan_keys(&all, Direction::Forward, multi_region::MOST)?.len() {
        multi_region::MOST.. => Err(Error::TooManyMultiRegionAccessPoints),
        _ => Ok(()),
    }
}

/// The routes of a new one, or why there can't be such a one.
fn new_routes(
    ctx: &Ctx,
    txn: &impl Reader,
    details: &api::CreateMultiRegionAccessPointInput,
) -> Result<Result<Vec<Route>, Refusal>, Error> {
    if txn.contains(&keys::multi_region_access_point(ctx.account(), details.name()))? {
        return Ok(Err(Refusal::AlreadyOwnedByYou));
    }
    let mut routes = Vec::new();
    for asked in details.regions().iter() {
        let name = asked.bucket();
        let may_be = !directory_bucket::is_name(name) && !warehouse::is_name(name);
        let Some(bucket) = txn.get(&keys::bucket(name))?.filter(|_| may_be) else {
            return Ok(Err(Refusal::NoSuchBucket));
        };
        if asked.bucket_account_id().unwrap_or(ctx.account()) != bucket.account {
            return Ok(Err(Refusal::AccessDenied));
        }
        let (account, region) = (bucket.account, bucket.region);
        routes.push(Route { bucket: name.to_owned(), account, region, is_active: true });
    }
    Ok(multi_region::check(&routes).map(|()| routes))
}

/// Keeps a new one; its regions.
fn insert(
    ctx: &Ctx,
    txn: &mut Write,
    details: &api::CreateMultiRegionAccessPointInput,
    routes: Vec<Route>,
) -> Result<Vec<String>, Error> {
    let block = details.public_access_block().map(members);
    let block = block.map_or(PublicAccessBlock::ALL, |members| {
        PublicAccessBlock::of(members).unwrap_or(PublicAccessBlock::NONE)
    });
    let first = ctx.random_letters(b"abcdefghijklmnopqrstuvwxyz", 1);
    let rest = ctx.random_letters(b"abcdefghijklmnopqrstuvwxyz0123456789", ALIAS_LENGTH - 1);
    let alias = format!("{first}{rest}{ALIAS_END}");
    let regions = routes.iter().map(|route| route.region.clone()).collect();
    let access_point = MultiRegionAccessPoint {
        alias: alias.clone(),
        created: ctx.now().micros(),
        status: MultiRegionStatus::Creating,
        public_access_block: block,
        routes,
        proposed_policy: None,
        is_changing: false,
    };
    let (account, name) = (ctx.account().to_owned(), details.name().to_owned());
    txn.put_new(&keys::multi_region_access_point(&account, &name), &access_point)?;
    txn.put(&keys::access_point_alias(&alias), &AccessPointName { account, region: String::new(), name })?;
    Ok(regions)
}

/// Begins to remove one.
pub(crate) fn delete_multi_region_access_point(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteMultiRegionAccessPointRequest,
) -> Result<api::DeleteMultiRegionAccessPointResult, Error> {
    own_account(ctx, input.account_id())?;
    let details = input.details();
    let asked = Asked::new(RequestKind::Delete, details.name(), document(details));
    let arn = asked.once(ctx, txn, input.client_token(), |txn, asked| {
        let mut found = find(ctx, txn, details.name())?;
        if let Some(refusal) = refusal(&found) {
            return Ok(asked.refused(refusal));
        }
        found.status = MultiRegionStatus::Deleting;
        txn.put(&keys::multi_region_access_point(ctx.account(), details.name()), &found)?;
        Ok(asked.about(regions_of(&found)))
    })?;
    Ok(api::DeleteMultiRegionAccessPointResult::new().with_request_token_arn(arn))
}

/// One of the caller's account.
fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<MultiRegionAccessPoint, Error> {
    let found = txn.get(&keys::multi_region_access_point(ctx.account(), name))?;
    found.ok_or_else(|| Error::NoSuchMultiRegionAccessPoint { name: name.to_owned() })
}

/// Why one can't be changed now.
fn refusal(found: &MultiRegionAccessPoint) -> Option<Refusal> {
    match found.status {
        MultiRegionStatus::Creating | MultiRegionStatus::Deleting => Some(Refusal::NotReady),
        MultiRegionStatus::Ready => found.is_changing.then_some(Refusal::ModifiedByAnotherRequest),
    }
}

fn regions_of(found: &MultiRegionAccessPoint) -> Vec<String> {
    found.routes.iter().map(|route| route.region.clone()).collect()
}

/// One of them.
pub(crate) fn get_multi_region_access_point(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetMultiRegionAccessPointRequest,
) -> Result<api::GetMultiRegionAccessPointResult, Error> {
    own_account(ctx, input.account_id())?;
    let found = find(ctx, txn, input.name())?;
    Ok(api::GetMultiRegionAccessPointResult::new().with_access_point(report(input.name(), found)))
}

/// Those of the account, by name.
pub(crate) fn list_multi_region_access_points(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListMultiRegionAccessPointsRequest,
) -> Result<api::ListMultiRegionAccessPointsResult, Error> {
    let account = own_account(ctx, input.account_id())?;
    let limit = page_size(input.max_results());
    let mut range = keys::multi_region_access_points(account);
    if let Some(token) = input.next_token() {
        range = range.after(page_start(token)?.as_str());
    }
    let mut found = txn.scan(&range, Direction::Forward, limit + 1)?;
    let is_last = found.len() <= limit;
    found.truncate(limit);
    let mut reports = Vec::new();
    let mut last = String::new();
    for (key, found) in found {
        (_, last) = key.parts::<(String, String)>()?;
        reports.push(report(&last, found));
    }
    Ok(api::ListMultiRegionAccessPointsResult::new()
        .with_access_points(reports)
        .with_next_token((!is_last).then(|| page_token::after(&last))))
}

fn report(name: &str, found: MultiRegionAccessPoint) -> api::MultiRegionAccessPointReport {
    let status = match found.status {
        MultiRegionStatus::Creating => api::multi_region_access_point_status::CREATING,
        MultiRegionStatus::Ready => api::multi_region_access_point_status::READY,
        MultiRegionStatus::Deleting => api::multi_region_access_point_status::DELETING,
    };
    let region = |route: Route| {
        api::RegionReport::new()
            .with_bucket(route.bucket)
            .with_region(route.region)
            .with_bucket_account_id(route.account)
    };
    let regions: Vec<api::RegionReport> = found.routes.into_iter().map(region).collect();
    api::MultiRegionAccessPointReport::new()
        .with_name(name)
        .with_alias(found.alias)
        .with_created_at(Timestamp::from_micros(found.created))
        .with_public_access_block(shown(found.public_access_block))
        .with_status(status)
        .with_regions(regions)
}
