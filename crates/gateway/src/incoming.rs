//! The body of a request that is left to the operation: read piece by piece, its frames undone, what the client signed
//! and declared about it verified as it passes.

use std::pin::Pin;

use ::http::header::{CONTENT_LENGTH, EXPECT, TRANSFER_ENCODING};
use ::http::request::Parts;
use ::http::{HeaderMap, Version};
use bytes::Bytes;
use ring::digest::{self, SHA256};
use virga_iam::verify::payload_mismatch;
use virga_iam::{BodyCheck, PayloadDeclaration, RequestView};
use virga_kit::{Incoming, IncomingSource, NextPiece};
use virga_model::{ApiError, Protocol, Service};

use crate::answer;
use crate::heading::Heading;
use crate::http::Body;
use crate::http::aws_chunked::{Decoder, Event};
use crate::payload::{self, PayloadError, Verifier, sha256_of};

/// Largest body that is read past when nobody wants it, in bytes.
const MOST_DISCARDED: usize = 64 * 1024;

/// Takes the body of a request for its operation.
pub(crate) fn of_request(head: &Parts, body: Body, heading: &Heading, check: BodyCheck) -> Incoming {
    let headers = &head.headers;
    let length = match heading.is_framed {
        true => payload::decoded_length(headers),
        false => body.remaining(),
    };
    let source = Pieces {
        body,
        sha256: declared_sha256(&check, head).map(|declared| (digest::Context::new(&SHA256), declared)),
        frames: heading.is_framed.then(|| Box::new(Frames::new(headers, length, check))),
        waits_for_continue: headers.contains_key(EXPECT),
        asked: false,
        answers: (heading.protocol, heading.operation.service()),
    };
    Incoming::new(length, Box::new(source))
}

/// S3 takes no body whose length it is not told.
pub(crate) fn checked(head: &Parts, heading: &Heading, incoming: &Incoming) -> Result<(), ApiError> {
    let is_untold = || {
        // HTTP/2 has its own way to say that nothing follows.
        let says_nothing =
            ![CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|name| head.headers.contains_key(name));
        heading.streams_past && says_nothing && head.version < Version::HTTP_2
    };
    if heading.is_s3 && (incoming.length().is_none() || is_untold()) {
        let text = "You must provide the Content-Length HTTP header.";
        return Err(ApiError::common("MissingContentLength", 411, text));
    }
    Ok(())
}

/// The hash that the body must have. It is checked even where the signature over it is not: it tells a damaged upload.
fn declared_sha256(check: &BodyCheck, head: &Parts) -> Option<[u8; 32]> {
    match check {
        BodyCheck::Sha256(declared) => Some(*declared),
        BodyCheck::Chunks(_) => None,
        BodyCheck::None => match PayloadDeclaration::of_request(&RequestView::of_parts(head)) {
            PayloadDeclaration::Sha256(declared) => Some(declared),
            _ => None,
        },
    }
}

/// Reads past the body of a request that is refused before anybody looks at it.
pub(crate) async fn discard(head: &Parts, body: &mut Body) {
    if !head.headers.contains_key(EXPECT) {
        // Elsewhere than in the state that every request's future has room for.
        Box::pin(read_past(body)).await;
    }
}

/// Reads past what is left of a short body.
async fn read_past(body: &mut Body) {
    if body.remaining().is_some_and(|left| left <= MOST_DISCARDED as u64) {
        // What can't be read ends the connection by itself.
        drop(body.collect(MOST_DISCARDED).await);
    }
}

/// The pieces of one body.
struct Pieces {
    body: Body,
    /// Elsewhere, as most bodies have none, and the rest is small.
    frames: Option<Box<Frames>>,
    /// Running hash, and the one that the client declared.
    sha256: Option<(digest::Context, [u8; 32])>,
    waits_for_continue: bool,
    /// Whether a piece has been asked for.
    asked: bool,
    /// In which protocol, and as which service, errors are worded.
    answers: (Protocol, Service),
}

impl Pieces {
    async fn piece(&mut self) -> Result<Option<Bytes>, PayloadError> {
        self.asked = true;
        let piece = match &mut self.frames {
            Some(frames) => frames.next(&mut self.body).await?,
            None => self.body.next().await.transpose().map_err(PayloadError::Body)?,
        };
        match (&piece, &mut self.sha256) {
            (Some(piece), Some((hash, _))) => hash.update(piece),
            (None, _) => self.check_sha256()?,
            (Some(_), None) => {}
        }
        Ok(piece)
    }

    fn check_sha256(&mut self) -> Result<(), PayloadError> {
        let Some((hash, declared)) = self.sha256.take() else { return Ok(()) };
        let computed = sha256_of(hash);
        match computed == declared {
            true => Ok(()),
            false => Err(PayloadError::Refused(payload_mismatch(&declared, &computed))),
        }
    }
}

impl IncomingSource for Pieces {
    fn next(&mut self) -> NextPiece<'_> {
        Box::pin(async {
            let (protocol, service) = self.answers;
            self.piece().await.map_err(|error| answer::undecodable(protocol, service, &error))
        })
    }

    fn trailer(&self, name: &str) -> Option<&str> {
        self.frames.as_ref()?.trailers.get(name)?.to_str().ok()
    }

    /// A connection with unread input would have to be closed, while the client may send its next request already. One
    /// that waits for `100 Continue` sends nothing.
    fn discard(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            if self.asked || !self.waits_for_continue {
                read_past(&mut self.body).await;
            }
        })
    }
}

/// What undoes the frames of a body.
struct Frames {
    decoder: Decoder,
    verifier: Verifier,
    /// What has been read and not yet decoded.
    input: Bytes,
    trailers: HeaderMap,
    /// Names of trailers that were announced and have not come.
    announced: Vec<String>,
    has_ended: bool,
}

impl Frames {
    fn new(headers: &HeaderMap, length: Option<u64>, check: BodyCheck) -> Self {
        let names = headers.get_all("x-amz-trailer").into_iter().filter_map(|value| value.to_str().ok());
        let announced = names.flat_map(|names| names.split(',')).map(|name| name.trim().to_ascii_lowercase());
        Frames {
            decoder: Decoder::new(length),
            verifier: Verifier::new(payload::chunk_signatures(check)),
            input: Bytes::new(),
            trailers: HeaderMap::new(),
            announced: announced.filter(|name| !name.is_empty()).collect(),
            has_ended: false,
        }
    }

    async fn next(&mut self, body: &mut Body) -> Result<Option<Bytes>, PayloadError> {
        loop {
            while let Some(event) = self.decoder.next(&mut self.input)? {
                self.verifier.event(&event)?;
                match event {
                    Event::Data(data) => return Ok(Some(data)),
                    Event::Trailer { name, value } => {
                        self.announced.retain(|announced| *announced != name.as_str());
                        self.trailers.append(name, value);
                    }
                    Event::ChunkStart { .. } | Event::End => {}
                }
            }
            match body.next().await {
                Some(piece) => self.input = piece.map_err(PayloadError::Body)?,
                None => return self.finish().map(|()| None),
            }
        }
    }

    fn finish(&mut self) -> Result<(), PayloadError> {
        if std::mem::replace(&mut self.has_ended, true) {
            return Ok(());
        }
        self.decoder.finish()?;
        self.verifier.finish()?;
        if self.announced.is_empty() { Ok(()) } else { Err(PayloadError::TrailerMissing) }
    }
}
