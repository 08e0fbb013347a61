//! Bodies that are too large for a record: they travel beside it, in pieces.
//!
//! An operation of the kind `stream` takes the body of its request as [`Incoming`] and gives that of its answer as
//! [`Outgoing`]. The streaming member of the input is [`Value::Stream`](virga_model::Value::Stream), that of the output
//! is left out.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use virga_model::{ApiError, Operation, Record};
use virga_store::Fault;

use crate::Failure;

/// HTTP status of what is accepted and done later.
const ACCEPTED: u16 = 202;

/// What a streaming handler returns.
pub type Streaming<'a> = Pin<Box<dyn Future<Output = Result<Streamed, Failure>> + Send + 'a>>;

/// The next piece of a body, when it has come; none at the end.
pub type NextPiece<'a> = Pin<Box<dyn Future<Output = Result<Option<Bytes>, ApiError>> + Send + 'a>>;

/// The answer of an operation, its body beside the record.
#[derive(Debug)]
pub struct Streamed {
    /// The output, without its streaming member.
    pub output: Record,
    /// The body.
    pub body: Outgoing,
    /// Whether what was asked for is accepted and done later.
    pub is_accepted: bool,
}

impl Streamed {
    /// The answer to something that is done, all of it in the record.
    pub(crate) fn done(output: Record) -> Self {
        Streamed { output, body: Outgoing::Nothing, is_accepted: false }
    }

    /// Its HTTP status, if the record does not say.
    pub fn status(&self, operation: Operation) -> u16 {
        if self.is_accepted { ACCEPTED } else { operation.status() }
    }
}

/// Where the pieces of a request's body come from. What the client framed, signed and declared about it is undone and
/// verified here.
pub trait IncomingSource: Send {
    /// The next piece, never empty. After an error, or none, nothing more comes.
    fn next(&mut self) -> NextPiece<'_>;

    /// A trailer, once all pieces have come, by its name in lower case.
    fn trailer(&self, name: &str) -> Option<&str>;

    /// Reads past a short rest that nobody wanted, so that the client's next request can come on the same connection.
    fn discard(&mut self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// The body of a request, piece by piece as it comes.
///
/// A client that asks before it sends (`Expect: 100-continue`) is told to send when the first piece is asked for: an
/// error before that costs it no upload.
pub struct Incoming {
    source: Source,
    length: Option<u64>,
}

enum Source {
    Bytes(Bytes),
    Pieces(Box<dyn IncomingSource>),
}

impl Incoming {
    /// A body of which this many bytes are announced, if anything is.
    pub fn new(length: Option<u64>, source: Box<dyn IncomingSource>) -> Self {
        Incoming { source: Source::Pieces(source), length }
    }

    /// No body.
    pub fn empty() -> Self {
        Incoming::from(Bytes::new())
    }

    /// How long the body is in bytes, frames undone, if the client said so. More never comes; less is an error of
    /// [`Incoming::next`].
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The next piece, never empty; none at the end, when all that the client declared about the body has been verified.
    ///
    /// # Errors
    /// The body broke off, or is not what was declared or signed. The caller is to be told so.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        match &mut self.source {
            Source::Bytes(bytes) => Ok(Some(std::mem::take(bytes)).filter(|bytes| !bytes.is_empty())),
            Source::Pieces(source) => Ok(source.next().await?),
        }
    }

    /// Reads past what nobody wanted, if it is short.
    pub async fn discard(&mut self) {
        if let Source::Pieces(source) = &mut self.source {
            source.discard().await;
        }
    }

    /// A trailer that came after the last piece (`x-amz-checksum-crc32`), by its name in lower case. Clients announce
    /// them in `x-amz-trailer`.
    pub fn trailer(&self, name: &str) -> Option<&str> {
        match &self.source {
            Source::Bytes(_) => None,
            Source::Pieces(source) => source.trailer(name),
        }
    }
}

impl From<Bytes> for Incoming {
    fn from(bytes: Bytes) -> Self {
        Incoming { length: Some(bytes.len() as u64), source: Source::Bytes(bytes) }
    }
}

impl std::fmt::Debug for Incoming {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Incoming").field("length", &self.length).finish_non_exhaustive()
    }
}

/// A body that is made while it is sent.
pub trait OutgoingSource: Send {
    /// The next piece; none at the end. A fault breaks the answer off, so that the client sees that it has not all.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Fault>>>;
}

/// The body of an answer. One that is made while it is sent is dropped when the client goes away.
#[derive(Default)]
pub enum Outgoing {
    /// No body.
    #[default]
    Nothing,
    /// All of it.
    Bytes(Bytes),
    /// Made while it is sent.
    Pieces {
        /// Its length in bytes, if it is known. Exactly so many bytes must come.
        length: Option<u64>,
        /// Makes the pieces.
        source: Box<dyn OutgoingSource>,
    },
}

