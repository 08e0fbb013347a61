//! Bodies that travel in pieces, from the outside: a served cloud with one small service under S3's model, and a client
//! that signs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod client;
mod service;

mod answers;
mod chunks;
mod requests;
