//! ARNs of IAM's resources: global, so without a region.
//! <https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html>

/// `arn:aws:iam::ACCOUNT:KIND/path/name`.
pub(crate) fn of(account: &str, kind: &str, path: &str, name: &str) -> String {
    format!("arn:aws:iam::{account}:{kind}{path}{name}")
}
