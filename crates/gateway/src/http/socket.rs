//! The TCP socket below HTTP and TLS: gives back the bytes that were read to find the protocol, tells the
//! connection's [`Activity`] what happens, and closes so that the last response arrives.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

use super::activity::Activity;
use super::deferred::Deferred;

/// A TCP connection of a client.
pub(super) struct Socket {
    stream: TcpStream,
    activity: Arc<Activity>,
    opening: Opening,
    at_end: bool,
    lingering: Option<Pin<Box<Sleep>>>,
    /// The small answer under way. HTTP and TLS flush what they have written.
    deferred: Deferred,
}

/// What a connection speaks, by its first bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Protocol {
    Tls,
    Http1,
    Http2,
    /// None yet: the client asks for a tunnel first.
    Tunnel,
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

/// The beginning of a request for a tunnel (RFC 9110, 9.3.6). No other method begins so.
const TUNNEL: &[u8; PREFACE.len()] = b"CONN";

/// The first byte of a TLS handshake record (RFC 8446, 5.1).
const TLS_HANDSHAKE: u8 = 0x16;

/// How long a refused client may go on sending before the connection is cut.
const LINGER: Duration = Duration::from_secs(2);

impl Opening {
    fn protocol(&self) -> Option<Protocol> {
        let bytes = &self.bytes[..self.read];
        match bytes {
            [] => None,
            [TLS_HANDSHAKE, ..] => Some(Protocol::Tls),
            _ if bytes == PREFACE => Some(Protocol::Http2),
            _ if bytes == TUNNEL => Some(Protocol::Tunnel),
            _ if PREFACE.starts_with(bytes) || TUNNEL.starts_with(bytes) => None,
            _ => Some(Protocol::Http1),
        }
    }
}

impl Socket {
    pub(super) fn new(stream: TcpStream, activity: Arc<Activity>) -> Self {
        Self {
            stream,
            activity,
            opening: Opening::default(),
            at_end: false,
            lingering: None,
            deferred: Deferred::default(),
        }
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

    /// Forgets what the connection began with: behind a tunnel it begins anew.
    pub(super) fn begin_anew(&mut self) {
        self.opening = Opening::default();
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
        if self.defers(&[io::IoSlice::new(bytes)]) {
            return Poll::Ready(Ok(bytes.len()));
        }
        ready!(self.poll_deferred(context))?;
        let result = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.note_write(&result);
        result
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.defers(slices) {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        ready!(self.poll_deferred(context))?;
        let result = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.note_write(&result);
        result
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.deferred.is_due(context) { self.poll_deferred(context) } else { Poll::Pending }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.lingering.is_none() {
            ready!(self.poll_deferred(context))?;
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
            if self.at_end || !self.activity.refuses_input() {
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_linger(context).map(Ok)
    }
}

impl Socket {
    /// Keeps bytes for later, if they are few.
    fn defers(&mut self, slices: &[io::IoSlice<'_>]) -> bool {
        let has_room = self.deferred.has_room(slices.iter().map(|slice| slice.len()).sum());
        if has_room {
            slices.iter().for_each(|slice| self.deferred.push(slice));
            // Until it is flushed, the connection is not idle.
            self.activity.write_blocked();
        }
        has_room
    }

    /// Writes what was deferred.
    fn poll_deferred(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.deferred.bytes().is_empty() {
            let result = Pin::new(&mut self.stream).poll_write(context, self.deferred.bytes());
            self.note_write(&result);
            self.deferred.written(ready!(result)?);
        }
        Poll::Ready(Ok(()))
    }

    fn note_write(&self, result: &Poll<io::Result<usize>>) {
        match result {
            Poll::Pending => self.activity.write_blocked(),
            Poll::Ready(_) => self.activity.bytes_written(),
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;

    use super::super::activity::Stage;
    use super::*;

    fn check(bytes: &[u8], expected: Option<Protocol>) {
        let mut opening = Opening { read: bytes.len(), ..Opening::default() };
        opening.bytes[..bytes.len()].copy_from_slice(bytes);
        assert_eq!(opening.protocol(), expected, "{bytes:?}");
    }

    /// A socket and its client.
    async fn connected() -> (Socket, TcpStream) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        (Socket::new(listener.accept().await.unwrap().0, Arc::default()), client)
    }

    #[tokio::test]
    async fn a_small_answer_waits_for_the_tasks_that_are_ready() {
        let (mut socket, mut client) = connected().await;
        socket.write_all(b"answer").await.unwrap();
        let early = client.try_read(&mut [0; 8]).unwrap_err();
        assert_eq!(early.kind(), io::ErrorKind::WouldBlock);
        let activity = Arc::clone(&socket.activity);
        assert_eq!(activity.stage(), Stage::WriteBlocked, "a server that stops waits for it");
        let mut flush = std::pin::pin!(socket.flush());
        let first = std::future::poll_fn(|context| Poll::Ready(flush.as_mut().poll(context))).await;
        assert!(first.is_pending(), "others come first");
        flush.await.unwrap();
        assert_eq!(activity.stage(), Stage::Idle);
        let mut answer = [0; 6];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
    }

    #[tokio::test]
    async fn what_is_large_or_last_comes_after_what_was_deferred() {
        let (mut socket, mut client) = connected().await;
        socket.write_all(b"head").await.unwrap();
        socket.write_all(&[b'x'; 2 * Deferred::MOST]).await.unwrap();
        socket.write_all(b"tail").await.unwrap();
        socket.shutdown().await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, [b"head", &[b'x'; 2 * Deferred::MOST][..], b"tail"].concat());
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
        check(b"C", None);
        check(b"COPY", Some(Protocol::Http1));
        check(b"CONN", Some(Protocol::Tunnel));
    }
}
