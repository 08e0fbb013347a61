//! Objects in parts, and copies.

use virga_api::s3 as api;

use crate::cloud::{Cloud, code};

const PART: usize = 5 << 20;

struct Upload {
    cloud: Cloud,
    id: String,
    parts: Vec<(i32, String)>,
}

fn bytes(length: usize, seed: usize) -> Vec<u8> {
    (0..length).map(|n| (n * 13 + n / 509 + seed) as u8).collect()
}

impl Upload {
    async fn begin(input: api::CreateMultipartUploadInput) -> Self {
        let cloud = Cloud::new();
        cloud.create("parts").await.unwrap();
        let input = input.with_bucket("parts").with_key("key");
        let output = cloud.call::<api::op::CreateMultipartUpload>(input).await.unwrap();
        Upload { id: output.upload_id().unwrap().to_owned(), cloud, parts: Vec::new() }
    }

    async fn put(&mut self, number: i32, body: Vec<u8>) -> String {
        let input = api::UploadPartInput::new()
            .with_bucket("parts")
            .with_key("key")
            .with_upload_id(self.id.as_str())
            .with_part_number(number);
        let etag = self.cloud.upload(input, body).await.unwrap().e_tag().unwrap().to_owned();
        self.parts.retain(|(known, _)| *known != number);
        self.parts.push((number, etag.clone()));
        etag
    }

    fn completing(&self) -> api::CompleteMultipartUploadInput {
        let part = |(number, etag): &(i32, String)| {
            api::CompletedPart::new().with_part_number(*number).with_e_tag(etag.as_str())
        };
        let parts: Vec<_> = self.parts.iter().map(part).collect();
        api::CompleteMultipartUploadInput::new()
            .with_bucket("parts")
            .with_key("key")
            .with_upload_id(self.id.as_str())
            .with_multipart_upload(api::CompletedMultipartUpload::new().with_parts(parts))
    }

    async fn complete(&self) -> Result<api::CompleteMultipartUploadOutput, virga_model::ApiError> {
        self.cloud.call::<api::op::CompleteMultipartUpload>(self.completing()).await
    }

    async fn get(&self, range: Option<String>) -> Vec<u8> {
        let input = api::GetObjectInput::new().with_bucket("parts").with_key("key").with_range(range);
        self.cloud.get(input).await.unwrap().1.to_vec()
    }
}

#[tokio::test]
async fn parts_become_one_object() {
    let mut upload = Upload::begin(api::CreateMultipartUploadInput::new().with_content_type("text/x")).await;
    upload.put(1, bytes(PART, 0)).await;
    upload.put(3, bytes(PART + 100_000, 1)).await;
    upload.put(3, bytes(PART + 70_000, 2)).await;
    upload.put(9, bytes(10, 3)).await;
    let whole = [bytes(PART, 0), bytes(PART + 70_000, 2), bytes(10, 3)].concat();
    let done = upload.complete().await.unwrap();
    assert!(done.e_tag().unwrap().ends_with("-3\""));
    assert_eq!(done.checksum_type(), Some("FULL_OBJECT"));
    assert!(upload.get(None).await == whole);
    for (first, last) in [(0, 9), (PART - 5, PART + 5), (PART * 2 + 69_990, whole.len() - 1), (PART, PART)] {
        assert!(upload.get(Some(format!("bytes={first}-{last}"))).await == whole[first..=last], "{first}");
    }
    let input = api::HeadObjectInput::new().with_bucket("parts").with_key("key").with_part_number(2);
    let head = upload.cloud.call::<api::op::HeadObject>(input).await.unwrap();
    assert_eq!((head.parts_count(), head.content_length()), (Some(3), Some((PART + 70_000) as i64)));
    assert_eq!(head.content_type(), Some("text/x"));
}

#[tokio::test]
async fn completing_again_tells_the_same() {
    let mut upload = Upload::begin(api::CreateMultipartUploadInput::new()).await;
    upload.put(1, bytes(PART, 0)).await;
    upload.put(2, bytes(10, 1)).await;
    let done = upload.complete().await.unwrap();
    let again = upload.complete().await.unwrap();
    assert_eq!((again.e_tag(), again.location()), (done.e_tag(), done.location()));
    assert_eq!(again.checksum_crc64_nvme(), done.checksum_crc64_nvme());
    // Other parts are no repetition.
    let other = upload.parts.pop().unwrap();
    assert_eq!(code(upload.complete().await), "NoSuchUpload");
    upload.parts.push(other);
    upload.cloud.advance(23 * 3600).await;
    upload.complete().await.unwrap();
    upload.cloud.advance(2 * 3600).await;
    assert_eq!(code(upload.complete().await), "NoSuchUpload");
}

