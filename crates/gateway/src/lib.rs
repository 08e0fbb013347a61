//! Listeners, routing, authentication, dispatch: from bytes to an operation and back.

pub mod http;
