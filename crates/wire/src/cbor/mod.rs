//! Smithy RPC v2 CBOR: `POST /service/{service}/operation/{operation}`, one map each way.

mod envelope;
mod read;
mod write;

pub(crate) use envelope::{decode_request, decode_response, encode_error, encode_request, encode_response};
pub(crate) use read::read_record;
pub(crate) use write::write_record;
