//! Compiles API models (JSON, as in `models/`) into the flat, offset-addressed form that the binary embeds.
//!
//! [`layout`] is the one description of the flat form: the writer here (`flat`) and the reader in
//! `virga-model` both use it. `definition` is the model in memory, for the writer and for the generator of
//! typed inputs and outputs in `virga-api`, so that both number shapes and members alike.

#[cfg(feature = "compile")]
pub mod definition;
#[cfg(feature = "compile")]
pub mod flat;
pub mod layout;
#[cfg(feature = "compile")]
mod parse;
