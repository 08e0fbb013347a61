//! Quotas of tables and indexes.
//! <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html>

use virga_api::dynamodb as api;
use virga_model::ApiError;
use virga_store::{Counter, Direction, Reader as _, Space};

use crate::cloud::Cloud;

fn definition(name: &str) -> api::AttributeDefinition {
    api::AttributeDefinition::new().with_attribute_name(name).with_attribute_type("S")
}

fn key(hash: &str, range: Option<&str>) -> Vec<api::KeySchemaElement> {
    let element =
        |name: &str, kind: &str| api::KeySchemaElement::new().with_attribute_name(name).with_key_type(kind);
    [Some(element(hash, "HASH")), range.map(|range| element(range, "RANGE"))].into_iter().flatten().collect()
}

/// A projection of so many attributes, named after the index.
fn projection(index: usize, count: usize) -> api::Projection {
    let names = (0..count).map(|number| format!("n{index}-{number}"));
    match count {
        0 => api::Projection::new().with_projection_type("ALL"),
        _ => api::Projection::new()
            .with_projection_type("INCLUDE")
            .with_non_key_attributes(names.collect::<Vec<_>>()),
    }
}

fn global(index: usize, projected: usize) -> api::GlobalSecondaryIndex {
    api::GlobalSecondaryIndex::new()
        .with_index_name(format!("global-{index}"))
        .with_key_schema(key("c", None))
        .with_projection(projection(index, projected))
}

/// A table with indexes, and how many attributes each of them names.
fn table(name: &str, local: &[usize], globals: &[usize]) -> api::CreateTableInput {
    let local: Vec<_> = local
        .iter()
        .enumerate()
        .map(|(index, projected)| {
            api::LocalSecondaryIndex::new()
                .with_index_name(format!("local-{index}"))
                .with_key_schema(key("a", Some("c")))
                .with_projection(projection(100 + index, *projected))
        })
        .collect();
    let globals: Vec<_> =
        globals.iter().enumerate().map(|(index, projected)| global(index, *projected)).collect();
    let mut definitions = vec![definition("a"), definition("b")];
    if !local.is_empty() || !globals.is_empty() {
        definitions.push(definition("c"));
    }
    api::CreateTableInput::new()
        .with_table_name(name)
        .with_attribute_definitions(definitions)
        .with_key_schema(key("a", Some("b")))
        .with_local_secondary_indexes((!local.is_empty()).then_some(local))
        .with_global_secondary_indexes((!globals.is_empty()).then_some(globals))
        .with_billing_mode("PAY_PER_REQUEST")
}

async fn create(cloud: &Cloud, input: api::CreateTableInput) -> Result<(), ApiError> {
    cloud.call::<api::op::CreateTable>(input).await.map(|_| ())
}

/// Adds a global index to a table.
async fn add_index(cloud: &Cloud, name: &str, index: usize, projected: usize) -> Result<(), ApiError> {
    let create = api::CreateGlobalSecondaryIndexAction::new()
        .with_index_name(format!("global-{index}"))
        .with_key_schema(key("c", None))
        .with_projection(projection(index, projected));
    let input = api::UpdateTableInput::new()
        .with_table_name(name)
        .with_attribute_definitions(vec![definition("a"), definition("b"), definition("c")])
        .with_global_secondary_index_updates(vec![
            api::GlobalSecondaryIndexUpdate::new().with_create(create),
        ]);
    cloud.call::<api::op::UpdateTable>(input).await.map(|_| ())
}

fn refusal(result: Result<(), ApiError>) -> (String, String) {
    let error = result.unwrap_err();
    (error.code.to_string(), error.message.to_string())
}

#[tokio::test]
async fn a_table_has_twenty_global_and_five_local_indexes_at_most() {
    let cloud = Cloud::new();
    let invalid = |reason: &str| {
        let reason = format!("One or more parameter values were invalid: {reason}");
        ("ValidationException".to_owned(), reason)
    };
    create(&cloud, table("most", &[0; 5], &[0; 20])).await.unwrap();
    assert_eq!(
        refusal(create(&cloud, table("tab", &[], &[0; 21])).await),
        invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20")
    );
    assert_eq!(
        refusal(add_index(&cloud, "most", 20, 0).await),
        invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20")
    );
    assert_eq!(
        refusal(create(&cloud, table("tab", &[0; 6], &[])).await),
        invalid("LocalSecondaryIndex count exceeds the per-table limit of 5")
    );
}

