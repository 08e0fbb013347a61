//! The listener from the outside: raw sockets, HTTP clients and TLS clients against a served handler.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod server;

mod aws_chunked;
mod encrypted;
mod hostile;
mod multiplexed;
mod plain;
mod shutdown;
mod tunnel;