#[tokio::test]
async fn an_object_that_is_gone_is_not_told_of_again() {
    let mut upload = Upload::begin(api::CreateMultipartUploadInput::new()).await;
    upload.put(1, bytes(10, 0)).await;
    let (first, second) = tokio::join!(upload.complete(), upload.complete());
    assert_eq!(first.unwrap().e_tag(), second.unwrap().e_tag());
    upload.cloud.put(api::PutObjectInput::new().with_bucket("parts").with_key("key"), "other").await.unwrap();
    assert_eq!(code(upload.complete().await), "NoSuchUpload");
}

#[tokio::test]
async fn a_whole_checksum_is_that_of_all_bytes() {
    let mut upload = Upload::begin(api::CreateMultipartUploadInput::new()).await;
    upload.put(1, bytes(PART, 0)).await;
    upload.put(2, bytes(1000, 1)).await;
    let done = upload.complete().await.unwrap();
    let whole = [bytes(PART, 0), bytes(1000, 1)].concat();
    let single = upload
        .cloud
        .put(api::PutObjectInput::new().with_bucket("parts").with_key("single"), whole)
        .await
        .unwrap();
    assert_eq!(done.checksum_crc64_nvme(), single.checksum_crc64_nvme());
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_the_upload_stays() {
    let mut upload = Upload::begin(api::CreateMultipartUploadInput::new()).await;
    upload.put(1, bytes(10, 0)).await;
    upload.put(2, bytes(10, 0)).await;
    assert_eq!(code(upload.complete().await), "EntityTooSmall");
    upload.parts.reverse();
    assert_eq!(code(upload.complete().await), "InvalidPartOrder");
    upload.parts = vec![(5, "x".to_owned())];
    assert_eq!(code(upload.complete().await), "InvalidPart");
    upload.parts.clear();
    assert_eq!(code(upload.complete().await), "InvalidRequest");
    let input = api::ListPartsInput::new()
        .with_bucket("parts")
        .with_key("key")
        .with_upload_id(upload.id.as_str())
        .with_max_parts(1);
    let listed = upload.cloud.call::<api::op::ListParts>(input.clone()).await.unwrap();
    assert_eq!((listed.is_truncated(), listed.next_part_number_marker()), (Some(true), Some(1)));
    let list = api::ListMultipartUploadsInput::new().with_bucket("parts");
    let listed = upload.cloud.call::<api::op::ListMultipartUploads>(list).await.unwrap();
    assert_eq!(listed.uploads().unwrap().iter().next().unwrap().upload_id(), Some(&*upload.id));
    let abort = api::AbortMultipartUploadInput::new()
        .with_bucket("parts")
        .with_key("key")
        .with_upload_id(upload.id.as_str());
    upload.cloud.call::<api::op::AbortMultipartUpload>(abort).await.unwrap();
    assert_eq!(code(upload.cloud.call::<api::op::ListParts>(input).await), "NoSuchUpload");
}

#[tokio::test]
async fn a_composite_checksum_needs_those_of_the_parts() {
    let input = api::CreateMultipartUploadInput::new().with_checksum_algorithm("CRC32C");
    let mut upload = Upload::begin(input).await;
    let etag = upload.put(1, b"test content 123".to_vec()).await;
    assert_eq!(code(upload.complete().await), "InvalidRequest");
    let part =
        api::CompletedPart::new().with_part_number(1).with_e_tag(etag).with_checksum_crc32_c("fwuu0Q==");
    let parts = api::CompletedMultipartUpload::new().with_parts(vec![part]);
    let input = upload.completing().with_multipart_upload(parts);
    let done = upload.cloud.call::<api::op::CompleteMultipartUpload>(input).await.unwrap();
    assert_eq!((done.checksum_crc32_c(), done.checksum_type()), (Some("sZB91Q==-1"), Some("COMPOSITE")));
    assert_eq!(done.e_tag(), Some("\"b972025bc34adf8d76d6d51e93c035cc-1\""));
}

#[tokio::test]
async fn copies_have_what_the_source_has_or_what_the_request_gives() {
    let cloud = Cloud::new();
    cloud.create("copies").await.unwrap();
    let input = api::PutObjectInput::new()
        .with_bucket("copies")
        .with_key("a b")
        .with_content_type("text/plain")
        .with_metadata(vec![("colour", "red")])
        .with_tagging("t=1");
    cloud.put(input, bytes(200_000, 0)).await.unwrap();
    let copy = |key: &str| {
        api::CopyObjectInput::new().with_bucket("copies").with_key(key).with_copy_source("copies/a%20b")
    };
    cloud.call::<api::op::CopyObject>(copy("same")).await.unwrap();
    let input = copy("other").with_metadata_directive("REPLACE").with_metadata(vec![("x", "y")]);
    cloud.call::<api::op::CopyObject>(input).await.unwrap();
    let get = |key: &str| api::GetObjectInput::new().with_bucket("copies").with_key(key);
    let (same, body) = cloud.get(get("same")).await.unwrap();
    assert!(body == bytes(200_000, 0));
    assert_eq!((same.content_type(), same.tag_count()), (Some("text/plain"), Some(1)));
    assert_eq!(same.metadata().unwrap().get("colour"), Some("red"));
    let (other, _) = cloud.get(get("other")).await.unwrap();
    assert_eq!(other.metadata().unwrap().get("x"), Some("y"));
    assert_eq!(other.content_type(), Some("binary/octet-stream"));
    assert_eq!(code(cloud.call::<api::op::CopyObject>(copy("a b")).await), "InvalidRequest");
    let missing = copy("c").with_copy_source("copies/none");
    assert_eq!(code(cloud.call::<api::op::CopyObject>(missing).await), "NoSuchKey");
    let unless = copy("c").with_copy_source_if_none_match(same.e_tag());
    assert_eq!(code(cloud.call::<api::op::CopyObject>(unless).await), "PreconditionFailed");
}

#[tokio::test]
async fn a_part_is_copied_from_a_range() {
    let mut upload = Upload::begin(api::CreateMultipartUploadInput::new()).await;
    let source = api::PutObjectInput::new().with_bucket("parts").with_key("source");
    upload.cloud.put(source, bytes(1000, 0)).await.unwrap();
    let input = api::UploadPartCopyInput::new()
        .with_bucket("parts")
        .with_key("key")
        .with_upload_id(upload.id.as_str())
        .with_part_number(1)
        .with_copy_source("/parts/source")
        .with_copy_source_range("bytes=10-19");
    let output = upload.cloud.call::<api::op::UploadPartCopy>(input).await.unwrap();
    upload.parts.push((1, output.copy_part_result().unwrap().e_tag().unwrap().to_owned()));
    upload.complete().await.unwrap();
    assert_eq!(upload.get(None).await, bytes(1000, 0)[10..20]);
}

#[tokio::test]
async fn attributes_tell_of_parts_and_checksums() {
    let mut upload = Upload::begin(api::CreateMultipartUploadInput::new()).await;
    upload.put(1, bytes(10, 0)).await;
    upload.complete().await.unwrap();
    let input = api::GetObjectAttributesInput::new()
        .with_bucket("parts")
        .with_key("key")
        .with_object_attributes(vec!["ETag", "ObjectParts", "ObjectSize", "StorageClass", "Checksum"]);
    let output = upload.cloud.call::<api::op::GetObjectAttributes>(input).await.unwrap();
    assert_eq!(output.object_parts().unwrap().total_parts_count(), Some(1));
    assert_eq!((output.object_size(), output.storage_class()), (Some(10), Some("STANDARD")));
    assert!(output.checksum().unwrap().checksum_crc64_nvme().is_some());
}

#[tokio::test]
async fn what_records_name_is_kept_after_a_start() {
    let mut upload = Upload::begin(api::CreateMultipartUploadInput::new()).await;
    let live = |upload: &Upload| {
        let mut live = 0;
        let mut count = |blobs: &[virga_store::BlobId]| {
            live += blobs.len();
            std::ops::ControlFlow::Continue(())
        };
        let read = upload.cloud.world.store().read().unwrap();
        assert!(virga_svc_s3::live_blobs(&read, &mut count).unwrap().is_continue());
        live
    };
    assert_eq!(live(&upload), 0);
    for _ in 0..2 {
        let input = api::PutObjectInput::new().with_bucket("parts").with_key("single");
        upload.cloud.put(input, bytes(100_000, 0)).await.unwrap();
    }
    assert_eq!(live(&upload), 1);
    upload.put(1, bytes(10, 0)).await;
    upload.put(2, bytes(10, 0)).await;
    assert_eq!(live(&upload), 3);
    upload.parts.truncate(1);
    upload.complete().await.unwrap();
    assert_eq!(live(&upload), 2);
}
