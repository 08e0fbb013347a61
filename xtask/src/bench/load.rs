//! The load tool: many HTTP/1.1 connections, each with one request under way, driven by few threads. It shares
//! the machine with its subject, so it does as little as it can: requests are bytes prepared beforehand, and of
//! an answer it reads the status and the length.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token, net::TcpStream};

use crate::http::Head;

/// One run of the load tool.
pub(crate) struct Load<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) connections: usize,
    pub(crate) threads: usize,
    pub(crate) duration: Duration,
    /// The bytes of the requests, sent in turn, again from the first when they are used up.
    pub(crate) requests: &'a [Vec<u8>],
    /// How many requests at most, over all connections.
    pub(crate) most_requests: Option<u64>,
    /// Answers with a body shorter than this are counted as empty: a receive that got no message.
    pub(crate) full_answer_bytes: usize,
}

/// What a run measured.
pub(crate) struct Outcome {
    /// Answers with status 200.
    pub(crate) requests: u64,
    /// Of them, those with too short a body.
    pub(crate) empty: u64,
    pub(crate) elapsed: Duration,
    /// Microseconds per request.
    pub(crate) latency: Histogram<u64>,
}

impl Outcome {
    /// Answers per second that were not empty.
    pub(crate) fn rate(&self) -> f64 {
        (self.requests - self.empty) as f64 / self.elapsed.as_secs_f64()
    }
}

/// Latencies from a microsecond to a minute, to three digits.
pub(crate) fn empty_histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(1, 60_000_000, 3).expect("the bounds are in order")
}

/// Runs the load; an answer with another status than 200 ends it with an error that shows the answer.
pub(crate) fn run(load: &Load<'_>) -> Result<Outcome> {
    ensure!(load.connections >= load.threads && load.threads > 0, "fewer connections than threads");
    let outcomes: Vec<Result<Outcome>> = thread::scope(|scope| {
        let threads: Vec<_> =
            (0..load.threads).map(|thread| scope.spawn(move || run_thread(load, thread))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(anyhow!("a load thread died"))))
            .collect()
    });
    let mut total = Outcome { requests: 0, empty: 0, elapsed: Duration::ZERO, latency: empty_histogram() };
    for outcome in outcomes {
        let outcome = outcome?;
        total.requests += outcome.requests;
        total.empty += outcome.empty;
        total.elapsed = total.elapsed.max(outcome.elapsed);
        total.latency.add(&outcome.latency)?;
    }
    Ok(total)
}

/// Sends a request so many times, as fast as it goes: preparation of a benchmark.
pub(crate) fn fill(address: SocketAddr, request: Vec<u8>, count: u64) -> Result<()> {
    let outcome = run(&Load {
        address,
        connections: 16,
        threads: 1,
        duration: Duration::from_secs(900),
        requests: &[request],
        most_requests: Some(count),
        full_answer_bytes: 0,
    })?;
    ensure!(outcome.requests == count, "{} of {count} requests within fifteen minutes", outcome.requests);
    Ok(())
}

/// One connection, with one request under way.
struct Connection {
    stream: TcpStream,
    answer: Vec<u8>,
    filled: usize,
    sent_at: Instant,
}

/// The requests that one thread sends: every so many of [`Load::requests`].
struct Share<'a> {
    requests: &'a [Vec<u8>],
    next: usize,
    step: usize,
    left: u64,
}

impl<'a> Share<'a> {
    fn of(load: &Load<'a>, thread: usize) -> Self {
        let left = load.most_requests.map_or(u64::MAX, |most| most / load.threads as u64);
        Self { requests: load.requests, next: thread, step: load.threads, left }
    }

    fn next(&mut self) -> Option<&'a [u8]> {
        self.left = self.left.checked_sub(1)?;
        let request = &self.requests[self.next % self.requests.len()];
        self.next += self.step;
        Some(request)
    }
}

