//! What Amazon S3 decides without looking at its store: names, ranges, conditions, checksums, access control lists,
//! rules of lifecycle, replication and Object Lock, what leaves it. Everything is pure: no transaction, no clock, no I/O.
//!
//! - [`Error`] has the errors of S3 in AWS's words; [`document`] and [`members`] read what callers give.
//! - [`StorageClass`] and its neighbours are AWS's terms, [`Etag`], [`OpaqueId`], [`Acl`], [`Lock`] and [`Tags`] the
//!   values of which the service's records are made.
//! - Of requests: [`bucket_name`], [`directory_bucket`], [`multi_region`], [`region`], [`warehouse`], [`copy_source`], [`condition`](mod@condition),
//!   [`range`](mod@range), [`rename`], [`checksum`], [`etag`], [`tags`], [`storage_class`].
//! - Of who may: [`access_point_scope`], [`action`], [`acl`], [`bucket_policy`], [`public_policy`], [`public_access`], [`object_lock`].
//! - Of what is configured: [`configured`] is what those see who act on it; [`lifecycle`], [`replication`],
//!   [`notification`] and [`intelligent_tiering`] decide, [`inventory`], [`access_log`], [`metadata_table`] and
//!   [`event_record`] write.

pub mod document;
pub mod error;
pub mod members;
mod terms;

pub mod bucket_name;
pub mod bucket_tags;
pub mod checksum;
pub mod condition;
pub mod copy_source;
pub mod directory_bucket;
pub mod encoded_word;
pub mod encryption_context;
pub mod etag;
pub mod listing_encoding;
pub mod multi_region;
pub mod opaque_id;
pub mod page_token;
pub mod range;
pub mod region;
pub mod rename;
pub mod storage_class;
pub mod tags;
pub mod warehouse;

pub mod access_point_scope;
pub mod acl;
pub mod action;
pub mod bucket_policy;
pub mod object_lock;
pub mod public_access;
pub mod public_policy;
pub mod request_condition;

pub mod configured;
pub mod cors_configuration;
pub mod lifecycle_configuration;
pub mod listed_configuration;
pub mod midnight;
pub mod notification_configuration;
pub mod object_filter;
pub mod replication_configuration;
pub mod website_configuration;

pub mod access_log;
pub mod batch_manifest;
pub mod batch_report;
pub mod batch_task;
pub mod event_record;
pub mod intelligent_tiering;
pub mod inventory;
pub mod lifecycle;
pub mod metadata_table;
pub mod notification;
pub mod replication;
pub mod select_frames;
pub mod select_request;
pub mod storage_class_analysis;

pub use acl::{Acl, Grant, Grantee, Permission};
pub use terms::{
    ArchiveTier, ChecksumAlgorithm, ChecksumType, LockMode, ObjectOwnership, ReplicationStatus, StorageClass,
    Versioning,
};
pub use {bucket_tags::Tags, error::Error, etag::Etag, range::PartSize};
pub use {object_lock::Lock, object_lock::Retention, opaque_id::OpaqueId};
