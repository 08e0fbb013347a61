//! The TCP socket below HTTP and TLS: gives back the bytes that were read to find the protocol, tells the
//! connection's [`Activity`] what happens, and closes so that the last response arrives.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use smallvec::SmallVec;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::activity::Activity;

/// A TCP connection of a client.
pub(super) struct Socket {
    stream: TcpStream,
    activity: Arc<Activity>,
    opening: Opening,
    at_end: bool,
    lingering: Option<Pin<Box<Sleep>>>,
}

/// What a connection speaks, by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Protocol {
    Tls,
    Http1,
    Http2,
}

/// The first bytes of a connection, read before its protocol was known.
#[derive(Default)]
struct Opening {
    bytes: [u8; PREFACE.len()],
    read: usize,
    given_back: usize,
}

/// The beginning of the HTTP/2 preface (RFC 9113, 3.4). No HTTP/1 method begins so.
const PREFACE: &[u8] = b"PRI ";

/// The first byte of a TLS handshake record (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// Up to this many bytes, copying a response's head and body together costs less than the kernel takes for a list of slices.
const SMALL_WRITE: usize = 2048;

/// How long a refused client may go on sending before the connection is cut.
const LINGER: Duration = Duration::from_secs(2);

impl Opening {
    fn protocol(&self) -> Option<Protocol> {
        let bytes = &self.bytes[..self.read];
        match bytes {
            [] => None,
            [TLS_HANDSHAKE, ..] => Some(Protocol::Tls),
            _ if bytes == PREFACE => Some(Protocol::Http2),
            _ if PREFACE.starts_with(bytes) => None,
            _ => Some(Protocol::Http1),
        }
    }
}

impl Socket {
    pub(super) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self { stream, activity, opening: Opening::default(), at_end: false, lingering: None }
    }

    /// Reads as few bytes as tell the protocol; the reader of the protocol gets them again. `None`: the client
    /// left without a word.
    pub(super) async fn protocol(&mut self) -> io::Result<Option<Protocol>> {
        loop {
            if let Some(protocol) = self.opening.protocol() {
                return Ok(Some(protocol));
            }
            let read = self.stream.read(&mut self.opening.bytes[self.opening.read..]).await?;
            self.opening.read += read;
            if read == 0 {
                return Ok((self.opening.read > 0).then_some(Protocol::Http1));
            }
        }
    }

    /// The address at which the client reached us.
    pub(super) fn local_addr(&self) -> io::Result<std::net::SocketAddr> {
        self.stream.local_addr()
    }

    fn give_back(&mut self, buffer: &mut ReadBuf<'_>) {
        let pending = &self.opening.bytes[self.opening.given_back..self.opening.read];
        let length = pending.len().min(buffer.remaining());
        buffer.put_slice(&pending[..length]);
        self.opening.given_back += length;
    }

    /// Reads on without looking, after our side is closed: closing a socket with unread input resets it, and a
    /// reset can overtake the response that says why the rest of the request was refused.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.lingering.get_or_insert_with(|| Box::pin(tokio::time::sleep(LINGER)));
        let mut scratch = [0; 4096];
        loop {
            if timer.as_mut().poll(context).is_ready() {
                return Poll::Ready(());
            }
            let mut buffer = ReadBuf::new(&mut scratch);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer)) {
                Ok(()) if !buffer.filled().is_empty() => {}
                Ok(()) | Err(_) => return Poll::Ready(()),
            }
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if self.opening.given_back < self.opening.read {
            self.give_back(buffer);
        }
        let replayed = buffer.filled().len() > before;
        let result = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.activity.bytes_read();
        } else if matches!(result, Poll::Ready(Ok(()))) && buffer.remaining() > 0 {
            self.at_end = true;
        }
        // What was given back counts as read, whatever the socket says; an error will come again.
        if replayed { Poll::Ready(Ok(())) } else { result }
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_write(&result);
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let length: usize = slices.iter().map(|slice| slice.len()).sum();
        let stream = Pin::new(&mut self.stream);
        let result = if length <= SMALL_WRITE {
            let mut joined = SmallVec::<[u8; SMALL_WRITE]>::new();
            slices.iter().for_each(|slice| joined.extend_from_slice(slice));
            stream.poll_write(context, &joined)
        } else {
            stream.poll_write_vectored(context, slices)
        };
        self.note_write(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            if self.at_end || !self.activity.refuses_input() {
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_linger(context).map(Ok)
    }
}

impl Socket {
    fn note_write(&self, result: &Poll<io::Result<usize>>) {
        match result {
            Poll::Pending => self.activity.write_blocked(),
            Poll::Ready(_) => self.activity.bytes_written(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: Option<Protocol>) {
        let mut opening = Opening { read: bytes.len(), ..Opening::default() };
        opening.bytes[..bytes.len()].copy_from_slice(bytes);
        assert_eq!(opening.protocol(), expected, "{bytes:?}");
    }

    #[test]
    fn the_first_bytes_tell_the_protocol() {
        check(b"", None);
        check(b"\x16", Some(Protocol::Tls));
        check(b"\x16\x03", Some(Protocol::Tls));
        check(b"G", Some(Protocol::Http1));
        check(b"P", None);
        check(b"PO", Some(Protocol::Http1));
        check(b"PR", None);
        check(b"PROP", Some(Protocol::Http1));
        check(b"PRI", None);
        check(b"PRI ", Some(Protocol::Http2));
        check(b"\0", Some(Protocol::Http1));
    }
}
