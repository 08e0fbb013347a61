//! What a job does to one object: one call of S3, as the job's role.
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-operations.html>

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use virga_api::{s3, s3control as api};
use virga_iam::Caller;
use virga_kit::{Ctx, Incoming};
use virga_model::view::{List, Operation};
use virga_model::{ApiError, Timestamp};

use virga_object::batch_task::Task;

/// What stays as it is in the source of a copy.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The name of an operation, if there is exactly one.
pub fn name(operation: &api::JobOperation) -> Option<&'static str> {
    let names = [
        (operation.lambda_invoke().is_some(), "LambdaInvoke"),
        (operation.s3_put_object_copy().is_some(), "S3PutObjectCopy"),
        (operation.s3_put_object_acl().is_some(), "S3PutObjectAcl"),
        (operation.s3_put_object_tagging().is_some(), "S3PutObjectTagging"),
        (operation.s3_delete_object_tagging().is_some(), "S3DeleteObjectTagging"),
        (operation.s3_initiate_restore_object().is_some(), "S3InitiateRestoreObject"),
        (operation.s3_put_object_legal_hold().is_some(), "S3PutObjectLegalHold"),
        (operation.s3_put_object_retention().is_some(), "S3PutObjectRetention"),
        (operation.s3_replicate_object().is_some(), "S3ReplicateObject"),
        (operation.s3_compute_object_checksum().is_some(), "S3ComputeObjectChecksum"),
        (operation.s3_update_object_encryption().is_some(), "S3UpdateObjectEncryption"),
    ];
    let mut given = names.into_iter().filter(|(is_given, _)| *is_given).map(|(_, name)| name);
    given.next().filter(|_| given.next().is_none())
}

/// The name of an operation that jobs can't do here.
pub fn refused(operation: &api::JobOperation) -> Option<&'static str> {
    name(operation).filter(|name| *name == "LambdaInvoke")
}

/// A call of S3 as the job's role.
pub struct Doer<'a> {
    /// Whose world it is.
    pub ctx: &'a Ctx,
    /// The role.
    pub caller: Arc<Caller>,
}

