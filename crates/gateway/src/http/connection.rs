//! One connection, from its first byte to its close: finds the protocol, serves it, watches its timeouts.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulConnection;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, Sleep};

use super::activity::{Activity, Stage, Watch};
use super::dispatch::{Origin, dispatch};
use super::limits::PARSER_HEADER_COUNT;
use super::socket::{Protocol, Socket};
use super::tunnel;
use super::{Handler, Limits, ServerConfig, Tls};

/// How long a connection that is asked to close may hang on without a request in flight.
const DRAIN_STEP: Duration = Duration::from_secs(1);

/// Serves one client until either side closes.
pub(super) async fn serve_connection<H: Handler>(
    mut socket: Socket,
    peer: SocketAddr,
    activity: Arc<Activity>,
    handler: Arc<H>,
    config: &ServerConfig,
) {
    let limits = &config.limits;
    let mut origin = Origin {
        activity,
        peer,
        secure: false,
        tls_version: None,
        cipher_suite: None,
        pass: None,
        limits: limits.clone(),
    };
    loop {
        let Some(Some(protocol)) = opening(&origin.activity, limits, socket.protocol()).await else { return };
        match (protocol, &config.tls) {
            (Protocol::Tunnel, _) => {
                let opened = tunnel::open(&mut socket, limits, |host| handler.answers_for(host));
                let Some(Some(tunnel)) = opening(&origin.activity, limits, opened).await else { return };
                origin.pass = tunnel.into_authorization();
            }
            (Protocol::Http1, _) => return serve_http1(socket, handler, origin).await,
            (Protocol::Http2, _) => return serve_http2(socket, handler, origin).await,
            (Protocol::Tls, None) => {
                tracing::debug!(%peer, "TLS is not offered here");
                return;
            }
            (Protocol::Tls, Some(tls)) => {
                let Some(stream) = opening(&origin.activity, limits, accept_tls(tls, socket)).await else {
                    return;
                };
                origin.secure = true;
                origin.tls_version = stream.get_ref().1.protocol_version();
                origin.cipher_suite = stream.get_ref().1.negotiated_cipher_suite().map(|suite| suite.suite());
                if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                    return serve_http2(stream, handler, origin).await;
                }
                return serve_http1(stream, handler, origin).await;
            }
        }
    }
}

async fn accept_tls(tls: &Tls, socket: Socket) -> std::io::Result<tokio_rustls::server::TlsStream<Socket>> {
    let config = tls.server_config(socket.local_addr()?.ip()).await?;
    tokio_rustls::TlsAcceptor::from(config).accept(socket).await
}

/// Runs a step before the first request. `None`: it failed, took too long, or the server is about to stop.
async fn opening<T>(
    activity: &Activity,
    limits: &Limits,
    step: impl Future<Output = std::io::Result<T>>,
) -> Option<T> {
    let mut step = pin!(tokio::time::timeout(limits.header_read_timeout, step));
    let result = poll_fn(|context| {
        if activity.is_draining(context.waker()) {
            return Poll::Ready(None);
        }
        step.as_mut().poll(context).map(Some)
    });
    match result.await? {
        Ok(Ok(value)) => Some(value),
        Ok(Err(error)) => {
            tracing::debug!(%error, "a connection failed before its first request");
            None
        }
        Err(_elapsed) => {
            tracing::debug!("a connection took too long to open");
            None
        }
    }
}

async fn serve_http1<H, S>(stream: S, handler: Arc<H>, origin: Origin)
where
    H: Handler,
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let mut builder = http1::Builder::new();
    builder.max_header_size(origin.limits.header_bytes).header_read_timeout(None);
    if origin.limits.header_count != PARSER_HEADER_COUNT {
        builder.max_headers(origin.limits.header_count);
    }
    let memory = H::Memory::default();
    let service = service_fn(|request| dispatch(&*handler, &memory, &origin, request));
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    drive(connection, &origin).await;
}

async fn serve_http2<H, S>(stream: S, handler: Arc<H>, origin: Origin)
where
    H: Handler,
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    origin.activity.set_multiplexed();
    let shared = Arc::new((origin, H::Memory::default()));
    let origin = &shared.0;
    let mut builder = http2::Builder::new(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .max_concurrent_streams(origin.limits.concurrent_streams)
        .max_header_list_size(u32::try_from(origin.limits.header_bytes).unwrap_or(u32::MAX));
    let of_requests = Arc::clone(&shared);
    let service = service_fn(move |request| {
        let (handler, shared) = (Arc::clone(&handler), Arc::clone(&of_requests));
        async move { dispatch(&*handler, &shared.1, &shared.0, request).await }
    });
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    drive(connection, origin).await;
}

/// Runs a connection to its end, within its timeouts and until the server stops.
async fn drive<C>(connection: C, origin: &Origin)
where
    C: GracefulConnection<Error = hyper::Error>,
{
    let interval = origin.limits.watch_interval();
    let driver = Driver {
        connection: pin!(connection),
        timer: pin!(tokio::time::sleep(interval)),
        timer_armed: false,
        watch: Watch::new(&origin.activity),
        interval,
        closing: false,
        origin,
    };
    let mut driver = driver;
    poll_fn(|context| driver.poll(context)).await;
}

struct Driver<'a, C> {
    connection: Pin<&'a mut C>,
    timer: Pin<&'a mut Sleep>,
    /// The timer knows this task's waker, which never changes: until it has elapsed it need not be polled again.
    timer_armed: bool,
    watch: Watch,
    interval: Duration,
    /// The connection was told to close once nothing is in flight.
    closing: bool,
    origin: &'a Origin,
}

impl<C> Driver<'_, C>
where
    C: GracefulConnection<Error = hyper::Error>,
{
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Poll::Ready(result) = self.connection.as_mut().poll(context) {
                if let Err(error) = result {
                    tracing::debug!(peer = %self.origin.peer, %error, "a connection ended early");
                }
                return Poll::Ready(());
            }
            if !self.closing && self.origin.activity.is_draining(context.waker()) {
                self.close();
            } else if self.is_waiting(context) {
                return Poll::Pending;
            } else if let Some(stage) = self.tick() {
                tracing::debug!(peer = %self.origin.peer, ?stage, "a connection timed out");
                return Poll::Ready(());
            }
        }
    }

    /// Whether the next tick is still to come.
    fn is_waiting(&mut self, context: &mut Context<'_>) -> bool {
        if !self.timer_armed {
            self.timer_armed = self.timer.as_mut().poll(context).is_pending();
            return self.timer_armed;
        }
        !self.timer.is_elapsed()
    }

    fn arm_timer(&mut self) {
        self.timer.as_mut().reset(Instant::now() + self.interval);
        self.timer_armed = false;
    }

    /// Asks for the end; [`DRAIN_STEP`] later only requests in flight keep the connection.
    fn close(&mut self) {
        self.closing = true;
        self.interval = self.interval.min(DRAIN_STEP);
        self.arm_timer();
        self.connection.as_mut().graceful_shutdown();
    }

    /// Looks after one interval whether the connection must be cut, and for what.
    fn tick(&mut self) -> Option<Stage> {
        let activity = &self.origin.activity;
        self.arm_timer();
        let expired = self.watch.tick(activity, self.interval, &self.origin.limits);
        match (expired, activity.stage()) {
            (_, stage @ (Stage::Idle | Stage::Head)) if self.closing => Some(stage),
            (Some(Stage::Idle), _) => {
                self.close();
                None
            }
            (expired, _) => expired,
        }
    }
}
