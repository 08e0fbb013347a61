//! Directory buckets: sessions, what they are for, and what is renamed.

use std::sync::Arc;

use virga_api::s3 as api;
use virga_iam::Keys as _;
use virga_kit::{StoredKey, StoredPrincipal};

use crate::cloud::{ACCOUNT, Cloud, START, code};

const NAME: &str = "my--use1-az4--x-s3";

pub(crate) fn directory(name: &str, zone: &str) -> api::CreateBucketInput {
    let location = api::LocationInfo::new().with_type("AvailabilityZone").with_name(zone);
    let bucket = api::BucketInfo::new().with_type("Directory").with_data_redundancy("SingleAvailabilityZone");
    let configuration = api::CreateBucketConfiguration::new().with_location(location).with_bucket(bucket);
    api::CreateBucketInput::new().with_bucket(name).with_create_bucket_configuration(configuration)
}

async fn with_bucket() -> Cloud {
    let cloud = Cloud::new();
    cloud.call::<api::op::CreateBucket>(directory(NAME, "use1-az4")).await.unwrap();
    cloud
}

/// The cloud as whoever has a session of the bucket sees it.
pub(crate) async fn session(cloud: &Cloud, name: &str, mode: Option<&str>) -> Cloud {
    let input = api::CreateSessionInput::new().with_bucket(name).with_session_mode(mode);
    let output = cloud.call::<api::op::CreateSession>(input).await.unwrap();
    let credentials = output.credentials();
    assert_eq!(credentials.expiration().secs(), START + 300);
    let key = cloud.world.keys().lookup(credentials.access_key_id()).unwrap();
    assert_eq!(key.expires_at, Some(START + 300));
    cloud.as_caller(Arc::clone(&key.caller))
}

fn put(key: &str) -> api::PutObjectInput {
    api::PutObjectInput::new().with_bucket(NAME).with_key(key)
}

fn get(key: &str) -> api::GetObjectInput {
    api::GetObjectInput::new().with_bucket(NAME).with_key(key)
}

fn head() -> api::HeadBucketInput {
    api::HeadBucketInput::new().with_bucket(NAME)
}

/// Somebody of the account without any permission.
pub(crate) fn ann(cloud: &Cloud) -> Cloud {
    let principal = StoredPrincipal::User { path: "/".into(), name: "ann".into(), id: "AIDA1".into() };
    let key = StoredKey { principal, ..StoredKey::of_root(ACCOUNT.parse().unwrap(), "secret".into()) };
    cloud.world.keys().put("AKIAANN", &key).unwrap();
    cloud.as_caller(Arc::clone(&cloud.of_key("AKIAANN").caller))
}

#[tokio::test]
async fn a_directory_bucket_is_where_its_name_says() {
    let cloud = with_bucket().await;
    let there = cloud.call::<api::op::HeadBucket>(head()).await.unwrap();
    assert_eq!(there.bucket_location_type(), Some("AvailabilityZone"));
    assert_eq!(there.bucket_location_name(), Some("use1-az4"));
    let arn = format!("arn:aws:s3express:us-east-1:{ACCOUNT}:bucket/{NAME}");
    assert_eq!(there.bucket_arn(), Some(&*arn));
    let again = cloud.call::<api::op::CreateBucket>(directory(NAME, "use1-az4")).await;
    assert_eq!(code(again), "BucketAlreadyOwnedByYou");
    let elsewhere = cloud.in_region("eu-west-1");
    let wrong = elsewhere.call::<api::op::CreateBucket>(directory("b--use1-az4--x-s3", "use1-az4")).await;
    assert_eq!(code(wrong), "InvalidLocationConstraint");
    assert_eq!(code(cloud.create("plain--use1-az4--x-s3").await), "InvalidBucketName");
}

