//! Tunnels: a client that has this server as its HTTPS proxy asks for a connection to the server that it means
//! (`CONNECT`, RFC 9110, 9.3.6), and goes on as if it had one. The server that it means is this one: the connection
//! begins anew, with TLS as a rule, and no other is ever opened.

use std::io;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, PROXY_AUTHORIZATION};
use http::{HeaderValue, StatusCode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::limits::PARSER_HEADER_COUNT;
use super::socket::Socket;
use super::{Limits, Response, ResponseBody};

/// What a client hears that may go on.
const ESTABLISHED: &[u8] = b"HTTP/1.1 200 Connection Established\r\n\r\n";

/// A tunnel that a client asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Tunnel {
    host: String,
    authorization: Option<HeaderValue>,
}

/// What the head of a request says so far.
#[derive(Debug, PartialEq, Eq)]
enum Head {
    Incomplete,
    Complete(Tunnel),
    Refused(StatusCode),
}

impl Tunnel {
    /// What the client said of itself.
    pub(super) fn into_authorization(self) -> Option<HeaderValue> {
        self.authorization
    }
}

/// Reads what the client asks for and answers it. None: it was refused, and the connection is at its end.
pub(super) async fn open(
    socket: &mut Socket,
    limits: &Limits,
    answers_for: impl Fn(&str) -> bool,
) -> io::Result<Option<Tunnel>> {
    let mut bytes = Vec::with_capacity(512);
    loop {
        if socket.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
        let refused = match read_head(&bytes, limits) {
            Head::Incomplete => continue,
            Head::Complete(tunnel) if answers_for(&tunnel.host) => {
                socket.write_all(ESTABLISHED).await?;
                socket.flush().await?;
                socket.begin_anew();
                return Ok(Some(tunnel));
            }
            Head::Complete(tunnel) => (StatusCode::FORBIDDEN, reason(&tunnel.host)),
            Head::Refused(status) => (status, String::new()),
        };
        socket.write_all(refusal(refused.0, &refused.1).as_bytes()).await?;
        socket.shutdown().await?;
        return Ok(None);
    }
}

fn read_head(bytes: &[u8], limits: &Limits) -> Head {
    let mut headers = [httparse::EMPTY_HEADER; PARSER_HEADER_COUNT];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Partial) if bytes.len() < limits.header_bytes => Head::Incomplete,
        Ok(httparse::Status::Partial) | Err(httparse::Error::TooManyHeaders) => {
            Head::Refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
        }
        // The bytes behind the head would be those of the tunnel: clients wait for the answer first.
        Ok(httparse::Status::Complete(length)) if length == bytes.len() => {
            tunnel(&request).map_or(Head::Refused(StatusCode::BAD_REQUEST), Head::Complete)
        }
        Ok(_) | Err(_) => Head::Refused(StatusCode::BAD_REQUEST),
    }
}

fn tunnel(request: &httparse::Request<'_, '_>) -> Option<Tunnel> {
    let authority: http::uri::Authority =
        request.path.filter(|_| request.method == Some("CONNECT"))?.parse().ok()?;
    authority.port()?;
    let given =
        request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(PROXY_AUTHORIZATION.as_str()));
    Some(Tunnel {
        host: authority.host().to_owned(),
        authorization: given.map(|header| HeaderValue::from_bytes(header.value)).transpose().ok()?,
    })
}

/// What a client hears that means a host that nobody here answers for.
pub(super) fn no_way_to(host: &str) -> Response {
    let mut response = Response::new(ResponseBody::Full(Bytes::from(reason(host))));
    *response.status_mut() = StatusCode::FORBIDDEN;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

fn reason(host: &str) -> String {
    format!(
        "virga answers for the hosts of AWS and sends nothing out: there is no way to {host} (see NO_PROXY)\n"
    )
}

fn refusal(status: StatusCode, reason: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: text/plain\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{reason}",
        reason.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, expected: &Head) {
        assert_eq!(read_head(head.as_bytes(), &Limits::default()), *expected, "{head}");
    }

    fn to(host: &str, authorization: Option<&'static str>) -> Head {
        let authorization = authorization.map(HeaderValue::from_static);
        Head::Complete(Tunnel { host: host.to_owned(), authorization })
    }

    #[test]
    fn what_a_client_asks_for() {
        check("CONNECT sqs.us-east-1.amazonaws.com:443 HTTP/1.1\r\n", &Head::Incomplete);
        check(
            "CONNECT sqs.us-east-1.amazonaws.com:443 HTTP/1.1\r\nHost: x\r\n\r\n",
            &to("sqs.us-east-1.amazonaws.com", None),
        );
        check(
            "CONNECT [::1]:443 HTTP/1.0\r\nproxy-authorization: Basic dzE6\r\n\r\n",
            &to("[::1]", Some("Basic dzE6")),
        );
    }

    #[test]
    fn what_is_no_request_for_a_tunnel() {
        let refused = |status| Head::Refused(status);
        for head in [
            "CONNECT sqs.us-east-1.amazonaws.com HTTP/1.1\r\n\r\n",
            "CONNECT / HTTP/1.1\r\n\r\n",
            "CONNECT https://a.com:443/ HTTP/1.1\r\n\r\n",
            "CONNECTED a.com:443 HTTP/1.1\r\n\r\n",
            "CONNECT a.com:443 HTTP/1.1\r\n\r\n\u{16}",
            "CONNECT a.com:443\r\n\r\n",
        ] {
            check(head, &refused(StatusCode::BAD_REQUEST));
        }
        let long = format!("CONNECT a.com:443 HTTP/1.1\r\nx: {}", "x".repeat(Limits::default().header_bytes));
        check(&long, &refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
        let many =
            format!("CONNECT a.com:443 HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(PARSER_HEADER_COUNT + 1));
        check(&many, &refused(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE));
    }
}
