//! The account: alias and summary.

use virga_api::iam as api;

use crate::cloud::{Cloud, error, words};

#[tokio::test]
async fn an_alias_belongs_to_one_account() {
    let cloud = Cloud::new();
    let create = |cloud: &Cloud, alias: &str| {
        let cloud = cloud.clone();
        let input = api::CreateAccountAliasInput::new().with_account_alias(alias);
        async move { cloud.call::<api::op::CreateAccountAlias>(input).await }
    };
    let list = async || {
        let input = api::ListAccountAliasesInput::new();
        let output = cloud.call::<api::op::ListAccountAliases>(input).await.unwrap();
        output.account_aliases().iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert!(list().await.is_empty());
    create(&cloud, "one").await.unwrap();
    create(&cloud, "two").await.unwrap();
    assert_eq!(list().await, ["two"], "the new one is in place of the old one");
    let other = cloud.of_account("999988887777");
    assert_eq!(
        error(create(&other, "two").await),
        words("EntityAlreadyExists", "The account alias two already exists.")
    );
    create(&other, "one").await.unwrap();
    let delete = |alias: &str| {
        let input = api::DeleteAccountAliasInput::new().with_account_alias(alias);
        cloud.call::<api::op::DeleteAccountAlias>(input)
    };
    assert_eq!(error(delete("one").await).0, "NoSuchEntity");
    delete("two").await.unwrap();
    assert!(list().await.is_empty());
}

#[tokio::test]
async fn the_summary_counts() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    cloud.policy("p").await;
    cloud.key(None).await.unwrap();
    let output = cloud.call::<api::op::GetAccountSummary>(virga_api::Nothing::new()).await.unwrap();
    let summary = output.summary_map().unwrap();
    for (name, expected) in
        [("Users", 1), ("Groups", 0), ("Policies", 1), ("AccountAccessKeysPresent", 1), ("UsersQuota", 5000)]
    {
        assert_eq!(summary.get(name), Some(expected), "{name}");
    }
}
