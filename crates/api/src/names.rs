//! What generated code names, under names that no AWS type has: every service's module imports it whole, and `Record`,
//! `Put` or `Option` may be a structure of the service. The module is public because a build uses only the names that its
//! services need.

pub use bytes::Bytes as Bytes_;
pub use core::option::Option as Option_;
pub use virga_model::view::{
    Entries as Entries_, List as List_, ListOf as ListOf_, MapOf as MapOf_, Nothing as Nothing_, Put as Put_,
    optional, required,
};
pub use virga_model::{Document as Document_, Timestamp as Timestamp_};
