//! What the macros of this crate name in other crates.

pub use virga_model::ApiError;
pub use virga_model::view::{Operation, Structure};
pub use virga_store::Fault;
