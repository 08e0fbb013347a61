//! Throttling, where quotas are enforced.

use virga_api::dynamodb as api;
use virga_kit::WorldSettings;
use virga_model::view::Structure as _;
use virga_model::{ApiError, Map, Record, Text, Value};

use crate::cloud::{Cloud, attributes};

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

/// The first reason of a refusal, and what it names.
fn reason(error: &ApiError) -> (String, String) {
    let record = error.record.as_ref().unwrap();
    let found = ["throttlingReasons", "ThrottlingReasons"].iter().find_map(|name| record.by_name(name));
    let Some(Value::List(reasons)) = found else { panic!("no reasons") };
    let Value::Structure(reason) = &reasons[0] else { panic!("no reason") };
    let text = |name: &str| match reason.by_name(name) {
        Some(Value::String(text)) => text.to_string(),
        _ => panic!("no {name}"),
    };
    (text("reason"), text("resource"))
}

fn enforcing() -> Cloud {
    Cloud::with(WorldSettings { enforce_quotas: true, ..WorldSettings::default() })
}

/// A table whose partition key `hot` takes no more writes, and has one item; `cold` has one too.
async fn with_hot_partition(use_writes: bool) -> Cloud {
    let cloud = enforcing();
    cloud.create("tab").await;
    let long = "l".repeat(3000);
    cloud.put("tab", &[("a", "cold"), ("b", "b"), ("l", &long)]).await.unwrap();
    cloud.put("tab", &[("a", "hot"), ("b", "b"), ("l", &long)]).await.unwrap();
    if use_writes {
        while cloud.put("tab", &[("a", "hot"), ("b", "b")]).await.is_ok() {}
    } else {
        // 3,000 units of one block each.
        for _ in 0..3000 {
            get(&cloud, "hot").await.unwrap();
        }
        assert_eq!(reason(&get(&cloud, "hot").await.unwrap_err()).0, "TableReadKeyRangeThroughputExceeded");
    }
    cloud
}

async fn get(cloud: &Cloud, hash: &str) -> Result<(), ApiError> {
    let mut input = api::GetItemInput::new().with_table_name("tab").with_consistent_read(true).into_record();
    input.set_by_name("Key", attributes(&[("a", hash), ("b", "b")]));
    cloud.call::<api::op::GetItem>(api::GetItemInput::from_record(input)).await.map(|_| ())
}

fn structure(record: Record) -> Value {
    Value::Structure(Box::new(record))
}

/// What a batch left of the table.
fn left(record: &Record, member: &str) -> usize {
    let Some(Value::Map(tables)) = record.by_name(member) else { panic!("no {member}") };
    match tables.get("tab") {
        None => 0,
        Some(Value::List(requests)) => requests.len(),
        Some(Value::Structure(keys)) => match keys.by_name("Keys") {
            Some(Value::List(keys)) => keys.len(),
            _ => panic!("no keys"),
        },
        Some(_) => panic!("no requests"),
    }
}

async fn batch_get(cloud: &Cloud, hashes: &[&str]) -> Result<usize, ApiError> {
    let keys = hashes.iter().map(|hash| attributes(&[("a", *hash), ("b", "b")])).collect();
    let mut wanted = api::KeysAndAttributes::new().into_record();
    wanted.set_by_name("Keys", Value::List(keys));
    let mut input = api::BatchGetItemInput::new().into_record();
    let tables: Map = [(Text::from_static("tab"), structure(wanted))].into_iter().collect();
    input.set_by_name("RequestItems", Value::Map(tables));
    let output = cloud.call::<api::op::BatchGetItem>(api::BatchGetItemInput::from_record(input)).await?;
    Ok(left(output.as_record(), "UnprocessedKeys"))
}

