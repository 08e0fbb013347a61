//! What a call needs permission for: actions, ARNs of tables, indexes and streams, and condition keys.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html>

use std::collections::BTreeSet;

use virga_api::dynamodb as api;
use virga_kit::{Access, Condition, Ctx};
use virga_model::view::Structure as _;
use virga_model::{Operation, Record, Value};
use virga_store::Reader as _;

use crate::rules::{ResourceAddress, TableAddress};
use crate::{conditions, import, item, keys, tag};

/// Operations that need a permission, but on no resource.
const WITHOUT_RESOURCE: [&str; 9] = [
    "DescribeEndpoints",
    "DescribeLimits",
    "ListBackups",
    "ListContributorInsights",
    "ListExports",
    "ListGlobalTables",
    "ListImports",
    "ListStreams",
    "ListTables",
];

/// The accesses of a call. A batch needs its own action on each table, a transaction that of each of its parts.
pub(crate) fn of_call(ctx: &Ctx, operation: Operation, input: &Record) -> Vec<Access> {
    let name = operation.name();
    if WITHOUT_RESOURCE.contains(&name) {
        return vec![Access::without_resource(name)];
    }
    match name {
        "TransactWriteItems" | "TransactGetItems" => of_transaction(ctx, name, input),
        "BatchGetItem" | "BatchWriteItem" => of_batch(ctx, name, input),
        "ExecuteStatement" | "BatchExecuteStatement" | "ExecuteTransaction" => {
            item::statement_accesses(ctx, input)
        }
        "CreateTable" => of_creation(ctx, input),
        "CreateGlobalTable"
        | "DescribeGlobalTable"
        | "UpdateGlobalTable"
        | "DescribeGlobalTableSettings"
        | "UpdateGlobalTableSettings" => {
            let name_of = text(input, "GlobalTableName").unwrap_or_default();
            vec![Access::to(name, format!("arn:aws:dynamodb::{}:global-table/{name_of}", ctx.account()))]
        }
        _ => vec![of_resource(ctx, name, input)],
    }
}

/// An access to the one resource that the input names.
fn of_resource(ctx: &Ctx, name: &'static str, input: &Record) -> Access {
    // Nearly all calls name their table.
    let arn = match text(input, "TableName") {
        Some(table) => with_index(arn_of(ctx, table), input),
        None => named_otherwise(ctx, input),
    };
    let mut access = Access::to(name, arn).looking_up(conditions::find);
    if text(input, "IndexName").is_some() {
        // The policy of a table speaks of its indexes, too.
        access.policy_holder = text(input, "TableName").map(|table| arn_of(ctx, table));
    }
    match name {
        "TagResource" => {
            add_tags(&mut access, tag::request_tags(Some(api::TagResourceInput::view(input).tags())));
        }
        "UntagResource" => {
            let keys = api::UntagResourceInput::view(input).tag_keys().iter().map(str::to_owned).collect();
            access.conditions.push(Condition::multivalued("aws:TagKeys", keys));
        }
        _ => {}
    }
    access
}

fn of_creation(ctx: &Ctx, input: &Record) -> Vec<Access> {
    let arn = table_arn(ctx, input);
    let tags = tag::request_tags(api::CreateTableInput::view(input).tags());
    let mut accesses = vec![Access::to("CreateTable", arn.as_str())];
    if !tags.is_empty() {
        accesses.push(Access::to("TagResource", arn.as_str()));
    }
    if text(input, "ResourcePolicy").is_some() {
        accesses.push(Access::to("PutResourcePolicy", arn));
    }
    for access in accesses.iter_mut().filter(|access| access.action != "PutResourcePolicy") {
        add_tags(access, tags.clone());
    }
    accesses
}

fn of_batch(ctx: &Ctx, name: &'static str, input: &Record) -> Vec<Access> {
    let Some(Value::Map(tables)) = input.by_name("RequestItems") else {
        return vec![Access::without_resource(name)];
    };
    let accesses =
        tables.iter().map(|(table, _)| Access::to(name, arn_of(ctx, table)).looking_up(conditions::find));
    accesses.collect()
}

