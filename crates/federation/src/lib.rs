//! What identity providers say of somebody: JSON Web Tokens and SAML responses, read and verified. Everything here is
//! pure: no I/O, no clock; keys, certificates and the time come from the caller.
//!
//! [`jwt`] reads tokens and checks their signatures with a set of keys; [`saml`] does the same for responses and the
//! metadata of a provider. Neither decides whether somebody may do something.

pub mod jwt;
pub mod saml;
