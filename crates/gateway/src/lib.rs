//! Listeners, routing, authentication, dispatch: from bytes to an operation and back.
//!
//! [`http`] turns sockets into requests; [`Gateway`] chooses the world and sends a request to the admin API or down
//! the one way of an AWS request: `route` finds service and operation, `pipeline` reads, authenticates, decodes and
//! validates, `virga_kit::dispatch` runs the call, `answer` encodes what came of it.

pub mod admin;
mod answer;
pub mod cloud;
mod gateway;
mod host;
pub mod http;
mod payload;
mod pipeline;
mod route;

pub use gateway::Gateway;
