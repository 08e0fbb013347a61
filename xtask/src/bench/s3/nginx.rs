//! nginx from the distribution's packages, serving one folder: what a server of files reaches on this machine.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpStream},
    path::Path,
    process::{Child, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};

use crate::{process, subject::free_port};

/// A running nginx; it ends with this value.
pub(super) struct Nginx {
    child: Child,
    address: SocketAddr,
}

impl Nginx {
    /// Starts nginx on a folder; none when it is not installed.
    pub(super) fn start(folder: &Path) -> Result<Option<Self>> {
        let port = free_port()?;
        let prefix = folder.join("nginx");
        fs::create_dir_all(&prefix)?;
        let configuration = prefix.join("nginx.conf");
        fs::write(&configuration, configured(folder, port))?;
        let spawned = process::command("nginx")
            .arg("-p")
            .arg(&prefix)
            .arg("-c")
            .arg(&configuration)
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let child = match spawned {
            Ok(child) => child,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context("start nginx"),
        };
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let nginx = Nginx { child, address };
        for _ in 0..100 {
            if TcpStream::connect(address).is_ok() {
                return Ok(Some(nginx));
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("nginx does not answer")
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// As many workers as processors, files by `sendfile`, no log: nginx at its best.
fn configured(folder: &Path, port: u16) -> String {
    format!(
        "daemon off;\nmaster_process off;\nworker_processes 1;\npid nginx.pid;\nerror_log /dev/null;\n\
         events {{ worker_connections 1024; }}\nhttp {{\n  access_log off;\n  sendfile on;\n  tcp_nopush on;\n  \
         keepalive_requests 1000000;\n  server {{ listen 127.0.0.1:{port}; root {}; }}\n}}\n",
        folder.display()
    )
}
