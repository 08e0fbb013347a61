//! What a call needs permission for: actions, ARNs of table buckets and of tables, and condition keys.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3tables.html>

use std::collections::BTreeMap;

use virga_api::s3tables as api;
use virga_kit::{Access, Condition, Ctx};
use virga_model::view::{Entries, Structure as _};
use virga_model::{Operation, Record, Value};
use virga_store::Reader as _;

use crate::address::{BucketAddress, TableAddress};
use crate::records::TableBucket;
use crate::{keys, table};

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
        "CreateTable" => {
            let input = api::CreateTableRequest::view(input);
            let mut accesses = vec![with_request_tags(of_new_table(action, input), input.tags())];
            if input.encryption_configuration().is_some() {
                accesses
                    .push(Access::to("PutTableEncryption", format!("{}/table/*", input.table_bucket_arn())));
            }
            accesses
        }
        _ => match (text(input, "namespace"), text(input, "name"), text(input, "tableArn")) {
            (Some(namespace), Some(name), _) => of_table(ctx, action, input, (namespace, name)),
            (_, _, Some(arn)) => vec![existing(action, arn)],
            _ => of_bucket(action, input),
        },
    }
}

/// Tables are made in their table bucket, encrypted in some way.
fn of_new_table(action: &'static str, input: &api::CreateTableRequest) -> Access {
    let access = existing(action, input.table_bucket_arn())
        .with(Condition::new("s3tables:namespace", input.namespace()))
        .with(Condition::new("s3tables:tableName", input.name()));
    let Some(encryption) = input.encryption_configuration() else { return access };
    let access = access.with(Condition::new("s3tables:SSEAlgorithm", encryption.sse_algorithm()));
    match encryption.kms_key_arn() {
        Some(key) => access.with(Condition::new("s3tables:KMSKeyArn", key)),
        None => access,
    }
}

/// A table is known by its id, which only the store can tell. One that is not there is any in the table bucket.
fn of_table(ctx: &Ctx, action: &'static str, input: &Record, (namespace, name): (&str, &str)) -> Vec<Access> {
    let bucket = text(input, "tableBucketARN").unwrap_or_default();
    let read = ctx.world().store().read().ok();
    let known = read.and_then(|read| table::known_arn(&read, (bucket, namespace, name)));
    vec![existing(action, &known.unwrap_or_else(|| format!("{bucket}/table/*")))]
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

/// An access to what is there, by the ARN that policies know it by: it is found in whatever partition a caller writes.
fn existing(action: &'static str, arn: &str) -> Access {
    let of_table = TableAddress::of_arn(arn).map(TableAddress::arn);
    let known = of_table.or_else(|| BucketAddress::of_arn(arn).map(BucketAddress::arn));
    Access::to(action, known.unwrap_or_else(|| arn.to_owned())).looking_up(look_up)
}

fn with_request_tags(mut access: Access, tags: Option<Entries<'_, &str>>) -> Access {
    let tags: Vec<_> = tags.into_iter().flat_map(Entries::iter).collect();
    let keys = tags.iter().map(|(key, _)| (*key).to_owned()).collect();
    let values = tags.iter().map(|(key, value)| Condition::new(format!("aws:RequestTag/{key}"), *value));
    access.conditions.extend(values);
    access.with(Condition::multivalued("aws:TagKeys", keys))
}

/// What only the store tells of a table bucket or of a table.
fn look_up(ctx: &Ctx, _: &Record, arn: &str) -> Vec<Condition> {
    let Ok(read) = ctx.world().store().read() else { return Vec::new() };
    let Some(at) = TableAddress::of_arn(arn) else {
        let bucket = BucketAddress::of_arn(arn).and_then(|at| read.get(&keys::table_bucket(at)).ok()?);
        let own = bucket.as_ref().map(|bucket| bucket.tags.clone()).unwrap_or_default();
        return tags(bucket.as_ref(), &own);
    };
    let bucket = read.get(&keys::table_bucket(at.bucket)).ok().flatten();
    let Some(table) = table::known(&read, at) else { return tags(bucket.as_ref(), &BTreeMap::new()) };
    let mut conditions = tags(bucket.as_ref(), &table.tags);
    conditions.push(Condition::new("s3tables:namespace", table.namespace));
    conditions.push(Condition::new("s3tables:tableName", table.name));
    conditions
}

/// The tags of a resource, and those of its table bucket under the name that policies have for them.
fn tags(bucket: Option<&TableBucket>, own: &BTreeMap<String, String>) -> Vec<Condition> {
    let of_bucket = bucket.map(|bucket| &bucket.tags);
    let condition = |prefix: &str, (key, value): (&String, &String)| {
        Condition::new(format!("{prefix}/{key}"), value.as_str())
    };
    let own = own.iter().map(|tag| condition("aws:ResourceTag", tag));
    own.chain(of_bucket.into_iter().flatten().map(|tag| condition("s3tables:TableBucketTag", tag))).collect()
}

fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}
