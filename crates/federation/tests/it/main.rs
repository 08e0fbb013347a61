//! Tokens and responses that other implementations signed.
#![expect(clippy::unwrap_used, reason = "these are tests")]

mod jwt;
mod saml;
