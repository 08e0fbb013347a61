//! Throttling, where quotas are enforced.

use virga_api::dynamodb as api;
use virga_kit::WorldSettings;
use virga_model::Value;

use crate::cloud::Cloud;

/// A table with one write unit and an index with as many as are given.
async fn create(cloud: &Cloud, index_units: i64) {
    let attribute =
        |name: &str| api::AttributeDefinition::new().with_attribute_name(name).with_attribute_type("S");
    let key =
        |name: &str, kind: &str| api::KeySchemaElement::new().with_attribute_name(name).with_key_type(kind);
    let units = |units: i64| {
        api::ProvisionedThroughput::new().with_read_capacity_units(1_i64).with_write_capacity_units(units)
    };
    let index = api::GlobalSecondaryIndex::new()
        .with_index_name("by-c")
        .with_key_schema(vec![key("c", "HASH")])
        .with_projection(api::Projection::new().with_projection_type("ALL"))
        .with_provisioned_throughput(units(index_units));
    let input = api::CreateTableInput::new()
        .with_table_name("tab")
        .with_attribute_definitions(vec![attribute("a"), attribute("c")])
        .with_key_schema(vec![key("a", "HASH")])
        .with_global_secondary_indexes(vec![index])
        .with_provisioned_throughput(units(2));
    cloud.call::<api::op::CreateTable>(input).await.unwrap();
}

/// Writes until it is refused: how often it was not, and why it was.
async fn exhaust(cloud: &Cloud) -> (usize, String) {
    for count in 0..2000 {
        let Err(error) = cloud.put("tab", &[("a", "x"), ("c", if count % 2 == 0 { "c" } else { "d" })]).await
        else {
            continue;
        };
        assert_eq!(error.code, "ProvisionedThroughputExceededException");
        let record = error.record.unwrap();
        let Some(Value::List(reasons)) = record.by_name("ThrottlingReasons") else { panic!("no reasons") };
        let Value::Structure(reason) = &reasons[0] else { panic!("no reason") };
        let Some(Value::String(reason)) = reason.by_name("reason") else { panic!("no text") };
        return (count, reason.to_string());
    }
    panic!("never refused")
}

#[tokio::test]
async fn tables_and_indexes_take_what_they_are_provisioned_for() {
    let quotas = || WorldSettings { enforce_quotas: true, ..WorldSettings::default() };
    let cloud = Cloud::with(quotas());
    create(&cloud, 1000).await;
    // What was not used in 300 seconds, at two units a second.
    assert_eq!(exhaust(&cloud).await, (600, "TableWriteProvisionedThroughputExceeded".to_owned()));
    cloud.advance(5).await;
    assert_eq!(exhaust(&cloud).await.0, 10);
    let cloud = Cloud::with(quotas());
    create(&cloud, 1).await;
    // An entry that moves is deleted and put: two units, but for the first.
    let (count, reason) = exhaust(&cloud).await;
    assert_eq!((count, reason.as_str()), (151, "IndexWriteProvisionedThroughputExceeded"));
    let cloud = Cloud::new();
    create(&cloud, 1).await;
    for _ in 0..700 {
        cloud.put("tab", &[("a", "x"), ("c", "c")]).await.unwrap();
    }
}

#[tokio::test]
async fn one_partition_key_takes_what_a_partition_can() {
    let cloud = Cloud::with(WorldSettings { enforce_quotas: true, ..WorldSettings::default() });
    cloud.create("tab").await;
    let mut taken = 0;
    let error = loop {
        match cloud.put("tab", &[("a", "hot"), ("b", "b")]).await {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken <= 1000, "a partition takes 1,000 units in a second");
    };
    assert_eq!((taken, &*error.code), (1000, "ThrottlingException"));
    let record = error.record.unwrap();
    let Some(Value::List(reasons)) = record.by_name("throttlingReasons") else { panic!("no reasons") };
    let Value::Structure(reason) = &reasons[0] else { panic!("no reason") };
    assert!(
        matches!(reason.by_name("reason"), Some(Value::String(text)) if &**text == "TableWriteKeyRangeThroughputExceeded")
    );
    cloud.put("tab", &[("a", "other"), ("b", "b")]).await.unwrap();
    cloud.advance(1).await;
    cloud.put("tab", &[("a", "hot"), ("b", "b")]).await.unwrap();
}
