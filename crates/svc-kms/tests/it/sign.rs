//! Signatures, public keys, shared secrets.

use virga_api::kms as api;

use crate::cloud::{Cloud, arn, code, error};

async fn sign(
    cloud: &Cloud,
    id: &str,
    algorithm: &str,
    message_type: &str,
    message: &[u8],
) -> Result<Vec<u8>, virga_model::ApiError> {
    let input = api::SignRequest::new()
        .with_key_id(id)
        .with_message(message.to_vec())
        .with_message_type(message_type)
        .with_signing_algorithm(algorithm);
    Ok(cloud.call::<api::op::Sign>(input).await?.signature().unwrap().to_vec())
}

async fn verify(
    cloud: &Cloud,
    id: &str,
    algorithm: &str,
    (message_type, message): (&str, &[u8]),
    signature: &[u8],
) -> Result<bool, virga_model::ApiError> {
    let input = api::VerifyRequest::new()
        .with_key_id(id)
        .with_message(message.to_vec())
        .with_message_type(message_type)
        .with_signing_algorithm(algorithm)
        .with_signature(signature.to_vec());
    Ok(cloud.call::<api::op::Verify>(input).await?.signature_valid().unwrap())
}

#[tokio::test]
async fn every_algorithm_signs_messages_and_digests() {
    let cloud = Cloud::new();
    let kinds: [(&str, &[(&str, usize)]); 8] = [
        (
            "RSA_2048",
            &[
                ("RSASSA_PSS_SHA_256", 32),
                ("RSASSA_PSS_SHA_384", 48),
                ("RSASSA_PSS_SHA_512", 64),
                ("RSASSA_PKCS1_V1_5_SHA_256", 32),
                ("RSASSA_PKCS1_V1_5_SHA_384", 48),
                ("RSASSA_PKCS1_V1_5_SHA_512", 64),
            ],
        ),
        ("ECC_NIST_P256", &[("ECDSA_SHA_256", 32)]),
        ("ECC_NIST_P384", &[("ECDSA_SHA_384", 48)]),
        ("ECC_NIST_P521", &[("ECDSA_SHA_512", 64)]),
        ("ECC_SECG_P256K1", &[("ECDSA_SHA_256", 32)]),
        ("ECC_NIST_EDWARDS25519", &[("ED25519_SHA_512", 0), ("ED25519_PH_SHA_512", 64)]),
        ("ML_DSA_44", &[("ML_DSA_SHAKE_256", 0)]),
        ("SM2", &[("SM2DSA", 32)]),
    ];
    for (spec, algorithms) in kinds {
        let id = cloud.create_spec(spec, "SIGN_VERIFY").await;
        for (algorithm, digest_length) in algorithms {
            if *algorithm != "ED25519_PH_SHA_512" {
                let signature = sign(&cloud, &id, algorithm, "RAW", b"message").await.unwrap();
                assert!(verify(&cloud, &id, algorithm, ("RAW", b"message"), &signature).await.unwrap());
                let failed = verify(&cloud, &id, algorithm, ("RAW", b"massage"), &signature).await;
                assert_eq!(error(failed), ("KMSInvalidSignatureException".to_owned(), String::new()));
            }
            if *digest_length > 0 {
                let digest = vec![5; *digest_length];
                let signature = sign(&cloud, &id, algorithm, "DIGEST", &digest).await.unwrap();
                assert!(verify(&cloud, &id, algorithm, ("DIGEST", &digest), &signature).await.unwrap());
                let failed = sign(&cloud, &id, algorithm, "DIGEST", &digest[1..]).await;
                assert_eq!(error(failed).1, format!("Digest is invalid length for algorithm {algorithm}."));
            }
        }
    }
}

#[tokio::test]
async fn a_digest_signs_as_its_message_does() {
    let cloud = Cloud::new();
    let id = cloud.create_spec("ECC_NIST_P256", "SIGN_VERIFY").await;
    let digest = ring::digest::digest(&ring::digest::SHA256, b"message");
    let signature = sign(&cloud, &id, "ECDSA_SHA_256", "DIGEST", digest.as_ref()).await.unwrap();
    assert!(verify(&cloud, &id, "ECDSA_SHA_256", ("RAW", b"message"), &signature).await.unwrap());
}

