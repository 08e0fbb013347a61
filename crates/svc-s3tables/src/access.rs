//! What a call needs permission for: actions, ARNs of table buckets and condition keys.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3tables.html>

use virga_api::s3tables as api;
use virga_kit::{Access, Condition, Ctx};
use virga_model::view::{Entries, Structure as _};
use virga_model::{Operation, Record, Value};
use virga_store::Reader as _;

use crate::address::BucketAddress;
use crate::keys;

/// The accesses of a call. Who makes a bucket with tags needs to be allowed to tag it.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let action = operation.name();
    match action {
        "ListTableBuckets" => vec![Access::without_resource(action)],
        "CreateTableBucket" => {
            let input = api::CreateTableBucketRequest::view(input);
            let at = BucketAddress { account: ctx.account(), region: ctx.region(), name: input.name() };
            let mut actions = vec![action];
            if input.tags().is_some_and(|tags| !tags.is_empty()) {
                actions.push("TagResource");
            }
            let accesses = actions.into_iter().map(|action| Access::to(action, at.arn()));
            accesses.map(|access| with_request_tags(access, input.tags())).collect()
        }
        "TagResource" => {
            let input = api::TagResourceRequest::view(input);
            vec![with_request_tags(existing(action, input.resource_arn()), Some(input.tags()))]
        }
        "UntagResource" => {
            let input = api::UntagResourceRequest::view(input);
            let keys = input.tag_keys().iter().map(str::to_owned).collect();
            vec![existing(action, input.resource_arn()).with(Condition::multivalued("aws:TagKeys", keys))]
        }
        _ => of_bucket(action, input),
    }
}

fn of_bucket(action: &'static str, input: &Record) -> Vec<Access> {
    let arn = text(input, "tableBucketARN").or_else(|| text(input, "resourceArn"));
    let access = existing(action, arn.unwrap_or_default());
    // The names of a new namespace are a list and no condition.
    vec![match text(input, "namespace") {
        Some(namespace) => access.with(Condition::new("s3tables:namespace", namespace)),
        None => access,
    }]
}

/// An access to what is there, by the ARN that policies know it by: a bucket is found in whatever partition a caller writes.
fn existing(action: &'static str, arn: &str) -> Access {
    let known = BucketAddress::of_arn(arn).map_or_else(|| arn.to_owned(), BucketAddress::arn);
    Access::to(action, known).looking_up(tags)
}

fn with_request_tags(mut access: Access, tags: Option<Entries<'_, &str>>) -> Access {
    let tags: Vec<_> = tags.into_iter().flat_map(Entries::iter).collect();
    let keys = tags.iter().map(|(key, _)| (*key).to_owned()).collect();
    let values = tags.iter().map(|(key, value)| Condition::new(format!("aws:RequestTag/{key}"), *value));
    access.conditions.extend(values);
    access.with(Condition::multivalued("aws:TagKeys", keys))
}

/// The tags of a table bucket, under both names that policies have for them.
fn tags(ctx: &Ctx, _: &Record, arn: &str) -> Vec<Condition> {
    let read = ctx.world().store().read().ok();
    let bucket = BucketAddress::of_arn(arn).and_then(|at| read?.get(&keys::table_bucket(at)).ok()?);
    let tags = bucket.into_iter().flat_map(|bucket| bucket.tags);
    tags.flat_map(|(key, value)| {
        let names = [format!("aws:ResourceTag/{key}"), format!("s3tables:TableBucketTag/{key}")];
        names.map(|name| Condition::new(name, &*value))
    })
    .collect()
}

fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