#[tokio::test]
async fn directory_buckets_have_a_list_of_their_own() {
    let cloud = with_bucket().await;
    cloud.create("general").await.unwrap();
    for name in ["a--use1-az5--x-s3", "z--use1-az6--x-s3"] {
        let zone = name.split("--").nth(1).unwrap();
        cloud.call::<api::op::CreateBucket>(directory(name, zone)).await.unwrap();
    }
    let list = |token: Option<String>| {
        let input = api::ListDirectoryBucketsInput::new().with_max_directory_buckets(2);
        cloud.call::<api::op::ListDirectoryBuckets>(input.with_continuation_token(token))
    };
    let names = |output: &api::ListDirectoryBucketsOutput| {
        let buckets = output.buckets().into_iter().flat_map(virga_model::view::List::iter);
        buckets.map(|bucket| bucket.name().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = list(None).await.unwrap();
    assert_eq!(names(&first), ["a--use1-az5--x-s3", NAME]);
    let rest = list(first.continuation_token().map(str::to_owned)).await.unwrap();
    assert_eq!((names(&rest), rest.continuation_token()), (vec!["z--use1-az6--x-s3".to_owned()], None));
    let general = cloud.call::<api::op::ListBuckets>(api::ListBucketsInput::new()).await.unwrap();
    assert_eq!(general.buckets().unwrap().len(), 1);
    let delete = api::DeleteBucketInput::new().with_bucket("a--use1-az5--x-s3");
    cloud.call::<api::op::DeleteBucket>(delete).await.unwrap();
    assert_eq!(names(&list(None).await.unwrap()), [NAME, "z--use1-az6--x-s3"]);
}

#[tokio::test]
async fn a_session_is_for_the_objects_of_one_bucket() {
    let cloud = with_bucket().await;
    cloud.call::<api::op::CreateBucket>(directory("other--use1-az4--x-s3", "use1-az4")).await.unwrap();
    cloud.create("general").await.unwrap();
    let writer = session(&cloud, NAME, None).await;
    let written = writer.put(put("k"), "body").await.unwrap();
    assert_eq!(written.expiration(), Some("NotImplemented"));
    assert_ne!(written.e_tag(), Some("\"841a2d689ad86bd1611447453c22c6fc\""));
    let (read, body) = writer.get(get("k")).await.unwrap();
    assert_eq!((&body[..], read.storage_class()), (&b"body"[..], Some("EXPRESS_ONEZONE")));
    for name in ["other--use1-az4--x-s3", "general"] {
        let elsewhere = api::PutObjectInput::new().with_bucket(name).with_key("k");
        assert_eq!(code(writer.put(elsewhere, "").await), "AccessDenied");
    }
    assert_eq!(code(writer.call::<api::op::ListBuckets>(api::ListBucketsInput::new()).await), "AccessDenied");
    let again = api::CreateSessionInput::new().with_bucket(NAME);
    assert_eq!(code(writer.call::<api::op::CreateSession>(again).await), "AccessDenied");
    let reader = session(&cloud, NAME, Some("ReadOnly")).await;
    assert_eq!(&reader.get(get("k")).await.unwrap().1[..], b"body");
    assert_eq!(code(reader.put(put("k"), "").await), "AccessDenied");
    let delete = api::DeleteObjectInput::new().with_bucket(NAME).with_key("k");
    assert_eq!(code(reader.call::<api::op::DeleteObject>(delete).await), "AccessDenied");
}

#[tokio::test]
async fn a_session_that_nobody_was_asked_for_opens_nothing() {
    let cloud = Cloud::new();
    let early = session(&ann(&cloud), NAME, None).await;
    assert_eq!(code(early.get(get("k")).await), "NoSuchBucket");
    assert_eq!(code(early.call::<api::op::CreateBucket>(directory(NAME, "use1-az4")).await), "AccessDenied");
    let owner = session(&cloud, NAME, None).await;
    owner.call::<api::op::CreateBucket>(directory(NAME, "use1-az4")).await.unwrap();
    owner.put(put("k"), "body").await.unwrap();
    assert_eq!(code(early.get(get("k")).await), "AccessDenied");
    let input = api::CreateSessionInput::new().with_bucket(NAME);
    assert_eq!(code(ann(&cloud).call::<api::op::CreateSession>(input.clone()).await), "AccessDenied");
    let stranger = cloud.of_account("999900000000").call::<api::op::CreateSession>(input).await;
    assert_eq!(code(stranger), "AccessDenied");
    assert_eq!(code(ann(&cloud).get(get("k")).await), "AccessDenied");
}

#[tokio::test]
async fn directory_buckets_refuse_what_they_can_not() {
    let cloud = with_bucket().await;
    assert_eq!(code(cloud.put(put("k").with_acl("private"), "").await), "NotImplemented");
    assert_eq!(code(cloud.put(put("k").with_storage_class("STANDARD"), "").await), "InvalidStorageClass");
    cloud.create("general").await.unwrap();
    let express = api::PutObjectInput::new().with_bucket("general").with_key("k");
    let express = cloud.put(express.with_storage_class("EXPRESS_ONEZONE"), "").await;
    assert_eq!(code(express), "InvalidStorageClass");
    let versioning = api::VersioningConfiguration::new().with_status("Enabled");
    let versioning =
        api::PutBucketVersioningRequest::new().with_bucket(NAME).with_versioning_configuration(versioning);
    assert_eq!(code(cloud.call::<api::op::PutBucketVersioning>(versioning).await), "InvalidArgument");
    let tags = api::GetObjectTaggingInput::new().with_bucket(NAME).with_key("k");
    assert_eq!(code(cloud.call::<api::op::GetObjectTagging>(tags).await), "MethodNotAllowed");
    let general = api::CreateSessionInput::new().with_bucket("general");
    assert_eq!(code(cloud.call::<api::op::CreateSession>(general).await), "MethodNotAllowed");
}

fn rename(from: &str, to: &str) -> api::RenameObjectInput {
    api::RenameObjectInput::new().with_bucket(NAME).with_key(to).with_rename_source(from)
}

#[tokio::test]
async fn a_renamed_object_is_what_it_was() {
    let cloud = with_bucket().await;
    let tag = cloud.put(put("old"), "one").await.unwrap().e_tag().unwrap().to_owned();
    cloud.put(put("new"), "two").await.unwrap();
    cloud.advance(60).await;
    let refused =
        cloud.call::<api::op::RenameObject>(rename("old", "new").with_destination_if_none_match("*"));
    assert_eq!(code(refused.await), "PreconditionFailed");
    let wrong = cloud.call::<api::op::RenameObject>(rename("old", "new").with_source_if_match("\"x\"")).await;
    assert_eq!(code(wrong), "PreconditionFailed");
    cloud.call::<api::op::RenameObject>(rename("old", "new").with_source_if_match(&*tag)).await.unwrap();
    let (read, body) = cloud.get(get("new")).await.unwrap();
    assert_eq!((&body[..], read.e_tag()), (&b"one"[..], Some(&*tag)));
    assert_eq!(read.last_modified().unwrap().secs(), START);
    assert_eq!(code(cloud.get(get("old")).await), "NoSuchKey");
    assert_eq!(code(cloud.call::<api::op::RenameObject>(rename("old", "new")).await), "NoSuchKey");
    assert_eq!(code(cloud.call::<api::op::RenameObject>(rename("new", "folder/")).await), "InvalidRequest");
    cloud.create("general").await.unwrap();
    let general = rename("new", "old").with_bucket("general");
    assert_eq!(code(cloud.call::<api::op::RenameObject>(general).await), "NotImplemented");
}

#[tokio::test]
async fn a_rename_that_is_sent_again_is_done_once() {
    let cloud = with_bucket().await;
    cloud.put(put("a"), "one").await.unwrap();
    let asked = rename("a", "b").with_client_token("token-1");
    cloud.call::<api::op::RenameObject>(asked.clone()).await.unwrap();
    cloud.call::<api::op::RenameObject>(asked.clone()).await.unwrap();
    let other = rename("b", "c").with_client_token("token-1");
    assert_eq!(code(cloud.call::<api::op::RenameObject>(other).await), "IdempotencyParameterMismatch");
    cloud.advance(3600).await;
    assert_eq!(code(cloud.call::<api::op::RenameObject>(asked).await), "NoSuchKey");
}

#[tokio::test]
async fn an_object_grows_at_its_end() {
    let cloud = with_bucket().await;
    let append = |offset: i64| put("log").with_write_offset_bytes(offset);
    let large = vec![b'x'; 100_000];
    let mut whole = Vec::new();
    // A body in the record, in a record of its own, in files.
    for piece in [&b"one"[..], &[b'y'; 3000], &large, b"end"] {
        let answer = cloud.put(append(i64::try_from(whole.len()).unwrap()), piece.to_vec()).await.unwrap();
        whole.extend_from_slice(piece);
        let known = if whole.len() == piece.len() { None } else { i64::try_from(whole.len()).ok() };
        assert_eq!(answer.size(), known);
    }
    let (read, body) = cloud.get(get("log")).await.unwrap();
    assert_eq!(body, whole);
    let checked = cloud.put(put("same"), whole.clone()).await.unwrap();
    let checksums = get("log").with_checksum_mode("ENABLED");
    let (shown, _) = cloud.get(checksums).await.unwrap();
    assert_eq!(shown.checksum_crc64_nvme(), checked.checksum_crc64_nvme());
    assert_ne!(read.e_tag(), checked.e_tag());
    let (part, _) = cloud.get(get("log").with_part_number(4)).await.unwrap();
    assert_eq!((part.content_length(), part.parts_count()), (Some(3), Some(4)));
    assert_eq!(code(cloud.put(append(3), "x").await), "InvalidWriteOffset");
    assert_eq!(code(cloud.put(put("none").with_write_offset_bytes(3), "x").await), "InvalidWriteOffset");
    let kms = append(i64::try_from(whole.len()).unwrap()).with_server_side_encryption("aws:kms");
    assert_eq!(code(cloud.put(kms, "x").await), "EncryptionTypeMismatch");
    cloud.create("general").await.unwrap();
    let general = api::PutObjectInput::new().with_bucket("general").with_key("k").with_write_offset_bytes(0);
    assert_eq!(code(cloud.put(general, "x").await), "NotImplemented");
}

#[tokio::test]
async fn a_bucket_has_a_key_that_can_be_used() {
    let cloud = with_bucket().await;
    let set = |algorithm: &str, key: Option<&str>| {
        let by_default = api::ServerSideEncryptionByDefault::new()
            .with_sse_algorithm(algorithm)
            .with_kms_master_key_id(key.map(str::to_owned));
        let rule =
            api::ServerSideEncryptionRule::new().with_apply_server_side_encryption_by_default(by_default);
        let configuration = api::ServerSideEncryptionConfiguration::new().with_rules(vec![rule]);
        let input = api::PutBucketEncryptionRequest::new().with_bucket(NAME);
        cloud.call::<api::op::PutBucketEncryption>(
            input.with_server_side_encryption_configuration(configuration),
        )
    };
    assert_eq!(code(set("aws:kms", None).await), "InvalidRequest");
    assert_eq!(code(set("aws:kms", Some("alias/mine")).await), "InvalidRequest");
    assert_eq!(code(set("aws:kms:dsse", Some("key-1")).await), "MalformedXML");
    // There is no KMS here that could make a data key: what can't be used does not become the default.
    set("aws:kms", Some("key-1")).await.unwrap_err();
    set("AES256", None).await.unwrap();
    assert_eq!(code(cloud.put(put("k").with_server_side_encryption("aws:kms"), "").await), "InvalidRequest");
    cloud.put(put("k").with_server_side_encryption("AES256"), "").await.unwrap();
}

#[tokio::test]
async fn what_is_deleted_is_what_was_seen() {
    let cloud = with_bucket().await;
    cloud.put(put("k"), "four").await.unwrap();
    let delete = || api::DeleteObjectInput::new().with_bucket(NAME).with_key("k");
    let wrong = delete().with_if_match_size(5);
    assert_eq!(code(cloud.call::<api::op::DeleteObject>(wrong).await), "PreconditionFailed");
    let later = virga_model::Timestamp::from_secs(START + 1);
    let wrong = delete().with_if_match_last_modified_time(later);
    assert_eq!(code(cloud.call::<api::op::DeleteObject>(wrong).await), "PreconditionFailed");
    let seen = virga_model::Timestamp::from_secs(START);
    let right = delete().with_if_match_size(4).with_if_match_last_modified_time(seen);
    cloud.call::<api::op::DeleteObject>(right).await.unwrap();
    assert_eq!(code(cloud.get(get("k")).await), "NoSuchKey");
}

#[tokio::test]
async fn uploads_are_listed_by_a_marker_that_is_no_key() {
    let cloud = with_bucket().await;
    for key in ["a", "a", "a", "b"] {
        let input = api::CreateMultipartUploadInput::new().with_bucket(NAME).with_key(key);
        cloud.call::<api::op::CreateMultipartUpload>(input).await.unwrap();
        cloud.advance(1).await;
    }
    let (mut marker, mut found) = (None, Vec::new());
    loop {
        let input = api::ListMultipartUploadsInput::new().with_bucket(NAME).with_max_uploads(2);
        let page = cloud.call::<api::op::ListMultipartUploads>(input.with_key_marker(marker.clone())).await;
        let page = page.unwrap();
        let uploads = page.uploads().into_iter().flat_map(virga_model::view::List::iter);
        found.extend(uploads.map(|upload| upload.key().unwrap().to_owned()));
        if page.is_truncated() != Some(true) {
            break;
        }
        marker = page.next_key_marker().map(str::to_owned);
        assert_ne!(marker.as_deref(), Some("a"));
    }
    assert_eq!(found, ["a", "a", "a", "b"]);
}

#[tokio::test]
async fn a_session_is_bound_to_its_bucket_and_to_nothing_else() {
    use base64::Engine as _;
    let cloud = with_bucket().await;
    let session = |json: &str| {
        let context = base64::engine::general_purpose::STANDARD.encode(json);
        let input = api::CreateSessionInput::new().with_bucket(NAME).with_server_side_encryption("aws:kms");
        input.with_ssekms_key_id("1234abcd").with_ssekms_encryption_context(context)
    };
    let own = format!(r#"{{"aws:s3:arn":"arn:aws:s3express:us-east-1:{ACCOUNT}:bucket/{NAME}"}}"#);
    let output = cloud.call::<api::op::CreateSession>(session(&own)).await.unwrap();
    assert_eq!(output.ssekms_encryption_context(), session(&own).ssekms_encryption_context());
    for wrong in [r#"{"a":"b"}"#, r#"{"aws:s3:arn":"arn:aws:s3:::other"}"#, "[]"] {
        let refused = cloud.call::<api::op::CreateSession>(session(wrong)).await;
        assert_eq!(code(refused), "InvalidArgument", "{wrong}");
    }
}
