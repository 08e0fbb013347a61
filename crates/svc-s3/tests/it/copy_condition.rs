//! Conditions of copies on their source.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>

use virga_api::s3 as api;
use virga_model::{ApiError, Timestamp};

use crate::cloud::{Cloud, START};

/// What a request says of the source.
#[derive(Debug, Clone, Copy, Default)]
struct Conditions {
    if_match: Option<&'static str>,
    if_none_match: Option<&'static str>,
    if_modified_since: Option<i64>,
    if_unmodified_since: Option<i64>,
}

/// The source's tag: of the one byte `x`.
const TAG: &str = "\"9dd4e461268c8034f5c8564e155c67a6\"";
const OTHER_TAG: &str = "\"00000000000000000000000000000000\"";
/// How long the source has been there.
const AGE: i64 = 1_000;

const MATCH: &str = "x-amz-copy-source-If-Match";
const NONE_MATCH: &str = "x-amz-copy-source-If-None-Match";
const MODIFIED: &str = "x-amz-copy-source-If-Modified-Since";
const UNMODIFIED: &str = "x-amz-copy-source-If-Unmodified-Since";

/// Conditions, and which of them fails.
const CASES: &[(Conditions, Option<&str>)] = {
    const NONE: Conditions = Conditions {
        if_match: None,
        if_none_match: None,
        if_modified_since: None,
        if_unmodified_since: None,
    };
    const BEFORE: Option<i64> = Some(START - 1);
    const AT: Option<i64> = Some(START);
    const AFTER: Option<i64> = Some(START + 1);
    const TO_COME: Option<i64> = Some(START + AGE + 1);
    &[
        (Conditions { if_match: Some(TAG), ..NONE }, None),
        (Conditions { if_match: Some("*"), ..NONE }, None),
        (Conditions { if_match: Some(OTHER_TAG), ..NONE }, Some(MATCH)),
        (Conditions { if_none_match: Some(TAG), ..NONE }, Some(NONE_MATCH)),
        (Conditions { if_none_match: Some(OTHER_TAG), ..NONE }, None),
        (Conditions { if_modified_since: BEFORE, ..NONE }, None),
        (Conditions { if_modified_since: AT, ..NONE }, Some(MODIFIED)),
        (Conditions { if_modified_since: AFTER, ..NONE }, Some(MODIFIED)),
        // A time to come is no condition.
        (Conditions { if_modified_since: TO_COME, ..NONE }, None),
        (Conditions { if_unmodified_since: BEFORE, ..NONE }, Some(UNMODIFIED)),
        (Conditions { if_unmodified_since: AT, ..NONE }, None),
        (Conditions { if_unmodified_since: TO_COME, ..NONE }, None),
        // Of both, AWS documents that the tag decides: the copy is made.
        (Conditions { if_match: Some(TAG), if_unmodified_since: BEFORE, ..NONE }, None),
        (Conditions { if_match: Some(OTHER_TAG), if_unmodified_since: AT, ..NONE }, Some(MATCH)),
        // And that here, too, it is the tag: the copy is refused.
        (Conditions { if_none_match: Some(TAG), if_modified_since: BEFORE, ..NONE }, Some(NONE_MATCH)),
        (Conditions { if_none_match: Some(OTHER_TAG), if_modified_since: AT, ..NONE }, None),
        (Conditions { if_modified_since: BEFORE, if_unmodified_since: AT, ..NONE }, None),
        (Conditions { if_modified_since: BEFORE, if_unmodified_since: BEFORE, ..NONE }, Some(UNMODIFIED)),
        (Conditions { if_match: Some(TAG), if_none_match: Some(OTHER_TAG), ..NONE }, None),
        (Conditions { if_match: Some(TAG), if_none_match: Some(TAG), ..NONE }, Some(NONE_MATCH)),
    ]
};

#[tokio::test]
async fn a_copy_is_made_where_its_source_is_as_the_caller_says() {
    let cloud = source().await;
    for (conditions, failed) in CASES {
        let input = api::CopyObjectInput::new()
            .with_bucket("conditions")
            .with_key("target")
            .with_copy_source("conditions/source")
            .with_copy_source_if_match(conditions.if_match)
            .with_copy_source_if_none_match(conditions.if_none_match)
            .with_copy_source_if_modified_since(conditions.if_modified_since.map(Timestamp::from_secs))
            .with_copy_source_if_unmodified_since(conditions.if_unmodified_since.map(Timestamp::from_secs));
        check(cloud.call::<api::op::CopyObject>(input).await, conditions, *failed);
    }
}

#[tokio::test]
async fn a_part_is_copied_where_its_source_is_as_the_caller_says() {
    let cloud = source().await;
    let begin = api::CreateMultipartUploadInput::new().with_bucket("conditions").with_key("target");
    let upload = cloud.call::<api::op::CreateMultipartUpload>(begin).await.unwrap();
    let id = upload.upload_id().unwrap().to_owned();
    for (conditions, failed) in CASES {
        let input = api::UploadPartCopyInput::new()
            .with_bucket("conditions")
            .with_key("target")
            .with_upload_id(id.as_str())
            .with_part_number(1)
            .with_copy_source("conditions/source")
            .with_copy_source_if_match(conditions.if_match)
            .with_copy_source_if_none_match(conditions.if_none_match)
            .with_copy_source_if_modified_since(conditions.if_modified_since.map(Timestamp::from_secs))
            .with_copy_source_if_unmodified_since(conditions.if_unmodified_since.map(Timestamp::from_secs));
        check(cloud.call::<api::op::UploadPartCopy>(input).await, conditions, *failed);
    }
}

async fn source() -> Cloud {
    let cloud = Cloud::new();
    cloud.create("conditions").await.unwrap();
    let input = api::PutObjectInput::new().with_bucket("conditions").with_key("source");
    assert_eq!(cloud.put(input, "x").await.unwrap().e_tag(), Some(TAG));
    cloud.advance(AGE as u64).await;
    cloud
}

fn check<T: std::fmt::Debug>(answer: Result<T, ApiError>, conditions: &Conditions, failed: Option<&str>) {
    match failed {
        None => assert!(answer.is_ok(), "{conditions:?}: {answer:?}"),
        Some(failed) => {
            let error = answer.unwrap_err();
            assert_eq!(error.code, "PreconditionFailed", "{conditions:?}");
            let condition = ("Condition", failed.to_owned());
            assert!(error.details.contains(&condition), "{conditions:?}: {:?}", error.details);
        }
    }
}
