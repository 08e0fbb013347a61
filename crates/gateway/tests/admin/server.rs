//! A served cloud, and a client of its admin API and of its one service.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use virga_gateway::Gateway;
use virga_gateway::cloud::{Cloud, CloudSettings, Exposure};
use virga_gateway::http::{ServerConfig, Tls, bind, serve};
use virga_kit::WorldSettings;
use virga_store::Store;

use crate::service::SERVICE;

/// A cloud in memory behind a listener; it ends with the test's runtime.
pub(crate) struct Server {
    pub(crate) cloud: Arc<Cloud>,
    pub(crate) address: SocketAddr,
    folder: Option<TempDir>,
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

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The JSON of a success.
    pub(crate) fn ok(&self) -> Value {
        assert!((200..300).contains(&self.status), "{}: {}", self.status, self.text());
        self.json()
    }

    /// Status and code of an error.
    pub(crate) fn error(&self) -> (u16, String) {
        (self.status, self.json()["error"]["code"].as_str().unwrap().to_owned())
    }
}

/// A cloud of the test service.
pub(crate) fn cloud(exposure: Exposure, folder: Option<&Path>) -> Arc<Cloud> {
    let world = WorldSettings { own_host: "localhost:4566".into(), ..WorldSettings::default() };
    let settings = CloudSettings {
        world,
        folder: folder.map(Path::to_owned),
        exposure,
        certificates: Some(Arc::new(Tls::ephemeral())),
    };
    Cloud::open(Store::memory(), &[&SERVICE], settings).unwrap()
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::serving(None)
    }

    pub(crate) fn with_folder() -> Self {
        Self::serving(Some(tempfile::tempdir().unwrap()))
    }

    fn serving(folder: Option<TempDir>) -> Self {
        let cloud = cloud(Exposure::Loopback, folder.as_ref().map(TempDir::path));
        let listener = bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let gateway = Arc::new(Gateway::new(Arc::clone(&cloud)));
        tokio::spawn(serve(vec![listener], gateway, ServerConfig::default(), std::future::pending()));
        Server { cloud, address, folder }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    /// A request as the text of its head, without the closing empty line, and its body.
    pub(crate) async fn open(&self, head: &str, body: &[u8]) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let host = if head.to_ascii_lowercase().contains("\r\nhost:") { "" } else { "host: localhost\r\n" };
        let head = format!("{head}\r\n{host}connection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        stream
    }

    pub(crate) async fn send(&self, head: &str, body: &[u8]) -> Answer {
        let mut read = Vec::new();
        self.open(head, body).await.read_to_end(&mut read).await.unwrap();
        let end = read.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
        let head = String::from_utf8(read[..end].to_vec()).unwrap();
        let body = &read[end..];
        let chunked = head.contains("transfer-encoding: chunked");
        let body = if chunked { joined(body) } else { body.to_vec() };
        Answer { status: head[9..12].parse().unwrap(), head, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(&format!("GET /_virga/{path} HTTP/1.1"), b"").await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        let head = format!("{method} /_virga/{path} HTTP/1.1\r\ncontent-type: application/json");
        self.send(&head, body.to_string().as_bytes()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call("POST", path, body).await
    }

    /// Calls the service in a world.
    pub(crate) async fn sqs(&self, world: &str, operation: &str, input: Value) -> Answer {
        let head = format!(
            "POST / HTTP/1.1\r\nx-virga-world: {world}\r\nx-amz-target: AmazonSQS.{operation}\r\n\
             content-type: application/x-amz-json-1.0\r\nauthorization: AWS4-HMAC-SHA256 \
             Credential=test/20260101/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature={}",
            "0".repeat(64)
        );
        self.send(&head, input.to_string().as_bytes()).await
    }

    pub(crate) async fn create_queue(&self, world: &str, name: &str) -> Answer {
        self.sqs(world, "CreateQueue", json!({ "QueueName": name })).await
    }

    /// How many queues there are.
    pub(crate) async fn queues(&self, world: &str) -> usize {
        let answer = self.sqs(world, "ListQueues", json!({})).await.ok();
        answer["QueueUrls"][0].as_str().unwrap().parse().unwrap()
    }
}

/// The content of a chunked body.
fn joined(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let line = body.windows(2).position(|window| window == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&body[..line]).unwrap(), 16).unwrap();
        if length == 0 {
            return whole;
        }
        whole.extend_from_slice(&body[line + 2..line + 2 + length]);
        body = &body[line + 2 + length + 2..];
    }
}
