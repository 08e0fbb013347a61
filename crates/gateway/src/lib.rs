//! Listeners, routing, authentication, dispatch: from bytes to an operation and back.

pub mod http;

pub mod admin;
pub mod cloud;
