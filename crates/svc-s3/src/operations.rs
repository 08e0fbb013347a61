//! The operations of Amazon S3 and of its control plane: the two lists.

use crate::configuration::{
    abac, acl, cors, encryption, lifecycle, listed, logging, metadata, notification, object_lock, ownership,
    policy, public_access_block, replication, settings, tagging, versioning, website,
};
use crate::{batch, bucket, control, express, listing, lock, multipart, object, restore, select};

virga_kit::operations! {
    pub(crate) static OPERATIONS in virga_api::s3;
    // Buckets.
    write CreateBucket => bucket::create_bucket;
    read  HeadBucket => bucket::head_bucket;
    read  GetBucketLocation => bucket::get_bucket_location;
    write DeleteBucket => bucket::delete_bucket;
    read  ListBuckets => bucket::list_buckets;
    // Directory buckets.
    call  CreateSession => express::create_session;
    read  ListDirectoryBuckets => express::list_directory_buckets;
    // Objects.
    stream PutObject => object::put_object;
    stream GetObject => object::get_object;
    stream SelectObjectContent => select::select_object_content;
    read  HeadObject => object::head_object;
    call  CopyObject => object::copy_object;
    read  GetObjectAttributes => object::get_object_attributes;
    write RenameObject => express::rename_object;
    write DeleteObject => object::delete_object;
    write DeleteObjects => object::delete_objects;
    write PutObjectTagging => object::put_object_tagging;
    read  GetObjectTagging => object::get_object_tagging;
    write DeleteObjectTagging => object::delete_object_tagging;
    write PutObjectAcl => object::put_object_acl;
    read  GetObjectAcl => object::get_object_acl;
    call  UpdateObjectEncryption => object::update_object_encryption;
    // Multipart uploads.
    call  CreateMultipartUpload => multipart::create_multipart_upload;
    stream UploadPart => multipart::upload_part;
    call  UploadPartCopy => multipart::upload_part_copy;
    write CompleteMultipartUpload => multipart::complete_multipart_upload;
    write AbortMultipartUpload => multipart::abort_multipart_upload;
    read  ListParts => multipart::list_parts;
    // Listings.
    read  ListObjects => listing::list_objects;
    read  ListObjectsV2 => listing::list_objects_v2;
    read  ListObjectVersions => listing::list_object_versions;
    read  ListMultipartUploads => listing::list_multipart_uploads;
    // Configurations of buckets.
    write PutBucketAbac => abac::put_bucket_abac;
    read  GetBucketAbac => abac::get_bucket_abac;
    write PutBucketAccelerateConfiguration => settings::put_bucket_accelerate_configuration;
    read  GetBucketAccelerateConfiguration => settings::get_bucket_accelerate_configuration;
    write PutBucketAcl => acl::put_bucket_acl;
    read  GetBucketAcl => acl::get_bucket_acl;
    write PutBucketAnalyticsConfiguration => listed::put_bucket_analytics_configuration;
    read  GetBucketAnalyticsConfiguration => listed::get_bucket_analytics_configuration;
    write DeleteBucketAnalyticsConfiguration => listed::delete_bucket_analytics_configuration;
    read  ListBucketAnalyticsConfigurations => listed::list_bucket_analytics_configurations;
    write PutBucketCors => cors::put_bucket_cors;
    read  GetBucketCors => cors::get_bucket_cors;
    write DeleteBucketCors => cors::delete_bucket_cors;
    write PutBucketEncryption => encryption::put_bucket_encryption;
    read  GetBucketEncryption => encryption::get_bucket_encryption;
    write DeleteBucketEncryption => encryption::delete_bucket_encryption;
    write PutBucketIntelligentTieringConfiguration => listed::put_bucket_intelligent_tiering_configuration;
    read  GetBucketIntelligentTieringConfiguration => listed::get_bucket_intelligent_tiering_configuration;
    write DeleteBucketIntelligentTieringConfiguration => listed::delete_bucket_intelligent_tiering_configuration;
    read  ListBucketIntelligentTieringConfigurations => listed::list_bucket_intelligent_tiering_configurations;
    write PutBucketInventoryConfiguration => listed::put_bucket_inventory_configuration;
    read  GetBucketInventoryConfiguration => listed::get_bucket_inventory_configuration;
    write DeleteBucketInventoryConfiguration => listed::delete_bucket_inventory_configuration;
    read  ListBucketInventoryConfigurations => listed::list_bucket_inventory_configurations;
    write PutBucketLifecycleConfiguration => lifecycle::put_bucket_lifecycle_configuration;
    read  GetBucketLifecycleConfiguration => lifecycle::get_bucket_lifecycle_configuration;
    write DeleteBucketLifecycle => lifecycle::delete_bucket_lifecycle;
    write PutBucketLogging => logging::put_bucket_logging;
    read  GetBucketLogging => logging::get_bucket_logging;
    write CreateBucketMetadataConfiguration => metadata::create_bucket_metadata_configuration;
    read  GetBucketMetadataConfiguration => metadata::get_bucket_metadata_configuration;
    write DeleteBucketMetadataConfiguration => metadata::delete_bucket_metadata_configuration;
    write UpdateBucketMetadataJournalTableConfiguration => metadata::update_bucket_metadata_journal_table_configuration;
    write UpdateBucketMetadataInventoryTableConfiguration => metadata::update_bucket_metadata_inventory_table_configuration;
    write CreateBucketMetadataTableConfiguration => metadata::create_bucket_metadata_table_configuration;
    read  GetBucketMetadataTableConfiguration => metadata::get_bucket_metadata_table_configuration;
    write DeleteBucketMetadataTableConfiguration => metadata::delete_bucket_metadata_table_configuration;
    write PutBucketMetricsConfiguration => listed::put_bucket_metrics_configuration;
    read  GetBucketMetricsConfiguration => listed::get_bucket_metrics_configuration;
    write DeleteBucketMetricsConfiguration => listed::delete_bucket_metrics_configuration;
    read  ListBucketMetricsConfigurations => listed::list_bucket_metrics_configurations;
    call  PutBucketNotificationConfiguration => notification::put_bucket_notification_configuration, ignoring [
        "NotificationConfiguration.EventBridgeConfiguration",
        "NotificationConfiguration.LambdaFunctionConfigurations",
        "NotificationConfiguration.TopicConfigurations",
    ];
    read  GetBucketNotificationConfiguration => notification::get_bucket_notification_configuration;
    write PutBucketOwnershipControls => ownership::put_bucket_ownership_controls;
    read  GetBucketOwnershipControls => ownership::get_bucket_ownership_controls;
    write DeleteBucketOwnershipControls => ownership::delete_bucket_ownership_controls;
    // A policy that locks its maker out needs no confirmation: the root user can always change it.
    write PutBucketPolicy => policy::put_bucket_policy;
    read  GetBucketPolicy => policy::get_bucket_policy;
    write DeleteBucketPolicy => policy::delete_bucket_policy;
    read  GetBucketPolicyStatus => policy::get_bucket_policy_status;
    // No bucket needs a token any more to have Object Lock.
    write PutBucketReplication => replication::put_bucket_replication;
    read  GetBucketReplication => replication::get_bucket_replication;
    write DeleteBucketReplication => replication::delete_bucket_replication;
    write PutBucketRequestPayment => settings::put_bucket_request_payment;
    read  GetBucketRequestPayment => settings::get_bucket_request_payment;
    write PutBucketTagging => tagging::put_bucket_tagging;
    read  GetBucketTagging => tagging::get_bucket_tagging;
    write DeleteBucketTagging => tagging::delete_bucket_tagging;
    write PutBucketVersioning => versioning::put_bucket_versioning;
    read  GetBucketVersioning => versioning::get_bucket_versioning;
    write PutBucketWebsite => website::put_bucket_website;
    read  GetBucketWebsite => website::get_bucket_website;
    write DeleteBucketWebsite => website::delete_bucket_website;
    write PutObjectLockConfiguration => object_lock::put_object_lock_configuration;
    read  GetObjectLockConfiguration => object_lock::get_object_lock_configuration;
    write PutPublicAccessBlock => public_access_block::put_public_access_block;
    read  GetPublicAccessBlock => public_access_block::get_public_access_block;
    write DeletePublicAccessBlock => public_access_block::delete_public_access_block;
    // What acts on configurations.
    write PutObjectRetention => lock::put_object_retention;
    read  GetObjectRetention => lock::get_object_retention;
    write PutObjectLegalHold => lock::put_object_legal_hold;
    read  GetObjectLegalHold => lock::get_object_legal_hold;
    // AWS takes a description and shows it nowhere.
    begin RestoreObject => restore::restore_object;
}

