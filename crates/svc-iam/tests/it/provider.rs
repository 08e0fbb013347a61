//! OpenID Connect and SAML providers, and settings for tokens.

use virga_api::Nothing;
use virga_api::iam as api;
use virga_model::{ApiError, Timestamp};

use crate::cloud::{Cloud, START, error, words};

const ARN: &str = "arn:aws:iam::111122223333:oidc-provider/token.example.com/a";
const THUMBPRINT: &str = "6938fd4d98bab03faadb97b34396831e3780aea1";

async fn create_oidc(cloud: &Cloud, url: &str) -> Result<String, ApiError> {
    let input = api::CreateOpenIDConnectProviderInput::new()
        .with_url(url)
        .with_client_id_list(vec!["sts.amazonaws.com"])
        .with_thumbprint_list(vec![THUMBPRINT]);
    let output = cloud.call::<api::op::CreateOpenIDConnectProvider>(input).await?;
    Ok(output.open_id_connect_provider_arn().unwrap().to_owned())
}

async fn get_oidc(cloud: &Cloud, arn: &str) -> Result<api::GetOpenIDConnectProviderOutput, ApiError> {
    let input = api::GetOpenIDConnectProviderInput::new().with_open_id_connect_provider_arn(arn);
    cloud.call::<api::op::GetOpenIDConnectProvider>(input).await
}

#[tokio::test]
async fn an_oidc_provider_is_named_for_its_url() {
    let cloud = Cloud::new();
    assert_eq!(create_oidc(&cloud, "https://token.example.com/a").await.unwrap(), ARN);
    assert_eq!(
        error(create_oidc(&cloud, "https://token.example.com/a").await),
        words("EntityAlreadyExists", "Provider with url https://token.example.com/a already exists.")
    );
    assert_eq!(
        error(create_oidc(&cloud, "http://token.example.com").await),
        words("ValidationError", "Invalid Open ID Connect Provider URL")
    );
    let found = get_oidc(&cloud, ARN).await.unwrap();
    assert_eq!(found.url(), Some("token.example.com/a"));
    assert_eq!(found.create_date().map(Timestamp::secs), Some(START));
    assert_eq!(found.thumbprint_list().unwrap().iter().collect::<Vec<_>>(), [THUMBPRINT]);
    let delete = || {
        let input = api::DeleteOpenIDConnectProviderInput::new().with_open_id_connect_provider_arn(ARN);
        cloud.call::<api::op::DeleteOpenIDConnectProvider>(input)
    };
    delete().await.unwrap();
    delete().await.unwrap();
    assert_eq!(
        error(get_oidc(&cloud, ARN).await),
        words("NoSuchEntity", &format!("OpenIDConnect Provider not found for arn {ARN}"))
    );
    assert_eq!(error(get_oidc(&cloud, "arn:aws:iam::111122223333:user/ann").await).0, "InvalidInput");
}

#[tokio::test]
async fn audiences_and_thumbprints_have_limits() {
    let cloud = Cloud::new();
    create_oidc(&cloud, "https://token.example.com/a").await.unwrap();
    let add = |id: String| {
        let input = api::AddClientIDToOpenIDConnectProviderInput::new()
            .with_open_id_connect_provider_arn(ARN)
            .with_client_id(id);
        cloud.call::<api::op::AddClientIDToOpenIDConnectProvider>(input)
    };
    for number in 0..99 {
        add(format!("client-{number}")).await.unwrap();
    }
    add("client-0".to_owned()).await.unwrap();
    assert_eq!(
        error(add("one-more".to_owned()).await),
        words("LimitExceeded", "Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100")
    );
    let input = api::RemoveClientIDFromOpenIDConnectProviderInput::new()
        .with_open_id_connect_provider_arn(ARN)
        .with_client_id("client-0");
    cloud.call::<api::op::RemoveClientIDFromOpenIDConnectProvider>(input).await.unwrap();
    assert_eq!(get_oidc(&cloud, ARN).await.unwrap().client_id_list().unwrap().len(), 99);
    let thumbprints = |count: usize| {
        let input = api::UpdateOpenIDConnectProviderThumbprintInput::new()
            .with_open_id_connect_provider_arn(ARN)
            .with_thumbprint_list(vec![THUMBPRINT; count]);
        cloud.call::<api::op::UpdateOpenIDConnectProviderThumbprint>(input)
    };
    thumbprints(5).await.unwrap();
    assert_eq!(error(thumbprints(6).await).0, "InvalidInput");
}

