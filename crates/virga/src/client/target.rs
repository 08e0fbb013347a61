//! Which running virga, and which of its worlds, a command means.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::Args;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Which running virga a command means.
#[derive(Debug, Clone, Args)]
pub(crate) struct Target {
    /// Where virga runs.
    #[arg(long, global = true, env = "VIRGA_ENDPOINT", default_value = "http://127.0.0.1:4566")]
    pub(crate) endpoint: String,
    /// World to speak to; by default the one that the endpoint names, or the main one.
    #[arg(long, global = true, env = "VIRGA_WORLD")]
    pub(crate) world: Option<String>,
}

/// Host and port of an endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl Target {
    /// Host and port.
    ///
    /// # Errors
    /// When the endpoint is no `http://` URL without a path.
    pub(crate) fn address(&self) -> Result<Address> {
        let Some(rest) = self.endpoint.strip_prefix("http://") else {
            bail!("the endpoint {} must begin with http:// (the same port serves HTTPS too)", self.endpoint);
        };
        let authority = rest.trim_end_matches('/');
        // The colons of an IPv6 address stand before its bracket.
        let (host, port) = match authority.rsplit_once(':').filter(|(_, port)| !port.ends_with(']')) {
            Some((host, port)) => (host, port.parse().ok()),
            None => (authority, Some(80)),
        };
        match port {
            Some(port) if !host.is_empty() && !host.contains(['/', '@']) => {
                Ok(Address { host: host.to_owned(), port })
            }
            _ => bail!("the endpoint {} is not of the form http://host:port", self.endpoint),
        }
    }
}

impl Address {
    /// Opens a connection.
    ///
    /// # Errors
    /// When nobody listens there.
    pub(crate) fn connect(&self) -> Result<TcpStream> {
        let mut last = None;
        for address in self.resolve()? {
            match TcpStream::connect_timeout(&address, CONNECT_TIMEOUT) {
                Ok(stream) => return Ok(stream),
                Err(error) => last = Some(error),
            }
        }
        let hint = format!("no virga answers at {}:{} - start one with `virga start`", self.host, self.port);
        match last {
            Some(error) => Err(error).context(hint),
            None => bail!(hint),
        }
    }

    fn resolve(&self) -> Result<Vec<SocketAddr>> {
        // Not every resolver knows that names below localhost are this machine.
        if self.host.ends_with(".localhost") {
            return Ok(vec![SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), self.port)]);
        }
        let host = self.host.trim_matches(['[', ']']);
        let addresses =
            (host, self.port).to_socket_addrs().with_context(|| format!("the host {host} is not known"))?;
        Ok(addresses.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(endpoint: &str) -> Option<(String, u16)> {
        let target = Target { endpoint: endpoint.to_owned(), world: None };
        target.address().ok().map(|address| (address.host, address.port))
    }

    #[test]
    fn endpoints() {
        let check = |endpoint, host: &str, port| {
            assert_eq!(address(endpoint), Some((host.to_owned(), port)), "{endpoint}");
        };
        check("http://127.0.0.1:4566", "127.0.0.1", 4566);
        check("http://w.world.localhost:4566/", "w.world.localhost", 4566);
        check("http://[::1]:4566", "[::1]", 4566);
        check("http://[::1]", "[::1]", 80);
        check("http://virga", "virga", 80);
        for wrong in [
            "",
            "localhost:4566",
            "https://localhost:4566",
            "http://",
            "http://h:x",
            "http://a/b",
            "http://u@h",
        ] {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }
}
