//! Access points where they are used: found by the ARN, the alias or the label of a host name that stands in the place of
//! a bucket's name.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-naming.html>

use std::borrow::Cow;

use virga_kit::{Arn, Ctx};
use virga_model::{Operation, Record};
use virga_store::{Direction, Fault, Reader};

use crate::records::{AccessPoint, AccessPointName, AccessPointScope};
use crate::{keys, multi_region};
use virga_object::{Error, action, directory_bucket, members};

/// How aliases end; no bucket may be named so.
pub(crate) const ALIAS_END: &str = "-s3alias";

/// An access point with its name.
pub(crate) struct NamedAccessPoint {
    /// Its account.
    pub(crate) account: String,
    /// Its region.
    pub(crate) region: String,
    /// Its name.
    pub(crate) name: String,
    /// The rest.
    pub(crate) access_point: AccessPoint,
}

impl NamedAccessPoint {
    /// Its ARN.
    pub(crate) fn arn(&self) -> String {
        arn(&self.account, &self.region, &self.name)
    }
}

/// The ARN of an access point.
pub(crate) fn arn(account: &str, region: &str, name: &str) -> String {
    let service = if directory_bucket::is_access_point(name) { "s3express" } else { "s3" };
    format!("arn:aws:{service}:{region}:{account}:accesspoint/{name}")
}

/// The scope of the access point that a text in the place of a bucket's name stands for, if it has one.
pub(crate) fn scope(txn: &impl Reader, given: &str) -> Result<Option<AccessPointScope>, Fault> {
    if !directory_bucket::is_access_point(given) {
        return Ok(None);
    }
    let Some(at) = txn.get(&keys::access_point_alias(given))? else { return Ok(None) };
    txn.get(&keys::access_point_scope(&at.account, &at.region, &at.name))
}

/// Whether a text in the place of a bucket's name may stand for an access point.
pub(crate) fn may_name(given: &str) -> bool {
    given.starts_with("arn:") || is_alias(given) || parts_of_host(given).is_some()
}

/// Refuses what access points are not for: to change their bucket, or to look at most of its settings.
pub(crate) fn admit(ctx: &Ctx, operation: Operation, input: &Record) -> Result<(), Error> {
    let given =
        members::text(input, "Bucket").filter(|given| may_name(given) && !multi_region::is_arn(given));
    let (Some(given), None) = (given, members::text(input, "Key")) else { return Ok(()) };
    let is_for_it = operation.name() == "CreateBucket" || action::is_through_access_points(operation.name());
    if is_for_it || named(&ctx.world().store().read()?, given)?.is_none() {
        return Ok(());
    }
    let method = operation.method().to_owned();
    Err(Error::MethodNotAllowed { method, resource_type: "ACCESS_POINT".to_owned() })
}

/// Access points of directory buckets have their name for an alias.
pub(crate) fn is_alias(given: &str) -> bool {
    given.ends_with(ALIAS_END) || directory_bucket::is_access_point(given)
}

/// The access point of an ARN, an alias or a host name; none when the text is neither, or there is no such access point.
pub(crate) fn named(txn: &impl Reader, given: &str) -> Result<Option<NamedAccessPoint>, Fault> {
    let at = match of_arn(given) {
        Some(at) if multi_region::is_arn(given) => return multi_region::named(txn, &at),
        Some(at) => at,
        None if is_alias(given) => match txn.get(&keys::access_point_alias(given))? {
            Some(at) => at,
            None => return Ok(None),
        },
        None => match of_host(txn, given)? {
            Some(at) => at,
            None => return Ok(None),
        },
    };
    let AccessPointName { account, region, name } = at;
    let found = txn.get(&keys::access_point(&account, &region, &name))?;
    Ok(found.map(|access_point| NamedAccessPoint { account, region, name, access_point }))
}

/// Whether there are access points to a bucket, in whatever account, or multi-Region ones in that of its owner.
pub(crate) fn lead_to(txn: &impl Reader, bucket: &str, owner: &str) -> Result<bool, Fault> {
    let of_owner = txn.scan(&keys::multi_region_access_points(owner), Direction::Forward, usize::MAX)?;
    if of_owner.iter().any(|(_, point)| point.routes.iter().any(|route| route.bucket == bucket)) {
        return Ok(true);
    }
    let all = txn.scan(&keys::every_access_point(), Direction::Forward, usize::MAX)?;
    Ok(all.iter().any(|(_, access_point)| access_point.bucket == bucket))
}

/// The name of the bucket that a call means.
pub(crate) fn bucket_name<'a>(txn: &impl Reader, given: &'a str) -> Result<Cow<'a, str>, Error> {
    if !may_name(given) {
        return Ok(Cow::Borrowed(given));
    }
    match (named(txn, given)?, of_arn(given)) {
        (Some(found), _) => Ok(Cow::Owned(found.access_point.bucket)),
        (None, Some(at)) if multi_region::is_arn(given) => {
            Err(Error::NoSuchMultiRegionAccessPoint { name: at.name })
        }
        (None, Some(at)) => Err(Error::NoSuchAccessPoint { name: at.name }),
        (None, None) => Ok(Cow::Borrowed(given)),
    }
}

/// Clients that know the ARN and have an endpoint of their own put `NAME-ACCOUNT` in front of it, as they put a bucket's
/// name there. A bucket of that name goes first.
fn of_host(txn: &impl Reader, given: &str) -> Result<Option<AccessPointName>, Fault> {
    let Some((name, account)) = parts_of_host(given) else { return Ok(None) };
    if txn.contains(&keys::bucket(given))? {
        return Ok(None);
    }
    for key in txn.scan_keys(&keys::access_points_of(account), Direction::Forward, usize::MAX)? {
        let (account, region, found): (String, String, String) = key.parts()?;
        if found == name {
            return Ok(Some(AccessPointName { account, region, name: found }));
        }
    }
    Ok(None)
}

/// The name and the account of `NAME-ACCOUNT`.
fn parts_of_host(given: &str) -> Option<(&str, &str)> {
    let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    given.rsplit_once('-').filter(|(name, account)| !name.is_empty() && is_account(account))
}

/// What the ARN of an access point names.
pub(crate) fn of_arn(text: &str) -> Option<AccessPointName> {
    let arn = Arn::parse(text).filter(|arn| matches!(arn.service, "s3" | "s3express"))?;
    let name =
        arn.resource.strip_prefix("accesspoint/").or_else(|| arn.resource.strip_prefix("accesspoint:"))?;
    let name = name.split('/').next()?;
    let is_of_service = (arn.service == "s3express") == directory_bucket::is_access_point(name);
    if !is_of_service {
        return None;
    }
    Some(AccessPointName {
        account: arn.account.to_owned(),
        region: arn.region.to_owned(),
        name: name.to_owned(),
    })
}
