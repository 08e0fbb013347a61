//! Requests to the admin API, and their answers.

use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Target;
use super::body::{BodyReader, Framing};
use super::target::Address;

/// The longest line of an answer's head, in bytes.
const LINE_LIMIT: u64 = 64 << 10;

/// Speaks to one world of a running virga.
#[derive(Debug)]
pub(crate) struct Client {
    address: Address,
    world: Option<String>,
}

/// The answer to a request: a success, whose body is still to be read.
pub(crate) struct Answer {
    body: BodyReader<BufReader<TcpStream>>,
}

/// A body that is sent: its type, its length, and where it comes from.
struct Outgoing<'a> {
    content_type: &'a str,
    length: u64,
    from: &'a mut dyn Read,
}

impl Client {
    /// A client of what the target names.
    ///
    /// # Errors
    /// When the endpoint is malformed.
    pub(crate) fn new(target: &Target) -> Result<Self> {
        Ok(Client { address: target.address()?, world: target.world.clone() })
    }

    /// `GET` of a page below `/_virga/`.
    ///
    /// # Errors
    /// When nobody listens, or the answer is an error.
    pub(crate) fn get(&self, page: &str) -> Result<Answer> {
        self.request("GET", page, None)
    }

    /// A request with a JSON body.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(crate) fn send(&self, method: &str, page: &str, body: &Value) -> Result<Answer> {
        let body = body.to_string();
        let length = body.len() as u64;
        let from = &mut body.as_bytes();
        self.request(method, page, Some(Outgoing { content_type: "application/json", length, from }))
    }

    /// A `POST` of `length` bytes that are no JSON.
    ///
    /// # Errors
    /// As [`Client::get`], and when the bytes cannot be read.
    pub(crate) fn upload(&self, page: &str, length: u64, from: &mut dyn Read) -> Result<Answer> {
        let body = Outgoing { content_type: "application/octet-stream", length, from };
        self.request("POST", page, Some(body))
    }

    fn request(&self, method: &str, page: &str, body: Option<Outgoing<'_>>) -> Result<Answer> {
        let Address { host, port } = &self.address;
        let mut head =
            format!("{method} /_virga/{page} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n");
        if let Some(world) = &self.world {
            head.push_str(&format!("x-virga-world: {world}\r\n"));
        }
        if let Some(body) = &body {
            let Outgoing { content_type, length, .. } = body;
            head.push_str(&format!("Content-Type: {content_type}\r\nContent-Length: {length}\r\n"));
        }
        head.push_str("\r\n");
        let mut stream = self.address.connect()?;
        stream.write_all(head.as_bytes()).context("the request could not be sent")?;
        if let Some(body) = body {
            // A server that refuses early answers while we still send: its answer says more than our error.
            let sent = io::copy(&mut body.from.take(body.length), &mut stream);
            return answer(stream).or_else(|error| match sent {
                Ok(_) => Err(error),
                Err(sent) => Err(sent).context("the request could not be sent"),
            });
        }
        answer(stream)
    }
}

impl Answer {
    /// The JSON body.
    ///
    /// # Errors
    /// When it breaks off or is no JSON.
    pub(crate) fn json(self) -> Result<Value> {
        serde_json::from_reader(self.body).context("the answer is no JSON")
    }

    /// The body, to be read as it comes.
    pub(crate) fn body(self) -> impl BufRead {
        BufReader::new(self.body)
    }
}

/// Reads the head of an answer; the message of an error.
fn answer(stream: TcpStream) -> Result<Answer> {
    let mut connection = BufReader::new(stream);
    let status = line(&mut connection).context("no answer came")?;
    let status: u16 = status
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.get(..3)?.parse().ok())
        .context("what listens there does not speak HTTP")?;
    let mut framing = Framing::Close;
    loop {
        let line = line(&mut connection).context("the answer broke off")?;
        let Some((name, value)) = line.split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => framing = Framing::Length(value.trim().parse().context("a content-length")?),
            "transfer-encoding" => framing = Framing::Chunked(0),
            _ => {}
        }
    }
    let answer = Answer { body: BodyReader::new(connection, framing) };
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    let error = answer.json().unwrap_or_default();
    match error["error"]["message"].as_str() {
        Some(message) => bail!("{message}"),
        None => bail!("what listens there answered with the status {status}: is it a virga?"),
    }
}

/// A line without its end.
pub(super) fn line(connection: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    connection.take(LINE_LIMIT).read_line(&mut line)?;
    match line.strip_suffix('\n') {
        Some(whole) => Ok(whole.trim_end_matches('\r').to_owned()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
