//! A client of a running virga's admin API: HTTP/1.1 over one plain connection per request.

mod body;
mod encoded;
mod request;
mod target;

pub(crate) use encoded::encoded;
pub(crate) use request::Client;
pub(crate) use target::{Address, Target};
