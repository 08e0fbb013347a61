//! Policies of table buckets and of tables. For a table both count; what policies are asked about is kept under the
//! table's ARN, so that Amazon S3 finds it there for the data of the table.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-resource-based-policies.html>

use serde_json::{Value, json};
use virga_api::Nothing;
use virga_api::s3tables as api;
use virga_iam::policy::{Policy, PolicyKind};
use virga_kit::Ctx;
use virga_object::public_policy;
use virga_store::{Direction, Read, Reader as _, Write};

use crate::error::Error;
use crate::records::{Table, TableBucket};
use crate::{keys, table, table_bucket};

/// The newest version of the policy language, which knows variables.
const NEWEST: &str = "2012-10-17";

/// Checks a policy: public ones are never taken.
fn check(ctx: &Ctx, text: &str) -> Result<(), Error> {
    let policy = Policy::parse(text, PolicyKind::Resource)
        .map_err(|error| Error::InvalidPolicy { reason: error.to_string() })?;
    if let Some(missing) = ctx.missing_principal(&policy)? {
        return Err(Error::InvalidPolicy { reason: missing.to_string() });
    }
    if public_policy::is_public(&policy) {
        return Err(Error::PublicPolicy);
    }
    Ok(())
}

/// Sets the policy of a table bucket.
pub(crate) fn put_table_bucket_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutTableBucketPolicyRequest,
) -> Result<Nothing, Error> {
    let bucket = table_bucket::find_to_change(ctx, txn, input.table_bucket_arn())?;
    check(ctx, input.resource_policy())?;
    ctx.put_resource_policy(txn, &bucket.at().arn(), input.resource_policy())?;
    apply_to_all(ctx, txn, &bucket)?;
    Ok(Nothing::new())
}

/// The policy of a table bucket.
pub(crate) fn get_table_bucket_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetTableBucketPolicyRequest,
) -> Result<api::GetTableBucketPolicyResponse, Error> {
    let bucket = table_bucket::find(ctx, txn, input.table_bucket_arn())?;
    let policy = ctx.resource_policy(txn, &bucket.at().arn())?.ok_or(Error::PolicyNotFound)?;
    Ok(api::GetTableBucketPolicyResponse::new().with_resource_policy(policy))
}

/// Removes the policy of a table bucket. Without one, nothing happens.
pub(crate) fn delete_table_bucket_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteTableBucketPolicyRequest,
) -> Result<Nothing, Error> {
    let bucket = table_bucket::find_to_change(ctx, txn, input.table_bucket_arn())?;
    ctx.delete_resource_policy(txn, &bucket.at().arn())?;
    apply_to_all(ctx, txn, &bucket)?;
    Ok(Nothing::new())
}

/// Sets the policy of a table.
pub(crate) fn put_table_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::PutTablePolicyRequest,
) -> Result<Nothing, Error> {
    let at = (input.table_bucket_arn(), input.namespace(), input.name());
    let (bucket, mut table) = table::find(ctx, txn, at)?;
    check(ctx, input.resource_policy())?;
    table.policy = Some(input.resource_policy().to_owned());
    table::save(txn, &bucket, &table)?;
    apply(ctx, txn, &bucket, &table)?;
    Ok(Nothing::new())
}

/// The policy of a table.
pub(crate) fn get_table_policy(
    ctx: &Ctx,
    txn: &Read,
    input: &api::GetTablePolicyRequest,
) -> Result<api::GetTablePolicyResponse, Error> {
    let (_, table) = table::find(ctx, txn, (input.table_bucket_arn(), input.namespace(), input.name()))?;
    let policy = table.policy.ok_or(Error::TablePolicyNotFound)?;
    Ok(api::GetTablePolicyResponse::new().with_resource_policy(policy))
}

/// Removes the policy of a table. Without one, nothing happens.
pub(crate) fn delete_table_policy(
    ctx: &Ctx,
    txn: &mut Write,
    input: &api::DeleteTablePolicyRequest,
) -> Result<Nothing, Error> {
    let at = (input.table_bucket_arn(), input.namespace(), input.name());
    let (bucket, mut table) = table::find(ctx, txn, at)?;
    table.policy = None;
    table::save(txn, &bucket, &table)?;
    apply(ctx, txn, &bucket, &table)?;
    Ok(Nothing::new())
}

fn apply_to_all(ctx: &Ctx, txn: &mut Write, bucket: &TableBucket) -> Result<(), Error> {
    for (_, table) in txn.scan(&keys::tables(bucket), Direction::Forward, usize::MAX)? {
        apply(ctx, txn, bucket, &table)?;
    }
    Ok(())
}

/// Puts what the two policies say about a table where it is asked for.
pub(crate) fn apply(ctx: &Ctx, txn: &mut Write, bucket: &TableBucket, table: &Table) -> Result<(), Error> {
    let of_bucket = ctx.resource_policy(txn, &bucket.at().arn())?;
    let arn = table.at(bucket).arn();
    match joined(of_bucket.as_deref(), table.policy.as_deref()) {
        Some(text) => ctx.put_resource_policy(txn, &arn, &text)?,
        None => ctx.delete_resource_policy(txn, &arn)?,
    }
    Ok(())
}

/// Forgets what the policies say about a table that is gone.
pub(crate) fn forget(ctx: &Ctx, txn: &mut Write, bucket: &TableBucket, table: &Table) -> Result<(), Error> {
    Ok(ctx.delete_resource_policy(txn, &table.at(bucket).arn())?)
}

/// The statements of both policies in one. Both have been checked.
fn joined(of_bucket: Option<&str>, of_table: Option<&str>) -> Option<String> {
    let (Some(of_bucket), Some(of_table)) = (of_bucket, of_table) else {
        return of_bucket.or(of_table).map(str::to_owned);
    };
    let statements = [of_bucket, of_table].into_iter().flat_map(|text| {
        let mut policy: Value = serde_json::from_str(text).unwrap_or_default();
        match policy["Statement"].take() {
            Value::Array(statements) => statements,
            Value::Null => Vec::new(),
            one => vec![one],
        }
    });
    // Statements of the two may have the same id, which those of one policy can not.
    let statements: Vec<Value> = statements
        .map(|mut statement| {
            if let Some(statement) = statement.as_object_mut() {
                statement.remove("Sid");
            }
            statement
        })
        .collect();
    Some(json!({ "Version": NEWEST, "Statement": statements }).to_string())
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn the_statements_of_both_count() {
        let one = r#"{"Version":"2012-10-17","Statement":{"Sid":"A","Effect":"Allow"}}"#;
        let two = r#"{"Version":"2012-10-17","Statement":[{"Sid":"A","Effect":"Deny"}]}"#;
        for (of_bucket, of_table, expected) in [
            (None, None, None),
            (Some(one), None, Some(one)),
            (None, Some(two), Some(two)),
            (
                Some(one),
                Some(two),
                Some(r#"{"Statement":[{"Effect":"Allow"},{"Effect":"Deny"}],"Version":"2012-10-17"}"#),
            ),
        ] {
            let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
            assert_eq!(joined(of_bucket, of_table).as_deref().map(read), expected.map(read));
        }
    }
}
