//! Pure decisions: no transaction, no clock, no I/O.

pub(crate) mod attribute_filter;
pub(crate) mod batch;
pub(crate) mod content;
pub(crate) mod digest;
pub(crate) mod in_flight;
pub(crate) mod message_attributes;
pub(crate) mod policy;
mod policy_limits;
pub(crate) mod queue_attributes;
mod queue_url;
mod receipt_handle;
pub(crate) mod receive;
pub(crate) mod redrive;

pub(crate) use queue_url::{QueueAddress, QueueReference};
pub(crate) use receipt_handle::ReceiptHandle;
