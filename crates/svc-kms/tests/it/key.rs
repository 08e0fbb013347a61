//! Keys: creating, describing, listing, tags, deletion.

use virga_api::kms as api;
use virga_model::view::List;
use virga_store::{Direction, Reader as _, Space};

use crate::cloud::{ACCOUNT, Cloud, DAY, START, arn, code, error};

#[tokio::test]
async fn a_new_key_reads_as_in_aws() {
    let cloud = Cloud::new();
    let input = api::CreateKeyRequest::new().with_description("test key 123");
    let id = cloud.create_with(input).await.unwrap();
    let key = cloud.describe(&id).await.unwrap();
    assert_eq!(key.arn(), Some(&*arn(&id)));
    assert_eq!(key.aws_account_id(), Some(ACCOUNT));
    assert_eq!(key.creation_date().unwrap().secs(), START);
    assert_eq!((key.description(), key.enabled()), (Some("test key 123"), Some(true)));
    assert_eq!((key.key_state(), key.key_usage()), (Some("Enabled"), Some("ENCRYPT_DECRYPT")));
    assert_eq!((key.key_spec(), key.origin()), (Some("SYMMETRIC_DEFAULT"), Some("AWS_KMS")));
    assert_eq!((key.key_manager(), key.multi_region()), (Some("CUSTOMER"), Some(false)));
    assert_eq!(key.current_key_material_id().map(str::len), Some(64));
    let algorithms: Vec<_> = key.encryption_algorithms().unwrap().iter().collect();
    assert_eq!(algorithms, ["SYMMETRIC_DEFAULT"]);
    assert!(key.signing_algorithms().is_none() && key.multi_region_configuration().is_none());
    assert!(cloud.describe(&arn(&id)).await.is_ok());
}

#[tokio::test]
async fn every_kind_of_key_can_be_made_and_has_its_algorithms() {
    let cloud = Cloud::new();
    for (spec, usage, algorithms) in [
        ("ECC_NIST_P256", "KEY_AGREEMENT", vec!["ECDH"]),
        ("ECC_NIST_P521", "SIGN_VERIFY", vec!["ECDSA_SHA_512"]),
        ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", vec!["ED25519_SHA_512", "ED25519_PH_SHA_512"]),
        ("HMAC_384", "GENERATE_VERIFY_MAC", vec!["HMAC_SHA_384"]),
        ("ML_DSA_65", "SIGN_VERIFY", vec!["ML_DSA_SHAKE_256"]),
        ("SM2", "ENCRYPT_DECRYPT", vec!["SM2PKE"]),
    ] {
        let id = cloud.create_spec(spec, usage).await;
        let key = cloud.describe(&id).await.unwrap();
        let shown = [
            key.encryption_algorithms(),
            key.signing_algorithms(),
            key.mac_algorithms(),
            key.key_agreement_algorithms(),
        ];
        let shown: Vec<_> = shown.into_iter().flatten().flat_map(List::iter).collect();
        assert_eq!(shown, algorithms, "{spec}");
        assert!(key.current_key_material_id().is_none());
    }
}

#[tokio::test]
async fn impossible_keys_are_refused() {
    let cloud = Cloud::new();
    let new = api::CreateKeyRequest::new;
    assert_eq!(
        error(cloud.create_with(new().with_key_spec("HMAC_256")).await).1,
        "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
    );
    let input = new().with_key_spec("RSA_2048").with_key_usage("KEY_AGREEMENT");
    assert_eq!(
        error(cloud.create_with(input).await).1,
        "KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048"
    );
    let input = new().with_key_spec("SYMMETRIC_DEFAULT").with_customer_master_key_spec("SYMMETRIC_DEFAULT");
    assert_eq!(code(cloud.create_with(input).await), "ValidationException");
    let input = new().with_origin("AWS_CLOUDHSM").with_custom_key_store_id("cks-1234567890abcdef0");
    assert_eq!(code(cloud.create_with(input).await), "CustomKeyStoreNotFoundException");
    let tag = |key: &str| api::Tag::new().with_tag_key(key).with_tag_value("1");
    let input = new().with_tags(vec![tag("aws:a")]);
    assert_eq!(error(cloud.create_with(input).await).1, "Tags beginning with aws: are reserved");
    let input = new().with_tags(vec![tag("a"), tag("a")]);
    assert_eq!(error(cloud.create_with(input).await).1, "Duplicate tag keys");
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let cloud = Cloud::new();
    let id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    let expected = ("NotFoundException".to_owned(), format!("Key '{}' does not exist", arn(id)));
    assert_eq!(error(cloud.describe(id).await), expected);
    assert_eq!(error(cloud.describe(&arn(id)).await), expected);
    assert_eq!(error(cloud.describe("fake").await).1, "Invalid keyId 'fake'");
    let alias = format!("arn:aws:kms:eu-west-1:{ACCOUNT}:alias/none");
    assert_eq!(error(cloud.describe("alias/none").await).1, format!("Alias {alias} is not found."));
    let other = cloud.in_region("us-east-1");
    assert_eq!(error(other.describe(&arn(id)).await).1, "Invalid arn eu-west-1");
}

