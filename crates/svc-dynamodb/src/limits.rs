//! Quotas of the account, and where DynamoDB is found.

use virga_api::dynamodb as api;
use virga_kit::Ctx;
use virga_store::Read;

use crate::error::Error;

/// Units of an account in a region, by default.
const ACCOUNT_UNITS: i64 = 80_000;
/// Units of a table, by default.
const TABLE_UNITS: i64 = 40_000;
/// How long clients may remember an endpoint.
const CACHE_MINUTES: i64 = 1440;

/// Shows the quotas.
pub(crate) fn describe_limits(
    _: &Ctx,
    _: &Read,
    _: &api::DescribeLimitsInput,
) -> Result<api::DescribeLimitsOutput, Error> {
    Ok(api::DescribeLimitsOutput::new()
        .with_account_max_read_capacity_units(ACCOUNT_UNITS)
        .with_account_max_write_capacity_units(ACCOUNT_UNITS)
        .with_table_max_read_capacity_units(TABLE_UNITS)
        .with_table_max_write_capacity_units(TABLE_UNITS))
}

/// Shows the address that clients discover: the one that they have called.
pub(crate) fn describe_endpoints(
    ctx: &Ctx,
    _: &Read,
    _: &api::DescribeEndpointsInput,
) -> Result<api::DescribeEndpointsOutput, Error> {
    let endpoint =
        api::Endpoint::new().with_address(&*ctx.endpoint().host).with_cache_period_in_minutes(CACHE_MINUTES);
    Ok(api::DescribeEndpointsOutput::new().with_endpoints(vec![endpoint]))
}
