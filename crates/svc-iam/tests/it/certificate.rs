//! Signing certificates of users and server certificates of the account.

use rcgen::{BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, error, words};

fn params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(rcgen::DnType::CommonName, name);
    params
}

fn issuer(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = params(name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn certificate(issuer: &CertifiedIssuer<'static, KeyPair>) -> (Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    (params("example.com").signed_by(&key, issuer).unwrap(), key)
}

#[tokio::test]
async fn a_user_has_two_signing_certificates_at_most() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let upload = |body: String| {
        let input =
            api::UploadSigningCertificateInput::new().with_user_name("ann").with_certificate_body(body);
        cloud.call::<api::op::UploadSigningCertificate>(input)
    };
    let body = issuer("a").pem();
    let uploaded = upload(body.clone()).await.unwrap();
    let uploaded = uploaded.certificate();
    assert_eq!((uploaded.certificate_body(), uploaded.status()), (&*body, "Active"));
    assert_eq!(error(upload(body).await).0, "DuplicateCertificate");
    assert_eq!(error(upload("nonsense".to_owned()).await).0, "MalformedCertificate");
    upload(issuer("b").pem()).await.unwrap();
    assert_eq!(
        error(upload(issuer("c").pem()).await),
        words("LimitExceeded", "Cannot exceed quota for CertificatesPerUser: 2")
    );
    let id = uploaded.certificate_id();
    let input = api::UpdateSigningCertificateInput::new()
        .with_user_name("ann")
        .with_certificate_id(id)
        .with_status("Inactive");
    cloud.call::<api::op::UpdateSigningCertificate>(input).await.unwrap();
    let input = api::ListSigningCertificatesInput::new().with_user_name("ann");
    let listed = cloud.call::<api::op::ListSigningCertificates>(input).await.unwrap();
    let found = listed.certificates().iter().find(|one| one.certificate_id() == id).unwrap();
    assert_eq!((listed.certificates().len(), found.status()), (2, "Inactive"));
    let delete = || {
        let input = api::DeleteSigningCertificateInput::new().with_user_name("ann").with_certificate_id(id);
        cloud.call::<api::op::DeleteSigningCertificate>(input)
    };
    delete().await.unwrap();
    assert_eq!(
        error(delete().await),
        words("NoSuchEntity", &format!("The Certificate with id {id} cannot be found."))
    );
}

async fn upload(
    cloud: &Cloud,
    name: &str,
    certificate: &str,
    key: &str,
    chain: Option<String>,
) -> Result<api::ServerCertificateMetadata, ApiError> {
    let input = api::UploadServerCertificateInput::new()
        .with_server_certificate_name(name)
        .with_path("/cloudfront/")
        .with_certificate_body(certificate)
        .with_private_key(key)
        .with_certificate_chain(chain);
    let output = cloud.call::<api::op::UploadServerCertificate>(input).await?;
    Ok(output.server_certificate_metadata().unwrap().clone())
}

#[tokio::test]
async fn certificate_key_and_chain_belong_together() {
    let cloud = Cloud::new();
    let (first, other) = (issuer("first"), issuer("other"));
    let (leaf, key) = certificate(&first);
    let (leaf, key) = (leaf.pem(), key.serialize_pem());
    let wrong = KeyPair::generate().unwrap().serialize_pem();
    assert_eq!(error(upload(&cloud, "a", &leaf, &wrong, None).await).0, "KeyPairMismatch");
    assert_eq!(error(upload(&cloud, "a", &leaf, "nonsense", None).await).0, "MalformedCertificate");
    assert_eq!(error(upload(&cloud, "a", "nonsense", &key, None).await).0, "MalformedCertificate");
    let (code, text) = error(upload(&cloud, "a", &leaf, &key, Some(other.pem())).await);
    assert_eq!(code, "MalformedCertificate");
    assert!(text.ends_with("The index within the chain of the invalid certificate is: 0"), "{text}");
    let metadata = upload(&cloud, "a", &leaf, &key, Some(first.pem())).await.unwrap();
    assert_eq!(metadata.arn(), "arn:aws:iam::111122223333:server-certificate/cloudfront/a");
    assert!(metadata.server_certificate_id().starts_with("ASCA") && metadata.expiration().is_some());
    assert_eq!(
        error(upload(&cloud, "A", &leaf, &key, None).await),
        words("EntityAlreadyExists", "The Server Certificate with name A already exists.")
    );
}

#[tokio::test]
async fn server_certificates_are_renamed_listed_and_deleted() {
    let cloud = Cloud::new();
    let authority = issuer("authority");
    let (leaf, key) = certificate(&authority);
    let (leaf, key) = (leaf.pem(), key.serialize_pem());
    for number in 0..20 {
        upload(&cloud, &format!("c{number:02}"), &leaf, &key, None).await.unwrap();
    }
    assert_eq!(
        error(upload(&cloud, "more", &leaf, &key, None).await),
        words("LimitExceeded", "Cannot exceed quota for ServerCertificatesPerAccount: 20")
    );
    let update = |name: &str, new: &str| {
        let input = api::UpdateServerCertificateInput::new()
            .with_server_certificate_name(name)
            .with_new_server_certificate_name(new)
            .with_new_path("/moved/");
        cloud.call::<api::op::UpdateServerCertificate>(input)
    };
    assert_eq!(error(update("c00", "c01").await).0, "EntityAlreadyExists");
    update("c00", "moved").await.unwrap();
    let input = api::ListServerCertificatesInput::new().with_path_prefix("/moved/");
    let listed = cloud.call::<api::op::ListServerCertificates>(input).await.unwrap();
    let names = listed.server_certificate_metadata_list();
    assert_eq!(
        names.iter().map(|one| one.server_certificate_name().to_owned()).collect::<Vec<_>>(),
        ["moved"]
    );
    let get = |name: &str| {
        let input = api::GetServerCertificateInput::new().with_server_certificate_name(name);
        cloud.call::<api::op::GetServerCertificate>(input)
    };
    let found = get("moved").await.unwrap();
    assert_eq!(found.server_certificate().certificate_body(), leaf.trim());
    assert_eq!(
        error(get("c00").await),
        words("NoSuchEntity", "The Server Certificate with name c00 cannot be found.")
    );
    let input = api::DeleteServerCertificateInput::new().with_server_certificate_name("moved");
    cloud.call::<api::op::DeleteServerCertificate>(input).await.unwrap();
    assert!(get("moved").await.is_err());
}