#[tokio::test]
async fn keys_are_listed_in_pages() {
    let cloud = Cloud::new();
    let mut ids = Vec::new();
    for _ in 0..5 {
        ids.push(cloud.create().await);
    }
    ids.sort_unstable();
    let (mut listed, mut marker) = (Vec::new(), None::<String>);
    loop {
        let input = api::ListKeysRequest::new().with_limit(2).with_marker(marker.as_deref());
        let output = cloud.call::<api::op::ListKeys>(input).await.unwrap();
        listed.extend(output.keys().unwrap().iter().map(|key| key.key_id().unwrap().to_owned()));
        assert_eq!(output.truncated(), Some(output.next_marker().is_some()));
        marker = output.next_marker().map(str::to_owned);
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(listed, ids);
    let input = api::ListKeysRequest::new().with_marker("?");
    assert_eq!(code(cloud.call::<api::op::ListKeys>(input).await), "InvalidMarkerException");
    let other = cloud.of_account("999988887777").call::<api::op::ListKeys>(api::ListKeysRequest::new()).await;
    assert!(other.unwrap().keys().unwrap().is_empty());
}

#[tokio::test]
async fn tags_are_set_listed_and_removed() {
    let cloud = Cloud::new();
    let tag = |key: &str, value: &str| api::Tag::new().with_tag_key(key).with_tag_value(value);
    let input = api::CreateKeyRequest::new().with_tags(vec![tag("a", "1"), tag("b", "2")]);
    let id = cloud.create_with(input).await.unwrap();
    let input =
        api::TagResourceRequest::new().with_key_id(&*id).with_tags(vec![tag("b", "3"), tag("c", "4")]);
    cloud.call::<api::op::TagResource>(input).await.unwrap();
    let input = api::UntagResourceRequest::new().with_key_id(&*id).with_tag_keys(vec!["a", "x"]);
    cloud.call::<api::op::UntagResource>(input).await.unwrap();
    let input = api::ListResourceTagsRequest::new().with_key_id(&*id);
    let output = cloud.call::<api::op::ListResourceTags>(input).await.unwrap();
    let tags: Vec<_> = output.tags().unwrap().iter().map(|tag| (tag.tag_key(), tag.tag_value())).collect();
    assert_eq!(tags, [("b", "3"), ("c", "4")]);
}

#[tokio::test]
async fn a_key_is_deleted_after_its_waiting_period_and_leaves_nothing() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    cloud.create_alias("alias/a", &id).await.unwrap();
    cloud.encrypt(&id, b"x", &[]).await.unwrap();
    assert_eq!(code(cloud.schedule_deletion(&id, 6).await), "ValidationException");
    assert_eq!(code(cloud.schedule_deletion(&id, 31).await), "ValidationException");
    cloud.schedule_deletion(&id, 7).await.unwrap();
    let key = cloud.describe(&id).await.unwrap();
    assert_eq!(key.key_state(), Some("PendingDeletion"));
    assert_eq!(key.deletion_date().unwrap().secs(), START + 7 * 86_400);
    cloud.advance(7 * DAY - 1).await;
    assert_eq!(cloud.state(&id).await, "PendingDeletion");
    cloud.advance(1).await;
    assert_eq!(code(cloud.describe(&id).await), "NotFoundException");
    assert_eq!(code(cloud.describe("alias/a").await), "NotFoundException");
    static SPACES: [Space<()>; 11] = [
        Space::new("kms.key"),
        Space::new("kms.secret"),
        Space::new("kms.alias"),
        Space::new("kms.aliases-of"),
        Space::new("kms.tags"),
        Space::new("kms.grant"),
        Space::new("kms.grants"),
        Space::new("kms.retirable"),
        Space::new("kms.regions"),
        Space::new("kms.used"),
        Space::new("kit.resource-policy"),
    ];
    let read = cloud.world.store().read().unwrap();
    for space in &SPACES {
        let left = read.scan_keys(&space.all(), Direction::Forward, 9).unwrap();
        assert!(left.is_empty(), "{} has {left:?}", space.name());
    }
}

