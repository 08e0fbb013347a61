//! Aliases.

use virga_api::kms as api;

use crate::cloud::{ACCOUNT, Cloud, code, error};

fn alias_arn(name: &str) -> String {
    format!("arn:aws:kms:eu-west-1:{ACCOUNT}:{name}")
}

async fn update(cloud: &Cloud, name: &str, id: &str) -> Result<(), virga_model::ApiError> {
    let input = api::UpdateAliasRequest::new().with_alias_name(name).with_target_key_id(id);
    cloud.call::<api::op::UpdateAlias>(input).await.map(|_| ())
}

#[tokio::test]
async fn an_alias_stands_for_a_key_and_then_for_another() {
    let cloud = Cloud::new();
    let (first, second) = (cloud.create().await, cloud.create().await);
    cloud.create_alias("alias/a", &first).await.unwrap();
    assert_eq!(cloud.describe("alias/a").await.unwrap().key_id(), first);
    let blob = cloud.encrypt("alias/a", b"x", &[]).await.unwrap();
    update(&cloud, "alias/a", &second).await.unwrap();
    assert_eq!(cloud.describe(&alias_arn("alias/a")).await.unwrap().key_id(), second);
    assert_eq!(cloud.decrypt(&blob, &[]).await.unwrap().0, b"x");
    let sign = cloud.create_spec("ECC_NIST_P256", "SIGN_VERIFY").await;
    assert_eq!(code(update(&cloud, "alias/a", &sign).await), "ValidationException");
    let input = api::DeleteAliasRequest::new().with_alias_name("alias/a");
    cloud.call::<api::op::DeleteAlias>(input.clone()).await.unwrap();
    let text = format!("Alias {} is not found.", alias_arn("alias/a"));
    assert_eq!(error(cloud.call::<api::op::DeleteAlias>(input).await).1, text);
    assert_eq!(error(update(&cloud, "alias/a", &first).await).1, text);
}

#[tokio::test]
async fn names_that_can_not_be_are_refused() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    assert_eq!(
        error(cloud.create_alias("a", &id).await).1,
        "Alias must start with the prefix \"alias/\". Please see \
         https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
    );
    assert_eq!(code(cloud.create_alias("alias/aws/a", &id).await), "NotAuthorizedException");
    cloud.create_alias("alias/a", &id).await.unwrap();
    assert_eq!(
        error(cloud.create_alias("alias/a", &id).await),
        (
            "AlreadyExistsException".to_owned(),
            format!("An alias with the name {} already exists", alias_arn("alias/a"))
        )
    );
    assert_eq!(
        error(cloud.create_alias("alias/b", "alias/a").await).1,
        "Aliases must refer to keys. Not aliases"
    );
}

#[tokio::test]
async fn aliases_are_listed_of_all_keys_and_of_one() {
    let cloud = Cloud::new();
    let (first, second) = (cloud.create().await, cloud.create().await);
    for (name, id) in [("alias/b", &first), ("alias/a", &second), ("alias/c", &first)] {
        cloud.create_alias(name, id).await.unwrap();
    }
    let list = async |input: api::ListAliasesRequest| {
        let output = cloud.call::<api::op::ListAliases>(input).await.unwrap();
        output
            .aliases()
            .unwrap()
            .iter()
            .map(|alias| alias.alias_name().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(api::ListAliasesRequest::new()).await, ["alias/a", "alias/b", "alias/c"]);
    assert_eq!(list(api::ListAliasesRequest::new().with_key_id(&*first)).await, ["alias/b", "alias/c"]);
    assert_eq!(list(api::ListAliasesRequest::new().with_limit(1)).await, ["alias/a"]);
}

#[tokio::test]
async fn a_key_has_fifty_aliases_at_most() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    for number in 0..50 {
        cloud.create_alias(&format!("alias/{number}"), &id).await.unwrap();
    }
    assert_eq!(code(cloud.create_alias("alias/more", &id).await), "LimitExceededException");
}
