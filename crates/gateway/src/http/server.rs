//! Listening sockets: accepts connections, keeps account of them, and stops in good order.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Notify;
use tokio::task::{AbortHandle, JoinSet};

use super::activity::Activity;
use super::connection::serve_connection;
use super::socket::Socket;
use super::threads::ConnectionThreads;
use super::{Handler, ServerConfig};

/// Connections that the kernel holds for us until we accept them.
const BACKLOG: u32 = 1024;

/// How long to wait after an accept that failed for lack of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What a client hears that comes when `max_connections` are open.
const TOO_MANY: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Opens a listening socket; port 0 takes a free one. Needs a tokio runtime around it.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // A restarted server takes its port back while old connections still linger in the kernel.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves `handler` on `listeners` until `shutdown` resolves. Then nothing new is accepted, idle connections are closed,
/// requests in flight are finished for up to [`ServerConfig::grace`], and what is left is cut off.
///
/// An error means that a listening socket has failed for good.
pub async fn serve<H: Handler>(
    listeners: Vec<TcpListener>,
    handler: Arc<H>,
    config: ServerConfig,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let threads = ConnectionThreads::start(config.threads)?;
    let connections = Arc::new(Connections::new(threads));
    let config = Arc::new(config);
    let mut acceptors = JoinSet::new();
    for listener in listeners {
        let acceptor = Acceptor {
            listener,
            handler: Arc::clone(&handler),
            config: Arc::clone(&config),
            connections: Arc::clone(&connections),
        };
        acceptors.spawn(acceptor.run());
    }
    tokio::select! {
        () = shutdown => {}
        Some(ended) = acceptors.join_next() => return Err(io::Error::other(match ended {
            Ok(never) => match never {},
            Err(panic) => panic,
        })),
    }
    acceptors.shutdown().await;
    connections.drain(config.grace).await;
    Ok(())
}

struct Acceptor<H> {
    listener: TcpListener,
    handler: Arc<H>,
    config: Arc<ServerConfig>,
    connections: Arc<Connections>,
}

impl<H: Handler> Acceptor<H> {
    async fn run(self) -> std::convert::Infallible {
        loop {
            match self.listener.accept().await {
                Ok((stream, peer)) => self.accept(stream, peer),
                Err(error) if concerns_one_client(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    fn accept(&self, stream: TcpStream, peer: SocketAddr) {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%peer, %error, "cannot switch Nagle's algorithm off");
        }
        let mut account = self.connections.account.lock();
        if account.open.len() >= self.config.limits.max_connections {
            drop(account);
            tracing::warn!(%peer, "too many connections");
            // The send buffer of a new socket takes this at once; a client that is already gone does not care.
            let _unsent = stream.try_write(TOO_MANY);
            return;
        }
        // The thread that serves it has to register it with its own poll.
        let stream = match stream.into_std() {
            Ok(stream) => stream,
            Err(error) => return tracing::warn!(%peer, %error, "cannot take a connection over"),
        };
        let activity = Arc::new(Activity::default());
        account.last_id += 1;
        let id = account.last_id;
        let thread = account.least_busy();
        let registration = Registration { id, thread, connections: Arc::clone(&self.connections) };
        let (handler, config) = (Arc::clone(&self.handler), Arc::clone(&self.config));
        let shared = Arc::clone(&activity);
        let task = self.connections.threads.spawn(thread, async move {
            let _registration = registration;
            match TcpStream::from_std(stream) {
                Ok(stream) => {
                    let socket = Socket::new(stream, Arc::clone(&shared));
                    serve_connection(socket, peer, shared, handler, &config).await;
                }
                Err(error) => tracing::warn!(%peer, %error, "cannot serve a connection"),
            }
        });
        // The task cannot remove itself before this: it needs the lock that is held here.
        account.served[thread] += 1;
        account.open.insert(id, Open { activity, task: task.abort_handle() });
    }
}

/// Whether a failed accept says nothing about the listening socket.
fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// The connections that are open now.
struct Connections {
    threads: ConnectionThreads,
    account: Mutex<Account>,
    closed: Notify,
}

struct Account {
    last_id: u64,
    open: HashMap<u64, Open>,
    /// How many of them each thread serves.
    served: Vec<usize>,
}

impl Account {
    /// The thread that serves the fewest connections.
    fn least_busy(&self) -> usize {
        (0..self.served.len()).min_by_key(|thread| self.served[*thread]).unwrap_or_default()
    }
}

struct Open {
    activity: Arc<Activity>,
    task: AbortHandle,
}

/// Takes a connection off the account when its task ends, however it ends.
struct Registration {
    id: u64,
    thread: usize,
    connections: Arc<Connections>,
}

impl Drop for Registration {
    fn drop(&mut self) {
        let mut account = self.connections.account.lock();
        account.open.remove(&self.id);
        account.served[self.thread] -= 1;
        drop(account);
        self.connections.closed.notify_one();
    }
}

impl Connections {
    fn new(threads: ConnectionThreads) -> Self {
        let account = Account { last_id: 0, open: HashMap::new(), served: vec![0; threads.count()] };
        Connections { threads, account: Mutex::new(account), closed: Notify::new() }
    }

    async fn drain(&self, grace: Duration) {
        for open in self.account.lock().open.values() {
            open.activity.drain();
        }
        let all_closed = async {
            while !self.account.lock().open.is_empty() {
                self.closed.notified().await;
            }
        };
        if tokio::time::timeout(grace, all_closed).await.is_err() {
            let account = self.account.lock();
            tracing::warn!(
                connections = account.open.len(),
                "cutting connections off at the end of the grace period"
            );
            for connection in account.open.values() {
                connection.task.abort();
            }
        }
    }
}
