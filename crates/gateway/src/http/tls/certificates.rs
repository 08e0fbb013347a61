//! Certificates on demand, and the TLS configuration that offers them.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use parking_lot::Mutex;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio::sync::OnceCell;

use super::authority::{Authority, TlsError};

/// How many names and addresses are remembered. Signing takes microseconds: when full, all is forgotten.
const REMEMBERED: usize = 1024;

/// The protocols offered to TLS clients, best first.
const ALPN: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// TLS for a listener. Cheap to make: the authority is read, or created, when it is first needed.
pub struct Tls {
    folder: Option<PathBuf>,
    state: OnceCell<State>,
}

struct State {
    authority: Arc<Authority>,
    /// For connections to a loopback address.
    loopback: Arc<rustls::ServerConfig>,
    /// For connections to other addresses of this machine, which their certificates must name.
    by_address: Mutex<HashMap<IpAddr, Arc<rustls::ServerConfig>>>,
}

impl Tls {
    /// Keeps the authority in `folder` (`ca.pem` for clients to trust, `ca-key.pem` with mode 0600).
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), state: OnceCell::new() }
    }

    /// Keeps the authority in memory, for worlds that leave nothing behind.
    pub fn ephemeral() -> Self {
        Self { folder: None, state: OnceCell::new() }
    }

    /// The authority's certificate in PEM, for clients to trust. Made now if it was not needed before.
    pub async fn authority_pem(&self) -> Result<String, TlsError> {
        Ok(self.state().await?.authority.certificate_pem().to_owned())
    }

    /// The configuration for a connection that came in at `local`.
    ///
    /// # Errors
    /// When the authority cannot be read or made, or a certificate cannot be signed.
    pub async fn server_config(&self, local: IpAddr) -> Result<Arc<rustls::ServerConfig>, TlsError> {
        let state = self.state().await?;
        let local = local.to_canonical();
        if local.is_loopback() {
            return Ok(Arc::clone(&state.loopback));
        }
        let mut by_address = state.by_address.lock();
        if let Some(config) = by_address.get(&local) {
            return Ok(Arc::clone(config));
        }
        if by_address.len() >= REMEMBERED {
            by_address.clear();
        }
        let config = server_config(&state.authority, local)?;
        by_address.insert(local, Arc::clone(&config));
        Ok(config)
    }

    async fn state(&self) -> Result<&State, TlsError> {
        self.state.get_or_try_init(|| self.load()).await
    }

    async fn load(&self) -> Result<State, TlsError> {
        let folder = self.folder.clone();
        let load = move || match folder {
            Some(folder) => Authority::load_or_create(&folder),
            None => Authority::create(),
        };
        let authority = tokio::task::spawn_blocking(load).await.map_err(std::io::Error::other)??;
        let authority = Arc::new(authority);
        let loopback = server_config(&authority, Ipv4Addr::LOCALHOST.into())?;
        Ok(State { authority, loopback, by_address: Mutex::default() })
    }
}

fn server_config(authority: &Arc<Authority>, local: IpAddr) -> Result<Arc<rustls::ServerConfig>, TlsError> {
    let certificates = Certificates {
        nameless: authority.sign_address(local)?,
        authority: Arc::clone(authority),
        by_name: Mutex::default(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(certificates));
    config.alpn_protocols = ALPN.map(<[u8]>::to_vec).to_vec();
    config.ticketer = rustls::crypto::ring::Ticketer::new()?;
    Ok(Arc::new(config))
}

/// Signs a certificate for each name that clients ask for, and remembers it.
struct Certificates {
    authority: Arc<Authority>,
    nameless: Arc<CertifiedKey>,
    by_name: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl ResolvesServerCert for Certificates {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let Some(name) = hello.server_name() else { return Some(Arc::clone(&self.nameless)) };
        let mut by_name = self.by_name.lock();
        if let Some(certificate) = by_name.get(name) {
            return Some(Arc::clone(certificate));
        }
        let certificate = match self.authority.sign_host(name) {
            Ok(certificate) => certificate,
            Err(error) => {
                tracing::debug!(name, %error, "no certificate for this name");
                return None;
            }
        };
        if by_name.len() >= REMEMBERED {
            by_name.clear();
        }
        by_name.insert(name.to_owned(), Arc::clone(&certificate));
        Some(certificate)
    }
}

impl fmt::Debug for Certificates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificates").finish_non_exhaustive()
    }
}
