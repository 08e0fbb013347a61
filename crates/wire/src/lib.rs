//! The AWS protocols, both directions: awsJson 1.0 and 1.1, awsQuery, ec2Query, restJson1, restXml, Smithy RPC v2 CBOR.
//!
//! Everything is driven by the model. The crate does no I/O, reads no clock and knows no service.
//!
//! - A server calls [`decode_request`], [`validate`], [`encode_response`] and [`encode_error`]; for the REST protocols
//!   [`Router`] finds the operation and its URI labels first.
//! - A client (calls between services, tests) calls [`encode_request`] and [`decode_response`].
//! - [`event_stream`] frames what travels in streamed bodies.
//! - [`json`] reads and writes records as plain JSON, for everyone who shows or stores them that way.

mod client;
mod compressed;
mod dispatch;
mod error;
mod errors;
mod message;
mod part;
mod text;

mod cbor;
pub mod json;
mod query;
mod rest;
mod xml;

pub mod event_stream;

mod route;
mod validation;

pub mod timestamp;

pub use dispatch::{decode_request, decode_response, encode_error, encode_request, encode_response};
pub use error::{DecodeError, EncodeError, Unconvertible};
pub use message::{Body, ClientRequest, HttpRequest, HttpResponse, Labels};
pub use route::Router;
pub use validation::{Constraint, Rules, Violation, describe, validate};
