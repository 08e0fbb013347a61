//! The body of a request as the protocols see it: whole, with `aws-chunked` undone, its chunks verified.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use sha2::{Digest as _, Sha256};
use virga_iam::{ChunkSignatures, Refusal};

use crate::http::aws_chunked::{AwsChunkedError, Decoder, Event};

/// Why a body could not be decoded.
#[derive(Debug)]
pub(crate) enum PayloadError {
    /// It breaks its encoding; says how.
    Malformed(String),
    /// It decodes to more than a request may hold.
    TooLarge,
    /// A chunk is not what was signed.
    Refused(Refusal),
}

/// Whether the body is framed in chunks of AWS's own.
pub(crate) fn is_aws_chunked(headers: &HeaderMap) -> bool {
    let declared =
        headers.get("x-amz-content-sha256").is_some_and(|value| value.as_bytes().starts_with(b"STREAMING-"));
    declared || encodings(headers).any(|encoding| encoding.eq_ignore_ascii_case("aws-chunked"))
}

fn encodings(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(http::header::CONTENT_ENCODING).into_iter();
    values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}

/// Undoes the framing of a whole body, verifying each chunk when the caller signed them.
pub(crate) fn unchunk(
    headers: &HeaderMap,
    mut body: Bytes,
    signatures: Option<&mut ChunkSignatures>,
    limit: usize,
) -> Result<Bytes, PayloadError> {
    let announced =
        headers.get("x-amz-decoded-content-length").and_then(|value| value.to_str().ok()?.parse().ok());
    let mut decoder = Decoder::new(announced);
    let mut decoded = BytesMut::new();
    let mut verifier =
        Verifier { signatures, chunk: None, trailers: Sha256::new(), has_unsigned_trailer: false };
    while let Some(event) = decoder.next(&mut body).map_err(malformed)? {
        match event {
            Event::ChunkStart { signature, .. } => verifier.chunk_starts(signature)?,
            Event::Data(data) => {
                if decoded.len() + data.len() > limit {
                    return Err(PayloadError::TooLarge);
                }
                verifier.data(&data);
                decoded.extend_from_slice(&data);
            }
            Event::Trailer { name, value } => verifier.trailer(name.as_str(), value.as_bytes())?,
            Event::End => verifier.chunk_ends()?,
        }
    }
    decoder.finish().map_err(malformed)?;
    verifier.finish()?;
    Ok(decoded.freeze())
}

fn malformed(error: AwsChunkedError) -> PayloadError {
    PayloadError::Malformed(error.to_string())
}

/// Checks each chunk against its signature, if the caller signed them.
struct Verifier<'s> {
    signatures: Option<&'s mut ChunkSignatures>,
    /// Signature and running hash of the chunk under way.
    chunk: Option<(Bytes, Sha256)>,
    trailers: Sha256,
    /// Whether a trailer has come that no signature covers yet.
    has_unsigned_trailer: bool,
}

impl Verifier<'_> {
    fn chunk_starts(&mut self, signature: Option<Bytes>) -> Result<(), PayloadError> {
        self.chunk_ends()?;
        // A chunk without a signature fails like one with a wrong one.
        self.chunk = self.signatures.is_some().then(|| (signature.unwrap_or_default(), Sha256::new()));
        Ok(())
    }

    fn data(&mut self, data: &[u8]) {
        if let Some((_, hash)) = &mut self.chunk {
            hash.update(data);
        }
    }

    fn chunk_ends(&mut self) -> Result<(), PayloadError> {
        let (Some((signature, hash)), Some(signatures)) = (self.chunk.take(), self.signatures.as_deref_mut())
        else {
            return Ok(());
        };
        let signature = String::from_utf8_lossy(&signature);
        signatures.chunk(&signature, &hash.finalize().into()).map_err(PayloadError::Refused)
    }

    /// The signature of the trailers covers their lines, in the order in which they came.
    fn trailer(&mut self, name: &str, value: &[u8]) -> Result<(), PayloadError> {
        self.chunk_ends()?;
        if name != "x-amz-trailer-signature" {
            for part in [name.as_bytes(), b":", value, b"\n"] {
                self.trailers.update(part);
            }
            self.has_unsigned_trailer = true;
            return Ok(());
        }
        self.has_unsigned_trailer = false;
        self.check_trailers(&String::from_utf8_lossy(value))
    }

    fn check_trailers(&mut self, signature: &str) -> Result<(), PayloadError> {
        let Some(signatures) = self.signatures.as_deref_mut() else { return Ok(()) };
        let hash = self.trailers.clone().finalize().into();
        signatures.trailer(signature, &hash).map_err(PayloadError::Refused)
    }

    /// Trailers without a signature fail like those with a wrong one.
    fn finish(&mut self) -> Result<(), PayloadError> {
        if self.has_unsigned_trailer { self.check_trailers("") } else { Ok(()) }
    }
}
