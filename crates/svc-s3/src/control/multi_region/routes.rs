//! To which regions of a multi-Region access point requests go.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapFailover.html>

use virga_api::s3control as api;
use virga_kit::{Arn, Ctx};
use virga_store::{Read, Reader, Write};

use crate::control::own_account;
use crate::records::{MultiRegionAccessPoint, MultiRegionStatus};
use crate::{keys, multi_region as point};
use virga_object::Error;
use virga_object::multi_region::{self, RouteUpdate};

/// What a region has that gets requests.
const ACTIVE: i32 = 100;

/// The routes.
pub(crate) fn get_multi_region_access_point_routes(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetMultiRegionAccessPointRoutesRequest,
) -> Result<api::GetMultiRegionAccessPointRoutesResult, Error> {
    own_account(ctx, input.account_id())?;
    let (_, found) = find(ctx, txn, input.mrap())?;
    let routes: Vec<api::MultiRegionAccessPointRoute> = found
        .routes
        .into_iter()
        .map(|route| {
            api::MultiRegionAccessPointRoute::new()
                .with_bucket(route.bucket)
                .with_region(route.region)
                .with_traffic_dial_percentage(if route.is_active { ACTIVE } else { 0 })
        })
        .collect();
    let arn = multi_region::arn(ctx.account(), &found.alias);
    Ok(api::GetMultiRegionAccessPointRoutesResult::new().with_mrap(arn).with_routes(routes))
}

/// Changes some of the routes, for all requests from then on.
pub(crate) fn submit_multi_region_access_point_routes(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::SubmitMultiRegionAccessPointRoutesRequest,
) -> Result<api::SubmitMultiRegionAccessPointRoutesResult, Error> {
    own_account(ctx, input.account_id())?;
    let (name, mut found) = find(ctx, txn, input.mrap())?;
    let updates: Vec<RouteUpdate<'_>> = input
        .route_updates()
        .iter()
        .map(|update| RouteUpdate {
            bucket: update.bucket(),
            region: update.region(),
            percentage: update.traffic_dial_percentage(),
        })
        .collect();
    multi_region::update(&mut found.routes, &updates)?;
    txn.put(&keys::multi_region_access_point(ctx.account(), &name), &found)?;
    Ok(api::SubmitMultiRegionAccessPointRoutesResult::new())
}

/// The one that an ARN names, with its name. It has to be there whole.
fn find(ctx: &Ctx, txn: &impl Reader, given: &str) -> Result<(String, MultiRegionAccessPoint), Error> {
    let invalid = || Error::request("The specified Multi-Region Access Point ARN is not valid");
    let arn = Arn::parse(given).filter(|arn| arn.service == "s3" && arn.region.is_empty());
    let arn = arn.ok_or_else(invalid)?;
    let alias = arn.resource.strip_prefix("accesspoint/").ok_or_else(invalid)?;
    let found = point::by_alias(txn, alias)?.filter(|(at, found)| {
        at.account == ctx.account()
            && arn.account == ctx.account()
            && found.status == MultiRegionStatus::Ready
    });
    let missing = || Error::NoSuchMultiRegionAccessPoint { name: alias.to_owned() };
    found.map(|(at, found)| (at.name, found)).ok_or_else(missing)
}
