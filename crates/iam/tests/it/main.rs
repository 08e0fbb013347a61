//! Black-box tests of signatures: AWS's documented examples, requests signed by AWS's own clients, and properties.

mod documented;
mod support;
