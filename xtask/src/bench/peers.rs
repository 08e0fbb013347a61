//! DynamoDB against its peers in one run: moto from PyPI, served by waitress, and dynalite from npm, installed into the build
//! folder.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::json;

use super::{
    Options,
    dynamodb::{gets, puts, queries},
    load,
    report::{Report, Target, median},
};
use crate::{
    dynamodb,
    http::Client,
    process,
    subject::{Store, Subject, free_port},
};

/// How many times as many calls as each peer are served.
const OF_MOTO: f64 = 25.0;
const OF_DYNALITE: f64 = 8.0;
/// How long a peer may take to start.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Serves moto's application. Its own server closes each connection after one answer, which the load tool does not expect.
const MOTO: &str = "\
import sys
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from waitress import serve
serve(DomainDispatcherApplication(create_backend_app), host='127.0.0.1', port=int(sys.argv[1]), threads=8)
";
const OPERATIONS: [&str; 3] = ["GetItem", "PutItem", "Query of 10"];

pub(crate) fn run(binary: &Path, options: &Options) -> Result<()> {
    let tools = process::target_dir().join("bench-peers");
    let folder = tempfile::tempdir()?;
    let subject = Subject::start(binary, Store::Memory, &folder.path().join("data"))?;
    let peers = [
        (Peer::start("moto", |port| moto(&tools, port))?, OF_MOTO),
        (Peer::start("dynalite", |port| dynalite(&tools, port))?, OF_DYNALITE),
    ];
    for address in peers.iter().map(|(peer, _)| peer.address).chain([subject.address()]) {
        fill(address)?;
    }
    let mut report = Report::new("dynamodb-peers");
    for (name, requests) in OPERATIONS.iter().zip([gets(), puts("plain"), queries()]) {
        let (mut own, mut theirs) = (Vec::new(), vec![Vec::new(); peers.len()]);
        for _ in 0..options.rounds {
            own.push(load::run(&options.load(subject.address(), &requests))?.rate());
            for ((peer, _), rates) in peers.iter().zip(&mut theirs) {
                rates.push(load::run(&options.load(peer.address, &requests))?.rate());
            }
        }
        let own = median(&own);
        report.row(format!("{name}: virga"), own, "req/s", Target::None);
        for ((peer, share), rates) in peers.iter().zip(&theirs) {
            let rate = median(rates);
            report.row(format!("{name}: {}", peer.name), rate, "req/s", Target::None);
            report.row(format!("{name}: to {}", peer.name), own / rate, "ratio", Target::AtLeast(*share));
        }
    }
    report.finish(options.enforce)
}

/// Makes the table and its items.
fn fill(address: SocketAddr) -> Result<()> {
    let mut client = Client::connect(address)?;
    dynamodb::create_table(&mut client, "plain", &json!({}))?;
    let describe = json!({ "TableName": "plain" });
    // dynalite takes half a second to create a table, and refuses puts until then.
    wait_for(|| {
        let answer = dynamodb::call(&mut client, "DescribeTable", &describe);
        answer.is_ok_and(|answer| answer["Table"]["TableStatus"] == "ACTIVE")
    })?;
    for request in puts("plain") {
        client.send(&request)?.json()?;
    }
    Ok(())
}

/// Another implementation, running; it ends with this value.
struct Peer {
    name: &'static str,
    child: Child,
    address: SocketAddr,
}

impl Peer {
    fn start(name: &'static str, command: impl FnOnce(u16) -> Result<Command>) -> Result<Self> {
        let port = free_port()?;
        let child = command(port)?.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let peer = Peer { name, child, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) };
        wait_for(|| Client::connect(peer.address).is_ok())?;
        Ok(peer)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may be gone already; there is nothing to do about a failure here.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// moto's server in a Python environment of its own.
fn moto(tools: &Path, port: u16) -> Result<Command> {
    let environment = tools.join("moto");
    let python = environment.join("bin/python");
    if !python.exists() {
        fs::create_dir_all(tools)?;
        let make = ["-m", "venv"];
        process::run("environment of moto", process::command("python3").args(make).arg(&environment))?;
        let install =
            ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "moto[server]", "waitress"];
        process::run("moto", process::command(&python).args(install))?;
    }
    let mut command = process::command(python);
    command.args(["-c", MOTO, &port.to_string()]);
    Ok(command)
}

/// dynalite, all in memory.
fn dynalite(tools: &Path, port: u16) -> Result<Command> {
    let program = tools.join("node_modules/.bin/dynalite");
    if !program.exists() {
        fs::create_dir_all(tools)?;
        let install = ["install", "--silent", "--no-save", "--prefix"];
        process::run("dynalite", process::command("npm").args(install).arg(tools).arg("dynalite"))?;
    }
    let mut command = process::command(program);
    command.args(["--port", &port.to_string()]);
    Ok(command)
}

#[expect(clippy::disallowed_methods, reason = "real time bounds the wait for another process")]
fn wait_for(mut is_ready: impl FnMut() -> bool) -> Result<()> {
    let end = Instant::now() + START_TIMEOUT;
    while !is_ready() {
        if Instant::now() > end {
            bail!("a peer does not start");
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
