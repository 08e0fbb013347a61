//! The control plane: access points, what of public access an account blocks, tags of resources.

mod access_point_lifecycle;
mod access_point_policy;
mod access_point_scope;
mod account_public_access_block;
mod multi_region;
mod resource_tag;

pub(crate) use access_point_lifecycle::{
    create_access_point, delete_access_point, get_access_point, list_access_points,
    list_access_points_for_directory_buckets,
};
pub(crate) use access_point_policy::{
    delete_access_point_policy, get_access_point_policy, get_access_point_policy_status,
    put_access_point_policy,
};
pub(crate) use access_point_scope::{
    delete_access_point_scope, get_access_point_scope, put_access_point_scope,
};
pub(crate) use account_public_access_block::{
    delete_public_access_block, get_public_access_block, put_public_access_block,
};
pub(crate) use multi_region::{
    complete, create_multi_region_access_point, delete_multi_region_access_point,
    describe_multi_region_access_point_operation, get_multi_region_access_point,
    get_multi_region_access_point_policy, get_multi_region_access_point_policy_status,
    get_multi_region_access_point_routes, list_multi_region_access_points,
    put_multi_region_access_point_policy, submit_multi_region_access_point_routes,
};
pub(crate) use resource_tag::{list_tags_for_resource, tag_resource, untag_resource};

use virga_kit::Ctx;

use virga_object::{Error, page_token};

/// The most on a page of a listing.
const MOST_LISTED: i32 = 1000;

/// The account that a call is about, which has to be the caller's own.
fn own_account<'a>(ctx: &Ctx, account: &'a str) -> Result<&'a str, Error> {
    if account == ctx.account() { Ok(account) } else { Err(Error::AccessDenied) }
}

/// How many are on a page.
fn page_size(max_results: Option<i32>) -> usize {
    usize::try_from(max_results.unwrap_or(MOST_LISTED).clamp(1, MOST_LISTED)).unwrap_or(1)
}

/// The name that the page before ended with.
fn page_start(token: &str) -> Result<String, Error> {
    let invalid = || Error::request("The specified continuation token is invalid.");
    page_token::last(token).ok_or_else(invalid)
}
