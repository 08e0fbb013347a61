//! Access points are made, shown, listed and removed.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/creating-access-points.html>

use virga_api::Nothing;
use virga_api::s3control as api;
use virga_kit::Ctx;
use virga_model::Timestamp;
use virga_store::{Direction, Read, Reader, Write};

use super::account_public_access_block::{members, shown};
use super::{access_point_scope, own_account, page_size, page_start, resource_tag};
use crate::access_point::{self, ALIAS_END};
use crate::records::{AccessPoint, AccessPointName, PublicAccessBlock};
use crate::{keys, warehouse};
use virga_object::{Error, directory_bucket, page_token};

/// The most access points of an account in a region.
const MOST: usize = 10_000;
/// Letters that make an alias unique, and how much of the name comes before them.
const ALIAS_LETTERS: usize = 34;
const ALIAS_NAME: usize = 20;
const ALIAS_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";

/// Makes an access point for a bucket, which may be another account's.
pub(crate) fn create_access_point(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::CreateAccessPointRequest,
) -> Result<api::CreateAccessPointResult, Error> {
    let account = own_account(ctx, input.account_id())?;
    let name = input.name();
    let zone = directory_bucket::zone_of_access_point(name);
    if zone != directory_bucket::zone(input.bucket()) || (zone.is_none() && !is_valid_name(name)) {
        return Err(Error::InvalidUri { uri: format!("accesspoint/{name}") });
    }
    if input.scope().is_some() && zone.is_none() {
        return Err(Error::request(
            "Scope is only supported for access points attached to directory buckets.",
        ));
    }
    let bucket = txn.get(&keys::bucket(input.bucket()))?;
    let bucket = bucket
        .filter(|bucket| bucket.region == ctx.region() && !warehouse::is_name(input.bucket()))
        .ok_or_else(|| Error::request("Amazon S3 AccessPoint can only be created for existing bucket"))?;
    let said = input.bucket_account_id().unwrap_or(account);
    if said != bucket.account {
        return Err(Error::AccessDenied);
    }
    let key = keys::access_point(account, ctx.region(), name);
    if txn.get(&key)?.is_some() {
        return Err(Error::AccessPointAlreadyOwnedByYou);
    }
    let others = keys::access_points(account, ctx.region());
    if txn.scan_keys(&others, Direction::Forward, MOST)?.len() >= MOST {
        return Err(Error::TooManyAccessPoints);
    }
    let block = input.public_access_block_configuration().map(members);
    let block = block.map_or(PublicAccessBlock::ALL, |members| {
        PublicAccessBlock::of(members).unwrap_or(PublicAccessBlock::NONE)
    });
    let alias = new_alias(ctx, txn, name)?;
    let access_point = AccessPoint {
        bucket: input.bucket().to_owned(),
        bucket_account: bucket.account,
        vpc_id: input.vpc_configuration().map(|vpc| vpc.vpc_id().to_owned()),
        public_access_block: block,
        created: ctx.now().micros(),
        alias: alias.clone(),
        tags: resource_tag::given(input.tags())?,
    };
    txn.put(&key, &access_point)?;
    if let Some(scope) = input.scope() {
        access_point_scope::set(txn, (account, ctx.region(), name), scope)?;
    }
    let at = AccessPointName {
        account: account.to_owned(),
        region: ctx.region().to_owned(),
        name: name.to_owned(),
    };
    txn.put(&keys::access_point_alias(&alias), &at)?;
    let arn = access_point::arn(account, ctx.region(), name);
    Ok(api::CreateAccessPointResult::new().with_access_point_arn(arn).with_alias(alias))
}

/// The alias of a new access point. That of a directory bucket is its name, which is unique within the zone.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-directory-buckets-naming.html>
fn new_alias(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<String, Error> {
    if directory_bucket::is_access_point(name) {
        return match txn.contains(&keys::access_point_alias(name))? {
            true => Err(Error::request("An access point of this name already exists in the zone.")),
            false => Ok(name.to_owned()),
        };
    }
    let letters = ctx.random_letters(ALIAS_ALPHABET, ALIAS_LETTERS);
    let start = name.get(..ALIAS_NAME).unwrap_or(name).trim_end_matches('-');
    Ok(format!("{start}-{letters}{ALIAS_END}"))
}

/// Three to fifty small letters, digits and hyphens, not at the ends; nothing that means something else.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/creating-access-points.html#access-points-names>
fn is_valid_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=50).contains(&name.len())
        && name.bytes().all(|byte| plain(byte) || byte == b'-')
        && !name.starts_with('-')
        && !name.ends_with('-')
        && !name.starts_with("xn--")
        && ![ALIAS_END, "--ol-s3", "--xa-s3"].iter().any(|end| name.ends_with(end))
}

/// An access point of the caller's account.
pub(super) fn find(ctx: &Ctx, txn: &impl Reader, name: &str) -> Result<AccessPoint, Error> {
    let name = name.rsplit('/').next().unwrap_or(name);
    let found = txn.get(&keys::access_point(ctx.account(), ctx.region(), name))?;
    found.ok_or_else(|| Error::NoSuchAccessPoint { name: name.to_owned() })
}

/// An access point.
pub(crate) fn get_access_point(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetAccessPointRequest,
) -> Result<api::GetAccessPointResult, Error> {
    let account = own_account(ctx, input.account_id())?;
    let found = find(ctx, txn, input.name())?;
    let name = input.name().rsplit('/').next().unwrap_or_default();
    let region = ctx.region();
    Ok(api::GetAccessPointResult::new()
        .with_name(name)
        .with_bucket(found.bucket)
        .with_network_origin(network_origin(found.vpc_id.as_deref()))
        .with_vpc_configuration(found.vpc_id.map(|id| api::VpcConfiguration::new().with_vpc_id(id)))
        .with_public_access_block_configuration(shown(found.public_access_block))
        .with_creation_date(Timestamp::from_micros(found.created))
        .with_alias(found.alias)
        .with_access_point_arn(access_point::arn(account, region, name))
        .with_endpoints(endpoints(name, region))
        .with_bucket_account_id(found.bucket_account))
}

