//! Listeners, routing, authentication, dispatch: from bytes to an operation and back.
//!
//! [`http`] turns sockets into requests; [`Gateway`] chooses the world and sends a request to the admin API or down
//! the one way of an AWS request (`memory` spares a connection's later requests the first step): `route` finds service and operation, `pipeline` reads, authenticates, decodes and
//! validates, `virga_kit::dispatch` runs the call, `answer` encodes what came of it.

pub mod admin;
mod answer;
mod checksum;
pub mod cloud;
mod gateway;
mod heading;
mod host;
pub mod http;
mod incoming;
mod issuers;
mod memory;
mod outgoing;
mod payload;
mod pipeline;
pub mod plane;
mod presigned;
mod route;
mod s3_request;

pub use gateway::Gateway;
