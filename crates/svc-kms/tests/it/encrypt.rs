//! Encrypting and decrypting, data keys, codes.

use virga_api::kms as api;

use crate::cloud::{Cloud, arn, code, error};

#[tokio::test]
async fn what_is_encrypted_decrypts_without_naming_the_key() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let context = [("purpose", "test"), ("tenant", "7")];
    let blob = cloud.encrypt(&id, b"secret", &context).await.unwrap();
    assert!(!blob.windows(6).any(|window| window == b"secret"));
    assert_ne!(blob, cloud.encrypt(&id, b"secret", &context).await.unwrap(), "each time another ciphertext");
    let reversed = [context[1], context[0]];
    let (plaintext, material) = cloud.decrypt(&blob, &reversed).await.unwrap();
    assert_eq!(plaintext, b"secret");
    assert_eq!(Some(&*material), cloud.describe(&id).await.unwrap().current_key_material_id());
    for context in [&[][..], &context[..1], &[("purpose", "Test"), ("tenant", "7")]] {
        let failed = cloud.decrypt(&blob, context).await;
        assert_eq!(error(failed), ("InvalidCiphertextException".to_owned(), String::new()));
    }
}

#[tokio::test]
async fn damaged_and_foreign_ciphertexts_are_refused() {
    let cloud = Cloud::new();
    let (id, other) = (cloud.create().await, cloud.create().await);
    let blob = cloud.encrypt(&id, b"secret", &[]).await.unwrap();
    for place in [40, blob.len() - 1, 60] {
        let mut damaged = blob.clone();
        damaged[place] ^= 1;
        assert_eq!(code(cloud.decrypt(&damaged, &[]).await), "InvalidCiphertextException", "{place}");
    }
    assert_eq!(code(cloud.decrypt(b"nonsense", &[]).await), "InvalidCiphertextException");
    let input = api::DecryptRequest::new().with_ciphertext_blob(blob.clone()).with_key_id(&*other);
    assert_eq!(code(cloud.call::<api::op::Decrypt>(input).await), "IncorrectKeyException");
    let elsewhere = cloud.in_region("us-east-1").decrypt(&blob, &[]).await;
    assert_eq!(code(elsewhere), "AccessDeniedException");
    assert_eq!(code(cloud.of_account("999988887777").decrypt(&blob, &[]).await), "AccessDenied");
}

#[tokio::test]
async fn re_encryption_changes_key_and_context() {
    let cloud = Cloud::new();
    let (id, other) = (cloud.create().await, cloud.create().await);
    let blob = cloud.encrypt(&id, b"secret", &[("a", "1")]).await.unwrap();
    let input = api::ReEncryptRequest::new()
        .with_ciphertext_blob(blob)
        .with_source_encryption_context(vec![("a", "1")])
        .with_destination_key_id(&*other)
        .with_destination_encryption_context(vec![("b", "2")]);
    let output = cloud.call::<api::op::ReEncrypt>(input).await.unwrap();
    assert_eq!((output.source_key_id(), output.key_id()), (Some(&*arn(&id)), Some(&*arn(&other))));
    let blob = output.ciphertext_blob().unwrap();
    assert_eq!(cloud.decrypt(blob, &[("b", "2")]).await.unwrap().0, b"secret");
}

#[tokio::test]
async fn data_keys_decrypt_to_their_plaintext() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let new = || api::GenerateDataKeyRequest::new().with_key_id(&*id);
    for (input, length) in [
        (new().with_key_spec("AES_256"), 32),
        (new().with_key_spec("AES_128"), 16),
        (new().with_number_of_bytes(1024), 1024),
    ] {
        let output = cloud.call::<api::op::GenerateDataKey>(input).await.unwrap();
        let plaintext = output.plaintext().unwrap();
        assert_eq!(plaintext.len(), length);
        assert_eq!(cloud.decrypt(output.ciphertext_blob().unwrap(), &[]).await.unwrap().0, &plaintext[..]);
        assert_eq!(output.key_id(), Some(&*arn(&id)));
    }
    let text = "Please specify either number of bytes or key spec.";
    assert_eq!(error(cloud.call::<api::op::GenerateDataKey>(new()).await).1, text);
    let both = new().with_key_spec("AES_256").with_number_of_bytes(1);
    assert_eq!(error(cloud.call::<api::op::GenerateDataKey>(both).await).1, text);
    let input = api::GenerateDataKeyWithoutPlaintextRequest::new().with_key_id(&*id).with_key_spec("AES_256");
    let output = cloud.call::<api::op::GenerateDataKeyWithoutPlaintext>(input).await.unwrap();
    assert_eq!(cloud.decrypt(output.ciphertext_blob().unwrap(), &[]).await.unwrap().0.len(), 32);
}

