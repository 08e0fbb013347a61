//! A server with one constant answer: what the listener alone can do, for load tests.
//!
//! `cargo run --release --example health -- 127.0.0.1:4566 2` (address, worker threads)

use std::sync::Arc;

use bytes::Bytes;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use virga_gateway::http::{Handler, Request, Response, ResponseBody, ServerConfig, Tls, bind, serve};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Health;

impl Handler for Health {
    type Memory = ();

    async fn handle(&self, _request: Request, _memory: &()) -> Response {
        let mut response = Response::new(ResponseBody::Full(Bytes::from_static(br#"{"status":"ok"}"#)));
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }

    fn answers_for(&self, _host: &str) -> bool {
        true
    }
}

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().unwrap_or_else(|| "127.0.0.1:4566".to_owned());
    let address = address.parse().map_err(std::io::Error::other)?;
    let workers = arguments.next().and_then(|workers| workers.parse().ok()).unwrap_or(2);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build()?;
    runtime.block_on(async {
        let listener = bind(address)?;
        let config = ServerConfig { tls: Some(Arc::new(Tls::ephemeral())), ..ServerConfig::default() };
        let interrupted = async { drop(tokio::signal::ctrl_c().await) };
        serve(vec![listener], Arc::new(Health), config, interrupted).await
    })
}
