//! What a call of the control plane needs permission for.

use virga_kit::{Access, Condition, Ctx};
use virga_model::{Operation, Record};

use super::{condition, text};
use crate::access_point;

/// The accesses of a call of the control plane.
pub(crate) fn of_control_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let name = operation.name();
    let action = match name {
        "GetPublicAccessBlock" => "GetAccountPublicAccessBlock",
        "PutPublicAccessBlock" | "DeletePublicAccessBlock" => "PutAccountPublicAccessBlock",
        other => other,
    };
    let resource = match (text(input, "ResourceArn"), text(input, "JobId")) {
        (Some(arn), _) => Some(arn.to_owned()),
        (None, Some(job)) => Some(format!("arn:aws:s3:{}:{}:job/{job}", ctx.region(), ctx.account())),
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
    let mut access = Access::to(action, resource).looking_up(condition::look_up);
    access.owner = Some(ctx.caller().account);
    if name == "CreateAccessPoint" {
        access.conditions.push(Condition::new("s3:DataAccessPointAccount", ctx.account()));
    }
    vec![access]
}
