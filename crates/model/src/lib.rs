//! AWS's API models in flat form, and the schema'd value that everything passes around.
//!
//! - [`Service`], [`Operation`], [`Shape`] and [`Member`] read the flat form in place: nothing is parsed, copied or
//!   allocated, and a service that is never called costs nothing.
//! - [`Record`] is one structure's value: a slot per member of its shape, holding a [`Value`].
//! - [`Deferred`] is a value that an answer is written from without being made.
//! - [`view`] has what the generated types of `virga-api` are made of: views of records with typed accessors.

mod deferred;
mod document;
pub mod embedded;
mod error;
pub mod json;
mod record;
mod schema;
mod text;
mod timestamp;
mod value;
pub mod view;

pub use deferred::{Content, Deferred};
pub use document::Document;
pub use embedded::{service, services};
pub use error::{ApiError, Rare};
pub use record::Record;
pub use schema::{Kind, Location, Member, Operation, Pagination, Protocol, Service, Shape, TimestampFormat};
pub use text::Text;
pub use timestamp::Timestamp;
pub use value::{Map, Value};
