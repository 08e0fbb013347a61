//! Response bodies: none, whole in memory, or produced while they are sent.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::sync::mpsc;

use super::activity::Activity;

/// The answer to a [`Request`](super::Request).
///
/// The listener adds `Date`, and `Content-Length` where the length of the body is known.
pub type Response = http::Response<ResponseBody>;

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type BoxBody = Pin<Box<dyn Body<Data = Bytes, Error = BoxError> + Send>>;

/// The bytes of a response.
#[derive(Default)]
pub enum ResponseBody {
    /// No body.
    #[default]
    Empty,
    /// A body in memory.
    Full(Bytes),
    /// A body that is produced while it is sent; made by [`ResponseBody::stream`] or [`ResponseBody::channel`].
    Stream(BoxBody),
}

impl ResponseBody {
    /// A body that `body` produces. An error breaks the connection off, so that the client sees that it has not all.
    pub fn stream<B>(body: B) -> Self
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        Self::Stream(Box::pin(AnyError(Box::pin(body))))
    }

    /// A body of unknown length that is sent through the returned [`BodySender`]; at most `capacity` pieces wait to be sent.
    pub fn channel(capacity: usize) -> (BodySender, Self) {
        let (sender, receiver) = mpsc::channel(capacity);
        (BodySender(sender), Self::Stream(Box::pin(Channel(receiver))))
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        Self::Full(bytes)
    }
}

/// The producing end of a streamed response body. The body ends when it is dropped.
pub struct BodySender(mpsc::Sender<Result<Bytes, BoxError>>);

impl BodySender {
    /// Sends a piece once there is room. `false`: the client has gone, nothing more is needed.
    pub async fn send(&self, piece: Bytes) -> bool {
        self.0.send(Ok(piece)).await.is_ok()
    }

    /// Breaks the response off, so that the client sees that it has not all.
    pub async fn fail(self, error: impl Into<BoxError>) {
        // A client that has gone does not need to be told.
        let _gone = self.0.send(Err(error.into())).await;
    }

    /// Resolves when the client has gone.
    pub async fn closed(&self) {
        self.0.closed().await;
    }
}

struct Channel(mpsc::Receiver<Result<Bytes, BoxError>>);

impl Body for Channel {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.poll_recv(context).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

/// Any body, with its error type erased.
struct AnyError<B>(Pin<Box<B>>);

impl<B> Body for AnyError<B>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0.as_mut().poll_frame(context).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                *self = Self::Empty;
                Poll::Ready((!bytes.is_empty()).then(|| Ok(Frame::data(bytes))))
            }
            Self::Stream(body) => body.as_mut().poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Full(bytes) => bytes.is_empty(),
            Self::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty => SizeHint::with_exact(0),
            Self::Full(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(body) => body.size_hint(),
        }
    }
}

/// A body on its way out: a request is in flight until a streamed response has ended, and a panic of its producer
/// breaks off this response alone.
pub(super) struct Outgoing {
    body: ResponseBody,
    streaming: Option<Arc<Activity>>,
}

impl Outgoing {
    /// Takes over the request that `activity` counts as in flight.
    pub(super) fn new(body: ResponseBody, activity: &Arc<Activity>) -> Self {
        let streaming = if matches!(body, ResponseBody::Stream(_)) {
            Some(Arc::clone(activity))
        } else {
            activity.request_ended();
            None
        };
        Self { body, streaming }
    }
}

impl Drop for Outgoing {
    fn drop(&mut self) {
        if let Some(activity) = &self.streaming {
            activity.request_ended();
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let body = Pin::new(&mut self.body);
        catch_unwind(AssertUnwindSafe(|| body.poll_frame(context))).unwrap_or_else(|_panic| {
            Poll::Ready(Some(Err("the producer of the response body panicked".into())))
        })
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
