//! Backups, and tables as they were.

use virga_api::dynamodb as api;
use virga_model::Timestamp;

use crate::cloud::{Cloud, START};

#[tokio::test]
async fn a_backup_is_the_table_as_it_was() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    for number in 0..450 {
        cloud.put("tab", &[("a", "x"), ("b", &format!("b{number}")), ("c", "c")]).await.unwrap();
    }
    let before = cloud.all("tab", None).await;
    let input = api::CreateBackupInput::new().with_table_name("tab").with_backup_name("one");
    let made = cloud.call::<api::op::CreateBackup>(input).await.unwrap();
    let details = made.backup_details().unwrap();
    let (arn, bytes) = (details.backup_arn().to_owned(), details.backup_size_bytes());
    cloud.put("tab", &[("a", "later"), ("b", "b")]).await.unwrap();
    cloud.delete("tab", &[("a", "x"), ("b", "b1")]).await.unwrap();
    let input = api::RestoreTableFromBackupInput::new().with_target_table_name("again").with_backup_arn(&arn);
    cloud.call::<api::op::RestoreTableFromBackup>(input).await.unwrap();
    assert_eq!(cloud.all("again", None).await, before);
    assert_eq!(cloud.all("again", Some("by-c")).await.len(), 450);
    let shown = cloud.describe("again").await.unwrap();
    assert_eq!((shown.item_count(), shown.table_size_bytes()), (Some(450), bytes));
    assert_eq!(shown.restore_summary().unwrap().source_backup_arn(), Some(arn.as_str()));
    assert!(shown.latest_stream_arn().is_none());
    let input = api::DeleteBackupInput::new().with_backup_arn(&arn);
    cloud.call::<api::op::DeleteBackup>(input).await.unwrap();
    cloud.advance(1).await;
    let input = api::DescribeBackupInput::new().with_backup_arn(&arn);
    let error = cloud.call::<api::op::DescribeBackup>(input).await.unwrap_err();
    assert_eq!(error.code, "BackupNotFoundException");
    assert_eq!(cloud.all("again", None).await, before);
}

#[tokio::test]
async fn any_moment_can_be_restored() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    cloud.put("tab", &[("a", "x"), ("b", "b"), ("n", "1")]).await.unwrap();
    cloud.put("tab", &[("a", "y"), ("b", "b"), ("n", "1")]).await.unwrap();
    cloud.advance(10).await;
    let specification =
        api::PointInTimeRecoverySpecification::new().with_point_in_time_recovery_enabled(true);
    let input = api::UpdateContinuousBackupsInput::new()
        .with_table_name("tab")
        .with_point_in_time_recovery_specification(specification);
    cloud.call::<api::op::UpdateContinuousBackups>(input).await.unwrap();
    let mut moments = Vec::new();
    for step in 0..4 {
        cloud.advance(10).await;
        moments.push((START + 20 + step * 10 + 5, step));
        cloud.put("tab", &[("a", "x"), ("b", "b"), ("n", &step.to_string())]).await.unwrap();
        cloud.put("tab", &[("a", "z"), ("b", &format!("b{step}")), ("n", "1")]).await.unwrap();
        cloud.delete("tab", &[("a", "y"), ("b", "b")]).await.unwrap();
        moments.last_mut().unwrap().1 = cloud.all("tab", None).await.len() as i64;
    }
    let states: Vec<i64> = moments.iter().map(|(_, count)| *count).collect();
    assert_eq!(states, [2, 3, 4, 5]);
    cloud.advance(100).await;
    for (place, (moment, count)) in moments.iter().enumerate() {
        let name = format!("restored-{place}");
        let input = api::RestoreTableToPointInTimeInput::new()
            .with_source_table_name("tab")
            .with_target_table_name(&*name)
            .with_restore_date_time(Timestamp::from_secs(*moment));
        cloud.call::<api::op::RestoreTableToPointInTime>(input).await.unwrap();
        let all = cloud.all(&name, None).await;
        assert_eq!(all.len() as i64, *count, "{moment}");
        assert_eq!(all[0].last().unwrap().1, place.to_string());
    }
    let input = api::RestoreTableToPointInTimeInput::new()
        .with_source_table_name("tab")
        .with_target_table_name("never")
        .with_restore_date_time(Timestamp::from_secs(START));
    let error = cloud.call::<api::op::RestoreTableToPointInTime>(input).await.unwrap_err();
    assert_eq!(error.code, "InvalidRestoreTimeException");
}

#[tokio::test]
async fn a_deleted_table_with_recovery_is_kept_for_thirty_five_days() {
    let cloud = Cloud::new();
    cloud.create("tab").await;
    cloud.create("plain").await;
    let specification =
        api::PointInTimeRecoverySpecification::new().with_point_in_time_recovery_enabled(true);
    let input = api::UpdateContinuousBackupsInput::new()
        .with_table_name("tab")
        .with_point_in_time_recovery_specification(specification);
    cloud.call::<api::op::UpdateContinuousBackups>(input).await.unwrap();
    for number in 0..700 {
        cloud.put("tab", &[("a", "x"), ("b", &format!("b{number}")), ("c", "c")]).await.unwrap();
    }
    let before = cloud.all("tab", None).await;
    for name in ["tab", "plain"] {
        let input = api::DeleteTableInput::new().with_table_name(name);
        cloud.call::<api::op::DeleteTable>(input).await.unwrap();
    }
    // A table made anew has nothing of it.
    cloud.create("tab").await;
    cloud.advance(60).await;
    assert!(cloud.all("tab", None).await.is_empty());
    let list = |kind: &'static str| {
        let input = api::ListBackupsInput::new().with_backup_type(kind);
        let cloud = &cloud;
        async move {
            let listed = cloud.call::<api::op::ListBackups>(input).await.unwrap();
            let summaries = listed.backup_summaries().unwrap();
            summaries.iter().map(|one| one.backup_arn().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    assert!(list("USER").await.is_empty());
    let arns = list("SYSTEM").await;
    assert_eq!((arns.len(), list("ALL").await.len()), (1, 1));
    let input = api::DescribeBackupInput::new().with_backup_arn(&*arns[0]);
    let shown = cloud.call::<api::op::DescribeBackup>(input).await.unwrap();
    let details = shown.backup_description().unwrap().backup_details().unwrap();
    assert_eq!((details.backup_name(), details.backup_type()), ("tab$DeletedTableBackup", "SYSTEM"));
    let input = api::DeleteBackupInput::new().with_backup_arn(&*arns[0]);
    let error = cloud.call::<api::op::DeleteBackup>(input).await.unwrap_err();
    assert!(error.message.starts_with("Invalid Request: User is not allowed to delete the system backup"));
    let restore = |name: &'static str| {
        api::RestoreTableFromBackupInput::new().with_target_table_name(name).with_backup_arn(&*arns[0])
    };
    cloud.call::<api::op::RestoreTableFromBackup>(restore("again")).await.unwrap();
    assert_eq!(cloud.all("again", None).await, before);
    cloud.advance(35 * 86_400).await;
    assert!(list("ALL").await.is_empty());
    let error = cloud.call::<api::op::RestoreTableFromBackup>(restore("late")).await.unwrap_err();
    assert_eq!(error.code, "BackupNotFoundException");
    assert_eq!(cloud.all("again", None).await, before);
}