#[tokio::test]
async fn public_keys_verify_outside() {
    use ring::signature::{ECDSA_P256_SHA256_ASN1, ED25519, RSA_PSS_2048_8192_SHA256, UnparsedPublicKey};
    let cloud = Cloud::new();
    // The public key follows a head of so many bytes in the SubjectPublicKeyInfo.
    let check = async |spec: &str,
                       algorithm: &str,
                       verifier: &'static dyn ring::signature::VerificationAlgorithm,
                       head: usize| {
        let id = cloud.create_spec(spec, "SIGN_VERIFY").await;
        let signature = sign(&cloud, &id, algorithm, "RAW", b"message").await.unwrap();
        let input = api::GetPublicKeyRequest::new().with_key_id(&*id);
        let output = cloud.call::<api::op::GetPublicKey>(input).await.unwrap();
        let public = &output.public_key().unwrap()[head..];
        UnparsedPublicKey::new(verifier, public).verify(b"message", &signature).unwrap();
        assert_eq!((output.key_spec(), output.key_usage()), (Some(spec), Some("SIGN_VERIFY")));
    };
    check("ECC_NIST_P256", "ECDSA_SHA_256", &ECDSA_P256_SHA256_ASN1, 26).await;
    check("ECC_NIST_EDWARDS25519", "ED25519_SHA_512", &ED25519, 12).await;
    check("RSA_2048", "RSASSA_PSS_SHA_256", &RSA_PSS_2048_8192_SHA256, 24).await;
    let symmetric = cloud.create().await;
    let input = api::GetPublicKeyRequest::new().with_key_id(&*symmetric);
    assert_eq!(code(cloud.call::<api::op::GetPublicKey>(input).await), "UnsupportedOperationException");
}

#[tokio::test]
async fn both_sides_derive_the_same_secret() {
    let cloud = Cloud::new();
    for spec in ["ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521", "SM2"] {
        let keys =
            [cloud.create_spec(spec, "KEY_AGREEMENT").await, cloud.create_spec(spec, "KEY_AGREEMENT").await];
        let mut secrets = Vec::new();
        for (own, other) in [(0, 1), (1, 0)] {
            let input = api::GetPublicKeyRequest::new().with_key_id(&*keys[other]);
            let public =
                cloud.call::<api::op::GetPublicKey>(input).await.unwrap().public_key().unwrap().clone();
            let input = api::DeriveSharedSecretRequest::new()
                .with_key_id(&*keys[own])
                .with_key_agreement_algorithm("ECDH")
                .with_public_key(public);
            let output = cloud.call::<api::op::DeriveSharedSecret>(input).await.unwrap();
            assert_eq!(output.key_origin(), Some("AWS_KMS"));
            secrets.push(output.shared_secret().unwrap().clone());
        }
        assert_eq!(secrets[0], secrets[1], "{spec}");
    }
    let id = cloud.create_spec("ECC_NIST_P256", "KEY_AGREEMENT").await;
    let input = api::DeriveSharedSecretRequest::new()
        .with_key_id(&*id)
        .with_key_agreement_algorithm("ECDH")
        .with_public_key(b"nonsense".to_vec());
    let failed = cloud.call::<api::op::DeriveSharedSecret>(input).await;
    assert_eq!(error(failed), ("ValidationException".to_owned(), String::new()));
}

#[tokio::test]
async fn wrong_keys_and_types_are_refused() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    assert_eq!(
        error(sign(&cloud, &id, "ECDSA_SHA_256", "RAW", b"x").await).1,
        format!("{} key usage is ENCRYPT_DECRYPT which is not valid for Sign.", arn(&id))
    );
    let id = cloud.create_spec("ECC_NIST_P256", "SIGN_VERIFY").await;
    assert_eq!(
        error(sign(&cloud, &id, "ECDSA_SHA_384", "RAW", b"x").await).1,
        "Algorithm ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256."
    );
    assert_eq!(code(sign(&cloud, &id, "ECDSA_SHA_256", "EXTERNAL_MU", b"x").await), "ValidationException");
    let lattice = cloud.create_spec("ML_DSA_87", "SIGN_VERIFY").await;
    let signature = sign(&cloud, &lattice, "ML_DSA_SHAKE_256", "EXTERNAL_MU", &[3; 64]).await.unwrap();
    let message = ("EXTERNAL_MU", &[3; 64][..]);
    assert!(verify(&cloud, &lattice, "ML_DSA_SHAKE_256", message, &signature).await.unwrap());
}
