//! Decisions that need no store.

pub(crate) mod acl;
pub(crate) mod bucket_name;
pub(crate) mod bucket_policy;
pub(crate) mod bucket_tags;
pub(crate) mod checksum;
pub(crate) mod condition;
pub(crate) mod copy_source;
pub(crate) mod etag;
pub(crate) mod lifecycle_configuration;
pub(crate) mod notification_configuration;
pub(crate) mod opaque_id;
pub(crate) mod public_access;
pub(crate) mod public_policy;
pub(crate) mod range;
pub(crate) mod region;

pub(crate) mod configured;
pub(crate) mod midnight;
pub(crate) mod object_filter;
pub(crate) mod storage_class;

pub(crate) mod access_log;
pub(crate) mod event_record;
pub(crate) mod intelligent_tiering;
pub(crate) mod inventory;
pub(crate) mod lifecycle;
pub(crate) mod notification;
pub(crate) mod object_lock;
pub(crate) mod replication;
pub(crate) mod storage_class_analysis;
pub(crate) mod tags;
