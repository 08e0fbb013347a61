//! The body of an answer that the operation makes while it is sent, as the listener sends it.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use virga_kit::{Outgoing, OutgoingSource};
use virga_store::Fault;

use crate::http::ResponseBody;

/// The body as the listener sends it. `request_id` is for the log, should it fail on its way.
pub(crate) fn to_http(body: Outgoing, request_id: &str) -> ResponseBody {
    match body {
        Outgoing::Nothing => ResponseBody::Empty,
        Outgoing::Bytes(bytes) => ResponseBody::from(bytes),
        Outgoing::Pieces { length, source } => {
            let request_id = request_id.to_owned();
            ResponseBody::stream(Pieces { source, left: length, has_ended: false, request_id })
        }
    }
}

struct Pieces {
    source: Box<dyn OutgoingSource>,
    /// Bytes that must still come, if the length is known.
    left: Option<u64>,
    has_ended: bool,
    request_id: String,
}

impl Pieces {
    /// Holds the source to its word: hyper would send what is too much, and wait for what is missing.
    fn counted(&mut self, piece: Option<Result<Bytes, Fault>>) -> Option<Result<Frame<Bytes>, Fault>> {
        let length = piece.as_ref().and_then(|piece| piece.as_ref().ok()).map_or(0, Bytes::len) as u64;
        let result = match (piece?, self.left) {
            (Ok(_), Some(left)) if left < length => Err(Fault::new("a body is longer than its length")),
            (result, left) => {
                self.left = left.map(|left| left - length.min(left));
                result
            }
        };
        self.has_ended = result.is_err() || self.left == Some(0);
        Some(result.map(Frame::data))
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Fault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Fault>>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let Poll::Ready(piece) = self.source.poll_next(context) else { return Poll::Pending };
        let frame = match (piece, self.left) {
            (None, Some(left)) if left > 0 => {
                self.has_ended = true;
                Some(Err(Fault::new(format!("a body ends {left} bytes before its end"))))
            }
            (piece, _) => self.counted(piece),
        };
        if let Some(Err(fault)) = &frame {
            tracing::error!(request_id = self.request_id, "the body of an answer broke off: {fault}");
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.has_ended || self.left == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        self.left.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
