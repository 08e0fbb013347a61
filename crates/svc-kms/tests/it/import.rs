//! Imported key material.

use aes_kw::{KeyInit as _, KwpAes256};
use rsa::pkcs8::DecodePublicKey as _;
use rsa::{Oaep, RsaPublicKey};
use virga_api::kms as api;
use virga_model::{ApiError, Timestamp};

use crate::cloud::{Cloud, DAY, START, arn, code, error};

async fn external(cloud: &Cloud, spec: &str, usage: &str) -> String {
    let input =
        api::CreateKeyRequest::new().with_origin("EXTERNAL").with_key_spec(spec).with_key_usage(usage);
    cloud.create_with(input).await.unwrap()
}

/// Import token and public key.
async fn parameters(cloud: &Cloud, id: &str, algorithm: &str) -> Result<(Vec<u8>, Vec<u8>), ApiError> {
    let input = api::GetParametersForImportRequest::new()
        .with_key_id(id)
        .with_wrapping_algorithm(algorithm)
        .with_wrapping_key_spec("RSA_2048");
    let output = cloud.call::<api::op::GetParametersForImport>(input).await?;
    Ok((output.import_token().unwrap().to_vec(), output.public_key().unwrap().to_vec()))
}

fn wrap(public: &[u8], secret: &[u8]) -> Vec<u8> {
    let key = RsaPublicKey::from_public_key_der(public).unwrap();
    key.encrypt(&mut rand_core::UnwrapErr(getrandom::SysRng), Oaep::<sha2::Sha256>::new(), secret).unwrap()
}

fn request(id: &str, token: &[u8], wrapped: Vec<u8>) -> api::ImportKeyMaterialRequest {
    api::ImportKeyMaterialRequest::new()
        .with_key_id(id)
        .with_import_token(token.to_vec())
        .with_encrypted_key_material(wrapped)
        .with_expiration_model("KEY_MATERIAL_DOES_NOT_EXPIRE")
}

async fn import_as(
    cloud: &Cloud,
    id: &str,
    secret: &[u8],
    import_type: Option<&str>,
) -> Result<String, ApiError> {
    let (token, public) = parameters(cloud, id, "RSAES_OAEP_SHA_256").await?;
    let input = request(id, &token, wrap(&public, secret)).with_import_type(import_type);
    let output = cloud.call::<api::op::ImportKeyMaterial>(input).await?;
    Ok(output.key_material_id().unwrap_or_default().to_owned())
}

async fn delete(cloud: &Cloud, id: &str) {
    let input = api::DeleteImportedKeyMaterialRequest::new().with_key_id(id);
    cloud.call::<api::op::DeleteImportedKeyMaterial>(input).await.unwrap();
}

