//! The listener floor: from a socket to a [`Request`], and from a [`Response`] back to the socket.
//!
//! One port speaks HTTP/1.1, h2 and h2c, in the clear or through TLS; the first bytes of a connection tell which.
//! Nothing here knows AWS beyond the `aws-chunked` body encoding. The way of a connection:
//!
//! * [`serve`] accepts it and hands it to one of the `threads`, `connection` finds its protocol, `activity` keeps its timeouts, `socket` carries its bytes;
//! * `tunnel` lets a client through that takes this server for its HTTPS proxy: the server that it means is this one too;
//! * `dispatch` turns each request of it into one call of the [`Handler`], and a panic into a 500 for that request;
//! * [`Body`] and [`ResponseBody`] are the bytes of a request and of a response;
//! * [`Tls`] is the local certificate authority, made when the first TLS connection comes;
//! * [`aws_chunked`] decodes the body encoding that S3 clients use for streamed uploads.

mod activity;
pub mod aws_chunked;
mod body;
mod connection;
mod deferred;
mod dispatch;
mod limits;
mod request;
mod request_id;
mod response;
mod server;
mod socket;
mod threads;
mod tls;
mod tunnel;

pub use body::{Body, BodyError};
pub use limits::{Limits, ServerConfig};
pub use request::{Handler, Request};
pub use request_id::RequestId;
pub use response::{BodySender, Response, ResponseBody};
pub use server::{bind, serve};
pub use tls::{Tls, TlsError};
