//! Decisions that need no store.

pub(crate) mod bucket_name;
pub(crate) mod opaque_id;
pub(crate) mod region;

pub(crate) mod configured;
pub(crate) mod midnight;
pub(crate) mod object_filter;
pub(crate) mod storage_class;

pub(crate) mod access_log;
pub(crate) mod event_record;
pub(crate) mod intelligent_tiering;
pub(crate) mod lifecycle;
pub(crate) mod notification;
pub(crate) mod object_lock;
pub(crate) mod replication;
