//! TLS on the same port: certificates that a client verifies, for any name it asks for.

use std::io;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use virga_gateway::http::Tls;

use crate::multiplexed::{http2, send};
use crate::server::{Client, Server};

/// Connects as a client that trusts the authority of `tls` and nothing else.
async fn connect(server: &Server, tls: &Tls, name: &str, alpn: &[&str]) -> io::Result<TlsStream<TcpStream>> {
    let stream = TcpStream::connect(server.address).await.unwrap();
    encrypt(stream, tls, name, alpn).await
}

/// Agrees on TLS over a connection.
pub(crate) async fn encrypt(
    stream: TcpStream,
    tls: &Tls,
    name: &str,
    alpn: &[&str],
) -> io::Result<TlsStream<TcpStream>> {
    let pem = tls.authority_pem().await.unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsConnector::from(Arc::new(config)).connect(ServerName::try_from(name.to_owned()).unwrap(), stream).await
}

#[tokio::test]
async fn any_name_gets_a_certificate_that_verifies() {
    let tls = Arc::new(Tls::ephemeral());
    let server = Server::with_tls(&tls);
    let names = [
        "localhost",
        "sqs.us-east-1.localhost",
        "sqs.us-east-1.amazonaws.com",
        "my.bucket.s3.eu-west-1.amazonaws.com",
        "127.0.0.1",
        "::1",
    ];
    for name in names {
        let mut client = Client::from(connect(&server, &tls, name, &[]).await.expect(name));
        assert_eq!(client.get("/secure").await.body, b"true", "{name}");
        assert_eq!(client.get("/again").await.body, b"/again", "{name}");
    }
}

#[tokio::test]
async fn tls_and_plain_http_share_the_port() {
    let tls = Arc::new(Tls::ephemeral());
    let server = Server::with_tls(&tls);
    let mut plain = server.connect().await;
    assert_eq!(plain.get("/secure").await.body, b"false");
    let mut encrypted = Client::from(connect(&server, &tls, "localhost", &["http/1.1"]).await.unwrap());
    assert_eq!(encrypted.get("/secure").await.body, b"true");
    assert_eq!(plain.get("/secure").await.body, b"false");
}

#[tokio::test]
async fn http2_is_agreed_on_inside_tls() {
    let tls = Arc::new(Tls::ephemeral());
    let server = Server::with_tls(&tls);
    let stream = connect(&server, &tls, "localhost", &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let mut sender = http2(stream).await;
    assert_eq!(send(&mut sender, "/secure", "").await.unwrap(), (200, "true".into()));
}

#[tokio::test]
async fn a_client_that_trusts_another_authority_is_not_served() {
    let server = Server::with_tls(&Arc::new(Tls::ephemeral()));
    let stranger = Tls::ephemeral();
    assert!(connect(&server, &stranger, "localhost", &[]).await.is_err());
    assert_eq!(server.connect().await.get("/fine").await.body, b"/fine");
}

#[tokio::test]
async fn the_authority_outlives_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let first = Tls::in_folder(folder.path().join("tls"));
    assert!(!folder.path().join("tls").exists(), "nothing is made before it is needed");
    let pem = first.authority_pem().await.unwrap();
    assert_eq!(std::fs::read_to_string(folder.path().join("tls/ca.pem")).unwrap(), pem);
    let second = Arc::new(Tls::in_folder(folder.path().join("tls")));
    let server = Server::with_tls(&second);
    let mut client = Client::from(connect(&server, &first, "localhost", &[]).await.unwrap());
    assert_eq!(client.get("/secure").await.body, b"true");
}

#[tokio::test]
async fn without_certificates_a_tls_client_is_turned_away() {
    let server = Server::start();
    assert!(connect(&server, &Tls::ephemeral(), "localhost", &[]).await.is_err());
    assert_eq!(server.connect().await.get("/fine").await.body, b"/fine");
}

#[tokio::test]
async fn a_broken_handshake_costs_nobody_else_anything() {
    let server = Server::with_tls(&Arc::new(Tls::ephemeral()));
    let mut client = server.connect().await;
    client.send(b"\x16\x03\x01\x00\x05hello and no more").await;
    client.rest().await;
    assert_eq!(server.connect().await.get("/fine").await.body, b"/fine");
}
