//! Web identity tokens that the account issues.

use virga_api::Nothing;
use virga_api::iam::{self as api, op};
use virga_api::sts;
use virga_federation::jwt::{KeySet, Token};
use virga_kit::web_identity_issuer;

use crate::cloud::{ACCOUNT, Cloud, START, error};

fn wanted(algorithm: &str) -> sts::GetWebIdentityTokenInput {
    sts::GetWebIdentityTokenInput::new()
        .with_audience(vec!["https://api.example.com".to_owned()])
        .with_signing_algorithm(algorithm)
}

#[tokio::test]
async fn tokens_tell_who_the_caller_is() {
    let cloud = Cloud::new();
    let ann = cloud.administrator("ann").await;
    let refused = error(ann.call::<sts::op::GetWebIdentityToken>(wanted("ES384")).await);
    assert_eq!(refused.0, "OutboundWebIdentityFederationDisabled");
    let output = cloud.call::<op::EnableOutboundWebIdentityFederation>(Nothing::new()).await.unwrap();
    let issuer = output.issuer_identifier().unwrap();
    let host = issuer.strip_prefix("https://").unwrap();
    let read = cloud.world.store().read().unwrap();
    let published = web_identity_issuer::published(&read, host).unwrap().unwrap();
    assert!(published.configuration.contains(&format!("{issuer}/.well-known/jwks.json")));
    let keys = KeySet::parse(&published.key_set).unwrap();
    let tag = api::Tag::new().with_key("team").with_value("a");
    let input = api::TagUserInput::new().with_user_name("ann").with_tags(vec![tag]);
    cloud.call::<op::TagUser>(input).await.unwrap();
    for algorithm in ["RS256", "ES384"] {
        let tag = sts::Tag::new().with_key("job").with_value("7");
        let input = wanted(algorithm).with_tags(vec![tag]);
        let output = ann.call::<sts::op::GetWebIdentityToken>(input).await.unwrap();
        let text = output.web_identity_token().unwrap().to_owned();
        let token = Token::parse(&text).unwrap();
        token.verify(&keys).unwrap();
        assert_eq!(token.algorithm.name(), algorithm);
        assert_eq!(token.text("iss"), Some(issuer));
        assert_eq!(token.text("sub"), Some(&*format!("arn:aws:iam::{ACCOUNT}:user/ann")));
        assert_eq!(token.text("aud"), Some("https://api.example.com"));
        assert_eq!((token.time("iat"), token.time("exp")), (Some(START), Some(START + 300)));
        let own = token.claim("https://sts.amazonaws.com/").unwrap();
        assert_eq!(own["aws_account"], ACCOUNT);
        assert_eq!((&own["principal_tags"]["team"], &own["request_tags"]["job"]), (&"a".into(), &"7".into()));
    }
    assert_eq!(error(ann.call::<sts::op::GetWebIdentityToken>(wanted("HS256")).await).0, "ValidationError");
    cloud.call::<op::DisableOutboundWebIdentityFederation>(Nothing::new()).await.unwrap();
    let refused = error(ann.call::<sts::op::GetWebIdentityToken>(wanted("ES384")).await);
    assert_eq!(refused.0, "OutboundWebIdentityFederationDisabled");
}

#[tokio::test]
async fn policies_bound_audience_and_duration() {
    let cloud = Cloud::new();
    cloud.call::<op::EnableOutboundWebIdentityFederation>(Nothing::new()).await.unwrap();
    cloud.user("bob").await;
    let document = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:GetWebIdentityToken","Resource":"*","Condition":{"ForAllValues:StringEquals":{"sts:IdentityTokenAudience":"https://api.example.com"},"NumericLessThanEquals":{"sts:DurationSeconds":300},"StringEquals":{"sts:SigningAlgorithm":"ES384"}}}}"#;
    cloud.put_user_policy("bob", "p", document).await.unwrap();
    let bob = cloud.of_key(cloud.key(Some("bob")).await.unwrap().access_key_id());
    bob.call::<sts::op::GetWebIdentityToken>(wanted("ES384")).await.unwrap();
    let tag = sts::Tag::new().with_key("job").with_value("7");
    for other in [
        wanted("RS256"),
        wanted("ES384").with_duration_seconds(600),
        wanted("ES384").with_audience(vec!["https://other.example.com".to_owned()]),
        wanted("ES384").with_tags(vec![tag]),
    ] {
        assert_eq!(error(bob.call::<sts::op::GetWebIdentityToken>(other).await).0, "AccessDenied");
    }
}