impl Doer<'_> {
    /// Calls S3.
    ///
    /// # Errors
    /// The operation's.
    pub async fn call<O: Operation>(&self, input: O::Input) -> Result<O::Output, ApiError> {
        let body = &mut Incoming::empty();
        let caller = Arc::clone(&self.caller);
        let (output, _) = self.ctx.call_streaming::<O>(caller, self.ctx.region(), input, body).await?;
        Ok(output)
    }

    /// Does what the job wants to an object.
    ///
    /// # Errors
    /// That of the operation that it was.
    pub async fn run(&self, operation: &api::JobOperation, task: &Task) -> Result<(), ApiError> {
        if let Some(copy) = operation.s3_put_object_copy() {
            return self.copy(copy, task).await;
        }
        if let Some(acl) = operation.s3_put_object_acl() {
            return self.acl(acl, task).await;
        }
        if let Some(restore) = operation.s3_initiate_restore_object() {
            return self.restore(restore, task).await;
        }
        if let Some(hold) = operation.s3_put_object_legal_hold() {
            return self.legal_hold(hold, task).await;
        }
        if let Some(retention) = operation.s3_put_object_retention() {
            return self.retention(retention, task).await;
        }
        if let Some(encryption) = operation.s3_update_object_encryption() {
            return self.encryption(encryption, task).await;
        }
        if operation.s3_delete_object_tagging().is_some() {
            let input = s3::DeleteObjectTaggingInput::new()
                .with_bucket(&*task.bucket)
                .with_key(&*task.key)
                .with_version_id(task.version_id.as_deref());
            return self.call::<s3::op::DeleteObjectTagging>(input).await.map(|_| ());
        }
        let tags = operation.s3_put_object_tagging().and_then(api::S3SetObjectTaggingOperation::tag_set);
        let input = s3::PutObjectTaggingInput::new()
            .with_bucket(&*task.bucket)
            .with_key(&*task.key)
            .with_version_id(task.version_id.as_deref())
            .with_tagging(s3::Tagging::new().with_tag_set(tag_set(tags)));
        self.call::<s3::op::PutObjectTagging>(input).await.map(|_| ())
    }

    async fn copy(&self, copy: &api::S3CopyObjectOperation, task: &Task) -> Result<(), ApiError> {
        let source = format!("{}/{}", task.bucket, utf8_percent_encode(&task.key, KEPT));
        let source = match &task.version_id {
            Some(version_id) => format!("{source}?versionId={version_id}"),
            None => source,
        };
        let target = copy.target_resource().unwrap_or_default();
        let key = match copy.target_key_prefix() {
            Some(prefix) => format!("{prefix}/{}", task.key),
            None => task.key.clone(),
        };
        let tags = copy.new_object_tagging().map(tag_text);
        let kms = copy.sse_aws_kms_key_id();
        let metadata = copy.new_object_metadata();
        let algorithm = metadata.and_then(api::S3ObjectMetadata::sse_algorithm);
        let encryption = match (algorithm, kms) {
            (Some("KMS"), _) | (None, Some(_)) => Some("aws:kms"),
            (Some(_), _) => Some("AES256"),
            (None, None) => None,
        };
        let given = |read: fn(&api::S3ObjectMetadata) -> Option<&str>| metadata.and_then(read);
        let user: Option<Vec<(String, String)>> = metadata
            .and_then(api::S3ObjectMetadata::user_metadata)
            .map(|entries| entries.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect());
        let input = s3::CopyObjectInput::new()
            .with_copy_source(source)
            .with_bucket(target.rsplit(':').next().unwrap_or(target))
            .with_key(key)
            .with_acl(copy.canned_access_control_list())
            .with_metadata_directive(copy.metadata_directive())
            .with_copy_source_if_modified_since(copy.modified_since_constraint())
            .with_copy_source_if_unmodified_since(copy.un_modified_since_constraint())
            .with_cache_control(given(api::S3ObjectMetadata::cache_control))
            .with_content_disposition(given(api::S3ObjectMetadata::content_disposition))
            .with_content_encoding(given(api::S3ObjectMetadata::content_encoding))
            .with_content_language(given(api::S3ObjectMetadata::content_language))
            .with_content_type(given(api::S3ObjectMetadata::content_type))
            .with_metadata(user)
            .with_tagging_directive(tags.as_ref().map(|_| "REPLACE"))
            .with_tagging(tags)
            .with_website_redirect_location(copy.redirect_location())
            .with_storage_class(copy.storage_class())
            .with_server_side_encryption(encryption)
            .with_ssekms_key_id(kms)
            .with_bucket_key_enabled(copy.bucket_key_enabled())
            .with_checksum_algorithm(copy.checksum_algorithm())
            .with_object_lock_legal_hold_status(copy.object_lock_legal_hold_status())
            .with_object_lock_mode(copy.object_lock_mode())
            .with_object_lock_retain_until_date(copy.object_lock_retain_until_date());
        self.call::<s3::op::CopyObject>(input).await.map(|_| ())
    }

    async fn acl(&self, acl: &api::S3SetObjectAclOperation, task: &Task) -> Result<(), ApiError> {
        let policy = acl.access_control_policy();
        let canned = policy.and_then(api::S3AccessControlPolicy::canned_access_control_list);
        let list = policy.and_then(api::S3AccessControlPolicy::access_control_list);
        let input = s3::PutObjectAclInput::new()
            .with_bucket(&*task.bucket)
            .with_key(&*task.key)
            .with_version_id(task.version_id.as_deref())
            .with_acl(canned)
            .with_access_control_policy(list.map(access_control_policy));
        self.call::<s3::op::PutObjectAcl>(input).await.map(|_| ())
    }

    async fn restore(
        &self,
        restore: &api::S3InitiateRestoreObjectOperation,
        task: &Task,
    ) -> Result<(), ApiError> {
        let tier = if restore.glacier_job_tier() == Some("BULK") { "Bulk" } else { "Standard" };
        let parameters = s3::GlacierJobParameters::new().with_tier(tier);
        let request = s3::RestoreRequest::new()
            .with_days(restore.expiration_in_days())
            .with_glacier_job_parameters(parameters);
        let input = s3::RestoreObjectInput::new()
            .with_bucket(&*task.bucket)
            .with_key(&*task.key)
            .with_version_id(task.version_id.as_deref())
            .with_restore_request(request);
        self.call::<s3::op::RestoreObject>(input).await.map(|_| ())
    }

    async fn encryption(
        &self,
        given: &api::S3UpdateObjectEncryptionOperation,
        task: &Task,
    ) -> Result<(), ApiError> {
        let wanted = given.object_encryption().and_then(api::ObjectEncryption::ssekms).map(|wanted| {
            s3::SSEKMSEncryption::new()
                .with_kms_key_arn(wanted.kms_key_arn())
                .with_bucket_key_enabled(wanted.bucket_key_enabled())
        });
        let input = s3::UpdateObjectEncryptionInput::new()
            .with_bucket(&*task.bucket)
            .with_key(&*task.key)
            .with_version_id(task.version_id.as_deref())
            .with_object_encryption(s3::ObjectEncryption::new().with_ssekms(wanted));
        self.call::<s3::op::UpdateObjectEncryption>(input).await.map(|_| ())
    }

    async fn legal_hold(
        &self,
        hold: &api::S3SetObjectLegalHoldOperation,
        task: &Task,
    ) -> Result<(), ApiError> {
        let hold = s3::ObjectLockLegalHold::new().with_status(hold.legal_hold().status());
        let input = s3::PutObjectLegalHoldInput::new()
            .with_bucket(&*task.bucket)
            .with_key(&*task.key)
            .with_version_id(task.version_id.as_deref())
            .with_legal_hold(hold);
        self.call::<s3::op::PutObjectLegalHold>(input).await.map(|_| ())
    }

    async fn retention(
        &self,
        given: &api::S3SetObjectRetentionOperation,
        task: &Task,
    ) -> Result<(), ApiError> {
        let retention = s3::ObjectLockRetention::new()
            .with_mode(given.retention().mode())
            .with_retain_until_date(given.retention().retain_until_date().map(whole_seconds));
        let input = s3::PutObjectRetentionInput::new()
            .with_bucket(&*task.bucket)
            .with_key(&*task.key)
            .with_version_id(task.version_id.as_deref())
            .with_bypass_governance_retention(given.bypass_governance_retention())
            .with_retention(retention);
        self.call::<s3::op::PutObjectRetention>(input).await.map(|_| ())
    }
}

