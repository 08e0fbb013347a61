//! Black-box tests of signatures: AWS's documented examples, requests signed by AWS's own clients, and properties.

mod callers;
mod clients;
mod documented;
mod properties;
mod support;