#[expect(clippy::disallowed_methods, reason = "a load tool measures real time")]
fn run_thread(load: &Load<'_>, thread: usize) -> Result<Outcome> {
    let mut share = Share::of(load, thread);
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(1024);
    let count = load.connections / load.threads;
    let mut connections =
        (0..count).map(|token| connect(load.address, &poll, token)).collect::<Result<Vec<_>>>()?;
    let mut outcome = Outcome { requests: 0, empty: 0, elapsed: Duration::ZERO, latency: empty_histogram() };
    let start = Instant::now();
    let end = start + load.duration;
    let mut under_way = 0;
    for connection in &mut connections {
        under_way += usize::from(send_next(connection, &mut share, start)?);
    }
    while under_way > 0 {
        poll.poll(&mut events, Some(Duration::from_secs(30)))?;
        ensure!(!events.is_empty(), "no answer within 30 seconds");
        for event in &events {
            let connection = &mut connections[event.token().0];
            let Some(head) = receive(connection)? else { continue };
            let now = Instant::now();
            outcome.requests += 1;
            outcome.empty += u64::from(head.content_length < load.full_answer_bytes);
            outcome.latency.record((now - connection.sent_at).as_micros() as u64)?;
            if now >= end || !send_next(connection, &mut share, now)? {
                under_way -= 1;
            }
        }
    }
    outcome.elapsed = start.elapsed();
    Ok(outcome)
}

#[expect(clippy::disallowed_methods, reason = "a load tool measures real time")]
fn connect(address: SocketAddr, poll: &Poll, token: usize) -> Result<Connection> {
    let stream = std::net::TcpStream::connect(address).with_context(|| format!("connect to {address}"))?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    poll.registry().register(&mut stream, Token(token), Interest::READABLE)?;
    Ok(Connection { stream, answer: vec![0; 64 * 1024], filled: 0, sent_at: Instant::now() })
}

/// Sends the next request; false when there is none.
fn send_next(connection: &mut Connection, share: &mut Share<'_>, now: Instant) -> Result<bool> {
    let Some(request) = share.next() else { return Ok(false) };
    // A request is far smaller than the socket's buffer, which is empty: it goes in whole.
    let sent = connection.stream.write(request).context("send a request")?;
    ensure!(sent == request.len(), "a request of {} bytes does not fit the socket's buffer", request.len());
    connection.filled = 0;
    connection.sent_at = now;
    Ok(true)
}

/// Reads what is there; the head of the answer when it is complete.
fn receive(connection: &mut Connection) -> Result<Option<Head>> {
    loop {
        let space = &mut connection.answer[connection.filled..];
        ensure!(!space.is_empty(), "an answer of more than 64 KiB");
        match connection.stream.read(space) {
            Ok(0) => bail!("the server closed the connection"),
            Ok(count) => connection.filled += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
            Err(error) => return Err(error).context("receive an answer"),
        }
        let answer = &connection.answer[..connection.filled];
        let Some(head) = Head::parse(answer)? else { continue };
        if answer.len() < head.length + head.content_length {
            continue;
        }
        if head.status != 200 {
            bail!("status {}: {}", head.status, String::from_utf8_lossy(&answer[head.length..]));
        }
        return Ok(Some(head));
    }
}

#[cfg(test)]
mod tests {
    use std::{io::BufRead as _, net::TcpListener};

    use super::*;

    /// A server of one connection at a time that answers every request with an empty 200.
    fn serve(listener: &TcpListener, answer: &[u8]) {
        for stream in listener.incoming().take(1) {
            let mut stream = std::io::BufReader::new(stream.expect("accept"));
            let mut line = String::new();
            while stream.read_line(&mut line).is_ok_and(|count| count > 0) {
                if line == "\r\n" {
                    stream.get_mut().write_all(answer).expect("answer");
                }
                line.clear();
            }
        }
    }

    fn load_against(answer: &[u8], full_answer_bytes: usize) -> Result<Outcome> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let address = listener.local_addr().expect("address");
        thread::scope(|scope| {
            scope.spawn(|| serve(&listener, answer));
            run(&Load {
                address,
                connections: 1,
                threads: 1,
                duration: Duration::from_secs(30),
                requests: &[
                    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
                    b"HEAD / HTTP/1.1\r\n\r\n".to_vec(),
                ],
                most_requests: Some(50),
                full_answer_bytes,
            })
        })
    }

    #[test]
    fn as_many_requests_are_sent_as_asked_for() {
        let outcome = load_against(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 0).expect("a run");
        assert_eq!((outcome.requests, outcome.empty, outcome.latency.len()), (50, 0, 50));
    }

    #[test]
    fn short_answers_are_counted_as_empty() {
        let outcome = load_against(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", 3).expect("a run");
        assert_eq!((outcome.requests, outcome.empty), (50, 50));
    }

    #[test]
    fn an_error_ends_the_run_and_shows_the_answer() {
        let outcome = load_against(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 3\r\n\r\nwhy", 0);
        assert_eq!(outcome.err().map(|error| error.to_string()), Some("status 400: why".to_owned()));
    }
}
