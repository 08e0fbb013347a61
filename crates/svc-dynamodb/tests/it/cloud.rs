//! A cloud with DynamoDB in memory, its clock frozen, and short ways to call it.

use std::ops::Deref;

use virga_api::{dynamodb as api, dynamodbstreams as streams};
use virga_kit::WorldSettings;
pub(crate) use virga_kit::testing::START;
use virga_kit::testing::TestCloud;
use virga_model::view::Structure;
use virga_model::{ApiError, Map, Record, Text, Value};

const REGION: &str = "eu-west-1";

/// A world to call, from a region.
#[derive(Clone)]
pub(crate) struct Cloud(TestCloud);

impl Deref for Cloud {
    type Target = TestCloud;

    fn deref(&self) -> &TestCloud {
        &self.0
    }
}

/// An item of strings and numbers: what begins with a digit is a number.
pub(crate) type Plain = Vec<(String, String)>;

impl Cloud {
    pub(crate) fn new() -> Self {
        Self::with(WorldSettings::default())
    }

    /// A cloud with settings of its own.
    pub(crate) fn with(settings: WorldSettings) -> Self {
        Cloud(TestCloud::new(&[&virga_svc_dynamodb::SERVICE, &virga_svc_dynamodb::STREAMS], settings, REGION))
    }

    /// The same cloud in another region.
    pub(crate) fn in_region(&self, region: &'static str) -> Self {
        Cloud(self.0.in_region(region))
    }

    /// Creates an on-demand table with partition key `a` and sort key `b`, both strings, a global index by `c` and a
    /// stream of both images.
    pub(crate) async fn create(&self, name: &str) {
        let attribute =
            |name: &str| api::AttributeDefinition::new().with_attribute_name(name).with_attribute_type("S");
        let key = |name: &str, kind: &str| {
            api::KeySchemaElement::new().with_attribute_name(name).with_key_type(kind)
        };
        let index = api::GlobalSecondaryIndex::new()
            .with_index_name("by-c")
            .with_key_schema(vec![key("c", "HASH")])
            .with_projection(api::Projection::new().with_projection_type("ALL"));
        let stream = api::StreamSpecification::new()
            .with_stream_enabled(true)
            .with_stream_view_type("NEW_AND_OLD_IMAGES");
        let input = api::CreateTableInput::new()
            .with_table_name(name)
            .with_attribute_definitions(vec![attribute("a"), attribute("b"), attribute("c")])
            .with_key_schema(vec![key("a", "HASH"), key("b", "RANGE")])
            .with_global_secondary_indexes(vec![index])
            .with_stream_specification(stream)
            .with_billing_mode("PAY_PER_REQUEST");
        self.call::<api::op::CreateTable>(input).await.unwrap();
    }

    pub(crate) async fn describe(&self, name: &str) -> Result<api::TableDescription, ApiError> {
        let input = api::DescribeTableInput::new().with_table_name(name);
        let output = self.call::<api::op::DescribeTable>(input).await?;
        Ok(output.table().unwrap().clone())
    }

    pub(crate) async fn put(&self, table: &str, item: &[(&str, &str)]) -> Result<(), ApiError> {
        let mut record = api::PutItemInput::new().with_table_name(table).into_record();
        record.set_by_name("Item", attributes(item));
        self.call::<api::op::PutItem>(api::PutItemInput::from_record(record)).await.map(|_| ())
    }

    pub(crate) async fn delete(&self, table: &str, key: &[(&str, &str)]) -> Result<(), ApiError> {
        let mut record = api::DeleteItemInput::new().with_table_name(table).into_record();
        record.set_by_name("Key", attributes(key));
        self.call::<api::op::DeleteItem>(api::DeleteItemInput::from_record(record)).await.map(|_| ())
    }

    /// All items of a table or an index, sorted.
    pub(crate) async fn all(&self, table: &str, index: Option<&str>) -> Vec<Plain> {
        let input = api::ScanInput::new().with_table_name(table).with_index_name(index);
        let output = self.call::<api::op::Scan>(input).await.unwrap().into_record();
        let Some(Value::List(items)) = output.by_name("Items") else { return Vec::new() };
        let mut items: Vec<Plain> = items.iter().map(plain).collect();
        items.sort();
        items
    }

    /// What the stream of a table tells: what happened, and the item before and after.
    pub(crate) async fn changes(&self, table: &str) -> Vec<(String, Option<Plain>, Option<Plain>)> {
        let arn = self.describe(table).await.unwrap().latest_stream_arn().unwrap().to_owned();
        let input = streams::DescribeStreamInput::new().with_stream_arn(&arn);
        let shown = self.call::<streams::op::DescribeStream>(input).await.unwrap();
        let shards = shown.stream_description().unwrap().shards().unwrap();
        let shard = shards.iter().next().unwrap().shard_id().unwrap().to_owned();
        let input = streams::GetShardIteratorInput::new()
            .with_stream_arn(&arn)
            .with_shard_id(shard)
            .with_shard_iterator_type("TRIM_HORIZON");
        let shown = self.call::<streams::op::GetShardIterator>(input).await.unwrap();
        let mut iterator = shown.shard_iterator().unwrap().to_owned();
        let mut changes = Vec::new();
        loop {
            let input = streams::GetRecordsInput::new().with_shard_iterator(&iterator).with_limit(100);
            let output = self.call::<streams::op::GetRecords>(input).await.unwrap();
            let before = changes.len();
            for record in output.records().unwrap().iter() {
                let content = record.dynamodb().unwrap().as_record();
                let image = |name: &str| match content.by_name(name) {
                    Some(value @ Value::Map(_)) => Some(plain(value)),
                    _ => None,
                };
                let event = record.event_name().unwrap().to_owned();
                changes.push((event, image("OldImage"), image("NewImage")));
            }
            if changes.len() == before {
                return changes;
            }
            iterator = output.next_shard_iterator().unwrap().to_owned();
        }
    }
}

/// An item or a key for a request.
pub(crate) fn attributes(item: &[(&str, &str)]) -> Value {
    let attribute = |value: &str| {
        let member = if value.starts_with(|letter: char| letter.is_ascii_digit()) { "N" } else { "S" };
        let mut record = Record::new(api::AttributeValue::shape().unwrap());
        record.set_by_name(member, Value::String(Text::from(value)));
        Value::Structure(Box::new(record))
    };
    let entries = item.iter().map(|(name, value)| (Text::from(*name), attribute(value)));
    Value::Map(entries.collect::<Map>())
}

/// An item of an answer.
pub(crate) fn plain(item: &Value) -> Plain {
    let Value::Map(map) = item else { return Plain::new() };
    let mut item: Plain = map
        .iter()
        .map(|(name, value)| {
            let Value::Structure(value) = value else { panic!("{name} is no value") };
            let text = ["S", "N"].iter().find_map(|member| match value.by_name(member) {
                Some(Value::String(text)) => Some(text.to_string()),
                _ => None,
            });
            (name.to_string(), text.unwrap())
        })
        .collect();
    item.sort();
    item
}