fn whole_seconds(time: Timestamp) -> Timestamp {
    Timestamp::from_secs(time.secs())
}

fn tag_set<'a>(tags: Option<List<'a, &'a api::S3Tag>>) -> Vec<s3::Tag> {
    let tags = tags.into_iter().flat_map(List::iter);
    tags.map(|tag| s3::Tag::new().with_key(tag.key()).with_value(tag.value())).collect()
}

/// Tags as the header of a copy has them.
fn tag_text<'a>(tags: List<'a, &'a api::S3Tag>) -> String {
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let tags = tags.iter().map(|tag| format!("{}={}", encoded(tag.key()), encoded(tag.value())));
    tags.collect::<Vec<_>>().join("&")
}

fn access_control_policy(list: &api::S3AccessControlList) -> s3::AccessControlPolicy {
    let grants = list.grants().into_iter().flat_map(List::iter).map(|grant| {
        let grantee = grant.grantee();
        let identifier = grantee.and_then(api::S3Grantee::identifier);
        let given = match grantee.and_then(api::S3Grantee::type_identifier) {
            Some("emailAddress") => {
                s3::Grantee::new().with_type("AmazonCustomerByEmail").with_email_address(identifier)
            }
            Some("uri") => s3::Grantee::new().with_type("Group").with_uri(identifier),
            _ => s3::Grantee::new().with_type("CanonicalUser").with_id(identifier),
        };
        s3::Grant::new().with_grantee(given).with_permission(grant.permission())
    });
    s3::AccessControlPolicy::new()
        .with_owner(s3::Owner::new().with_id(list.owner().id()))
        .with_grants(grants.collect::<Vec<_>>())
}
