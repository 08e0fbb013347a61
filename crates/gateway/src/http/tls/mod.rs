//! TLS on the shared port: a local certificate authority, and certificates for whatever name a client asks for.
//!
//! `authority` keeps the authority's key and signs; `certificates` remembers what was signed and makes rustls'
//! configuration of it. Nothing is read, made or allocated before the first TLS connection.

mod authority;
mod certificates;

pub use authority::TlsError;
pub use certificates::Tls;