/// Where it is used. Those of directory buckets have the endpoints of the zone.
fn endpoints(name: &str, region: &str) -> Vec<(&'static str, String)> {
    if let Some(zone) = directory_bucket::zone_of_access_point(name) {
        return vec![("ipv4", format!("s3express-{zone}.{region}.amazonaws.com"))];
    }
    [("ipv4", ""), ("dualstack", ".dualstack"), ("fips", "-fips"), ("fips_dualstack", "-fips.dualstack")]
        .into_iter()
        .map(|(kind, infix)| (kind, format!("s3-accesspoint{infix}.{region}.amazonaws.com")))
        .collect()
}

fn network_origin(vpc_id: Option<&str>) -> &'static str {
    if vpc_id.is_some() { api::network_origin::VPC } else { api::network_origin::INTERNET }
}

/// Removes an access point with its policy.
pub(crate) fn delete_access_point(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteAccessPointRequest,
) -> Result<Nothing, Error> {
    let account = own_account(ctx, input.account_id())?;
    let found = find(ctx, txn, input.name())?;
    txn.delete(&keys::access_point(account, ctx.region(), input.name()))?;
    txn.delete(&keys::access_point_alias(&found.alias))?;
    txn.delete(&keys::access_point_scope(account, ctx.region(), input.name()))?;
    ctx.delete_resource_policy(txn, &access_point::arn(account, ctx.region(), input.name()))?;
    Ok(Nothing::new())
}

/// The sources of data whose access points are listed: all that there are here are buckets.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_ListAccessPoints.html>
const OF_BUCKETS: [&str; 2] = ["ALL", "S3"];

/// The access points of the account in the region, or those for a bucket, by name. Those of directory buckets have a list
/// of their own, and no access point of a bucket has a source with an id.
pub(crate) fn list_access_points(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListAccessPointsRequest,
) -> Result<api::ListAccessPointsResult, Error> {
    own_account(ctx, input.account_id())?;
    let is_of_bucket = input.data_source_type().is_none_or(|asked| OF_BUCKETS.contains(&asked))
        && input.data_source_id().is_none();
    let (listed, token) = page(ctx, txn, (input.next_token(), input.max_results()), |name, found| {
        is_of_bucket
            && !directory_bucket::is_access_point(name)
            && input.bucket().is_none_or(|bucket| bucket == found.bucket)
    })?;
    Ok(api::ListAccessPointsResult::new().with_access_point_list(listed).with_next_token(token))
}

/// The access points of directory buckets of the account in the region, or those for one, by name.
pub(crate) fn list_access_points_for_directory_buckets(
    ctx: &Ctx,
    txn: &Read,
    input: &api::ListAccessPointsForDirectoryBucketsRequest,
) -> Result<api::ListAccessPointsForDirectoryBucketsResult, Error> {
    own_account(ctx, input.account_id())?;
    let (listed, token) = page(ctx, txn, (input.next_token(), input.max_results()), |name, found| {
        directory_bucket::is_access_point(name)
            && input.directory_bucket().is_none_or(|bucket| bucket == found.bucket)
    })?;
    Ok(api::ListAccessPointsForDirectoryBucketsResult::new()
        .with_access_point_list(listed)
        .with_next_token(token))
}

/// A page of those access points that are wanted, and the token of the next.
fn page(
    ctx: &Ctx,
    txn: &Read,
    (token, max_results): (Option<&str>, Option<i32>),
    is_wanted: impl Fn(&str, &AccessPoint) -> bool,
) -> Result<(Vec<api::AccessPoint>, Option<String>), Error> {
    let (account, region) = (ctx.account(), ctx.region());
    let limit = page_size(max_results);
    let mut range = keys::access_points(account, region);
    if let Some(token) = token {
        range = range.after(page_start(token)?.as_str());
    }
    let mut listed: Vec<api::AccessPoint> = Vec::new();
    for (key, found) in txn.scan(&range, Direction::Forward, MOST)? {
        let (_, _, name): (String, String, String) = key.parts()?;
        if !is_wanted(&name, &found) {
            continue;
        }
        if listed.len() == limit {
            let token = listed.last().map(|last| page_token::after(last.name()));
            return Ok((listed, token));
        }
        listed.push(entry(account, region, &name, found));
    }
    Ok((listed, None))
}

fn entry(account: &str, region: &str, name: &str, found: AccessPoint) -> api::AccessPoint {
    api::AccessPoint::new()
        .with_name(name)
        .with_network_origin(network_origin(found.vpc_id.as_deref()))
        .with_vpc_configuration(found.vpc_id.map(|id| api::VpcConfiguration::new().with_vpc_id(id)))
        .with_bucket(found.bucket)
        .with_access_point_arn(access_point::arn(account, region, name))
        .with_alias(found.alias)
        .with_bucket_account_id(found.bucket_account)
}

#[cfg(test)]
mod tests {
    use super::is_valid_name;

    #[test]
    fn names() {
        for (name, expected) in [
            ("my-point", true),
            ("a1b", true),
            ("sa", false),
            ("xn-_test-alias", false),
            ("-abc", false),
            ("Abc", false),
            ("abc-s3alias", false),
        ] {
            assert_eq!(is_valid_name(name), expected, "{name}");
        }
    }
}
