//! SSH public keys.

use virga_api::iam as api;
use virga_model::ApiError;

use crate::cloud::{Cloud, error, words};

/// A key of 2048 bits: exponent 65537, and a modulus of one letter.
fn key(letter: u8) -> String {
    let modulus: Vec<u8> = [0].into_iter().chain([letter | 0x80; 256]).collect();
    let mut blob = Vec::new();
    for part in [&b"ssh-rsa"[..], &[1, 0, 1], &modulus] {
        blob.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        blob.extend(part);
    }
    format!("ssh-rsa {} ann@home", data_encoding::BASE64.encode(&blob))
}

async fn upload(cloud: &Cloud, body: &str) -> Result<api::SSHPublicKey, ApiError> {
    let input = api::UploadSSHPublicKeyInput::new().with_user_name("ann").with_ssh_public_key_body(body);
    Ok(cloud.call::<api::op::UploadSSHPublicKey>(input).await?.ssh_public_key().unwrap().clone())
}

async fn get(cloud: &Cloud, id: &str, encoding: &str) -> Result<api::SSHPublicKey, ApiError> {
    let input = api::GetSSHPublicKeyInput::new()
        .with_user_name("ann")
        .with_ssh_public_key_id(id)
        .with_encoding(encoding);
    Ok(cloud.call::<api::op::GetSSHPublicKey>(input).await?.ssh_public_key().unwrap().clone())
}

#[tokio::test]
async fn a_key_is_shown_in_the_form_that_is_asked_for() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let body = key(1);
    let uploaded = upload(&cloud, &body).await.unwrap();
    assert!(uploaded.ssh_public_key_id().starts_with("APKA"));
    assert_eq!((uploaded.ssh_public_key_body(), uploaded.status()), (&*body, "Active"));
    assert_eq!(uploaded.fingerprint().len(), 47);
    let id = uploaded.ssh_public_key_id();
    assert_eq!(get(&cloud, id, "SSH").await.unwrap().ssh_public_key_body(), body);
    let pem = get(&cloud, id, "PEM").await.unwrap();
    assert!(pem.ssh_public_key_body().starts_with("-----BEGIN PUBLIC KEY-----\n"));
    assert_eq!(
        error(upload(&cloud, pem.ssh_public_key_body()).await).0,
        "DuplicateSSHPublicKey",
        "it is the same key in another form"
    );
}

#[tokio::test]
async fn a_user_has_five_keys_at_most() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    for letter in 0..5 {
        upload(&cloud, &key(letter)).await.unwrap();
    }
    assert_eq!(
        error(upload(&cloud, &key(5)).await),
        words("LimitExceeded", "Cannot exceed quota for SSHPublicKeysPerUser: 5")
    );
    assert_eq!(error(upload(&cloud, "nonsense").await).0, "UnrecognizedPublicKeyEncoding");
    assert_eq!(error(upload(&cloud, "ssh-rsa AAAA").await).0, "InvalidPublicKey");
}

#[tokio::test]
async fn keys_are_switched_off_and_deleted() {
    let cloud = Cloud::new();
    cloud.user("ann").await;
    let uploaded = upload(&cloud, &key(1)).await.unwrap();
    let id = uploaded.ssh_public_key_id();
    let update = |id: &str, status: &str| {
        let input = api::UpdateSSHPublicKeyInput::new()
            .with_user_name("ann")
            .with_ssh_public_key_id(id)
            .with_status(status);
        cloud.call::<api::op::UpdateSSHPublicKey>(input)
    };
    update(id, "Inactive").await.unwrap();
    let input = api::ListSSHPublicKeysInput::new().with_user_name("ann");
    let listed = cloud.call::<api::op::ListSSHPublicKeys>(input).await.unwrap();
    let statuses: Vec<_> =
        listed.ssh_public_keys().unwrap().iter().map(|key| key.status().to_owned()).collect();
    assert_eq!(statuses, ["Inactive"]);
    assert_eq!(
        error(update("APKAAAAAAAAAAAAAAAAAA", "Active").await),
        words("NoSuchEntity", "The Public Key with id APKAAAAAAAAAAAAAAAAAA cannot be found.")
    );
    let delete_user = || cloud.call::<api::op::DeleteUser>(api::DeleteUserInput::new().with_user_name("ann"));
    assert_eq!(
        error(delete_user().await),
        words("DeleteConflict", "Cannot delete entity, must remove referenced objects first.")
    );
    let input = api::DeleteSSHPublicKeyInput::new().with_user_name("ann").with_ssh_public_key_id(id);
    cloud.call::<api::op::DeleteSSHPublicKey>(input).await.unwrap();
    assert_eq!(error(get(&cloud, id, "SSH").await).0, "NoSuchEntity");
    delete_user().await.unwrap();
}