#[tokio::test]
async fn data_key_pairs_of_every_kind_decrypt_to_their_private_half() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let kinds = [
        "RSA_2048",
        "ECC_NIST_P256",
        "ECC_NIST_P384",
        "ECC_NIST_P521",
        "ECC_SECG_P256K1",
        "ECC_NIST_EDWARDS25519",
        "SM2",
    ];
    for spec in kinds {
        let input = api::GenerateDataKeyPairRequest::new().with_key_id(&*id).with_key_pair_spec(spec);
        let output = cloud.call::<api::op::GenerateDataKeyPair>(input).await.unwrap();
        let blob = output.private_key_ciphertext_blob().unwrap();
        assert_eq!(cloud.decrypt(blob, &[]).await.unwrap().0, &output.private_key_plaintext().unwrap()[..]);
        assert!(!output.public_key().unwrap().is_empty());
    }
    let input = api::GenerateDataKeyPairRequest::new()
        .with_key_id(&*id)
        .with_key_pair_spec("ECC_NIST_P256")
        .with_dry_run(true);
    assert_eq!(
        error(cloud.call::<api::op::GenerateDataKeyPair>(input).await).1,
        "The request would have succeeded, but the DryRun option is set."
    );
}

#[tokio::test]
async fn keys_encrypt_with_their_own_algorithms_only() {
    let cloud = Cloud::new();
    let id = cloud.create_spec("RSA_2048", "ENCRYPT_DECRYPT").await;
    let new = |length: usize, algorithm: &str| {
        api::EncryptRequest::new()
            .with_key_id(&*id)
            .with_plaintext(vec![7; length])
            .with_encryption_algorithm(algorithm)
    };
    for (algorithm, limit) in [("RSAES_OAEP_SHA_1", 214), ("RSAES_OAEP_SHA_256", 190)] {
        let output = cloud.call::<api::op::Encrypt>(new(limit, algorithm)).await.unwrap();
        let decrypt = api::DecryptRequest::new()
            .with_ciphertext_blob(output.ciphertext_blob().unwrap().clone())
            .with_encryption_algorithm(algorithm)
            .with_key_id(&*id);
        let output = cloud.call::<api::op::Decrypt>(decrypt).await.unwrap();
        assert_eq!(output.plaintext().unwrap().len(), limit);
        let text = format!(
            "Algorithm {algorithm} and key spec RSA_2048 cannot encrypt data larger than {limit} bytes."
        );
        assert_eq!(error(cloud.call::<api::op::Encrypt>(new(limit + 1, algorithm)).await).1, text);
    }
    let failed = cloud.call::<api::op::Encrypt>(new(1, "SYMMETRIC_DEFAULT")).await;
    assert_eq!(error(failed).1, "Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.");
    let sm2 = cloud.create_spec("SM2", "ENCRYPT_DECRYPT").await;
    let input = new(100, "SM2PKE").with_key_id(&*sm2);
    let output = cloud.call::<api::op::Encrypt>(input).await.unwrap();
    let decrypt = api::DecryptRequest::new()
        .with_ciphertext_blob(output.ciphertext_blob().unwrap().clone())
        .with_encryption_algorithm("SM2PKE")
        .with_key_id(&*sm2);
    assert_eq!(cloud.call::<api::op::Decrypt>(decrypt).await.unwrap().plaintext().unwrap(), &[7; 100][..]);
}