fn metadata(valid_until: &str) -> String {
    format!(
        r#"<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com" {valid_until}>
        <IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">
        <KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>MIIB</X509Certificate></X509Data></KeyInfo>
        </KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
        Location="https://idp.example.com/sso"/></IDPSSODescriptor></EntityDescriptor><!--{}-->"#,
        "x".repeat(1000)
    )
}

#[tokio::test]
async fn a_saml_provider_keeps_its_document() {
    let cloud = Cloud::new();
    let create = |document: String| {
        let input =
            api::CreateSAMLProviderInput::new().with_name("corporate").with_saml_metadata_document(document);
        cloud.call::<api::op::CreateSAMLProvider>(input)
    };
    assert_eq!(error(create("x".repeat(1000)).await), words("InvalidInput", "Could not parse metadata"));
    let document = metadata("");
    let created = create(document.clone()).await.unwrap();
    let arn = created.saml_provider_arn().unwrap();
    assert_eq!(arn, "arn:aws:iam::111122223333:saml-provider/corporate");
    assert_eq!(error(create(document.clone()).await).0, "EntityAlreadyExists");
    let get = || {
        cloud.call::<api::op::GetSAMLProvider>(api::GetSAMLProviderInput::new().with_saml_provider_arn(arn))
    };
    let found = get().await.unwrap();
    assert_eq!(found.saml_metadata_document(), Some(&*document));
    assert_eq!(found.valid_until().map(Timestamp::secs), Some(START + 100 * 365 * 86_400));
    let update = api::UpdateSAMLProviderInput::new()
        .with_saml_provider_arn(arn)
        .with_saml_metadata_document(metadata(r#"validUntil="2030-01-02T03:04:05Z""#));
    cloud.call::<api::op::UpdateSAMLProvider>(update).await.unwrap();
    assert_eq!(get().await.unwrap().valid_until().map(Timestamp::secs), Some(1_893_553_445));
    let required = api::UpdateSAMLProviderInput::new()
        .with_saml_provider_arn(arn)
        .with_assertion_encryption_mode("Required");
    assert_eq!(error(cloud.call::<api::op::UpdateSAMLProvider>(required).await).0, "InvalidInput");
    let listed = cloud.call::<api::op::ListSAMLProviders>(api::ListSAMLProvidersInput::new()).await.unwrap();
    assert_eq!(listed.saml_provider_list().unwrap().iter().next().unwrap().arn(), Some(arn));
    let delete = api::DeleteSAMLProviderInput::new().with_saml_provider_arn(arn);
    cloud.call::<api::op::DeleteSAMLProvider>(delete).await.unwrap();
    assert_eq!(error(get().await), words("NoSuchEntity", &format!("Manifest not found for arn {arn}")));
}

#[tokio::test]
async fn an_account_becomes_an_issuer_and_keeps_its_url() {
    let cloud = Cloud::new();
    let get = || cloud.call::<api::op::GetOutboundWebIdentityFederationInfo>(Nothing::new());
    let enable = || cloud.call::<api::op::EnableOutboundWebIdentityFederation>(Nothing::new());
    let disable = || cloud.call::<api::op::DisableOutboundWebIdentityFederation>(Nothing::new());
    assert_eq!(error(get().await).0, "FeatureDisabled");
    let issuer = enable().await.unwrap().issuer_identifier().unwrap().to_owned();
    assert_eq!(error(enable().await).0, "FeatureEnabled");
    assert_eq!(get().await.unwrap().issuer_identifier(), Some(&*issuer));
    disable().await.unwrap();
    assert_eq!(error(disable().await).0, "FeatureDisabled");
    assert_eq!(enable().await.unwrap().issuer_identifier(), Some(&*issuer));
}

#[tokio::test]
async fn an_account_is_in_no_organization() {
    let cloud = Cloud::new();
    let input = api::ListOrganizationsFeaturesInput::new();
    let (code, _) = error(cloud.call::<api::op::ListOrganizationsFeatures>(input).await);
    assert_eq!(code, "OrganizationNotFound");
}
