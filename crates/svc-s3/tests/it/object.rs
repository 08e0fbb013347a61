//! Objects: written, read, deleted; ranges, conditions, checksums.

use virga_api::s3 as api;
use virga_model::Timestamp;

use crate::cloud::{Cloud, START, code};

async fn cloud() -> Cloud {
    let cloud = Cloud::new();
    cloud.create("objects").await.unwrap();
    cloud
}

fn put(key: &str) -> api::PutObjectInput {
    api::PutObjectInput::new().with_bucket("objects").with_key(key)
}

fn get(key: &str) -> api::GetObjectInput {
    api::GetObjectInput::new().with_bucket("objects").with_key(key)
}

/// Bytes that differ everywhere.
fn bytes(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 7 + n / 251) as u8).collect()
}

#[tokio::test]
async fn bodies_of_every_size_come_back() {
    let cloud = cloud().await;
    for size in [0, 1, 1024, 1040, 1041, 65_536, 65_537, 262_144, 1_000_000] {
        let body = bytes(size);
        cloud.put(put("a/key"), body.clone()).await.unwrap();
        let (output, read) = cloud.get(get("a/key")).await.unwrap();
        assert_eq!(output.content_length(), Some(size as i64));
        assert!(read == body, "{size}");
    }
}

#[tokio::test]
async fn any_range_of_a_small_and_a_large_body_is_read() {
    let cloud = cloud().await;
    for size in [1000, 5000, 300_000] {
        let body = bytes(size);
        cloud.put(put("key"), body.clone()).await.unwrap();
        for (first, last) in [(0, 0), (10, 99), (size - 1, size - 1), (size / 2, size - 2), (65_530, 65_540)]
        {
            if last >= size {
                continue;
            }
            let input = get("key").with_range(format!("bytes={first}-{last}"));
            let (output, read) = cloud.get(input).await.unwrap();
            assert!(read[..] == body[first..=last], "{first}-{last} of {size}");
            assert_eq!(output.content_range(), Some(&*format!("bytes {first}-{last}/{size}")));
        }
        let beyond = cloud.get(get("key").with_range(format!("bytes={size}-"))).await;
        assert_eq!(code(beyond), "InvalidRange");
    }
}

#[tokio::test]
async fn what_was_said_of_an_object_is_shown() {
    let cloud = cloud().await;
    let input = put("key")
        .with_content_type("text/plain")
        .with_content_encoding("aws-chunked,gzip")
        .with_cache_control("no-store")
        .with_storage_class("STANDARD_IA")
        .with_tagging("team=a&stage=b")
        .with_metadata(vec![("Colour", "red")]);
    let written = cloud.put(input, "hello").await.unwrap();
    assert_eq!(written.e_tag(), Some("\"5d41402abc4b2a76b9719d911017c592\""));
    assert_eq!((written.server_side_encryption(), written.version_id()), (Some("AES256"), None));
    assert_eq!(written.checksum_type(), Some("FULL_OBJECT"));
    let input =
        api::HeadObjectInput::new().with_bucket("objects").with_key("key").with_checksum_mode("ENABLED");
    let head = cloud.call::<api::op::HeadObject>(input).await.unwrap();
    assert_eq!((head.content_type(), head.content_encoding()), (Some("text/plain"), Some("gzip")));
    assert_eq!((head.storage_class(), head.tag_count()), (Some("STANDARD_IA"), Some(2)));
    assert_eq!(head.metadata().unwrap().get("colour"), Some("red"));
    assert_eq!(head.last_modified(), Some(Timestamp::from_secs(START)));
    assert_eq!(head.checksum_crc64_nvme(), written.checksum_crc64_nvme());
}

#[tokio::test]
async fn a_body_that_is_not_what_was_promised_leaves_the_old_object() {
    let cloud = cloud().await;
    cloud.put(put("key"), "old").await.unwrap();
    let wrong = put("key").with_content_md5("XUFAKrxLKna5cZ2REBfFkg==");
    assert_eq!(code(cloud.put(wrong, "new").await), "BadDigest");
    let wrong = put("key").with_checksum_crc32("AAAAAA==");
    assert_eq!(code(cloud.put(wrong, bytes(100_000)).await), "BadDigest");
    let wrong = put("key").with_checksum_sha256("AAAA");
    assert_eq!(code(cloud.put(wrong, "new").await), "InvalidRequest");
    let wrong = put("key").with_checksum_sha1("2jmj7l5rSw0yVb/vlWAYkK/YBwk=").with_checksum_crc32("AAAAAA==");
    assert_eq!(code(cloud.put(wrong, "new").await), "InvalidRequest");
    assert_eq!(cloud.get(get("key")).await.unwrap().1, "old");
}

