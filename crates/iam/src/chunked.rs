//! The signatures inside an aws-chunked body: a chain from the request's signature over every chunk to the trailer.
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html>
//!
//! The decoder of the encoding hands over each chunk's hash and signature; it knows nothing of keys.

use std::fmt::Write as _;
use std::sync::Arc;

use ring::hmac;

use crate::authorization::PresentedSignature;
use crate::refusal::Refusal;
use crate::sigv4a;
use crate::verify::hmac_matches;

/// The SHA-256 of nothing.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// The key that verifies chunks.
#[derive(Clone)]
pub(crate) enum ChunkKey {
    V4(Arc<hmac::Key>),
    V4A(Arc<[u8; 65]>),
}

/// Verifies the chunks of one body in order.
#[derive(Clone)]
pub struct ChunkSignatures {
    key: ChunkKey,
    access_key_id: String,
    timestamp: String,
    scope: String,
    previous: String,
}

impl std::fmt::Debug for ChunkSignatures {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { access_key_id, scope, previous, .. } = self;
        write!(formatter, "ChunkSignatures({access_key_id}/{scope}, previous {previous})")
    }
}

impl ChunkSignatures {
    pub(crate) fn new(key: ChunkKey, seed: &PresentedSignature<'_>) -> Self {
        Self {
            key,
            access_key_id: seed.credential.access_key_id().to_owned(),
            timestamp: seed.signed_at.as_str().to_owned(),
            scope: seed.credential.scope().to_owned(),
            previous: seed.signature.to_string(),
        }
    }

    /// Checks the next chunk: its data's SHA-256 and its `chunk-signature`. The last, empty chunk is one too.
    ///
    /// # Errors
    /// [`Refusal::ChunkSignatureDoesNotMatch`].
    pub fn chunk(&mut self, signature: &str, data_sha256: &[u8; 32]) -> Result<(), Refusal> {
        let string_to_sign = self.chunk_string_to_sign(data_sha256);
        self.check(signature, string_to_sign)
    }

    /// Checks the trailer: the SHA-256 of its lines (`name:value\n`, without the signature's own line) and
    /// `x-amz-trailer-signature`.
    ///
    /// # Errors
    /// [`Refusal::ChunkSignatureDoesNotMatch`].
    pub fn trailer(&mut self, signature: &str, trailer_sha256: &[u8; 32]) -> Result<(), Refusal> {
        let string_to_sign = self.trailer_string_to_sign(trailer_sha256);
        self.check(signature, string_to_sign)
    }

    pub(crate) fn chunk_string_to_sign(&self, data_sha256: &[u8; 32]) -> String {
        let mut text = self.string_to_sign_head("PAYLOAD");
        text.push_str(EMPTY_SHA256);
        text.push('\n');
        text.push_str(&hex::encode(data_sha256));
        text
    }

    pub(crate) fn trailer_string_to_sign(&self, trailer_sha256: &[u8; 32]) -> String {
        let mut text = self.string_to_sign_head("TRAILER");
        text.push_str(&hex::encode(trailer_sha256));
        text
    }

    /// Goes on to the next link of the chain.
    pub(crate) fn advance(&mut self, signature: &str) {
        // SigV4A pads signatures in the framing; the chain holds them bare.
        signature.trim_end_matches('*').clone_into(&mut self.previous);
    }

    fn string_to_sign_head(&self, kind: &str) -> String {
        let algorithm = match self.key {
            ChunkKey::V4(_) => "AWS4-HMAC-SHA256",
            ChunkKey::V4A(_) => "AWS4-ECDSA-P256-SHA256",
        };
        let Self { timestamp, scope, previous, .. } = self;
        let mut text = String::with_capacity(384);
        let written = writeln!(text, "{algorithm}-{kind}\n{timestamp}\n{scope}\n{previous}");
        debug_assert!(written.is_ok(), "a string takes every write");
        text
    }

    fn check(&mut self, signature: &str, string_to_sign: String) -> Result<(), Refusal> {
        let matches = match &self.key {
            ChunkKey::V4(key) => hmac_matches(key, &string_to_sign, signature),
            ChunkKey::V4A(key) => sigv4a::verify(key, string_to_sign.as_bytes(), signature),
        };
        if !matches {
            return Err(Refusal::ChunkSignatureDoesNotMatch {
                access_key_id: self.access_key_id.clone(),
                string_to_sign,
                signature_provided: signature.to_owned(),
            });
        }
        self.advance(signature);
        Ok(())
    }
}
