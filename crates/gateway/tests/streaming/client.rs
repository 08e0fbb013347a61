//! A served cloud, an access key that it has issued, and a client that signs and sees every byte.

use std::net::SocketAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderName, HeaderValue};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use virga_gateway::Gateway;
use virga_gateway::cloud::{Cloud, CloudSettings, Exposure};
use virga_gateway::http::{ServerConfig, bind, serve};
use virga_iam::sign::{Body, ChunkSigner, Credentials, Signer, Unsigned};
use virga_iam::{AccountId, Algorithm, AmzDate};
use virga_kit::{StoredKey, WorldSettings};
use virga_store::Store;

use crate::service::SERVICE;

const KEY: &str = "AKIAQAAAAAAATESTKEY1";
const SECRET: &str = "secret/of/the/test";

pub(crate) struct Server {
    pub(crate) cloud: Arc<Cloud>,
    address: SocketAddr,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The code in an error document.
    pub(crate) fn code(&self) -> &str {
        let text = self.text();
        let start = text.find("<Code>").unwrap_or_else(|| panic!("no error: {self:?}")) + "<Code>".len();
        text[start..].split('<').next().unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// The head of a request, signed.
pub(crate) struct Signed {
    pub(crate) head: String,
    pub(crate) chunks: ChunkSigner,
}

impl Server {
    pub(crate) fn start() -> Self {
        let world = WorldSettings { own_host: "localhost:4566".into(), ..WorldSettings::default() };
        let settings =
            CloudSettings { world, folder: None, exposure: Exposure::Loopback, certificates: None };
        let cloud = Cloud::open(Store::memory(), &[&SERVICE], settings).unwrap();
        let key = StoredKey::of_root(AccountId::DEFAULT, SECRET.to_owned());
        cloud.world(None).unwrap().keys().put(KEY, &key).unwrap();
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = Arc::new(Gateway::new(Arc::clone(&cloud)));
        tokio::spawn(serve(vec![listener], gateway, ServerConfig::default(), std::future::pending()));
        Server { cloud, address }
    }

    /// Signs a request with the issued key. `payload` is what the signature covers of the body.
    pub(crate) fn sign(
        &self,
        algorithm: Algorithm,
        (method, path): (&str, &str),
        headers: &[(&'static str, String)],
        payload: Body<'_>,
    ) -> Signed {
        let now = self.cloud.world(None).unwrap().clock().now().secs();
        let credentials = Credentials { access_key_id: KEY, secret_access_key: SECRET, session_token: None };
        let signer = Signer::new(algorithm, credentials, "us-east-1", "s3", AmzDate::from_unix_seconds(now));
        let mut map = HeaderMap::new();
        map.insert("host", HeaderValue::from_static("localhost"));
        for (name, value) in headers {
            map.insert(HeaderName::from_static(name), value.parse().unwrap());
        }
        let unsigned = Unsigned { method, path, query: "", body: payload };
        let chunks = signer.sign(&unsigned, &mut map).unwrap();
        let lines: String =
            map.iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap())).collect();
        Signed { head: format!("{method} {path} HTTP/1.1\r\n{lines}"), chunks }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends a head (without its last line) and a body, and reads what comes until the server closes.
    pub(crate) async fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = self.connect().await;
        stream.write_all(format!("{head}connection: close\r\n\r\n").as_bytes()).await.unwrap();
        // A server that refuses the body may have closed already.
        drop(stream.write_all(body).await);
        answer(&mut stream).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.request("GET", path).await
    }

    pub(crate) async fn request(&self, method: &str, path: &str) -> Answer {
        let Signed { head, .. } = self.sign(Algorithm::V4, (method, path), &[], Body::Bytes(b""));
        self.send(&head, b"").await
    }
}

/// Reads an answer to the end of the connection. Its status is 0 when it broke off before its head was sent.
pub(crate) async fn answer(stream: &mut TcpStream) -> Answer {
    let mut read = Vec::new();
    // A broken connection ends it too.
    drop(stream.read_to_end(&mut read).await);
    let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") else {
        return Answer { status: 0, head: String::new(), body: read };
    };
    let end = end + 4;
    let head = String::from_utf8(read[..end].to_vec()).unwrap();
    Answer { status: head[9..12].parse().unwrap(), head, body: read[end..].to_vec() }
}
