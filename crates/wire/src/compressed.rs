//! Requests that clients compressed. SDKs do so with large metrics, for instance.

use std::io::Read;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::header::CONTENT_ENCODING;
use virga_model::Operation;

use crate::error::DecodeError;
use crate::message::HttpRequest;

/// Largest body after decompression.
const LARGEST: u64 = 64 << 20;

/// The body as the protocol reads it.
pub(crate) fn plain_body(operation: Operation, request: &HttpRequest<'_>) -> Result<Bytes, DecodeError> {
    let encoding = request.headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    let is_gzip =
        encoding.and_then(|encoding| encoding.rsplit(',').next()).is_some_and(|last| last.trim() == "gzip");
    // The content of an object may be compressed as well: that is the object's business.
    if !is_gzip || !operation.may_be_compressed() {
        return Ok(request.body.clone());
    }
    let mut plain = Vec::new();
    let read = GzDecoder::new(&*request.body).take(LARGEST + 1).read_to_end(&mut plain);
    if read.is_err() || plain.len() as u64 > LARGEST {
        return Err(DecodeError::malformed("The compressed body can't be read"));
    }
    Ok(Bytes::from(plain))
}
