//! What a call needs permission for: actions and the ARNs of clusters.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodbacceleratordax.html>

use virga_api::dax as api;
use virga_kit::{Access, Condition, Ctx};
use virga_model::view::{List, Structure as _};
use virga_model::{Operation, Record, Value};

use crate::cluster;

/// The accesses of a call. Who creates a cluster hands over the role with which it asks DynamoDB.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let action = operation.name();
    if let Some(arn) = text(input, "ResourceName") {
        return vec![Access::to(action, arn)];
    }
    if action == "DescribeClusters" {
        let names = api::DescribeClustersRequest::view(input).cluster_names();
        let resources = names.into_iter().flat_map(List::iter).map(|name| arn(ctx, name)).collect();
        return vec![Access { resources, ..Access::without_resource(action) }];
    }
    let Some(name) = text(input, "ClusterName") else { return vec![Access::without_resource(action)] };
    let mut accesses = vec![Access::to(action, arn(ctx, name))];
    if action == "CreateCluster"
        && let Some(role) = text(input, "IamRoleArn")
    {
        let passed = Condition::new("iam:PassedToService", "dax.amazonaws.com");
        accesses.push(Access::to("iam:PassRole", role).with(passed));
    }
    accesses
}

fn arn(ctx: &Ctx, name: &str) -> String {
    cluster::arn(ctx, &name.to_ascii_lowercase())
}

fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
