//! The body of a request as the protocols see it: whole, with `aws-chunked` undone, its chunks verified.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use ring::digest::{self, SHA256};
use virga_iam::{BodyCheck, ChunkSignatures, Refusal};

use crate::http::BodyError;
use crate::http::aws_chunked::{AwsChunkedError, Decoder, Event};

/// Why a body could not be decoded.
#[derive(Debug)]
pub(crate) enum PayloadError {
    /// It breaks its encoding.
    Malformed(AwsChunkedError),
    /// It did not arrive.
    Body(BodyError),
    /// A trailer that was announced did not come.
    TrailerMissing,
    /// It decodes to more than a request may hold.
    TooLarge,
    /// A chunk that another one follows is too small.
    ChunkTooSmall {
        /// Which one follows it, from 1 on.
        chunk: u64,
        /// How many bytes of data it has.
        size: u64,
    },
    /// A chunk is not what was signed.
    Refused(Refusal),
}

impl From<AwsChunkedError> for PayloadError {
    fn from(error: AwsChunkedError) -> Self {
        PayloadError::Malformed(error)
    }
}

/// How many bytes of data every chunk but the last has at least.
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>
const LEAST_CHUNK: u64 = 8192;

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

/// The decoded length that the client announces, in bytes.
pub(crate) fn decoded_length(headers: &HeaderMap) -> Option<u64> {
    headers.get("x-amz-decoded-content-length")?.to_str().ok()?.parse().ok()
}

/// What verifies the chunks of a body, if the caller signed them.
pub(crate) fn chunk_signatures(check: BodyCheck) -> Option<ChunkSignatures> {
    match check {
        BodyCheck::Chunks(signatures) => Some(signatures),
        BodyCheck::None | BodyCheck::Sha256(_) => None,
    }
}

/// Undoes the framing of a whole body, verifying each chunk when the caller signed them.
pub(crate) fn unchunk(
    headers: &HeaderMap,
    mut body: Bytes,
    check: BodyCheck,
    limit: usize,
) -> Result<Bytes, PayloadError> {
    let mut decoder = Decoder::new(decoded_length(headers));
    let mut decoded = BytesMut::new();
    let mut verifier = Verifier::new(chunk_signatures(check));
    while let Some(event) = decoder.next(&mut body)? {
        verifier.event(&event)?;
        if let Event::Data(data) = event {
            if decoded.len() + data.len() > limit {
                return Err(PayloadError::TooLarge);
            }
            decoded.extend_from_slice(&data);
        }
    }
    decoder.finish()?;
    verifier.finish()?;
    Ok(decoded.freeze())
}

/// Checks the sizes of chunks, and each against its signature, if the caller signed them.
pub(crate) struct Verifier {
    /// How many chunks have begun, and the size of the last of them.
    begun: (u64, u64),
    signatures: Option<ChunkSignatures>,
    /// Signature and running hash of the chunk under way.
    chunk: Option<(Bytes, digest::Context)>,
    trailers: digest::Context,
    /// Whether a trailer has come that no signature covers yet.
    has_unsigned_trailer: bool,
}

impl Verifier {
    pub(crate) fn new(signatures: Option<ChunkSignatures>) -> Self {
        let trailers = digest::Context::new(&SHA256);
        Verifier { begun: (0, LEAST_CHUNK), signatures, chunk: None, trailers, has_unsigned_trailer: false }
    }

    /// Takes note of the next part of the body, and checks what it completes.
    pub(crate) fn event(&mut self, event: &Event) -> Result<(), PayloadError> {
        match event {
            Event::ChunkStart { size, signature } => {
                self.chunk_ends()?;
                self.chunk_begins(*size)?;
                // A chunk without a signature fails like one with a wrong one.
                let signature = signature.clone().unwrap_or_default();
                self.chunk = self.signatures.is_some().then(|| (signature, digest::Context::new(&SHA256)));
            }
            Event::Data(data) => {
                if let Some((_, hash)) = &mut self.chunk {
                    hash.update(data);
                }
            }
            Event::Trailer { name, value } => self.trailer(name.as_str(), value.as_bytes())?,
            Event::End => self.chunk_ends()?,
        }
        Ok(())
    }

    fn chunk_begins(&mut self, size: u64) -> Result<(), PayloadError> {
        let (chunks, previous) = self.begun;
        self.begun = (chunks + 1, size);
        match size > 0 && previous < LEAST_CHUNK {
            true => Err(PayloadError::ChunkTooSmall { chunk: chunks + 1, size: previous }),
            false => Ok(()),
        }
    }

    fn chunk_ends(&mut self) -> Result<(), PayloadError> {
        let (Some((signature, hash)), Some(signatures)) = (self.chunk.take(), &mut self.signatures) else {
            return Ok(());
        };
        let signature = String::from_utf8_lossy(&signature);
        signatures.chunk(&signature, &sha256_of(hash)).map_err(PayloadError::Refused)
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
        let Some(signatures) = &mut self.signatures else { return Ok(()) };
        let hash = sha256_of(self.trailers.clone());
        signatures.trailer(signature, &hash).map_err(PayloadError::Refused)
    }

    /// Trailers without a signature fail like those with a wrong one.
    pub(crate) fn finish(&mut self) -> Result<(), PayloadError> {
        if self.has_unsigned_trailer { self.check_trailers("") } else { Ok(()) }
    }
}

/// The result of a running SHA-256.
pub(crate) fn sha256_of(hash: digest::Context) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(hash.finish().as_ref());
    bytes
}