#[tokio::test]
async fn the_indexes_of_a_table_name_a_hundred_attributes_at_most() {
    let cloud = Cloud::new();
    create(&cloud, table("most", &[20, 20], &[20, 20, 20])).await.unwrap();
    let reason = "Number of NonKeyAttributes across all indexes exceeds the per-table limit of 100";
    let (code, message) = refusal(create(&cloud, table("tab", &[20, 20], &[20, 20, 20, 1])).await);
    assert_eq!(code, "ValidationException");
    assert!(message.ends_with(reason), "{message}");
    let (_, message) = refusal(add_index(&cloud, "most", 3, 1).await);
    assert!(message.ends_with(reason), "{message}");
    // What is projected whole, or by its keys, names nothing.
    add_index(&cloud, "most", 3, 0).await.unwrap();
}

#[tokio::test]
async fn a_region_has_so_many_tables() {
    let cloud = Cloud::new();
    for number in 0..2500 {
        create(&cloud, table(&format!("tab{number}"), &[], &[])).await.unwrap();
    }
    let (code, message) = refusal(create(&cloud, table("more", &[], &[])).await);
    assert_eq!(code, "LimitExceededException");
    assert!(message.starts_with("Subscriber limit exceeded: "), "{message}");
    create(&cloud.in_region("us-east-1"), table("more", &[], &[])).await.unwrap();
}

#[tokio::test]
async fn a_region_changes_so_many_tables_at_a_time() {
    let cloud = Cloud::new();
    for number in 0..501 {
        create(&cloud, table(&format!("tab{number}"), &[], &[])).await.unwrap();
    }
    // An index that is added is filled later: the clock stands.
    for number in 0..500 {
        add_index(&cloud, &format!("tab{number}"), 0, 0).await.unwrap();
    }
    let expected =
        "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously";
    assert_eq!(refusal(add_index(&cloud, "tab500", 0, 0).await).1, expected);
    let delete =
        || cloud.call::<api::op::DeleteTable>(api::DeleteTableInput::new().with_table_name("tab500"));
    assert_eq!(&*delete().await.unwrap_err().message, expected);
    cloud.advance(1).await;
    delete().await.unwrap();
}

#[tokio::test]
async fn a_collection_of_a_table_with_a_local_index_holds_ten_gigabytes() {
    /// Bytes under one partition key, as `virga_svc_dynamodb` counts them.
    static COLLECTIONS: Space<Counter> = Space::new("ddb.c");
    let cloud = Cloud::new();
    create(&cloud, table("tab", &[0], &[])).await.unwrap();
    cloud.put("tab", &[("a", "x"), ("b", "b1")]).await.unwrap();
    let store = cloud.world.store();
    let counters = store.read().unwrap().scan_keys(&COLLECTIONS.all(), Direction::Forward, 10).unwrap();
    let mut txn = store.begin().unwrap();
    txn.add(&counters[0], (10 << 30) - 100).unwrap();
    store.commit(txn).unwrap();
    let long = "l".repeat(200);
    let refused = cloud.put("tab", &[("a", "x"), ("b", "b2"), ("l", &long)]).await;
    let (code, message) = refusal(refused);
    assert_eq!(code, "ItemCollectionSizeLimitExceededException");
    assert_eq!(message, "Item collection size limit of 10 gigabytes exceeded.");
    // Other collections, and what makes this one no larger, are taken.
    cloud.put("tab", &[("a", "y"), ("b", "b2"), ("l", &long)]).await.unwrap();
    cloud.put("tab", &[("a", "x"), ("b", "b1")]).await.unwrap();
    cloud.delete("tab", &[("a", "x"), ("b", "b1")]).await.unwrap();
}
