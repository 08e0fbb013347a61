//! The virga under test: build the release binary, start it on a free port with a store of its own, ask the
//! kernel about it, stop it or kill it.

use std::{
    fs::{self, File},
    io::Read as _,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    http::{self, Client},
    process,
};

/// How long a start may take before it counts as failed.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// Which store the subject runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Store {
    Memory,
    Relaxed,
    Strict,
}

impl Store {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Relaxed => "disk relaxed",
            Self::Strict => "disk strict",
        }
    }

    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Memory => &["--ephemeral"],
            Self::Relaxed => &["--durability", "relaxed"],
            Self::Strict => &["--durability", "strict"],
        }
    }
}

/// Which binary to test.
#[derive(clap::Args)]
pub(crate) struct BinaryArgs {
    /// The binary to test; by default the release binary is built first.
    #[arg(long, global = true)]
    binary: Option<PathBuf>,
}

impl BinaryArgs {
    /// The binary's path; builds it when none was given.
    pub(crate) fn path(&self) -> Result<PathBuf> {
        match &self.binary {
            Some(path) => fs::canonicalize(path).with_context(|| format!("no binary at {}", path.display())),
            None => build_release(),
        }
    }
}

/// Builds the release binary.
pub(crate) fn build_release() -> Result<PathBuf> {
    process::run(
        "release build",
        process::cargo().args(["build", "--release", "--locked", "--package", "virga"]),
    )?;
    Ok(process::target_dir().join("release").join("virga"))
}

/// A running virga. Dropping it kills it.
pub(crate) struct Subject {
    child: Child,
    address: SocketAddr,
}

impl Subject {
    /// Starts the binary and waits until it answers.
    pub(crate) fn start(binary: &Path, store: Store, data: &Path) -> Result<Self> {
        let subject = Self::spawn(binary, store, data, free_port()?)?;
        subject.wait_until_ready(data)?;
        Ok(subject)
    }

    /// Starts the binary and does not wait. It logs into the data folder.
    pub(crate) fn spawn(binary: &Path, store: Store, data: &Path, port: u16) -> Result<Self> {
        fs::create_dir_all(data)?;
        let log = File::options().create(true).append(true).open(log_path(data))?;
        let child = process::command(binary)
            .args(["start", "--port", &port.to_string(), "--data"])
            .arg(data)
            .args(store.arguments())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("start {}", binary.display()))?;
        Ok(Self { child, address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)) })
    }

    #[expect(clippy::disallowed_methods, reason = "real time bounds the wait for another process")]
    fn wait_until_ready(&self, data: &Path) -> Result<()> {
        let end = Instant::now() + START_TIMEOUT;
        let health = http::request("GET", "/_virga/health", &[], b"");
        while Instant::now() < end {
            let answer = Client::connect(self.address).and_then(|mut client| client.send(&health));
            if answer.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(2));
        }
        let mut log = String::new();
        File::open(log_path(data))?.read_to_string(&mut log)?;
        bail!("the subject did not become healthy at {}; its log:\n{log}", self.address);
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn client(&self) -> Result<Client> {
        Client::connect(self.address)
    }

    /// Memory that is resident now.
    pub(crate) fn resident_kib(&self) -> Result<u64> {
        self.status("VmRSS:")
    }

    /// The most memory that has been resident at a time.
    pub(crate) fn peak_resident_kib(&self) -> Result<u64> {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let line = line.with_context(|| format!("no {name} in /proc"))?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }

    /// Processor time used so far. The kernel counts it in hundredths of a second.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The fields after the program's name, which may hold spaces: utime and stime are the 12th and 13th.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks: u64 = fields.get(11).context("utime")?.parse::<u64>()?
            + fields.get(12).context("stime")?.parse::<u64>()?;
        Ok(Duration::from_millis(ticks * 10))
    }

    /// Ends the process the hard way, as a crash does, and waits until it is gone.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks the process to end and waits; anything but exit status 0 is an error.
    pub(crate) fn stop(mut self) -> Result<()> {
        process::output("SIGTERM", process::command("kill").args(["-TERM", &self.child.id().to_string()]))?;
        let status = self.child.wait()?;
        if !status.success() {
            bail!("the subject answered SIGTERM with {status}");
        }
        Ok(())
    }
}

impl Drop for Subject {
    fn drop(&mut self) {
        // It may be gone already; there is nothing to do about a failure here.
        drop(self.kill());
    }
}

/// A port that nobody listens on now.
pub(crate) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn log_path(data: &Path) -> PathBuf {
    data.with_extension("log")
}
