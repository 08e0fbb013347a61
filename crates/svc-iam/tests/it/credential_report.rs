//! The credential report.

use virga_api::Nothing;
use virga_api::iam as api;

use crate::cloud::{Cloud, error};

#[tokio::test]
async fn a_report_is_good_for_four_hours() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    cloud.key(Some("ann")).await.unwrap();
    let input = api::CreateLoginProfileInput::new().with_user_name("ann").with_password("Secret-1");
    cloud.call::<api::op::CreateLoginProfile>(input).await.unwrap();
    let input = api::UpdateAccountPasswordPolicyInput::new().with_max_password_age(1);
    cloud.call::<api::op::UpdateAccountPasswordPolicy>(input).await.unwrap();
    let get = || cloud.call::<api::op::GetCredentialReport>(Nothing::new());
    let generate = async || {
        let output = cloud.call::<api::op::GenerateCredentialReport>(Nothing::new()).await.unwrap();
        output.state().unwrap().to_owned()
    };
    assert_eq!(error(get().await).0, "CredentialReportNotPresent");
    assert_eq!((generate().await, generate().await), ("STARTED".to_owned(), "COMPLETE".to_owned()));
    let report = get().await.unwrap();
    let text = std::str::from_utf8(report.content().unwrap()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!((lines.len(), report.report_format()), (3, Some("text/csv")));
    assert!(lines[1].starts_with("<root_account>,arn:aws:iam::111122223333:root,"));
    let ann: Vec<&str> = lines[2].split(',').collect();
    assert_eq!(ann[..4], ["ann", "arn:aws:iam::111122223333:user/ann", "2027-01-15T08:00:00+00:00", "true"]);
    assert_eq!(ann[6], "2027-01-16T08:00:00+00:00", "the password has to be changed after a day");
    assert_eq!((ann[7], ann[8]), ("false", "true"), "no MFA device, one active key");
    cloud.advance(4 * 3600).await;
    assert_eq!(error(get().await).0, "CredentialReportExpired");
    assert_eq!(generate().await, "STARTED");
    get().await.unwrap();
}
