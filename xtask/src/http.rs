//! A small blocking HTTP/1.1 client for the chores: one connection, one request at a time, no TLS. The load tool
//! shares its reading of answers.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use anyhow::{Context as _, Result, bail, ensure};

/// How long one answer may take: longer than SQS's longest wait.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// The host that every request names.
pub(crate) const HOST: &str = "localhost";

/// What the head of an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) status: u16,
    /// Bytes of the head itself, with the empty line that ends it.
    pub(crate) length: usize,
    /// Bytes of the body.
    pub(crate) content_length: usize,
}

impl Head {
    /// Reads the head of an answer; nothing when it is not complete yet.
    pub(crate) fn parse(answer: &[u8]) -> Result<Option<Self>> {
        let Some(end) = memchr::memmem::find(answer, b"\r\n\r\n") else { return Ok(None) };
        let digits =
            answer.get(9..12).filter(|_| answer.starts_with(b"HTTP/1.")).context("not an HTTP/1.1 answer")?;
        let status = number(digits)?;
        let mut content_length = None;
        for line in answer[..end].split(|byte| *byte == b'\n').skip(1) {
            const NAME: &[u8] = b"content-length:";
            if line.len() > NAME.len() && line[..NAME.len()].eq_ignore_ascii_case(NAME) {
                content_length = Some(number(line[NAME.len()..].trim_ascii())?);
            }
        }
        let content_length = match (content_length, status) {
            (Some(length), _) => length,
            (None, 204 | 304) => 0,
            (None, _) => bail!("an answer without a content length"),
        };
        Ok(Some(Self { status: u16::try_from(status)?, length: end + 4, content_length }))
    }
}

fn number(digits: &[u8]) -> Result<usize> {
    std::str::from_utf8(digits)?.parse().context("not a number in an answer's head")
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The JSON body of a successful answer, null when it is empty; any other status is an error that shows the
    /// answer.
    pub(crate) fn json(&self) -> Result<serde_json::Value> {
        ensure!(self.status / 100 == 2, "status {}: {}", self.status, String::from_utf8_lossy(&self.body));
        if self.body.is_empty() {
            return Ok(serde_json::Value::Null);
        }
        serde_json::from_slice(&self.body).context("an answer that is no JSON")
    }
}

/// One connection.
pub(crate) struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
        Ok(Self { stream, received: Vec::new() })
    }

    /// Sends the bytes of a whole request and waits for its answer.
    pub(crate) fn send(&mut self, request: &[u8]) -> Result<Answer> {
        self.stream.write_all(request)?;
        self.received.clear();
        let mut part = [0; 16 * 1024];
        loop {
            if let Some(head) = Head::parse(&self.received)?
                && self.received.len() >= head.length + head.content_length
            {
                let body = self.received[head.length..head.length + head.content_length].to_vec();
                return Ok(Answer { status: head.status, body });
            }
            let count = self.stream.read(&mut part)?;
            ensure!(count > 0, "the server closed the connection");
            self.received.extend_from_slice(&part[..count]);
        }
    }
}

/// The bytes of a request with the headers given, and `Host` and `Content-Length`.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    bytes.push_str("\r\n");
    let mut bytes = bytes.into_bytes();
    bytes.extend_from_slice(body);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read() {
        let cases: [(&str, Option<Head>); 4] = [
            ("HTTP/1.1 200 OK\r\nContent-", None),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
                Some(Head { status: 200, length: 38, content_length: 2 }),
            ),
            (
                "HTTP/1.1 503 Busy\r\nx: y\r\ncontent-length:0\r\n\r\n",
                Some(Head { status: 503, length: 45, content_length: 0 }),
            ),
            (
                "HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n",
                Some(Head { status: 204, length: 46, content_length: 0 }),
            ),
        ];
        for (answer, expected) in cases {
            assert_eq!(Head::parse(answer.as_bytes()).expect("a head"), expected, "{answer}");
        }
        assert!(Head::parse(b"HTTP/1.1 200 OK\r\n\r\n").is_err());
        assert!(Head::parse(b"SSH-2.0-x\r\n\r\n").is_err());
    }

    #[test]
    fn requests_carry_their_length() {
        let bytes = request("POST", "/", &[("X-Amz-Target", "AmazonSQS.SendMessage")], b"{}");
        let expected = "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\
                        X-Amz-Target: AmazonSQS.SendMessage\r\n\r\n{}";
        assert_eq!(String::from_utf8_lossy(&bytes), expected);
    }
}
