//! A connection: the greeting, then requests one after the other, each answered before the next is read.

use std::net::SocketAddr;
use std::sync::{Arc, Weak};
use std::time::Instant;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadHalf};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use virga_gateway::http::Tls;
use virga_kit::{Ctx, Endpoint, Origin, World};
use virga_model::{ApiError, Text};

use crate::attribute_lists::AttributeLists;
use crate::authorization::{self, Authorized};
use crate::cbor::{FrameError, Frames, Malformed, Reader};
use crate::cluster::{Cluster, Clusters};
use crate::failure::Failure;
use crate::item_encoding::ItemEncoding;
use crate::method::Method;
use crate::session::Session;
use crate::{batch_write, definition, query, read, transaction, write};

/// The first item of every connection.
const MAGIC: &str = "J7yne5G";
/// The number of the only service.
const SERVICE: i64 = 1;

/// What a connection belongs to.
pub(crate) struct Served {
    pub(crate) world: Weak<World>,
    /// The node, as [`virga_kit::dax_clusters::node_resource`] names it.
    pub(crate) node: String,
    pub(crate) lists: Arc<AttributeLists>,
    /// Of a cluster whose clients speak TLS.
    pub(crate) tls: Option<Arc<Tls>>,
}

/// Why a connection ends before the client closes it.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error(transparent)]
    Frame(#[from] FrameError),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Malformed(#[from] Malformed),
    #[error("{0}")]
    Protocol(&'static str),
}

struct Connection<S> {
    frames: Frames<ReadHalf<S>>,
    own: SocketAddr,
    peer: SocketAddr,
    user_agent: Option<String>,
    /// Who speaks, or what was wrong when they last said who they are.
    authorized: Result<Authorized, Failure>,
}

/// Serves a connection until it ends.
pub(crate) async fn serve(socket: TcpStream, peer: SocketAddr, served: &Served) {
    if let Err(ended) = secure(socket, peer, served).await {
        tracing::debug!(node = served.node, %peer, "a connection of DAX ended: {ended}");
    }
}

async fn secure(socket: TcpStream, peer: SocketAddr, served: &Served) -> Result<(), Ended> {
    socket.set_nodelay(true)?;
    let own = socket.local_addr()?;
    let Some(tls) = &served.tls else { return converse(socket, (own, peer), served).await };
    let config = tls.server_config(own.ip()).await.map_err(std::io::Error::other)?;
    let stream = TlsAcceptor::from(config).accept(socket).await?;
    converse(stream, (own, peer), served).await
}

async fn converse<S: AsyncRead + AsyncWrite>(
    socket: S,
    (own, peer): (SocketAddr, SocketAddr),
    served: &Served,
) -> Result<(), Ended> {
    let (reading, mut writing) = tokio::io::split(socket);
    let mut connection = Connection {
        frames: Frames::new(reading),
        own,
        peer,
        user_agent: None,
        authorized: Err(authorization::missing()),
    };
    connection.greet().await?;
    while let Some((method, arguments)) = connection.request().await? {
        let Some((world, cluster)) = served.find() else { return Ok(()) };
        if method == Method::AuthorizeConnection {
            let arguments = exactly(&arguments)?;
            connection.authorized = authorization::authorize(&world, arguments);
            continue;
        }
        let answer = connection.answer(served, &world, cluster, (method, &arguments)).await;
        writing.write_all(&answer).await?;
        writing.flush().await?;
    }
    Ok(())
}

impl Served {
    /// The world and the cluster, while there are such.
    fn find(&self) -> Option<(Arc<World>, Arc<Cluster>)> {
        let world = self.world.upgrade()?;
        let cluster = world.memory::<Clusters>().get(&self.node)?;
        Some((world, cluster))
    }
}

impl<S: AsyncRead> Connection<S> {
    async fn item(&mut self) -> Result<Bytes, Ended> {
        self.frames.next().await?.ok_or(Ended::Protocol("it was closed within a request"))
    }

    /// `"J7yne5G"`, layering (0), the client's session or null, a map with its `UserAgent`, and known types (0).
    async fn greet(&mut self) -> Result<(), Ended> {
        let magic = self.item().await?;
        if &*Reader::new(&magic).text()? != MAGIC {
            return Err(Ended::Protocol("it is no client of DAX"));
        }
        if Reader::new(&self.item().await?).int()? != 0 {
            return Err(Ended::Protocol("it asks for layers"));
        }
        self.item().await?;
        let about = self.item().await?;
        let user_agent = &mut self.user_agent;
        Reader::new(&about).map(|reader| {
            if &*reader.text()? == "UserAgent" {
                *user_agent = Some(reader.text()?.to_string());
                return Ok(());
            }
            reader.skip()
        })?;
        self.item().await?;
        Ok(())
    }

    /// The next request; none when the client has closed the connection.
    async fn request(&mut self) -> Result<Option<(Method, Vec<Bytes>)>, Ended> {
        let Some(service) = self.frames.next().await? else { return Ok(None) };
        if Reader::new(&service).int()? != SERVICE {
            return Err(Ended::Protocol("it asks for an unknown service"));
        }
        let number = Reader::new(&self.item().await?).int()?;
        // How many arguments an unknown method has is not known either.
        let known = Method::of_number(number).ok_or(Ended::Protocol("it asks for an unknown method"))?;
        let mut arguments = Vec::with_capacity(known.1);
        for _ in 0..known.1 {
            arguments.push(self.item().await?);
        }
        Ok(Some((known.0, arguments)))
    }

    async fn answer(
        &self,
        served: &Served,
        world: &Arc<World>,
        cluster: Arc<Cluster>,
        (method, arguments): (Method, &[Bytes]),
    ) -> Vec<u8> {
        let metrics = Arc::clone(&cluster);
        let metrics = &metrics.metrics;
        metrics.total_request_count.add(1);
        let (request_id, answer) = match self.session(served, world, cluster) {
            Ok(session) => {
                let id = session.ctx.request_id().to_owned();
                (id, self.log(&session, method, arguments).await)
            }
            Err(failure) => (String::new(), Err(failure)),
        };
        answer.unwrap_or_else(|failure| {
            let error: &ApiError = failure.error();
            let count =
                if error.status >= 500 { &metrics.fault_request_count } else { &metrics.error_request_count };
            count.add(1);
            metrics.failed_request_count.add(1);
            tracing::debug!(request_id, node = served.node, ?method, "{error}");
            failure.encode(&request_id, &ItemEncoding(&served.lists))
        })
    }

    /// The request of whoever speaks over the connection.
    fn session<'l>(
        &self,
        served: &'l Served,
        world: &Arc<World>,
        cluster: Arc<Cluster>,
    ) -> Result<Session<'l>, Failure> {
        let authorized = self
            .authorized
            .as_ref()
            .map_err(|failure| Failure::Unauthenticated(Box::new(failure.error().clone())))?;
        authorized.check(world)?;
        let endpoint = Endpoint { secure: served.tls.is_some(), host: world.settings().own_host.clone() };
        let origin = Origin {
            secure: served.tls.is_some(),
            source_ip: Some(self.peer.ip()),
            user_agent: self.user_agent.clone(),
            ..Origin::internal(endpoint)
        };
        let region = Text::from(cluster.settings().region.as_str());
        let caller = Arc::clone(&authorized.caller);
        let ctx = Ctx::at_plane(world, "dax", Arc::clone(&caller), region, Arc::new(origin));
        Ok(Session { ctx, caller, cluster, lists: &served.lists })
    }

    /// Does what is asked, and enters it into the log of calls.
    async fn log(
        &self,
        session: &Session<'_>,
        method: Method,
        arguments: &[Bytes],
    ) -> Result<Vec<u8>, Failure> {
        #[expect(clippy::disallowed_methods, reason = "how long a call took is measured in real time")]
        let started = Instant::now();
        let answer = self.perform(session, method, arguments).await;
        if let Some(operation) = method.operation() {
            let error = answer.as_ref().err().map(Failure::error);
            let status = error.map_or(200, |error| error.status);
            session.ctx.log_at_plane(operation, (status, error), started.elapsed());
        }
        answer
    }

    async fn perform(
        &self,
        session: &Session<'_>,
        method: Method,
        arguments: &[Bytes],
    ) -> Result<Vec<u8>, Failure> {
        match method {
            Method::AuthorizeConnection => Ok(Vec::new()),
            Method::Endpoints => Ok(definition::endpoints(session, self.own.ip())),
            Method::DefineAttributeList => definition::attribute_list(session, exactly(arguments)?),
            Method::DefineAttributeListId => definition::attribute_list_id(session, exactly(arguments)?),
            Method::DefineKeySchema => definition::key_schema(session, exactly(arguments)?).await,
            Method::GetItem => read::get_item(session, exactly(arguments)?).await,
            Method::BatchGetItem => read::batch_get_item(session, exactly(arguments)?).await,
            Method::PutItem => write::put_item(session, exactly(arguments)?).await,
            Method::UpdateItem => write::update_item(session, exactly(arguments)?).await,
            Method::DeleteItem => write::delete_item(session, exactly(arguments)?).await,
            Method::BatchWriteItem => batch_write::batch_write_item(session, exactly(arguments)?).await,
            Method::Query => query::query(session, exactly(arguments)?).await,
            Method::Scan => query::scan(session, exactly(arguments)?).await,
            Method::TransactGetItems => transaction::transact_get_items(session, exactly(arguments)?).await,
            Method::TransactWriteItems => {
                transaction::transact_write_items(session, exactly(arguments)?).await
            }
        }
    }
}

fn exactly<const N: usize>(arguments: &[Bytes]) -> Result<&[Bytes; N], Malformed> {
    arguments.try_into().map_err(|_| Malformed::expected("as many arguments as the method has"))
}