#[tokio::test]
async fn conditions_decide_whether_to_read_and_to_write() {
    let cloud = cloud().await;
    let etag = cloud.put(put("key"), "1").await.unwrap().e_tag().unwrap().to_owned();
    let read = |input| cloud.get(input);
    assert!(read(get("key").with_if_match(&etag)).await.is_ok());
    assert_eq!(code(read(get("key").with_if_match("\"x\"")).await), "PreconditionFailed");
    assert_eq!(code(read(get("key").with_if_none_match(&etag)).await), "NotModified");
    let now = Timestamp::from_secs(START);
    assert_eq!(code(read(get("key").with_if_modified_since(now)).await), "NotModified");
    let before = Timestamp::from_secs(START - 10);
    assert_eq!(code(read(get("key").with_if_unmodified_since(before)).await), "PreconditionFailed");
    let write = |input| cloud.put(input, "2");
    assert_eq!(code(write(put("key").with_if_none_match("*")).await), "PreconditionFailed");
    assert!(write(put("new").with_if_none_match("*")).await.is_ok());
    assert_eq!(code(write(put("none").with_if_match(&etag)).await), "NoSuchKey");
    assert_eq!(code(write(put("key").with_if_match("\"x\"")).await), "PreconditionFailed");
    assert!(write(put("key").with_if_match(&etag)).await.is_ok());
    assert_eq!(code(write(put("key").with_if_match("*")).await), "NotImplemented");
}

#[tokio::test]
async fn a_key_of_the_customer_is_needed_again() {
    let clear = cloud().await;
    let cloud = clear.over_tls();
    let key = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    let md5 = "KYvwGXoFFJ42a2u2GDWhwQ==";
    let input = put("key")
        .with_sse_customer_algorithm("AES256")
        .with_sse_customer_key(key)
        .with_sse_customer_key_md5(md5);
    assert_eq!(code(clear.put(input.clone(), "in the clear").await), "InvalidRequest");
    let written = cloud.put(input, bytes(100_000)).await.unwrap();
    assert_eq!((written.sse_customer_key_md5(), written.server_side_encryption()), (Some(md5), None));
    assert_eq!(code(cloud.get(get("key")).await), "InvalidRequest");
    let input = get("key")
        .with_sse_customer_algorithm("AES256")
        .with_sse_customer_key(key)
        .with_sse_customer_key_md5(md5);
    let (_, read) = cloud.get(input).await.unwrap();
    assert!(read == bytes(100_000));
}

#[tokio::test]
async fn versions_come_back_until_they_are_deleted() {
    let cloud = Cloud::new();
    let input =
        api::CreateBucketInput::new().with_bucket("objects").with_object_lock_enabled_for_bucket(true);
    cloud.call::<api::op::CreateBucket>(input).await.unwrap();
    let first = cloud.put(put("key"), "1").await.unwrap();
    let second = cloud.put(put("key"), bytes(100_000)).await.unwrap();
    let delete = |version: Option<&str>| {
        let input =
            api::DeleteObjectInput::new().with_bucket("objects").with_key("key").with_version_id(version);
        cloud.call::<api::op::DeleteObject>(input)
    };
    let marker = delete(None).await.unwrap();
    assert_eq!(marker.delete_marker(), Some(true));
    assert_eq!(code(cloud.get(get("key")).await), "NoSuchKey");
    let of_marker = get("key").with_version_id(marker.version_id());
    assert_eq!(code(cloud.get(of_marker).await), "MethodNotAllowed");
    let (old, body) = cloud.get(get("key").with_version_id(first.version_id())).await.unwrap();
    assert_eq!((&body[..], old.version_id()), (&b"1"[..], first.version_id()));
    assert_eq!(delete(marker.version_id()).await.unwrap().delete_marker(), Some(true));
    let (current, _) = cloud.get(get("key")).await.unwrap();
    assert_eq!(current.version_id(), second.version_id());
    delete(second.version_id()).await.unwrap();
    assert_eq!(cloud.get(get("key")).await.unwrap().1, "1");
    let gone = get("key").with_version_id(second.version_id());
    assert_eq!(code(cloud.get(gone).await), "NoSuchVersion");
    let invented = get("key").with_version_id("HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD");
    assert_eq!(code(cloud.get(invented).await), "InvalidArgument");
}

