//! The `aws-chunked` body encoding, in which AWS clients stream what they cannot sign or sum up beforehand.
//!
//! [`Decoder`] is pure: bytes in, [`Event`]s out. [`Reader`] feeds it from a request [`Body`](super::Body). Neither checks
//! signatures or checksums: they hand them on to who does.
//!
//! ```text
//! 10000;chunk-signature=ad80c730…\r\n        size in hexadecimal; the signature only in signed uploads
//! …65536 bytes…\r\n
//! 0;chunk-signature=b6c6ea8a…\r\n            the last chunk is empty
//! x-amz-checksum-crc32c:sOO8/Q==\r\n         trailers, if the request announced some
//! x-amz-trailer-signature:d8146ba3…\r\n
//! \r\n
//! ```
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html>

mod decoder;
mod reader;

pub use decoder::{AwsChunkedError, Decoder, Event};
pub use reader::{ReadError, Reader};