async fn batch_write(cloud: &Cloud, hashes: &[&str]) -> Result<usize, ApiError> {
    let put = |hash: &&str| {
        let mut put = api::PutRequest::new().into_record();
        put.set_by_name("Item", attributes(&[("a", *hash), ("b", "b")]));
        let mut request = api::WriteRequest::new().into_record();
        request.set_by_name("PutRequest", structure(put));
        structure(request)
    };
    let requests = Value::List(hashes.iter().map(put).collect());
    let mut input = api::BatchWriteItemInput::new().into_record();
    let tables: Map = [(Text::from_static("tab"), requests)].into_iter().collect();
    input.set_by_name("RequestItems", Value::Map(tables));
    let output = cloud.call::<api::op::BatchWriteItem>(api::BatchWriteItemInput::from_record(input)).await?;
    Ok(left(output.as_record(), "UnprocessedItems"))
}

#[tokio::test]
async fn a_batch_leaves_what_a_partition_refuses_and_is_refused_when_nothing_was_done() {
    let cloud = with_hot_partition(false).await;
    assert_eq!(batch_get(&cloud, &["hot", "cold"]).await.unwrap(), 1);
    assert_eq!(&*batch_get(&cloud, &["hot"]).await.unwrap_err().code, "ThrottlingException");
    let cloud = with_hot_partition(true).await;
    assert_eq!(batch_write(&cloud, &["hot", "cold"]).await.unwrap(), 1);
    let error = batch_write(&cloud, &["hot"]).await.unwrap_err();
    assert_eq!(reason(&error).0, "TableWriteKeyRangeThroughputExceeded");
    cloud.advance(1).await;
    assert_eq!(batch_write(&cloud, &["hot", "cold"]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_query_of_a_busy_partition_is_refused_and_a_scan_ends_before_it() {
    let cloud = with_hot_partition(false).await;
    let query = |hash: &str| {
        let mut input = api::QueryInput::new()
            .with_table_name("tab")
            .with_key_condition_expression("a = :a")
            .into_record();
        let values = attributes(&[(":a", hash)]);
        input.set_by_name("ExpressionAttributeValues", values);
        api::QueryInput::from_record(input)
    };
    let error = cloud.call::<api::op::Query>(query("hot")).await.unwrap_err();
    assert_eq!(reason(&error).0, "TableReadKeyRangeThroughputExceeded");
    assert_eq!(cloud.call::<api::op::Query>(query("cold")).await.unwrap().count(), Some(1));
    // Whichever comes first: either a page without the busy one, or a refusal.
    let scan = api::ScanInput::new().with_table_name("tab");
    match cloud.call::<api::op::Scan>(scan.clone()).await {
        Ok(page) => {
            assert_eq!(page.count(), Some(1));
            let next = page.as_record().by_name("LastEvaluatedKey").unwrap().clone();
            let mut input = scan.into_record();
            input.set_by_name("ExclusiveStartKey", next);
            let rest = api::ScanInput::from_record(input);
            let error = cloud.call::<api::op::Scan>(rest.clone()).await.unwrap_err();
            assert_eq!(&*error.code, "ThrottlingException");
            cloud.advance(1).await;
            assert_eq!(cloud.call::<api::op::Scan>(rest).await.unwrap().count(), Some(1));
        }
        Err(error) => {
            assert_eq!(reason(&error).0, "TableReadKeyRangeThroughputExceeded");
            cloud.advance(1).await;
            assert_eq!(cloud.call::<api::op::Scan>(scan).await.unwrap().count(), Some(2));
        }
    }
}

#[tokio::test]
async fn a_transaction_is_cancelled_with_the_reason_of_each_part() {
    let cloud = with_hot_partition(true).await;
    let put = |hash: &str| {
        let mut put = api::Put::new().with_table_name("tab").into_record();
        put.set_by_name("Item", attributes(&[("a", hash), ("b", "b")]));
        let mut item = api::TransactWriteItem::new().into_record();
        item.set_by_name("Put", structure(put));
        structure(item)
    };
    let mut input = api::TransactWriteItemsInput::new().into_record();
    input.set_by_name("TransactItems", Value::List(vec![put("cold"), put("hot")]));
    let input = api::TransactWriteItemsInput::from_record(input);
    let error = cloud.call::<api::op::TransactWriteItems>(input.clone()).await.unwrap_err();
    assert_eq!(&*error.code, "TransactionCanceledException");
    assert!(error.message.ends_with("[None, ThrottlingError]"), "{}", error.message);
    cloud.advance(1).await;
    cloud.call::<api::op::TransactWriteItems>(input).await.unwrap();

    let cloud = with_hot_partition(false).await;
    let get = |hash: &str| {
        let mut get = api::Get::new().with_table_name("tab").into_record();
        get.set_by_name("Key", attributes(&[("a", hash), ("b", "b")]));
        let mut item = api::TransactGetItem::new().into_record();
        item.set_by_name("Get", structure(get));
        structure(item)
    };
    let mut input = api::TransactGetItemsInput::new().into_record();
    input.set_by_name("TransactItems", Value::List(vec![get("hot"), get("cold")]));
    let input = api::TransactGetItemsInput::from_record(input);
    let error = cloud.call::<api::op::TransactGetItems>(input).await.unwrap_err();
    assert!(error.message.ends_with("[ThrottlingError, None]"), "{}", error.message);
}

#[tokio::test]
async fn statements_are_throttled_like_calls() {
    let cloud = with_hot_partition(false).await;
    let select = |hash: &str| format!("SELECT * FROM tab WHERE a = '{hash}' AND b = 'b'");
    let one = |hash: &str| api::ExecuteStatementInput::new().with_statement(select(hash));
    let error = cloud.call::<api::op::ExecuteStatement>(one("hot")).await.unwrap_err();
    assert_eq!(reason(&error).0, "TableReadKeyRangeThroughputExceeded");
    cloud.call::<api::op::ExecuteStatement>(one("cold")).await.unwrap();
    let statement = |hash: &str| api::BatchStatementRequest::new().with_statement(select(hash));
    let input =
        api::BatchExecuteStatementInput::new().with_statements(vec![statement("hot"), statement("cold")]);
    let output = cloud.call::<api::op::BatchExecuteStatement>(input).await.unwrap();
    let codes: Vec<Option<String>> = output
        .responses()
        .unwrap()
        .iter()
        .map(|response| response.error().and_then(|error| error.code()).map(str::to_owned))
        .collect();
    assert_eq!(codes, [Some("ThrottlingError".to_owned()), None]);
    let parts = ["hot", "cold"].map(|hash| api::ParameterizedStatement::new().with_statement(select(hash)));
    let input = api::ExecuteTransactionInput::new().with_transact_statements(parts.to_vec());
    let error = cloud.call::<api::op::ExecuteTransaction>(input).await.unwrap_err();
    assert!(error.message.ends_with("[ThrottlingError, None]"), "{}", error.message);
}

#[tokio::test]
async fn a_busy_partition_of_an_index_refuses_writes_that_come_to_it() {
    let cloud = enforcing();
    cloud.create("tab").await;
    let mut taken = 0;
    let error = loop {
        let (hash, long) = (format!("a{taken}"), "l".repeat(4000));
        let item = [("a", hash.as_str()), ("b", "b"), ("c", "hot"), ("l", &long)];
        match cloud.put("tab", &item).await {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
        assert!(taken <= 250, "a partition takes 1,000 units in a second");
    };
    let (reason, resource) = reason(&error);
    assert_eq!((taken, reason.as_str()), (250, "IndexWriteKeyRangeThroughputExceeded"));
    assert!(resource.ends_with("/index/by-c"), "{resource}");
    cloud.put("tab", &[("a", "x"), ("b", "b"), ("c", "other")]).await.unwrap();
    cloud.put("tab", &[("a", "y"), ("b", "b")]).await.unwrap();
    cloud.advance(1).await;
    cloud.put("tab", &[("a", "z"), ("b", "b"), ("c", "hot")]).await.unwrap();
}