#[tokio::test]
async fn keys_for_other_things_do_not_encrypt() {
    let cloud = Cloud::new();
    let id = cloud.create_spec("HMAC_224", "GENERATE_VERIFY_MAC").await;
    let text = format!("{} key usage is GENERATE_VERIFY_MAC which is not valid for Encrypt.", arn(&id));
    assert_eq!(error(cloud.encrypt(&id, b"x", &[]).await), ("InvalidKeyUsageException".to_owned(), text));
}

#[tokio::test]
async fn codes_are_verified() {
    let cloud = Cloud::new();
    for (spec, algorithm, length) in [
        ("HMAC_224", "HMAC_SHA_224", 28),
        ("HMAC_256", "HMAC_SHA_256", 32),
        ("HMAC_384", "HMAC_SHA_384", 48),
        ("HMAC_512", "HMAC_SHA_512", 64),
    ] {
        let id = cloud.create_spec(spec, "GENERATE_VERIFY_MAC").await;
        let input = api::GenerateMacRequest::new()
            .with_key_id(&*id)
            .with_message(b"message".to_vec())
            .with_mac_algorithm(algorithm);
        let mac = cloud.call::<api::op::GenerateMac>(input).await.unwrap().mac().unwrap().clone();
        assert_eq!(mac.len(), length);
        let verify = |message: &str, algorithm: &str| {
            api::VerifyMacRequest::new()
                .with_key_id(&*id)
                .with_message(message.as_bytes().to_vec())
                .with_mac_algorithm(algorithm)
                .with_mac(mac.clone())
        };
        let output = cloud.call::<api::op::VerifyMac>(verify("message", algorithm)).await.unwrap();
        assert_eq!(output.mac_valid(), Some(true));
        let failed = cloud.call::<api::op::VerifyMac>(verify("massage", algorithm)).await;
        assert_eq!(error(failed), ("KMSInvalidMacException".to_owned(), String::new()));
        let wrong = if algorithm == "HMAC_SHA_256" { "HMAC_SHA_512" } else { "HMAC_SHA_256" };
        assert_eq!(
            error(cloud.call::<api::op::VerifyMac>(verify("message", wrong)).await).1,
            format!("Algorithm {wrong} is incompatible with key spec {spec}.")
        );
    }
}

#[tokio::test]
async fn random_bytes_come_in_the_length_that_is_asked() {
    let cloud = Cloud::new();
    let input = |length: Option<i32>| api::GenerateRandomRequest::new().with_number_of_bytes(length);
    let output = cloud.call::<api::op::GenerateRandom>(input(Some(91))).await.unwrap();
    assert_eq!(output.plaintext().unwrap().len(), 91);
    assert_eq!(
        error(cloud.call::<api::op::GenerateRandom>(input(None)).await).1,
        "NumberOfBytes is required."
    );
}

#[tokio::test]
async fn a_dry_run_may_leave_the_ciphertext_out() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let input = api::DecryptRequest::new()
        .with_key_id(&*id)
        .with_dry_run(true)
        .with_dry_run_modifiers(vec!["IGNORE_CIPHERTEXT"]);
    assert_eq!(code(cloud.call::<api::op::Decrypt>(input).await), "DryRunOperationException");
    let input = api::DecryptRequest::new().with_key_id(&*id);
    assert_eq!(code(cloud.call::<api::op::Decrypt>(input).await), "ValidationException");
}

#[tokio::test]
async fn attestation_is_refused_by_name() {
    let cloud = Cloud::new();
    let recipient = api::RecipientInfo::new().with_key_encryption_algorithm("RSAES_OAEP_SHA_256");
    let input = api::GenerateRandomRequest::new().with_number_of_bytes(1).with_recipient(recipient);
    let (code, text) = error(cloud.call::<api::op::GenerateRandom>(input).await);
    assert_eq!(code, "UnsupportedOperationException");
    assert!(text.contains("Recipient"));
}
