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

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader, Write};

use super::account_public_access_block::{members, shown};
use super::own_account;
use crate::batch::document;
use crate::records::{
    AccessPointName, MultiRegionAccessPoint, MultiRegionStatus, PublicAccessBlock, Refusal, RequestKind,
    Route,
};
use crate::{keys, warehouse};
use request::Asked;
use virga_object::multi_region::{self, ALIAS_END, ALIAS_LENGTH};
use virga_object::{Error, directory_bucket};

/// The most on a page of a listing.
const MOST_LISTED: i32 = 1000;

/// Begins to make one.
pub(crate) fn create_multi_region_access_point(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateMultiRegionAccessPointRequest,
) -> Result<api::CreateMultiRegionAccessPointResult, Error> {
    let account = own_account(ctx, input.account_id())?;
    let details = input.details();
    let asked = Asked::new(RequestKind::Create, details.name(), document(details));
    let done = |arn| api::CreateMultiRegionAccessPointResult::new().with_request_token_arn(arn);
    if let Some(arn) = asked.known(ctx, txn, input.client_token())? {
        return Ok(done(arn));
    }
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
    if txn.scan_keys(&all, Direction::Forward, multi_region::MOST)?.len() >= multi_region::MOST {
        return Err(Error::TooManyMultiRegionAccessPoints);
    }
    let regions = match new_routes(ctx, txn, details)? {
        Err(refusal) => return Ok(done(asked.refused(refusal).begin(ctx, txn, input.client_token())?)),
        Ok(routes) => insert(ctx, txn, details, routes)?,
    };
    Ok(done(asked.about(regions).begin(ctx, txn, input.client_token())?))
}

/// The routes of a new one, or why there can't be such a one.
fn new_routes(
    ctx: &Ctx,
    txn: &impl Reader,
    details: &api::CreateMultiRegionAccessPointInput,
) -> Result<Result<Vec<Route>, Refusal>, Error> {
    if txn.get(&keys::multi_region_access_point(ctx.account(), details.name()))?.is_some() {
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
    let arn = match asked.known(ctx, txn, input.client_token())? {
        Some(arn) => arn,
        None => {
            let mut found = find(ctx, txn, details.name())?;
            let asked = match refusal(&found) {
                Some(refusal) => asked.refused(refusal),
                None => {
                    found.status = MultiRegionStatus::Deleting;
                    txn.put(&keys::multi_region_access_point(ctx.account(), details.name()), &found)?;
                    asked.about(regions_of(&found))
                }
            };
            asked.begin(ctx, txn, input.client_token())?
        }
    };
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
    let limit =
        usize::try_from(input.max_results().unwrap_or(MOST_LISTED).clamp(1, MOST_LISTED)).unwrap_or(1);
    let mut range = keys::multi_region_access_points(account);
    if let Some(token) = input.next_token() {
        let last = URL_SAFE_NO_PAD.decode(token).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let invalid = || Error::request("The specified continuation token is invalid.");
        range = range.after(last.ok_or_else(invalid)?.as_str());
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
        .with_next_token((!is_last).then(|| URL_SAFE_NO_PAD.encode(last))))
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