/// Each part of a transaction is asked for as the action that it is.
fn of_transaction(ctx: &Ctx, name: &'static str, input: &Record) -> Vec<Access> {
    let Some(Value::List(parts)) = input.by_name("TransactItems") else { return Vec::new() };
    let actions = [
        ("ConditionCheck", "ConditionCheckItem"),
        ("Put", "PutItem"),
        ("Delete", "DeleteItem"),
        ("Update", "UpdateItem"),
        ("Get", "GetItem"),
    ];
    let mut asked: BTreeSet<(&str, String)> = BTreeSet::new();
    for part in parts {
        let Value::Structure(part) = part else { continue };
        for (member, action) in actions {
            if let Some(Value::Structure(inner)) = part.by_name(member) {
                asked.insert((action, table_arn(ctx, inner)));
            }
        }
    }
    let access = |(action, arn): (&'static str, String)| {
        let enclosing = Condition::new("dynamodb:EnclosingOperation", name);
        Access::to(action, arn).looking_up(conditions::find).with(enclosing)
    };
    if asked.is_empty() {
        // It will be refused for its form.
        return vec![Access::without_resource(if name == "TransactGetItems" {
            "GetItem"
        } else {
            "PutItem"
        })];
    }
    asked.into_iter().map(access).collect()
}

fn add_tags(access: &mut Access, tags: Vec<(&str, &str)>) {
    if tags.is_empty() {
        return;
    }
    let keys = tags.iter().map(|(key, _)| (*key).to_owned()).collect();
    access.conditions.push(Condition::multivalued("aws:TagKeys", keys));
    let condition = |(key, value): (&str, &str)| Condition::new(format!("aws:RequestTag/{key}"), value);
    access.conditions.extend(tags.into_iter().map(condition));
}

/// The ARN of a resource that the input names by something else than the name of its table.
fn named_otherwise(ctx: &Ctx, input: &Record) -> String {
    let arns =
        ["ResourceArn", "StreamArn", "BackupArn", "ExportArn", "ImportArn", "TableArn", "SourceTableArn"];
    let named = arns.iter().find_map(|member| text(input, member));
    let of_iterator = || text(input, "ShardIterator").and_then(crate::stream::arn_of_iterator);
    named.or_else(of_iterator).map_or_else(|| table_arn(ctx, input), str::to_owned)
}

/// The ARN of the table that the input names, or of its index.
fn table_arn(ctx: &Ctx, input: &Record) -> String {
    let names = ["TableName", "TargetTableName"];
    let name = names.iter().find_map(|member| text(input, member)).or_else(|| import::target(input));
    let name = name.unwrap_or_default();
    with_index(arn_of(ctx, name), input)
}

/// The ARN of a table, or of the index of it that the input names.
fn with_index(table: String, input: &Record) -> String {
    match text(input, "IndexName") {
        Some(index) => format!("{table}/index/{index}"),
        None => table,
    }
}

/// The ARN of a table, as policies know it: whatever partition the caller has written.
fn arn_of(ctx: &Ctx, table: &str) -> String {
    match ResourceAddress::parse(table) {
        Some(address) => address.table.arn(),
        None => TableAddress { account: ctx.account(), region: ctx.region(), name: table }.arn(),
    }
}

pub(crate) fn text<'a>(input: &'a Record, member: &str) -> Option<&'a str> {
    match input.by_name(member) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The tags of a table as conditions. A store failure leaves them out: then the call itself fails for the same reason.
pub(crate) fn table_tags(ctx: &Ctx, arn: &str) -> Vec<Condition> {
    let tags = ResourceAddress::parse(arn).and_then(|address| {
        let read = ctx.world().store().read().ok()?;
        let table = read.get(&keys::table(address.table)).ok()??;
        read.get(&keys::tags(&table)).ok()?
    });
    let tags = tags.into_iter().flat_map(|tags| tags.0);
    tags.map(|(key, value)| Condition::new(format!("aws:ResourceTag/{key}"), value)).collect()
}