impl Outgoing {
    /// A body that a function makes step by step, each piece when the one before is on its way: it gets the state and
    /// gives a piece and the next state, or none at the end.
    ///
    /// Reading from the disk belongs into `tokio::task::spawn_blocking`, a few hundred KiB at a time.
    pub fn unfold<S, F, R>(length: Option<u64>, state: S, step: F) -> Self
    where
        S: Send + 'static,
        F: FnMut(S) -> R + Send + 'static,
        R: Future<Output = Result<Option<(Bytes, S)>, Fault>> + Send + 'static,
    {
        Outgoing::Pieces { length, source: Box::new(Unfold { state: Some(state), step, running: None }) }
    }

    /// Its length in bytes, if it is known.
    pub fn length(&self) -> Option<u64> {
        match self {
            Outgoing::Nothing => Some(0),
            Outgoing::Bytes(bytes) => Some(bytes.len() as u64),
            Outgoing::Pieces { length, .. } => *length,
        }
    }

    /// The next piece; none at the end.
    ///
    /// # Errors
    /// A fault of its source.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Fault> {
        match self {
            Outgoing::Nothing => Ok(None),
            Outgoing::Bytes(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Outgoing::Nothing;
                Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
            }
            Outgoing::Pieces { source, .. } => {
                std::future::poll_fn(|context| source.poll_next(context)).await.transpose()
            }
        }
    }

    /// All of it, if it is at most `limit` bytes long.
    ///
    /// # Errors
    /// When it is longer, or its source fails.
    pub async fn collect(mut self, limit: usize) -> Result<Bytes, Fault> {
        let Some(first) = self.next().await? else { return Ok(Bytes::new()) };
        let Some(second) = self.next().await? else { return Ok(first) };
        let mut whole = BytesMut::from(first);
        let mut piece = Some(second);
        while let Some(bytes) = piece {
            if whole.len() + bytes.len() > limit {
                return Err(Fault::new(format!("a body is longer than {limit} bytes")));
            }
            whole.extend_from_slice(&bytes);
            piece = self.next().await?;
        }
        Ok(whole.freeze())
    }
}

impl From<Bytes> for Outgoing {
    fn from(bytes: Bytes) -> Self {
        Outgoing::Bytes(bytes)
    }
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outgoing").field("length", &self.length()).finish_non_exhaustive()
    }
}

/// The body of [`Outgoing::unfold`]: either it has a state, or a step is under way, or it has ended.
struct Unfold<S, F, R> {
    state: Option<S>,
    step: F,
    running: Option<Pin<Box<R>>>,
}

impl<S, F, R> OutgoingSource for Unfold<S, F, R>
where
    S: Send,
    F: FnMut(S) -> R + Send,
    R: Future<Output = Result<Option<(Bytes, S)>, Fault>> + Send,
{
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Fault>>> {
        if let Some(state) = self.state.take() {
            self.running = Some(Box::pin((self.step)(state)));
        }
        let Some(running) = &mut self.running else { return Poll::Ready(None) };
        let Poll::Ready(result) = running.as_mut().poll(context) else { return Poll::Pending };
        self.running = None;
        Poll::Ready(match result {
            Ok(Some((piece, state))) => {
                self.state = Some(state);
                Some(Ok(piece))
            }
            Ok(None) => None,
            Err(fault) => Some(Err(fault)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countdown(from: u8) -> Outgoing {
        Outgoing::unfold(Some(u64::from(from)), from, |left| async move {
            Ok((left > 0).then(|| (Bytes::copy_from_slice(&[left]), left.saturating_sub(1))))
        })
    }

    #[tokio::test]
    async fn an_unfolded_body_comes_in_pieces_and_ends() {
        let mut body = countdown(2);
        assert_eq!(body.length(), Some(2));
        assert_eq!(body.next().await.unwrap().unwrap(), &[2][..]);
        assert_eq!(body.next().await.unwrap().unwrap(), &[1][..]);
        assert_eq!(body.next().await.unwrap(), None);
        assert_eq!(body.next().await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_body_is_collected_up_to_a_limit() {
        assert_eq!(countdown(3).collect(3).await.unwrap(), &[3, 2, 1][..]);
        assert!(countdown(3).collect(2).await.is_err());
        assert_eq!(Outgoing::Nothing.collect(0).await.unwrap(), Bytes::new());
    }

    #[tokio::test]
    async fn bytes_are_an_incoming_body_of_one_piece() {
        let mut body = Incoming::from(Bytes::from_static(b"abc"));
        assert_eq!(body.length(), Some(3));
        assert_eq!(body.next().await.unwrap().unwrap(), "abc");
        assert!(body.next().await.unwrap().is_none());
        assert!(body.trailer("x-amz-checksum-crc32").is_none());
        assert!(Incoming::empty().next().await.unwrap().is_none());
    }
}
