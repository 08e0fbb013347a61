//! Roles: trust, chains, what passes on.

use virga_api::sts::{self as api, op};

use crate::cloud::{ACCOUNT, Cloud, error};

const ACCOUNT_ROOT: &str = r#"{"AWS":"111122223333"}"#;
const MACHINES: &str = r#"{"Service":"ec2.amazonaws.com"}"#;

fn assume(arn: &str) -> api::AssumeRoleInput {
    api::AssumeRoleInput::new().with_role_arn(arn).with_role_session_name("job")
}

#[tokio::test]
async fn a_service_assumes_only_roles_that_trust_it() {
    let cloud = Cloud::new();
    let machine = cloud.role("machine", MACHINES, 3600).await;
    let open = cloud.role("open", ACCOUNT_ROOT, 3600).await;
    let service = cloud.as_service("ec2.amazonaws.com");
    let output = service.call::<op::AssumeRole>(assume(&machine)).await.unwrap();
    let user = output.assumed_role_user().unwrap();
    assert_eq!(user.arn(), format!("arn:aws:sts::{ACCOUNT}:assumed-role/machine/job"));
    assert_eq!(user.assumed_role_id(), "AROAEXAMPLE:job");
    assert!(!cloud.with(output.credentials().unwrap()).session().is_chained);
    assert_eq!(error(service.call::<op::AssumeRole>(assume(&open)).await).0, "AccessDenied");
    let other = cloud.as_service("lambda.amazonaws.com");
    assert_eq!(error(other.call::<op::AssumeRole>(assume(&machine)).await).0, "AccessDenied");
}

#[tokio::test]
async fn a_role_that_is_not_there_is_refused_like_another() {
    let cloud = Cloud::new();
    let closed = cloud.role("closed", MACHINES, 3600).await;
    let refused = error(cloud.call::<op::AssumeRole>(assume(&closed)).await);
    let absent = error(cloud.call::<op::AssumeRole>(assume(&closed.replace("closed", "absent"))).await);
    assert_eq!((refused.0, refused.1.replace("closed", "absent")), absent);
    for (arn, text) in [
        ("nothing-valid-in-here", "nothing-valid-in-here is invalid"),
        ("arn:a::::something/test-role", "arn:a::::something/test-role is invalid"),
    ] {
        let found = error(cloud.call::<op::AssumeRole>(assume(arn)).await);
        assert_eq!((&*found.0, &*found.1), ("ValidationError", text));
    }
}

#[tokio::test]
async fn a_session_carries_tags_and_source_identity_and_lasts_no_longer_than_the_role_says() {
    let cloud = Cloud::new();
    let role = cloud.role("r", r#""*""#, 7200).await;
    let tags = ["a", "b"].map(|key| api::Tag::new().with_key(key).with_value("1"));
    let first = assume(&role)
        .with_tags(tags.to_vec())
        .with_transitive_tag_keys(vec!["a"])
        .with_source_identity("ann");
    let output = cloud.call::<op::AssumeRole>(first).await.unwrap();
    assert_eq!(output.source_identity(), Some("ann"));
    let first = cloud.with(output.credentials().unwrap());
    assert_eq!(first.session().tags.len(), 2);
    assert_eq!(first.session().transitive_tag_keys, ["a"]);
    let long = assume(&role).with_duration_seconds(7201);
    let (code, text) = error(cloud.call::<op::AssumeRole>(long).await);
    assert_eq!(code, "ValidationError");
    assert_eq!(text, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
}

#[tokio::test]
async fn contexts_are_those_of_providers_that_vouch_for_them() {
    let cloud = Cloud::new();
    let role = cloud.role("r", r#""*""#, 3600).await;
    let given = |arn: &str| {
        let context =
            api::ProvidedContext::new().with_provider_arn(arn).with_context_assertion("e30.e30.c2ln");
        cloud.call::<op::AssumeRole>(assume(&role).with_provided_contexts(vec![context]))
    };
    for (arn, text) in [
        (
            "arn:aws:iam::aws:contextProvider/IdentityCenter",
            "The provided context assertion is invalid or was not issued by the context provider.",
        ),
        ("arn:aws:iam::111122223333:role/Provider", "arn:aws:iam::111122223333:role/Provider is invalid"),
    ] {
        assert_eq!(error(given(arn).await), ("ValidationError".to_owned(), text.to_owned()));
    }
}

#[tokio::test]
async fn access_tokens_are_checked_by_providers_that_are_out_of_reach() {
    let cloud = Cloud::new();
    let role = cloud.role("r", r#"{"Federated":"www.amazon.com"}"#, 3600).await;
    let given = |provider: &str| {
        let input = api::AssumeRoleWithWebIdentityInput::new()
            .with_role_arn(&*role)
            .with_role_session_name("job")
            .with_web_identity_token("Atza|access-token")
            .with_provider_id(provider);
        cloud.call::<op::AssumeRoleWithWebIdentity>(input)
    };
    for provider in ["www.amazon.com", "graph.facebook.com"] {
        assert_eq!(error(given(provider).await).0, "IDPCommunicationErrorException");
    }
    let (code, text) = error(given("idp.example.com").await);
    assert_eq!(code, "ValidationError");
    assert_eq!(text, "idp.example.com is not a supported OAuth 2.0 identity provider");
}
