//! S3's metadata tables over S3 Tables, in process: what becomes of rows whose writing a crash has cut off.
#![expect(clippy::unwrap_used, reason = "these are tests")]

use virga_api::{s3, s3tables};
use virga_bucket::keys;
use virga_bucket::records::{Bucket, JournalBatch};
use virga_iceberg::TableMetadata;
use virga_kit::WorldSettings;
use virga_kit::testing::{ACCOUNT, TestCloud};
use virga_model::Value;
use virga_model::view::Structure as _;
use virga_store::{Direction, Reader as _};

const NAME: &str = "photos";

/// A bucket with a journal.
async fn followed() -> TestCloud {
    let services = [&virga_svc_s3::SERVICE, &virga_svc_s3tables::SERVICE];
    let cloud = TestCloud::new(&services, WorldSettings::default(), "us-east-1");
    cloud.call::<s3::op::CreateBucket>(s3::CreateBucketInput::new().with_bucket(NAME)).await.unwrap();
    let never = s3::RecordExpiration::new().with_expiration("DISABLED");
    let journal = s3::JournalTableConfiguration::new().with_record_expiration(never);
    let configuration = s3::MetadataConfiguration::new().with_journal_table_configuration(journal);
    let input = s3::CreateBucketMetadataConfigurationInput::new()
        .with_bucket(NAME)
        .with_metadata_configuration(configuration);
    cloud.call::<s3::op::CreateBucketMetadataConfiguration>(input).await.unwrap();
    cloud.advance(1).await;
    cloud
}

async fn put(cloud: &TestCloud, key: &str) {
    let input = s3::PutObjectInput::new().with_bucket(NAME).with_key(key);
    cloud.call::<s3::op::PutObject>(input).await.unwrap();
}

/// The journal's table as it is now.
async fn table(cloud: &TestCloud) -> TableMetadata {
    let input = s3tables::GetTableMetadataLocationInput::new()
        .with_table_bucket_arn(format!("arn:aws:s3tables:us-east-1:{ACCOUNT}:bucket/aws-s3"))
        .with_namespace(format!("b_{NAME}"))
        .with_name("journal");
    let found = cloud.call::<s3tables::op::GetTableMetadataLocation>(input).await.unwrap();
    let path = found.metadata_location().unwrap().strip_prefix("s3://").unwrap();
    let (bucket, key) = path.split_once('/').unwrap();
    let input = s3::GetObjectInput::new().with_bucket(bucket).with_key(key);
    let file = cloud.call::<s3::op::GetObject>(input).await.unwrap().into_record();
    let Some(Value::Blob(bytes)) = file.by_name("Body") else {
        unreachable!("a file of metadata has a body")
    };
    TableMetadata::from_json(bytes).unwrap()
}

fn records(table: &TableMetadata) -> &str {
    &table.current_snapshot().unwrap().summary.counts["total-records"]
}

fn bucket_id(cloud: &TestCloud) -> u64 {
    let bucket: Option<Bucket> = cloud.world.store().read().unwrap().get(&keys::bucket(NAME)).unwrap();
    bucket.unwrap().id
}

/// The numbers of the rows that are not in the table.
fn waiting(cloud: &TestCloud) -> Vec<u64> {
    let read = cloud.world.store().read().unwrap();
    let rows = read.scan(&keys::journal_rows(bucket_id(cloud)), Direction::Forward, 10).unwrap();
    rows.into_iter().map(|(key, _)| key.parts::<(u64, u64)>().unwrap().1).collect()
}

/// As if a process had begun to write the rows that wait into a snapshot, and died.
fn die(cloud: &TestCloud, snapshot_id: i64) {
    let batch = JournalBatch { snapshot_id, rows: waiting(cloud) };
    assert_eq!(batch.rows.len(), 1);
    let written = cloud.world.store().write(|txn| txn.put(&keys::journal_batch(bucket_id(cloud)), &batch));
    written.unwrap();
}

#[tokio::test]
async fn rows_that_were_written_before_a_crash_are_not_written_again() {
    let cloud = followed().await;
    put(&cloud, "first").await;
    cloud.advance(61).await;
    let before = table(&cloud).await;
    assert_eq!(records(&before), "1");
    put(&cloud, "second").await;
    die(&cloud, before.current_snapshot_id.unwrap());
    cloud.advance(61).await;
    assert_eq!((waiting(&cloud), records(&table(&cloud).await)), (vec![], "1"));
    put(&cloud, "third").await;
    cloud.advance(61).await;
    assert_eq!(records(&table(&cloud).await), "2", "the journal goes on");
}

#[tokio::test]
async fn rows_that_a_crash_kept_from_the_table_are_written_after_it() {
    let cloud = followed().await;
    put(&cloud, "first").await;
    die(&cloud, 77);
    cloud.advance(61).await;
    let table = table(&cloud).await;
    assert_eq!((waiting(&cloud), records(&table), table.current_snapshot_id), (vec![], "1", Some(77)));
}
