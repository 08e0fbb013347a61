//! Shutdown: what is in flight is finished, what is idle is closed, what hangs is cut off.

use std::time::Duration;

use tokio::net::TcpStream;
use tokio::time::Instant;
use virga_gateway::http::ServerConfig;

use crate::server::Server;

#[tokio::test]
async fn a_request_in_flight_is_finished() {
    let server = Server::start();
    let (probe, address) = (server.probe.clone(), server.address);
    let mut idle = server.connect().await;
    idle.get("/once").await;
    let mut silent = server.connect().await;
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\n\r\n").await;
    probe.began.notified().await;

    let stopped = server.stop();
    assert!(idle.rest().await.is_empty());
    assert!(silent.rest().await.is_empty());
    assert!(TcpStream::connect(address).await.is_err());
    assert!(!stopped.is_finished());

    probe.go_on.notify_one();
    assert_eq!(busy.answer().await.body, b"waited");
    assert!(busy.rest().await.is_empty());
    stopped.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_request_that_never_ends_is_cut_off_after_the_grace_period() {
    let server = Server::with(ServerConfig { grace: Duration::from_millis(50), ..ServerConfig::default() });
    let probe = server.probe.clone();
    let mut busy = server.connect().await;
    busy.send("GET /wait HTTP/1.1\r\n\r\n").await;
    probe.began.notified().await;
    server.stop().await.unwrap().unwrap();
    assert!(busy.rest().await.is_empty());
}

#[tokio::test]
async fn half_a_request_does_not_use_the_grace_period_up() {
    let server = Server::with(ServerConfig { grace: Duration::from_secs(60), ..ServerConfig::default() });
    let mut half = server.connect().await;
    half.send("GET / HT").await;
    // An answered request on another connection: the half one has been accepted and read before.
    server.connect().await.get("/").await;
    let asked = Instant::now();
    server.stop().await.unwrap().unwrap();
    assert!(asked.elapsed() < Duration::from_secs(20));
    assert!(half.rest().await.is_empty());
}

#[tokio::test]
async fn an_idle_server_stops_at_once() {
    Server::start().stop().await.unwrap().unwrap();
}