#[tokio::test]
async fn tags_are_replaced_and_removed() {
    let cloud = cloud().await;
    cloud.put(put("key").with_tagging("a=1"), "1").await.unwrap();
    let tags = || async {
        let input = api::GetObjectTaggingInput::new().with_bucket("objects").with_key("key");
        let output = cloud.call::<api::op::GetObjectTagging>(input).await.unwrap();
        output.tag_set().iter().map(|tag| format!("{}={}", tag.key(), tag.value())).collect::<Vec<_>>()
    };
    assert_eq!(tags().await, ["a=1"]);
    let set = vec![api::Tag::new().with_key("b").with_value("2")];
    let input = api::PutObjectTaggingInput::new()
        .with_bucket("objects")
        .with_key("key")
        .with_tagging(api::Tagging::new().with_tag_set(set));
    cloud.call::<api::op::PutObjectTagging>(input).await.unwrap();
    assert_eq!(tags().await, ["b=2"]);
    let input = api::DeleteObjectTaggingInput::new().with_bucket("objects").with_key("key");
    cloud.call::<api::op::DeleteObjectTagging>(input).await.unwrap();
    assert!(tags().await.is_empty());
}

#[tokio::test]
async fn metadata_that_is_not_ascii_is_answered_as_an_encoded_word() {
    let cloud = cloud().await;
    let input = put("key").with_metadata(vec![("name", "J\u{f6}rg"), ("plain", "Joerg")]);
    cloud.put(input, "1").await.unwrap();
    let (output, _) = cloud.get(get("key")).await.unwrap();
    let metadata = output.metadata().unwrap();
    assert_eq!(metadata.get("name"), Some("=?UTF-8?B?SsO2cmc=?="));
    assert_eq!(metadata.get("plain"), Some("Joerg"));
}

#[tokio::test]
async fn encoded_words_in_metadata_are_stored_decoded() {
    let cloud = cloud().await;
    let word = |text: &str| put("key").with_metadata(vec![("name", text)]);
    cloud.put(word("=?ISO-8859-1?Q?J=F6rg_?= =?UTF-8?Q?B.?="), "1").await.unwrap();
    let (output, _) = cloud.get(get("key")).await.unwrap();
    assert_eq!(output.metadata().unwrap().get("name"), Some("=?UTF-8?B?SsO2cmcgQi4=?="));
    cloud.put(word("=?UTF-8?B?Sm9lcmc=?="), "1").await.unwrap();
    let (output, _) = cloud.get(get("key")).await.unwrap();
    assert_eq!((output.metadata().unwrap().get("name"), output.missing_meta()), (Some("Joerg"), None));
}

#[tokio::test]
async fn metadata_that_no_header_carries_is_counted() {
    let cloud = cloud().await;
    let odd = vec![("two", "lines\nof text"), ("na me", "x"), ("plain", "x")];
    cloud.put(put("key").with_metadata(odd), "1").await.unwrap();
    let (output, _) = cloud.get(get("key")).await.unwrap();
    assert_eq!((output.missing_meta(), output.metadata().unwrap().len()), (Some(2), 1));
}

#[tokio::test]
async fn who_may_not_list_does_not_hear_that_a_key_is_missing() {
    let cloud = cloud().await;
    let stranger = cloud.of_account("444455556666");
    stranger.create("strangers").await.unwrap();
    let policy = |actions: &str, resource: &str| {
        let statement = format!(
            r#"{{"Effect":"Allow","Principal":{{"AWS":"444455556666"}},"Action":{actions},"Resource":{resource}}}"#
        );
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statement}]}}"#);
        let input = api::PutBucketPolicyInput::new().with_bucket("objects").with_policy(text);
        cloud.call::<api::op::PutBucketPolicy>(input)
    };
    let asked = || async {
        let copy = api::CopyObjectInput::new().with_bucket("strangers").with_key("a");
        let restore = api::RestoreObjectInput::new().with_bucket("objects").with_key("none");
        let hold = api::GetObjectLegalHoldInput::new().with_bucket("objects").with_key("none");
        let retention = api::GetObjectRetentionInput::new().with_bucket("objects").with_key("none");
        [
            code(stranger.call::<api::op::CopyObject>(copy.with_copy_source("objects/none")).await),
            code(stranger.call::<api::op::RestoreObject>(restore).await),
            code(stranger.call::<api::op::GetObjectLegalHold>(hold).await),
            code(stranger.call::<api::op::GetObjectRetention>(retention).await),
        ]
    };
    policy(r#""s3:*Object*""#, r#""arn:aws:s3:::objects/*""#).await.unwrap();
    assert_eq!(asked().await, ["AccessDenied"; 4]);
    policy(r#""s3:*""#, r#"["arn:aws:s3:::objects","arn:aws:s3:::objects/*"]"#).await.unwrap();
    assert_eq!(asked().await, ["NoSuchKey"; 4]);
}