#[tokio::test]
async fn a_symmetric_key_waits_for_its_material_and_decrypts_with_it_again() {
    let cloud = Cloud::new();
    let id = external(&cloud, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").await;
    assert_eq!(cloud.state(&id).await, "PendingImport");
    let pending = format!("{} is pending import.", arn(&id));
    assert_eq!(error(cloud.encrypt(&id, b"x", &[]).await).1, pending);
    let material = import_as(&cloud, &id, &[9; 32], None).await.unwrap();
    let key = cloud.describe(&id).await.unwrap();
    assert_eq!((key.key_state(), key.enabled()), (Some("Enabled"), Some(true)));
    assert_eq!(key.expiration_model(), Some("KEY_MATERIAL_DOES_NOT_EXPIRE"));
    assert_eq!(key.current_key_material_id(), Some(&*material));
    let blob = cloud.encrypt(&id, b"x", &[]).await.unwrap();
    delete(&cloud, &id).await;
    let key = cloud.describe(&id).await.unwrap();
    assert_eq!((key.key_state(), key.expiration_model()), (Some("PendingImport"), None));
    assert_eq!(key.current_key_material_id(), Some(&*material));
    assert_eq!(error(cloud.decrypt(&blob, &[]).await).1, pending);
    assert_eq!(code(import_as(&cloud, &id, &[8; 32], None).await), "IncorrectKeyMaterialException");
    assert_eq!(import_as(&cloud, &id, &[9; 32], None).await.unwrap(), material);
    assert_eq!(cloud.decrypt(&blob, &[]).await.unwrap().0, b"x");
}

#[tokio::test]
async fn imported_material_expires() {
    let cloud = Cloud::new();
    let id = external(&cloud, "HMAC_256", "GENERATE_VERIFY_MAC").await;
    let (token, public) = parameters(&cloud, &id, "RSAES_OAEP_SHA_256").await.unwrap();
    let without = request(&id, &token, wrap(&public, &[1; 32])).with_expiration_model("KEY_MATERIAL_EXPIRES");
    assert_eq!(
        error(cloud.call::<api::op::ImportKeyMaterial>(without.clone()).await).1,
        "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
    );
    let at = Timestamp::from_secs(START + 86_400);
    cloud.call::<api::op::ImportKeyMaterial>(without.with_valid_to(at)).await.unwrap();
    assert_eq!(cloud.describe(&id).await.unwrap().valid_to(), Some(at));
    cloud.advance(DAY - 1).await;
    assert_eq!(cloud.state(&id).await, "Enabled");
    cloud.advance(1).await;
    assert_eq!(cloud.state(&id).await, "PendingImport");
}

#[tokio::test]
async fn tokens_are_for_one_key_and_one_day() {
    let cloud = Cloud::new();
    let id = external(&cloud, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").await;
    let other = external(&cloud, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").await;
    let (token, public) = parameters(&cloud, &id, "RSAES_OAEP_SHA_256").await.unwrap();
    let import = async |id: &str, token: &[u8], wrapped: Vec<u8>| {
        code(cloud.call::<api::op::ImportKeyMaterial>(request(id, token, wrapped)).await)
    };
    let wrapped = wrap(&public, &[1; 32]);
    assert_eq!(import(&other, &token, wrapped.clone()).await, "InvalidImportTokenException");
    assert_eq!(import(&id, b"nonsense", wrapped.clone()).await, "InvalidImportTokenException");
    assert_eq!(import(&id, &token, vec![1; 256]).await, "InvalidCiphertextException");
    assert_eq!(import(&id, &token, wrap(&public, &[1; 31])).await, "IncorrectKeyMaterialException");
    cloud.advance(DAY).await;
    assert_eq!(import(&id, &token, wrapped).await, "ExpiredImportTokenException");
    let own = cloud.create().await;
    assert_eq!(
        error(parameters(&cloud, &own, "RSAES_OAEP_SHA_256").await).1,
        format!("{} origin is AWS_KMS which is not valid for this operation.", arn(&own))
    );
    assert_eq!(code(parameters(&cloud, &id, "RSAES_PKCS1_V1_5").await), "UnsupportedOperationException");
}

#[tokio::test]
async fn private_keys_are_imported_in_two_steps() {
    let cloud = Cloud::new();
    let symmetric = cloud.create().await;
    let id = external(&cloud, "RSA_2048", "SIGN_VERIFY").await;
    let input =
        api::GenerateDataKeyPairRequest::new().with_key_id(&*symmetric).with_key_pair_spec("RSA_2048");
    let pair = cloud.call::<api::op::GenerateDataKeyPair>(input).await.unwrap();
    let private = pair.private_key_plaintext().unwrap();
    let (token, public) = parameters(&cloud, &id, "RSA_AES_KEY_WRAP_SHA_256").await.unwrap();
    let mut buffer = vec![0; private.len() + 16];
    let inner = KwpAes256::new_from_slice(&[6; 32]).unwrap().wrap_key(private, &mut buffer).unwrap().to_vec();
    let wrapped = [wrap(&public, &[6; 32]), inner].concat();
    cloud.call::<api::op::ImportKeyMaterial>(request(&id, &token, wrapped)).await.unwrap();
    let input = api::GetPublicKeyRequest::new().with_key_id(&*id);
    let output = cloud.call::<api::op::GetPublicKey>(input).await.unwrap();
    assert_eq!(output.public_key(), pair.public_key());
}

#[tokio::test]
async fn the_next_material_waits_for_a_rotation() {
    let cloud = Cloud::new();
    let id = external(&cloud, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT").await;
    let first = import_as(&cloud, &id, &[1; 32], None).await.unwrap();
    let old = cloud.encrypt(&id, b"old", &[]).await.unwrap();
    let rotate = || api::RotateKeyOnDemandRequest::new().with_key_id(&*id);
    assert_eq!(
        error(cloud.call::<api::op::RotateKeyOnDemand>(rotate()).await).1,
        format!("No available key material pending rotation for the key: {}.", arn(&id))
    );
    let second = import_as(&cloud, &id, &[2; 32], Some("NEW_KEY_MATERIAL")).await.unwrap();
    let (failed, text) = error(import_as(&cloud, &id, &[3; 32], Some("NEW_KEY_MATERIAL")).await);
    assert_eq!(failed, "KMSInvalidStateException");
    assert!(text.contains(&second) && text.ends_with("is pending rotation."), "{text}");
    assert_eq!(cloud.describe(&id).await.unwrap().current_key_material_id(), Some(&*first));
    cloud.call::<api::op::RotateKeyOnDemand>(rotate()).await.unwrap();
    assert_eq!(cloud.describe(&id).await.unwrap().current_key_material_id(), Some(&*second));
    assert_eq!(cloud.decrypt(&old, &[]).await.unwrap(), (b"old".to_vec(), first.clone()));
    let input =
        api::ListKeyRotationsRequest::new().with_key_id(&*id).with_include_key_material("ALL_KEY_MATERIAL");
    let output = cloud.call::<api::op::ListKeyRotations>(input).await.unwrap();
    let listed: Vec<_> = output
        .rotations()
        .unwrap()
        .iter()
        .map(|it| {
            (it.key_material_id().unwrap(), it.key_material_state().unwrap(), it.import_state().unwrap())
        })
        .collect();
    assert_eq!(listed, [(&*first, "NON_CURRENT", "IMPORTED"), (&*second, "CURRENT", "IMPORTED")]);
}

#[tokio::test]
async fn the_next_material_of_multi_region_keys_is_imported_into_each() {
    let cloud = Cloud::new();
    let there = cloud.in_region("us-east-1");
    let input = api::CreateKeyRequest::new().with_origin("EXTERNAL").with_multi_region(true);
    let id = cloud.create_with(input).await.unwrap();
    import_as(&cloud, &id, &[1; 32], None).await.unwrap();
    let input = api::ReplicateKeyRequest::new().with_key_id(&*id).with_replica_region("us-east-1");
    cloud.call::<api::op::ReplicateKey>(input).await.unwrap();
    cloud.advance(1).await;
    assert_eq!(there.state(&id).await, "PendingImport");
    assert_eq!(code(import_as(&there, &id, &[2; 32], None).await), "IncorrectKeyMaterialException");
    import_as(&there, &id, &[1; 32], None).await.unwrap();
    let blob = cloud.encrypt(&id, b"x", &[]).await.unwrap();
    assert_eq!(there.decrypt(&blob, &[]).await.unwrap().0, b"x");
    let states = async |cloud: &Cloud| {
        let input = api::ListKeyRotationsRequest::new()
            .with_key_id(&*id)
            .with_include_key_material("ALL_KEY_MATERIAL");
        let output = cloud.call::<api::op::ListKeyRotations>(input).await.unwrap();
        let rotations = output.rotations().unwrap().iter();
        rotations.map(|it| it.key_material_state().unwrap().to_owned()).collect::<Vec<_>>()
    };
    import_as(&cloud, &id, &[2; 32], Some("NEW_KEY_MATERIAL")).await.unwrap();
    assert_eq!(states(&cloud).await, ["CURRENT", "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"]);
    import_as(&there, &id, &[2; 32], None).await.unwrap();
    assert_eq!(states(&there).await, ["CURRENT", "PENDING_ROTATION"]);
    let rotate = api::RotateKeyOnDemandRequest::new().with_key_id(&*id);
    cloud.call::<api::op::RotateKeyOnDemand>(rotate).await.unwrap();
    let blob = cloud.encrypt(&id, b"y", &[]).await.unwrap();
    assert_eq!(there.decrypt(&blob, &[]).await.unwrap().0, b"y");
}
