//! Reads the flat form in place. Its layout is described once, in `virga_model_compiler::layout`.

mod handle;
mod member;
mod operation;
mod service;
mod shape;
mod vocabulary;

pub use handle::{Member, Operation, Service, Shape};
pub use operation::Pagination;
pub use vocabulary::{Kind, Location, Protocol, TimestampFormat};
