//! Typed inputs, outputs and errors of every operation, generated from the models at build time.
//!
//! A module per service, behind a feature of the service's name. In it:
//! - a type per structure, a transparent view of a [`virga_model::Record`]: `input.queue_url()` reads a slot in place,
//!   `with_queue_url(…)` sets one. Required members are read without an `Option`. Every operation `X` has the names
//!   `XInput` and `XOutput`, whatever the model calls them;
//! - `op`, a type per operation ([`virga_model::view::Operation`]);
//! - `error`, a function per modelled error;
//! - a module of constants per enum.

#[doc(hidden)]
pub mod names;

pub use virga_model::view::Nothing;

include!(concat!(env!("OUT_DIR"), "/services.rs"));
