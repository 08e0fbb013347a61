//! What a call of the control plane needs permission for.

use virga_kit::{Access, Condition, Ctx};
use virga_model::{Operation, Record, Value};
use virga_store::Reader as _;

use super::{condition, text};
use crate::{access_point, express, keys};
use virga_object::{directory_bucket, multi_region};

/// The accesses of a call of the control plane.
pub(crate) fn of_control_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let name = operation.name();
    let action = match name {
        "GetPublicAccessBlock" => "GetAccountPublicAccessBlock",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "PutAccountPublicAccessBlock",
        other => other,
    };
    if name == "ListAccessPointsForDirectoryBuckets" {
        return vec![Access::without_resource("s3express:ListAccessPointsForDirectoryBuckets")];
    }
    let has_vpc =
        (name == "CreateAccessPoint").then(|| input.by_name("VpcConfiguration").is_some_and(is_there));
    let is_for_directories = name.ends_with("AccessPointScope");
    let of_directory = |point: &&str| is_for_directories || directory_bucket::is_access_point(point);
    if let Some(point) = text(input, "Name").filter(of_directory) {
        return vec![express::to_access_point(ctx, action, point, has_vpc)];
    }
    let resource = match (text(input, "ResourceArn"), text(input, "JobId")) {
        (Some(arn), _) => Some(arn.to_owned()),
        (None, Some(job)) => Some(format!("arn:aws:s3:{}:{}:job/{job}", ctx.region(), ctx.account())),
        (None, None) if name.contains("MultiRegion") => return of_multi_region(ctx, action, input),
        (None, None) if name.contains("AccessPoint") => {
            text(input, "Name").map(|point| access_point::arn(ctx.account(), ctx.region(), point))
        }
        (None, None) => None,
    };
    if let ("CreateJob", Some(role)) = (name, text(input, "RoleArn")) {
        let passed = Condition::new("iam:PassedToService", "batchoperations.s3.amazonaws.com");
        return vec![Access::without_resource(action), Access::to("iam:PassRole", role).with(passed)];
    }
    let Some(resource) = resource else { return vec![Access::without_resource(action)] };
    let prefix = if resource.starts_with("arn:aws:s3express:") { "s3express" } else { "s3" };
    let mut access = Access::to(format!("{prefix}:{action}"), resource).looking_up(condition::look_up);
    access.owner = Some(ctx.caller().account);
    if let Some(has_vpc) = has_vpc {
        let origin = if has_vpc { "VPC" } else { "Internet" };
        access.conditions.push(Condition::new("s3:DataAccessPointAccount", ctx.account()));
        access.conditions.push(Condition::new("s3:AccessPointNetworkOrigin", origin));
    }
    vec![access]
}

fn is_there(value: &Value) -> bool {
    !matches!(value, Value::Null)
}

/// Multi-Region access points: policies know them by their aliases. Who makes or changes one has to be allowed to list
/// buckets too.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/MrapOperations.html>
fn of_multi_region(ctx: &Ctx, action: &'static str, input: &Record) -> Vec<Access> {
    let details = match input.by_name("Details") {
        Some(Value::Structure(details)) => Some(&**details),
        _ => None,
    };
    let name = text(input, "Name").or_else(|| details.and_then(|details| text(details, "Name")));
    let named = text(input, "RequestTokenARN").or_else(|| text(input, "Mrap"));
    let resource = match (named, name) {
        (Some(arn), _) => arn.to_owned(),
        (None, Some(name)) => multi_region::arn(ctx.account(), &alias(ctx, name)),
        (None, None) => return vec![Access::without_resource(action)],
    };
    let mut access = Access::to(action, resource);
    access.owner = Some(ctx.caller().account);
    let listing = details.map(|_| Access::without_resource("ListAllMyBuckets"));
    std::iter::once(access).chain(listing).collect()
}

/// The alias of the one with this name. One that is not there has none: then any will do.
fn alias(ctx: &Ctx, name: &str) -> String {
    let read = ctx.world().store().read();
    let found = read.and_then(|read| read.get(&keys::multi_region_access_point(ctx.account(), name)));
    found.ok().flatten().map_or_else(|| "*".to_owned(), |found| found.alias)
}
