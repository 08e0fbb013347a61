//! Multi-Region access points where they are used: requests to one go to a bucket of an active region.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRequests.html>

use virga_iam::Principal;
use virga_kit::{Arn, Call, Ctx, World};
use virga_model::{Operation, Record, Text, Value};
use virga_store::{Fault, Reader};

use crate::access_point::{self, NamedAccessPoint};
use crate::keys;
use crate::records::{AccessPoint, AccessPointName, MultiRegionAccessPoint, MultiRegionStatus};
use virga_object::copy_source::CopySource;
use virga_object::multi_region::{self, ALIAS_END};
use virga_object::{Error, members};

/// Whether a text in the place of a bucket's name is the ARN of one.
pub(crate) fn is_arn(given: &str) -> bool {
    given.starts_with("arn:") && given.ends_with(ALIAS_END)
}

/// The one with an alias, with its account and its name.
pub(crate) fn by_alias(
    txn: &impl Reader,
    alias: &str,
) -> Result<Option<(AccessPointName, MultiRegionAccessPoint)>, Fault> {
    let Some(at) = txn.get(&keys::access_point_alias(alias))? else { return Ok(None) };
    let found = txn.get(&keys::multi_region_access_point(&at.account, &at.name))?;
    Ok(found.map(|found| (at, found)))
}

/// The one with an alias that an account owns, or any account where none is named, if it can be used.
fn ready(
    txn: &impl Reader,
    alias: &str,
    account: &str,
) -> Result<Option<(AccessPointName, MultiRegionAccessPoint)>, Fault> {
    let found = by_alias(txn, alias)?.filter(|(at, found)| {
        found.status == MultiRegionStatus::Ready && (account.is_empty() || account == at.account)
    });
    Ok(found)
}

/// Finds the way of a call: it is done in the region where its bucket is, and names that region from then on, so that
/// what is under way stays there when routes change.
pub(crate) fn route(world: &World, call: &mut Call) {
    let Some(given) = members::text(&call.input, "Bucket").filter(|given| is_arn(given)) else { return };
    let Some(at) = access_point::of_arn(given) else { return };
    // A store that fails lets the call fail too, for the same reason.
    let found = world.store().read().and_then(|read| ready(&read, &at.name, &at.account));
    let Ok(Some((owner, found))) = found else { return };
    let Some(route) = multi_region::nearest(&found.routes, &call.region) else { return };
    let account = &*owner.account;
    let arn = format!("arn:aws:s3:{}:{account}:accesspoint/{}", route.region, found.alias);
    call.region = Text::from(&*route.region);
    call.input.set_by_name("Bucket", Value::String(Text::from(arn)));
}

/// The access point that the ARN of a call that has found its way stands for.
pub(crate) fn named(txn: &impl Reader, at: &AccessPointName) -> Result<Option<NamedAccessPoint>, Fault> {
    let Some((owner, found)) = ready(txn, &at.name, &at.account)? else { return Ok(None) };
    let Some(route) = found.routes.iter().find(|route| route.region == at.region) else { return Ok(None) };
    let access_point = AccessPoint {
        bucket: route.bucket.clone(),
        bucket_account: route.account.clone(),
        vpc_id: None,
        public_access_block: found.public_access_block,
        created: found.created,
        alias: found.alias.clone(),
        tags: Vec::new(),
    };
    Ok(Some(NamedAccessPoint {
        account: owner.account,
        region: String::new(),
        name: found.alias,
        access_point,
    }))
}

/// The ARN by which policies name one, as a call in this region means it.
pub(crate) fn as_called(ctx: &Ctx, arn: &str) -> String {
    let called = Arn::parse(arn).filter(|arn| arn.region.is_empty());
    called.map_or_else(|| arn.to_owned(), |arn| Arn { region: ctx.region(), ..arn }.to_string())
}

/// Refuses what can't be done through one: most operations on buckets, copies from one, and all that nobody signed.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MultiRegionAccessPointRestrictions.html>
pub(crate) fn admit(ctx: &Ctx, operation: Operation, input: &Record) -> Result<(), Error> {
    if let Some(source) = members::text(input, "CopySource").filter(|source| source.contains(ALIAS_END))
        && CopySource::parse(source).is_ok_and(|source| is_arn(&source.bucket))
    {
        let argument = "x-amz-copy-source";
        return Err(Error::argument("Invalid copy source bucket name", argument, argument));
    }
    if !members::text(input, "Bucket").is_some_and(is_arn) {
        return Ok(());
    }
    // Browsers ask before they sign anything, and hear the rules of the bucket.
    if ctx.origin().plane.is_none() && ctx.caller().principal == Principal::Anonymous {
        return Err(Error::AccessDenied);
    }
    match ctx.origin().plane.is_some() || multi_region::supports(operation.name()) {
        true => Ok(()),
        false => Err(Error::MethodNotAllowed {
            method: operation.method().to_owned(),
            resource_type: "MULTI_REGION_ACCESS_POINT".to_owned(),
        }),
    }
}
