//! Bulk transfers: few connections, each a thread that sends one request after the other and reads the answers whole.
//! Bodies are megabytes, so that the load tool of small requests would measure itself.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, anyhow, ensure};

use crate::http::Head;

/// What a read takes at most.
const PIECE: usize = 256 * 1024;

/// A request that is sent again and again.
pub(super) struct Transfer<'a> {
    pub(super) address: SocketAddr,
    pub(super) connections: usize,
    pub(super) duration: Duration,
    pub(super) head: &'a [u8],
    pub(super) body: &'a [u8],
}

/// What came of it.
pub(super) struct Rate {
    /// Answers per second.
    pub(super) answers: f64,
    /// Bytes of bodies per second, both ways.
    pub(super) bytes: f64,
}

impl Transfer<'_> {
    /// Transfers until the time is over.
    #[expect(clippy::disallowed_methods, reason = "a load tool measures real time")]
    pub(super) fn run(&self) -> Result<Rate> {
        let start = Instant::now();
        let results: Vec<Result<(u64, u64)>> = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..self.connections).map(|_| scope.spawn(move || self.run_connection(start))).collect();
            let join = |thread: thread::ScopedJoinHandle<'_, _>| {
                thread.join().unwrap_or_else(|_| Err(anyhow!("a transfer thread died")))
            };
            threads.into_iter().map(join).collect()
        });
        let elapsed = start.elapsed().as_secs_f64();
        let (mut answers, mut bytes) = (0, 0);
        for result in results {
            let (more_answers, more_bytes) = result?;
            answers += more_answers;
            bytes += more_bytes;
        }
        Ok(Rate { answers: answers as f64 / elapsed, bytes: bytes as f64 / elapsed })
    }

    fn run_connection(&self, start: Instant) -> Result<(u64, u64)> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.set_nodelay(true)?;
        let mut buffer = vec![0; PIECE];
        let (mut answers, mut bytes) = (0, 0);
        while start.elapsed() < self.duration {
            stream.write_all(self.head)?;
            stream.write_all(self.body)?;
            bytes += self.body.len() as u64 + read_answer(&mut stream, &mut buffer)?;
            answers += 1;
        }
        Ok((answers, bytes))
    }
}

/// Reads an answer past its end; the length of its body.
pub(super) fn read_answer(stream: &mut TcpStream, buffer: &mut [u8]) -> Result<u64> {
    let mut filled = 0;
    let head = loop {
        let count = stream.read(&mut buffer[filled..])?;
        ensure!(count > 0, "the server closed the connection");
        filled += count;
        if let Some(head) = Head::parse(&buffer[..filled])? {
            break head;
        }
    };
    let status = head.status;
    ensure!(status / 100 == 2, "status {status}: {}", String::from_utf8_lossy(&buffer[head.length..filled]));
    let mut left = (head.length + head.content_length).saturating_sub(filled);
    while left > 0 {
        let most = left.min(buffer.len());
        let count = stream.read(&mut buffer[..most])?;
        ensure!(count > 0, "an answer broke off");
        left -= count;
    }
    Ok(head.content_length as u64)
}