virga_kit::operations! {
    pub(crate) static CONTROL_OPERATIONS in virga_api::s3control;
    // Batch jobs.
    write CreateJob => batch::create_job;
    read  DescribeJob => batch::describe_job;
    read  ListJobs => batch::list_jobs;
    write UpdateJobPriority => batch::update_job_priority;
    write UpdateJobStatus => batch::update_job_status;
    write PutJobTagging => batch::put_job_tagging;
    read  GetJobTagging => batch::get_job_tagging;
    write DeleteJobTagging => batch::delete_job_tagging;
    write CreateAccessPoint => control::create_access_point;
    read  GetAccessPoint => control::get_access_point;
    write DeleteAccessPoint => control::delete_access_point;
    read  ListAccessPoints => control::list_access_points;
    read  ListAccessPointsForDirectoryBuckets => control::list_access_points_for_directory_buckets;
    write PutAccessPointScope => control::put_access_point_scope;
    read  GetAccessPointScope => control::get_access_point_scope;
    write DeleteAccessPointScope => control::delete_access_point_scope;
    write PutAccessPointPolicy => control::put_access_point_policy;
    read  GetAccessPointPolicy => control::get_access_point_policy;
    write DeleteAccessPointPolicy => control::delete_access_point_policy;
    read  GetAccessPointPolicyStatus => control::get_access_point_policy_status;
    write CreateMultiRegionAccessPoint => control::create_multi_region_access_point;
    write DeleteMultiRegionAccessPoint => control::delete_multi_region_access_point;
    read  DescribeMultiRegionAccessPointOperation => control::describe_multi_region_access_point_operation;
    read  GetMultiRegionAccessPoint => control::get_multi_region_access_point;
    read  ListMultiRegionAccessPoints => control::list_multi_region_access_points;
    write PutMultiRegionAccessPointPolicy => control::put_multi_region_access_point_policy;
    read  GetMultiRegionAccessPointPolicy => control::get_multi_region_access_point_policy;
    read  GetMultiRegionAccessPointPolicyStatus => control::get_multi_region_access_point_policy_status;
    write SubmitMultiRegionAccessPointRoutes => control::submit_multi_region_access_point_routes;
    read  GetMultiRegionAccessPointRoutes => control::get_multi_region_access_point_routes;
    write PutPublicAccessBlock => control::put_public_access_block;
    read  GetPublicAccessBlock => control::get_public_access_block;
    write DeletePublicAccessBlock => control::delete_public_access_block;
    write TagResource => control::tag_resource;
    write UntagResource => control::untag_resource;
    read  ListTagsForResource => control::list_tags_for_resource;
}