#[tokio::test]
async fn deletion_can_be_cancelled_and_leaves_the_key_disabled() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let cancel = || api::CancelKeyDeletionRequest::new().with_key_id(&*id);
    let early = cloud.call::<api::op::CancelKeyDeletion>(cancel()).await;
    assert_eq!(error(early).1, format!("{} is not pending deletion.", arn(&id)));
    cloud.schedule_deletion(&id, 7).await.unwrap();
    cloud.call::<api::op::CancelKeyDeletion>(cancel()).await.unwrap();
    cloud.advance(30 * DAY).await;
    assert_eq!(cloud.state(&id).await, "Disabled");
    cloud.enable(&id).await;
    assert!(cloud.encrypt(&id, b"x", &[]).await.is_ok());
}

#[tokio::test]
async fn the_last_use_of_a_key_is_known() {
    let cloud = Cloud::new();
    let id = cloud.create().await;
    let usage = || api::GetKeyLastUsageRequest::new().with_key_id(&*id);
    let output = cloud.call::<api::op::GetKeyLastUsage>(usage()).await.unwrap();
    assert!(output.key_last_usage().is_none());
    let blob = cloud.encrypt(&id, b"x", &[]).await.unwrap();
    cloud.advance(90).await;
    cloud.decrypt(&blob, &[]).await.unwrap();
    let output = cloud.call::<api::op::GetKeyLastUsage>(usage()).await.unwrap();
    let last = output.key_last_usage().unwrap();
    assert_eq!((last.operation(), last.timestamp().unwrap().secs()), (Some("Decrypt"), START + 90));
}

#[tokio::test]
async fn aws_managed_keys_come_into_being_when_they_are_named() {
    let cloud = Cloud::new();
    let key = cloud.describe("alias/aws/sqs").await.unwrap();
    assert_eq!(key.key_manager(), Some("AWS"));
    assert_eq!(cloud.describe("alias/aws/sqs").await.unwrap().key_id(), key.key_id());
    assert_eq!(code(cloud.describe("alias/aws/nothing").await), "NotFoundException");
    assert_eq!(code(cloud.schedule_deletion(key.key_id(), 7).await), "AccessDenied");
    let status = api::GetKeyRotationStatusRequest::new().with_key_id(key.key_id());
    let status = cloud.call::<api::op::GetKeyRotationStatus>(status).await.unwrap();
    assert_eq!((status.key_rotation_enabled(), status.rotation_period_in_days()), (Some(true), Some(365)));
    // Its policy lets the account use it through the service only.
    assert_eq!(code(cloud.encrypt("alias/aws/sqs", b"x", &[]).await), "AccessDenied");
    let blob = cloud.via("sqs").encrypt("alias/aws/sqs", b"x", &[]).await.unwrap();
    assert_eq!(cloud.via("sqs").decrypt(&blob, &[]).await.unwrap().0, b"x");
    assert_eq!(code(cloud.via("s3").decrypt(&blob, &[]).await), "AccessDenied");
}

#[tokio::test]
async fn custom_key_stores_are_refused_for_what_they_lack() {
    let cloud = Cloud::new();
    let input = api::CreateCustomKeyStoreRequest::new()
        .with_custom_key_store_name("a")
        .with_cloud_hsm_cluster_id("cluster-1a23b4cdefg");
    assert_eq!(
        code(cloud.call::<api::op::CreateCustomKeyStore>(input).await),
        "CloudHsmClusterNotFoundException"
    );
    let input = api::DescribeCustomKeyStoresRequest::new();
    let output = cloud.call::<api::op::DescribeCustomKeyStores>(input).await.unwrap();
    assert!(output.custom_key_stores().unwrap().is_empty());
    let input = api::ConnectCustomKeyStoreRequest::new().with_custom_key_store_id("cks-1");
    assert_eq!(
        code(cloud.call::<api::op::ConnectCustomKeyStore>(input).await),
        "CustomKeyStoreNotFoundException"
    );
}
