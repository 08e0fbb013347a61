//! The life of the process: bind, open the store, serve, finish, flush.

use std::fs;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::num::NonZero;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use virga_gateway::Gateway;
use virga_gateway::cloud::{Cloud, CloudSettings};
use virga_gateway::http::{ServerConfig, Tls, bind, serve};
use virga_kit::{StaleReads, WorldSettings};
use virga_plane_dax::DaxPlane;
use virga_store::Store;

use super::leaked::Collection;
use super::signals::Signals;
use super::{Options, leaked, logging};
use crate::services::SERVICES;

/// Runs until a signal asks for the end. `out` hears when the cloud is ready.
///
/// # Errors
/// When the options contradict each other, the address or the data folder cannot be used, or the store fails.
pub(crate) fn run(options: &Options, out: &mut dyn Write) -> Result<()> {
    logging::init(&options.log, options.log_format)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(serve_until_signal(options, out))
}

async fn serve_until_signal(options: &Options, out: &mut dyn Write) -> Result<()> {
    let exposure = options.exposure()?;
    let mut signals = Signals::new()?;
    let listener = listen(options.address())?;
    let address = listener.local_addr()?;
    let certificates = Arc::new(tls(options));
    let world = WorldSettings {
        auth: options.auth.into(),
        policies: Arc::new(virga_svc_iam::Policies),
        own_host: own_host(address).into(),
        enforce_quotas: options.enforce_quotas,
        stale_reads: StaleReads {
            longest: Duration::from_millis(options.stale_reads_millis.into()),
            seed: options.stale_reads_seed,
        },
        propagation: Duration::from_secs(options.iam_propagation_seconds.into()),
        planes: vec![Arc::new(DaxPlane::new(options.host(), Handle::current(), Arc::clone(&certificates)))],
    };
    let folder = (!options.ephemeral).then(|| options.data.clone());
    let store = open_store(options)?;
    let leaked = leaked::begin(&store);
    let settings = CloudSettings { world, folder, exposure, certificates: Some(Arc::clone(&certificates)) };
    let cloud = Cloud::open(store, SERVICES, settings)?;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let config = ServerConfig { tls: Some(certificates), threads, ..ServerConfig::default() };
    announce(options, address, out);
    let collection = leaked.and_then(Collection::run);

    let stop = {
        let cloud = Arc::clone(&cloud);
        async move {
            signals.next().await;
            tracing::info!("stopping: finishing the requests under way");
            cloud.stop();
            tokio::spawn(exit_at_second_signal(signals));
        }
    };
    let gateway = Gateway::new(Arc::clone(&cloud)).with_plane(Arc::new(virga_plane_s3::S3Plane));
    serve(vec![listener], Arc::new(gateway), config, stop).await?;
    drop(collection);
    cloud.close().map_err(|fault| anyhow!("the store could not be closed: {fault}"))
}

fn listen(address: SocketAddr) -> Result<TcpListener> {
    bind(address).with_context(|| {
        format!(
            "cannot listen on {address}. If another virga runs there, stop it or choose another port with --port \
             (0 takes a free one)"
        )
    })
}

fn open_store(options: &Options) -> Result<Store> {
    if options.ephemeral {
        return Ok(Store::memory());
    }
    make_folder(&options.data).with_context(|| format!("the data folder {}", options.data.display()))?;
    let opened = Store::open(&options.data.join("store"), options.durability.into());
    let store = opened.map_err(|fault| {
        // A fault's text tells its causes already.
        anyhow!("{fault}. Choose another folder with --data, or none with --ephemeral")
    })?;
    Ok(store)
}

/// A data folder lies in many a project, and has a private key in it: a new one is kept out of version control.
fn make_folder(data: &Path) -> io::Result<()> {
    if data.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(data)?;
    fs::write(data.join(".gitignore"), "*\n")
}

fn tls(options: &Options) -> Tls {
    if options.ephemeral { Tls::ephemeral() } else { Tls::in_folder(options.data.join("tls")) }
}

/// Host and port for URLs that no request asked for.
fn own_host(address: SocketAddr) -> String {
    if address.ip().is_loopback() || address.ip().is_unspecified() {
        format!("localhost:{}", address.port())
    } else {
        address.to_string()
    }
}

fn announce(options: &Options, address: SocketAddr, out: &mut dyn Write) {
    let place = if address.ip().is_unspecified() {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    };
    let data = if options.ephemeral {
        "in memory only".to_owned()
    } else {
        format!("data in {}", options.data.display())
    };
    let line =
        format!("virga is ready on {place} ({data}) - try: aws --endpoint-url {place} sqs list-queues");
    // Nobody may be reading: that is no reason to stop.
    drop(writeln!(out, "{line}"));
}

async fn exit_at_second_signal(mut signals: Signals) {
    signals.next().await;
    tracing::warn!("stopped by a second signal, before all requests were finished");
    // What was acknowledged is in the log of the store already: nothing is lost but the time to recover.
    std::process::exit(1);
}
