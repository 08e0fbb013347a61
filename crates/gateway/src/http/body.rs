//! Request bodies: collected whole up to a limit, or read piece by piece.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use http_body::Body as _;
use hyper::body::{Frame, Incoming};
use tokio::time::{Instant, Sleep};

use super::activity::Activity;

/// The body of one request. Dropping it unread refuses the rest of it.
///
/// A client that waits for `100 Continue` gets it when the body is first read, and not before.
pub struct Body {
    source: Source,
    trailers: Option<HeaderMap>,
}

enum Source {
    Buffered(Bytes),
    Network(Network),
    Done,
}

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is longer than the reader takes.
    #[error("the request body is larger than {limit} bytes")]
    TooLarge {
        /// The most that the reader takes, in bytes.
        limit: usize,
    },
    /// The client stopped sending in the middle of it.
    #[error("no data came from the client for {} s", .0.as_secs_f32())]
    TimedOut(Duration),
    /// The connection broke, or the transfer encoding is malformed.
    #[error("the request body broke off: {0}")]
    Broken(#[from] hyper::Error),
}

impl BodyError {
    /// The HTTP status that tells the client: 413, 408 or 400.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut(_) => StatusCode::REQUEST_TIMEOUT,
            Self::Broken(_) => StatusCode::BAD_REQUEST,
        }
    }
}

/// How much room a body gets before its first byte, whatever length it announces.
const INITIAL_ROOM: usize = 1 << 20;

impl Default for Body {
    /// No body.
    fn default() -> Self {
        Self { source: Source::Done, trailers: None }
    }
}

impl Body {
    /// A body that is already in memory, as tests and calls in process have it.
    pub fn from_bytes(bytes: impl Into<Bytes>) -> Self {
        Self { source: Source::Buffered(bytes.into()), trailers: None }
    }

    pub(super) fn from_network(incoming: Incoming, idle_timeout: Duration, activity: &Arc<Activity>) -> Self {
        let source = if incoming.is_end_stream() {
            Source::Done
        } else {
            Source::Network(Network {
                incoming,
                activity: Arc::clone(activity),
                idle_timeout,
                timer: None,
                waiting: false,
                has_ended: false,
            })
        };
        Self { source, trailers: None }
    }

    /// How many bytes are still to come, if the client said so.
    pub fn remaining(&self) -> Option<u64> {
        match &self.source {
            Source::Buffered(bytes) => Some(bytes.len() as u64),
            Source::Network(network) => network.incoming.size_hint().exact(),
            Source::Done => Some(0),
        }
    }

    /// Reads all that is left, at most `limit` bytes. A body that arrives in one piece is not copied.
    ///
    /// A body announced as longer than `limit` is refused before the first byte is read.
    pub async fn collect(&mut self, limit: usize) -> Result<Bytes, BodyError> {
        let too_large = || BodyError::TooLarge { limit };
        if self.remaining().is_some_and(|remaining| remaining > limit as u64) {
            return Err(too_large());
        }
        let announced = self.remaining().unwrap_or(0);
        let Some(first) = self.next().await.transpose()? else { return Ok(Bytes::new()) };
        if first.len() > limit {
            return Err(too_large());
        }
        let Some(second) = self.next().await.transpose()? else { return Ok(first) };
        let room = usize::try_from(announced).unwrap_or(INITIAL_ROOM).min(INITIAL_ROOM);
        let mut whole = BytesMut::with_capacity(room.max(first.len() + second.len()));
        whole.extend_from_slice(&first);
        let mut piece = Some(second);
        while let Some(bytes) = piece {
            if bytes.len() > limit - whole.len() {
                return Err(too_large());
            }
            whole.extend_from_slice(&bytes);
            piece = self.next().await.transpose()?;
        }
        Ok(whole.freeze())
    }

    /// The next piece, as it came from the network; `None` at the end. An error is the last thing a body gives.
    pub async fn next(&mut self) -> Option<Result<Bytes, BodyError>> {
        loop {
            let frame = match &mut self.source {
                Source::Done => return None,
                Source::Buffered(bytes) => {
                    let bytes = std::mem::take(bytes);
                    self.source = Source::Done;
                    return (!bytes.is_empty()).then_some(Ok(bytes));
                }
                // A body whose announced length has come needs no further look at the connection.
                Source::Network(network) if network.incoming.is_end_stream() => None,
                Source::Network(network) => poll_fn(|context| network.poll_frame(context)).await,
            };
            match frame {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if data.is_empty() => {}
                    Ok(data) => return Some(Ok(data)),
                    Err(frame) => self.trailers = frame.into_trailers().ok(),
                },
                Some(Err(error)) => {
                    self.source = Source::Done;
                    return Some(Err(error));
                }
                None => self.source = Source::Done,
            }
        }
    }

    /// The trailer headers of the transfer encoding, once the body is read to its end.
    pub fn trailers(&self) -> Option<&HeaderMap> {
        self.trailers.as_ref()
    }
}

/// A body that arrives while it is read.
struct Network {
    incoming: Incoming,
    activity: Arc<Activity>,
    idle_timeout: Duration,
    /// Made when a read first has to wait: most bodies are there with their head.
    timer: Option<Pin<Box<Sleep>>>,
    waiting: bool,
    /// Whether the end has been read, which a body in chunks does not tell of itself.
    has_ended: bool,
}

impl Network {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(context) {
            self.waiting = false;
            self.has_ended = frame.is_none();
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyError::from)));
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(self.idle_timeout)));
        if !self.waiting {
            self.waiting = true;
            timer.as_mut().reset(Instant::now() + self.idle_timeout);
        }
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Some(Err(BodyError::TimedOut(self.idle_timeout))))
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if !self.has_ended && !self.incoming.is_end_stream() {
            self.activity.body_left_unread();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_buffered_body_is_given_whole_and_once() {
        let mut body = Body::from_bytes("hello");
        assert_eq!(body.remaining(), Some(5));
        assert_eq!(body.collect(5).await.unwrap(), "hello");
        assert_eq!(body.remaining(), Some(0));
        assert!(body.next().await.is_none());
    }

    #[tokio::test]
    async fn a_body_over_the_limit_is_refused() {
        let error = Body::from_bytes("hello").collect(4).await.unwrap_err();
        assert!(matches!(error, BodyError::TooLarge { limit: 4 }));
        assert_eq!(error.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }
}
