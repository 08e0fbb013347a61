//! Who may use the admin API: programs of this machine, but no web page that its user looks at.
//!
//! A browser sends requests to `localhost` for any page. What a page of another site can send is refused by what the
//! browser says about it: `Origin`, `Sec-Fetch-Site`, a body that is not JSON (`visit`), or, when the page's own name
//! was made to point here (DNS rebinding), a `Host` that is none of this machine's.

use std::net::IpAddr;

use http::header::{HOST, ORIGIN};
use virga_kit::Endpoint;

use super::error::AdminError;
use crate::cloud::Exposure;
use crate::http::Request;

/// Refuses who may not use the admin API.
pub(super) fn check(exposure: Exposure, request: &Request) -> Result<(), AdminError> {
    if exposure == Exposure::Network && !request.peer.ip().to_canonical().is_loopback() {
        return Err(AdminError::forbidden(
            "the admin API serves this machine only: it could issue keys to anybody on the network",
        ));
    }
    let host = host(request);
    if exposure == Exposure::Loopback && !host.is_some_and(is_own_name) {
        return Err(AdminError::forbidden("the Host header names no host of this machine"));
    }
    if let Some(origin) = request.head.headers.get(ORIGIN) {
        let endpoint = Endpoint { secure: request.secure, host: host.unwrap_or_default().into() };
        if origin.as_bytes() != endpoint.to_string().as_bytes() {
            return Err(AdminError::forbidden("a web page of another origin may not use the admin API"));
        }
    }
    let site = request.head.headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    match site {
        None | Some(b"none" | b"same-origin") => Ok(()),
        Some(_) => Err(AdminError::forbidden("a web page of another site may not use the admin API")),
    }
}

/// Host and port as the client wrote them.
pub(super) fn host(request: &Request) -> Option<&str> {
    let header = request.head.headers.get(HOST).and_then(|host| host.to_str().ok());
    header.or_else(|| request.head.uri.authority().map(http::uri::Authority::as_str))
}

/// The port of a `host:port`.
pub(super) fn port(host: &str) -> Option<&str> {
    let (_, port) = host.rsplit_once(':')?;
    port.bytes().all(|byte| byte.is_ascii_digit()).then_some(port)
}

/// Whether a host can't be the name of somebody else's web page: an address, a name below `localhost`, or a name
/// without a dot, which the public DNS does not have.
fn is_own_name(host: &str) -> bool {
    let name = port(host).map_or(host, |port| &host[..host.len() - port.len() - 1]);
    let address = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    if address.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
    !name.is_empty()
        && (!name.contains('.') || name.ends_with(".localhost") || name == "host.docker.internal")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_this_machine() {
        for host in ["localhost", "LOCALHOST:4566", "127.0.0.1:4566", "[::1]:4566", "::1", "virga:80"] {
            assert!(is_own_name(host), "{host}");
        }
        for host in
            ["w1.world.localhost:4566", "localhost.", "sqs.us-east-1.localhost", "host.docker.internal:1"]
        {
            assert!(is_own_name(host), "{host}");
        }
        for host in ["", "example.com", "localhost.example.com:4566", "notlocalhost.com", "127.0.0.1.nip.io"]
        {
            assert!(!is_own_name(host), "{host}");
        }
    }
}
